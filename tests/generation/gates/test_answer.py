import unicodedata

import pytest

from generation.gates import GATES, check_note

NOTE = (
    "SU - NOTA DE ADMISSÃO\n\nANTECEDENTES PESSOAIS:\n# HTA\n# Dislipidemia\n\nMEDICAÇÃO HABITUAL:\n"
    "- Ramipril 5 mg id\n- Sinvastatina 20 mg à noite\n\nHDA:\nRecorre por dor torácica "
    "com 3 h de evolução, sem irradiação. * Nega febre.\n\n"
    "EO: TA 132/78 mmHg; FC 82 bpm; SpO2 97% (aa). AC rítmica. AP sem ruídos adventícios.\n\n"
    "-----\nImpressão: Pericardite aguda. Pede-se ecocardiograma e fica em vigilância, [TA] de 4/4 h.\n"
)


def test_a_note_with_history_items_dashes_and_rules_passes() -> None:
    assert check_note(NOTE, "stop") is None


@pytest.mark.parametrize(
    ("text", "finish_reason", "reason"),
    [
        (NOTE, "length", "cut off"),
        (NOTE, "content_filter", "withheld by the server"),
        ("", "stop", "empty"),
        (" \n\t ", "stop", "empty"),
        ("Doente sem queixas.", "stop", "too short"),
        (NOTE * 40, "stop", "too long"),
        (f"## Nota\n{NOTE}", "stop", "Markdown"),
        (NOTE.replace("Pericardite aguda", "**Pericardite aguda**"), "stop", "Markdown"),
        (f"```\n{NOTE}\n```", "stop", "Markdown"),
        (f"{NOTE}\n| Fármaco | Dose |\n|---|---|\n", "stop", "Markdown"),
        (f"Aqui está a nota de admissão:\n\n{NOTE}", "stop", "talks to the reader"),
        (f"Claro! Segue a nota.\n{NOTE}", "stop", "talks to the reader"),
        (f"**Aqui está a nota**\n{NOTE}", "stop", "talks to the reader"),
        (f"Here is the note:\n{NOTE}", "stop", "talks to the reader"),
        ("Lamento, mas não posso escrever essa nota.", "stop", "talks to the reader"),
        (f"{NOTE}\nNota: esta nota é fictícia.", "stop", "talks to the reader"),
        (f"{NOTE}\nEspero que esta nota ajude.", "stop", "talks to the reader"),
        (f"Doente: [Nome do doente]\n{NOTE}", "stop", "blanks not filled in"),
        (f"{NOTE}\nFármaco habitual: Ramipril | 5 mg | id", "stop", "repeats the brief"),
        (NOTE.replace("dor", "d\ufffdr"), "stop", "unreadable characters"),
        (NOTE.replace("dor", f"d{chr(0xD800)}r"), "stop", "unreadable characters"),
        (NOTE.replace("dor", "疼痛"), "stop", "another script, or emoji"),
        (NOTE.replace("dor", "🙂"), "stop", "another script, or emoji"),
        (f"# Nota de admissão\n{NOTE}", "stop", "Markdown"),
        (NOTE.replace("Pericardite aguda", "_Pericardite aguda_"), "stop", "Markdown"),
        (NOTE.replace("Pericardite aguda", "`Pericardite aguda`"), "stop", "Markdown"),
        (f"Nota\n====\n{NOTE}", "stop", "Markdown"),
        (f"> {NOTE}", "stop", "Markdown"),
        (f"{NOTE}\n| Ramipril | 5 mg | id |\n", "stop", "Markdown"),
        (f"{NOTE}\nVer [orientações](https://example.org).", "stop", "Markdown"),
        (NOTE.replace("\n", "<br>\n"), "stop", "markup or JSON"),
        (f"<nota>\n{NOTE}", "stop", "markup or JSON"),
        ('{"nota": "' + NOTE + '"}', "stop", "markup or JSON"),
        (NOTE.replace("- Ramipril", "• Ramipril"), "stop", "bullets other than - and #"),
        (f"<think>O doente tem pericardite.</think>\n{NOTE}", "stop", "talks to the reader"),
        (f"Como solicitado, a nota:\n{NOTE}", "stop", "talks to the reader"),
        (f"{NOTE}\n(Todos os dados são fictícios.)", "stop", "talks to the reader"),
        (f"{NOTE}\nMédico: ______", "stop", "blanks not filled in"),
        (f"Data: XX/XX/XXXX\n{NOTE}", "stop", "blanks not filled in"),
        (f"Doente: {{nome}}\n{NOTE}", "stop", "blanks not filled in"),
    ],
)
def test_what_is_no_note_is_refused_for_a_fixed_reason(text: str, finish_reason: str, reason: str) -> None:
    assert check_note(text, finish_reason) == reason


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_line_ends_and_the_form_of_accents_make_no_difference(line_end: str, form: str) -> None:
    def written(text: str) -> str:
        return unicodedata.normalize(form, text).replace("\n", line_end)

    assert check_note(written(NOTE), "stop") is None
    assert check_note(written(f"Nota\n## Nota\n{NOTE}"), "stop") == "Markdown"
    assert check_note(written(f"Aqui está a nota.\n{NOTE}"), "stop") == "talks to the reader"
    assert check_note(written(f"{NOTE}\nFármaco habitual: Ramipril"), "stop") == "repeats the brief"


def test_every_gate_has_a_reason_of_its_own() -> None:
    assert len({gate.reason for gate in GATES}) == len(GATES)
