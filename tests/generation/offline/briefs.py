"""Briefs made by hand for the tests of the embedded endpoint."""

from dataclasses import replace

from generation.briefs.brief import AllergyState, Brief, UsualDrug

SPECIALTIES = (
    "Medicina Interna",
    "Cardiologia",
    "Cirurgia Geral",
    "Nefrologia",
    "Pneumologia",
    "Neurologia",
    "Gastrenterologia",
    "Ortopedia",
)

ALLERGIC = Brief(
    specialty="Pneumologia",
    sex="feminino",
    age=71,
    diagnosis="Pneumonia adquirida na comunidade",
    icd10="J18.9",
    severity="CURB-65 2",
    allergy=AllergyState.AFFIRMED,
    allergen="penicilina",
    drugs=(
        UsualDrug("Ramipril", "5 mg", "id"),
        UsualDrug("Perindopril + Amlodipina", "5/5 mg", "1 cp de manhã"),
        UsualDrug("Brometo de tiotrópio", "18 mcg", "1 inalação ao deitar"),
        UsualDrug("Paracetamol", "1 g", "SOS"),
    ),
    comorbidities=("Psoríase em placas", "Miastenia gravis"),
    layout="",
)
DENYING = replace(ALLERGIC, allergy=AllergyState.DENIED, allergen="", specialty="Cardiologia")
SILENT = replace(ALLERGIC, allergy=AllergyState.UNMENTIONED, allergen="", sex="masculino", drugs=(), comorbidities=())
