"""Other ways of writing a diagnosis, a drug or an allergen; the text found is given by hand."""

import pytest

from corpus.text.folding import find_pattern, fold
from generation.briefs.knowledge import load_knowledge
from generation.reading.wordings import allergen_pattern, diagnosis_pattern, drug_pattern

KNOWLEDGE = load_knowledge()


@pytest.mark.parametrize(
    ("diagnosis", "text", "found"),
    [
        ("Exacerbação aguda de DPOC", "Assume-se DPOC agudizada.", "DPOC agudizada"),
        ("DPOC agudizada por infeção respiratória", "DPOC agudizada por infecção respiratória", None),
        ("Fibrilhação auricular paroxística", "fibrilhação auricular (FA) paroxística", None),
        ("FA paroxística com resposta ventricular rápida", "FA paroxística com RVR", None),
        ("Acidente vascular cerebral isquémico", "D: AVC isquémico da ACM", "AVC isquémico"),
        ("AVC isquémico da artéria cerebral média esquerda", "AVC isquémico ACM esquerda", None),
        ("Pneumonia da comunidade", "pneumonia adquirida na comunidade", None),
        ("Hemorragia digestiva alta por úlcera gástrica", "HDA por úlcera gástrica", None),
        ("Fratura do colo do fémur direito", "fractura colo do fémur à direita", None),
        ("Síndrome de Guillain-Barré", "Síndroma de Guillain–Barré", None),
        ("Hepatite A aguda", "hepatite B aguda", ""),
        ("Doença do nó sinusal", "doença sinusal", ""),
        ("Erisipela da perna esquerda", "erisipela da perna direita", ""),
        ("EAM com supra ST inferior", "EAM com supra ST anterior", ""),
    ],
)
def test_a_diagnosis_is_found_in_other_words(diagnosis: str, text: str, found: str | None) -> None:
    places = [text[start:end] for start, end in find_pattern(text, diagnosis_pattern(diagnosis))]
    assert places == ([text] if found is None else [found] if found else [])


@pytest.mark.parametrize(
    ("drug", "text", "found"),
    [
        ("Apixabano", "apixaban 5 mg", "apixaban"),
        ("Losartan", "Losartana 50 mg", "Losartana"),
        ("Metoprolol", "succinato de metoprolol 50 mg", "succinato de metoprolol"),
        ("Perindopril", "Perindopril arginina 5 mg", "Perindopril arginina"),
        ("Brometo de ipratrópio", "ipratrópio SOS", "ipratrópio"),
        ("Ácido acetilsalicílico", "AAS 100", "AAS"),
        ("Sacubitril + Valsartan", "valsartan/sacubitril 49/51 mg", "valsartan/sacubitril"),
        ("Perindopril + Amlodipina", "Perindopril 5mg + amlodipina 5mg", "Perindopril 5mg + amlodipina"),
        ("Losartan + Hidroclorotiazida", "losartan/HCTZ 100/25", "losartan/HCTZ"),
        ("Carbonato de cálcio + Colecalciferol", "Cálcio + Vitamina D", "Cálcio + Vitamina D"),
        ("Perindopril + Amlodipina", "Perindopril, amlodipina", ""),
        ("Losartan", "losartanato", ""),
        ("Insulina lispro", "insulina glargina", ""),
    ],
)
def test_a_drug_is_found_by_its_other_names(drug: str, text: str, found: str) -> None:
    places = [text[start:end] for start, end in find_pattern(text, drug_pattern(drug))]
    assert places == ([found] if found else [])


@pytest.mark.parametrize(
    ("allergen", "text", "found"),
    [
        ("amoxicilina/ácido clavulânico", "amoxicilina + clavulânico", "amoxicilina + clavulânico"),
        ("amoxicilina/ácido clavulânico", "Amoxicilina e Ácido Clavulânico", "Amoxicilina e Ácido Clavulânico"),
        ("AINEs", "anti-inflamatórios não-esteróides", "anti-inflamatórios não-esteróides"),
        ("penicilina", "Penicilinas", "Penicilinas"),
        ("betalactâmicos", "beta-lactâmicos", "beta-lactâmicos"),
        ("cotrimoxazol", "sulfametoxazol/trimetoprim", "sulfametoxazol/trimetoprim"),
        ("IECA", "IECAs", "IECAs"),
        ("IECA", "piecas", ""),
    ],
)
def test_an_allergen_is_found_by_its_other_names(allergen: str, text: str, found: str) -> None:
    places = [text[start:end] for start, end in find_pattern(text, allergen_pattern(allergen))]
    assert places == ([found] if found else [])


def test_no_drug_or_allergen_is_taken_for_another() -> None:
    names = list(KNOWLEDGE.drugs)
    for name in names:
        matching = {other for other in names if drug_pattern(other).fullmatch(fold(name)[0])}
        assert matching == {name}, name


def test_diagnoses_of_a_specialty_are_not_taken_for_one_another() -> None:
    for diagnoses in KNOWLEDGE.diagnoses.values():
        for name in diagnoses:
            matching = {other for other in diagnoses if diagnosis_pattern(other).fullmatch(fold(name)[0])}
            assert matching == {name}
