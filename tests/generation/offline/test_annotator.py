"""Entities by rule."""

from corpus.labels import Label
from generation.offline.annotator import annotate_note

NOTE = (
    "Mulher de 70 anos, fez paracetamol 1 g no SU.\n"
    "ANTECEDENTES:\n# Pneumonia adquirida na comunidade em 2019\n\n"
    "MEDICAÇÃO HABITUAL:\n- Ramipril 5 mg id\n- Furosemida 40 mg 1+0+0\n- Xpto 3 mg\n\n"
    "ALERGIAS: Penicilina.\n\n"
    "HDA: dor desde ontem. Refere hipersensibilidade a metamizol. Trouxe ibuprofeno.\n\n"
    "IMPRESSÃO: Pericardite aguda.\n"
)


def found(text: str) -> list[tuple[str, Label]]:
    return [(text[span.start : span.end], span.label) for span in annotate_note(text)]


def test_known_names_are_found_where_such_names_stand_and_nowhere_else() -> None:
    assert found(NOTE) == [
        ("Ramipril 5 mg id", Label.MEDICATION),
        ("Furosemida 40 mg 1+0+0", Label.MEDICATION),
        ("Penicilina", Label.ALLERGY),
        ("metamizol", Label.ALLERGY),
        ("Pericardite aguda", Label.DIAGNOSIS),
    ]


def test_a_denial_gives_the_allergy_words_and_no_allergen() -> None:
    text = "Alergias: nega alergias medicamentosas, nomeadamente a penicilina.\nIMPRESSÃO: tosse.\n"
    assert found(text) == [("alergias medicamentosas", Label.NO_ALLERGY)]


def test_of_a_longer_name_no_shorter_one_is_found_inside() -> None:
    text = "Alergias: amoxicilina/ácido clavulânico\n"
    assert found(text) == [("amoxicilina/ácido clavulânico", Label.ALLERGY)]


def test_a_note_without_any_has_none() -> None:
    assert found("") == []
    assert found("Doente bem. Alta.") == []
