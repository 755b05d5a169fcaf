"""A brief, its block of lines in the prompt, and its JSON."""

import json
from dataclasses import replace

import pytest

from corpus.errors import FormatError
from generation.briefs.brief import AllergyState, Brief, UsualDrug

BRIEF = Brief(
    specialty="Cardiologia",
    sex="M",
    age=71,
    diagnosis="Insuficiência cardíaca descompensada",
    icd10="I50.9",
    severity="NYHA III",
    allergy=AllergyState.AFFIRMED,
    allergen="penicilina",
    drugs=(UsualDrug("Furosemida", "40 mg", "1 cp de manhã"), UsualDrug("Varfarina", "", "segundo INR")),
    comorbidities=("FA", "HTA"),
    layout="problemas",
)
BLOCK = """\
Especialidade: Cardiologia
Sexo: M
Idade: 71
Diagnóstico principal: Insuficiência cardíaca descompensada
Código ICD-10: I50.9
Gravidade: NYHA III
Alergia medicamentosa: afirmada
Alergénio: penicilina
Fármaco habitual: Furosemida | 40 mg | 1 cp de manhã
Fármaco habitual: Varfarina |  | segundo INR
Antecedente: FA
Antecedente: HTA
Estrutura: problemas"""


def test_the_block_has_one_line_for_each_field_drug_and_comorbidity() -> None:
    assert BRIEF.block() == BLOCK


def test_the_block_read_back_is_the_brief() -> None:
    assert Brief.from_block(BLOCK) == BRIEF


def test_a_brief_without_drugs_comorbidities_or_allergen_reads_back_too() -> None:
    bare = replace(BRIEF, allergy=AllergyState.DENIED, allergen="", drugs=(), comorbidities=(), severity="", layout="")
    assert "Alergénio" not in bare.block()
    assert Brief.from_block(bare.block()) == bare


def test_the_block_is_found_between_instructions_and_an_exemplar() -> None:
    prompt = f"Escreve a nota.\n\n{BLOCK}\n\nExemplo:\nIdade: 33\nAntecedente: asma\n"
    assert Brief.from_block(prompt) == BRIEF


def test_the_last_of_several_blocks_counts() -> None:
    earlier = replace(BRIEF, age=50, specialty="Nefrologia").block()
    assert Brief.from_block(f"{earlier}\n\n{BLOCK}") == BRIEF


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_either_line_end_is_read(line_end: str) -> None:
    assert Brief.from_block(BLOCK.replace("\n", line_end)) == BRIEF


def test_a_missing_line_is_named() -> None:
    with pytest.raises(FormatError, match="no line 'Idade'"):
        Brief.from_block(BLOCK.replace("Idade: 71\n", ""))


def test_a_text_without_a_block_is_refused() -> None:
    with pytest.raises(FormatError, match="no line 'Especialidade'"):
        Brief.from_block("Escreve uma nota de admissão.")


@pytest.mark.parametrize(("good", "bad"), [("Idade: 71", "Idade: setenta"), ("afirmada", "talvez")])
def test_a_value_that_cannot_be_read_is_refused(good: str, bad: str) -> None:
    with pytest.raises(FormatError, match="cannot be read"):
        Brief.from_block(BLOCK.replace(good, bad))


@pytest.mark.parametrize(("state", "allergen"), [(AllergyState.AFFIRMED, ""), (AllergyState.DENIED, "penicilina")])
def test_an_allergen_is_named_only_where_the_allergy_is_affirmed(state: AllergyState, allergen: str) -> None:
    with pytest.raises(FormatError, match="names an allergen"):
        replace(BRIEF, allergy=state, allergen=allergen)


def test_json_gives_the_brief_back() -> None:
    assert Brief.from_json(json.loads(json.dumps(BRIEF.to_json()))) == BRIEF


def test_a_drug_is_mentioned_with_what_is_known_of_it() -> None:
    assert [drug.mention for drug in BRIEF.drugs] == ["Furosemida 40 mg 1 cp de manhã", "Varfarina segundo INR"]
