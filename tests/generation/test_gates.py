import pytest

from generation.gates import check_note

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
    ],
)
def test_what_is_no_note_is_refused_for_a_fixed_reason(text: str, finish_reason: str, reason: str) -> None:
    assert check_note(text, finish_reason) == reason


def test_line_ends_make_no_difference() -> None:
    assert check_note(NOTE.replace("\n", "\r\n"), "stop") is None
    assert check_note(f"## Nota\n{NOTE}".replace("\n", "\r\n"), "stop") == "Markdown"
