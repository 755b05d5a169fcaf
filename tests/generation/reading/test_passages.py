import pytest

from corpus.text.folding import FoldedText
from generation.reading.passages import Topic, passages


def read(text: str) -> list[tuple[str, Topic]]:
    return [(text[passage.start : passage.end].strip(), passage.topic) for passage in passages(FoldedText.of(text))]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_lines_stand_in_the_section_of_the_heading_above(newline: str) -> None:
    text = (
        "MEDICAÇÃO HABITUAL:\n- Ramipril 5 mg\n- AAS 100 mg\n\nHDA:\nDor.\n\nALERGIAS\nPENICILINA\n\nImpressão: Gripe"
    )
    assert read(text.replace("\n", newline)) == [
        ("- Ramipril 5 mg", Topic.MEDICATION),
        ("- AAS 100 mg", Topic.MEDICATION),
        ("Dor.", Topic.OTHER),
        ("PENICILINA", Topic.ALLERGIES),
        ("Gripe", Topic.CONCLUSION),
    ]


def test_a_heading_on_an_item_s_line_is_that_line_s_alone() -> None:
    assert read("AP:\n# HTA\n# Alergias: penicilina\n# DM2") == [
        ("# HTA", Topic.BACKGROUND),
        ("penicilina", Topic.ALLERGIES),
        ("# DM2", Topic.BACKGROUND),
    ]


@pytest.mark.parametrize("allergen", ["a penicilina", "à penicilina", "ao metamizol", "aos AINEs", "às sulfamidas"])
def test_an_allergy_with_its_reaction_after_a_colon_is_no_heading(allergen: str) -> None:
    line = f"# Alergia {allergen}: exantema"
    assert read(line) == [(line, Topic.OTHER)]
    assert read("Alergias a medicamentos: nega") == [("nega", Topic.ALLERGIES)]


def test_an_item_that_is_a_heading_opens_a_section() -> None:
    assert read("# Medicação habitual:\n- Ramipril 5 mg") == [("- Ramipril 5 mg", Topic.MEDICATION)]


def test_an_unbulleted_line_after_a_blank_one_ends_the_section() -> None:
    assert read("Medicação habitual:\n\nRamipril 5 mg\nAAS\n\nInternado por gripe com oseltamivir.")[-2:] == [
        ("AAS", Topic.MEDICATION),
        ("Internado por gripe com oseltamivir.", Topic.OTHER),
    ]


@pytest.mark.parametrize("heading", ["Terapêutica no SU:", "Medicação administrada:", "PLANO", "Administrado no SU:"])
def test_drugs_of_the_emergency_room_are_no_usual_medication(heading: str) -> None:
    assert read(f"{heading}\n- Paracetamol 1 g EV") == [("- Paracetamol 1 g EV", Topic.EMERGENCY)]


def test_an_abbreviation_with_a_history_mark_is_an_item_and_no_heading() -> None:
    assert read("Discussão:\n# PTI (D/D: neoplasia)") == [("# PTI (D/D: neoplasia)", Topic.CONCLUSION)]
    assert read("Discussão:\nPTI (D/D: neoplasia)") == [("PTI (D/D: neoplasia)", Topic.CONCLUSION)]


def test_a_sentence_that_begins_like_a_heading_is_none() -> None:
    assert read("Portanto, pneumonia adquirida na comunidade - em contexto de aspiração.") == [
        ("Portanto, pneumonia adquirida na comunidade - em contexto de aspiração.", Topic.OTHER)
    ]
    assert read("Exame objetivo\nMedicada com ramipril") == [("Medicada com ramipril", Topic.OTHER)]
