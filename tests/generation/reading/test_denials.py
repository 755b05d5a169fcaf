import pytest

from generation.reading.denials import affirms_an_allergy, denials


@pytest.mark.parametrize(
    "text",
    [
        "Sem [alergias medicamentosas] conhecidas.",
        "sem [alergias] conhecidas",
        "Nega [alergias].",
        "Nega quaisquer [alergias medicamentosas].",
        "Não tem [alergias a medicamentos].",
        "Nao possui [alergia medicamentosa] conhecida",
        "Não são conhecidas [alergias medicamentosas].",
        "Desconhece [alergias medicamentosas].",
        "Sem história de [alergias medicamentosas].",
        "A filha desconhece [alergias a medicamentos ou contrastes].",
        "Nega [alergias alimentares ou medicamentosas].",
        "[Alergias]: desconhece",
        "[ALERGIAS]: nega.",
        "HTA, [alergias]: nega e sem seguimento",
        "[Alergias medicamentosas]: nenhuma conhecida",
        "Possui [alergia medicamentosa]: Não",
        "[Alergia] conhecida: não",
        "[ALERGIAS MEDICAMENTOSAS]:\r\n- Nenhuma referida.",
        "[ALERGIAS]\r\nNega.\r\n",
        "[Alergias medicamentosas] desconhecidas",
        "Alergias: não refere [alergias medicamentosas].",
        "ALERGIAS:\r\nSem [alergias medicamentosas] conhecidas",
        "AP:\r\n# HTA\r\n# Sem [alergias]\r\n# DM2",
        "[Alergias]: Ø",
        "[Alergias medicamentosas]: o doente nega.",
        "AM: penicilina",
        "Alergia a penicilina.",
        "Alergias: penicilina",
        "Sem outras alergias conhecidas.",
        "Sem alergias alimentares.",
        "Rinite alérgica.",
        "Alergias medicamentosas:\r\nPenicilina\r\nNega tabagismo.",
        "Alergias:\r\n\r\nMEDICAÇÃO: sem alterações",
    ],
)
def test_a_denial_is_its_allergy_words_without_the_negation(text: str) -> None:
    plain = text.replace("[", "").replace("]", "")
    expected = []
    if "[" in text:
        start = text.index("[")
        expected = [(start, text.index("]") - 1)]
    assert denials(plain) == expected


def test_two_denials_are_both_found() -> None:
    text = "# Sem alergias\r\nHDA: dor.\r\nNega alergias medicamentosas."
    assert [text[start:end] for start, end in denials(text)] == ["alergias", "alergias medicamentosas"]


@pytest.mark.parametrize(
    ("text", "affirms"),
    [
        ("Alergia a penicilina.", True),
        ("Alérgica ao ibuprofeno", True),
        ("# Alergia medicamentosa conhecida às sulfonamidas", True),
        ("Alergias: amoxicilina", True),
        ("Alergias medicamentosas: sim, à penicilina", True),
        ("Hipersensibilidade aos AINEs", True),
        ("Nega febre. Alergia à codeína.", True),
        ("Reação anafilática à penicilina em 2010", True),
        ("Reações alérgicas prévias ao metamizol", True),
        ("Sem reação adversa a penicilina", False),
        ("Alergias: ø", False),
        ("Alergias: nega", False),
        ("Alergias: a filha desconhece alergias a medicamentos", False),
        ("Alergias: não tem", False),
        ("Sem alergia a penicilina", False),
        ("Não refere alergias a fármacos", False),
        ("Nega alergia a qualquer medicamento", False),
        ("Alergia a ácaros do pó", False),
        ("Alergia ao látex e ao marisco", False),
        ("Rinite alérgica sazonal", False),
        ("Excluída alergia à penicilina", False),
    ],
)
def test_an_affirmed_drug_allergy_is_told_from_a_denied_one_and_from_other_allergies(text: str, affirms: bool) -> None:
    assert affirms_an_allergy(text) is affirms
