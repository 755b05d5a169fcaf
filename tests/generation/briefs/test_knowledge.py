"""The clinical data files: what they hold, and what is said of a slip in them."""

import shutil
from pathlib import Path

import pytest

import generation
from corpus.errors import ConfigError
from generation.briefs.knowledge import ClinicalKnowledge, load_knowledge

DATA = Path(generation.__file__).parent / "data"


@pytest.fixture(scope="module")
def knowledge() -> ClinicalKnowledge:
    return load_knowledge()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("specialties", "diagnoses", "drugs", "comorbidities", "allergens"):
        shutil.copy(DATA / f"{name}.toml", tmp_path)
    return tmp_path


def rewrite(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


def test_the_files_are_broad_enough_for_varied_notes(knowledge: ClinicalKnowledge) -> None:
    assert len(knowledge.specialties) == 8
    assert min(len(found) for found in knowledge.diagnoses.values()) >= 12
    assert len(knowledge.drugs) >= 120
    assert len(knowledge.allergens) >= 20
    assert len(knowledge.comorbidities) >= 40
    assert all(1 <= len(drug.uses) <= 4 for drug in knowledge.drugs.values())


def test_every_drug_is_taken_for_something(knowledge: ClinicalKnowledge) -> None:
    taken = {drug for item in knowledge.comorbidities.values() for drug in item.drugs}
    taken |= {drug for found in knowledge.diagnoses.values() for item in found.values() for drug in item.drugs}
    assert set(knowledge.drugs) - taken == set()


def test_every_rare_comorbidity_is_named_by_a_diagnosis(knowledge: ClinicalKnowledge) -> None:
    named = {
        name for found in knowledge.diagnoses.values() for item in found.values() for name in item.always + item.often
    }
    assert {name for name, item in knowledge.comorbidities.items() if not item.weight} <= named


def test_a_combination_belongs_to_the_classes_of_its_parts(knowledge: ClinicalKnowledge) -> None:
    assert knowledge.drugs["Perindopril + Indapamida"].classes == {"IECA", "Bloqueadores do SRA", "Tiazidas"}
    assert knowledge.drugs["Perindopril + Indapamida"].uses[0] == ("5/1,25 mg", "1 cp em jejum")


def test_an_allergy_concerns_the_drug_its_class_and_its_combinations(knowledge: ClinicalKnowledge) -> None:
    assert knowledge.concerns("ibuprofeno", knowledge.drugs["Ibuprofeno"])
    assert knowledge.concerns("ibuprofeno", knowledge.drugs["Etoricoxib"])
    assert knowledge.concerns("paracetamol", knowledge.drugs["Tramadol + Paracetamol"])
    assert not knowledge.concerns("penicilina", knowledge.drugs["Furosemida"])


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("diagnoses.toml", 'icd10 = "J18.9"', 'icd10 = "pneumonia"', "Pneumonia adquirida na comunidade > icd10"),
        ("diagnoses.toml", 'always = ["IC"]', 'always = ["ICC"]', "descompensada: unknown comorbidity 'ICC'"),
        ("diagnoses.toml", '["Ortopedia".', '["Ortopédia".', "unknown specialty 'Ortopédia'"),
        ("diagnoses.toml", "ages = [30, 98]", "ages = [30, 99]", "outside those of the specialty, .18, 98."),
        ("diagnoses.toml", "ages = [30, 98]", "ages = [98, 30]", "ages: 98 is more than 30"),
        ("diagnoses.toml", 'always = ["DM tipo 1"]', 'always = ["Osteoporose"]', "'Osteoporose' is for one sex only"),
        ("comorbidities.toml", 'drugs = ["Diosmina"]', 'drugs = ["Diosminaa"]', "venosa: unknown drug 'Diosminaa'"),
        ("comorbidities.toml", '["HTA"]', '["HTA nova"]\n["HTA"]', "HTA nova > ages: Field required"),
        ("comorbidities.toml", "weight = 30", "weight = 30\npeso = 1", "HTA > peso: unknown key"),
        ("allergens.toml", 'avoids = ["Estatinas"]', 'avoids = ["Estatina"]', "unknown drug or class 'Estatina'"),
        ("drugs.toml", '"10 mg | 1 cp ao pequeno-almoço"', '"10 mg, 1 cp"', "Enalapril"),
        ("drugs.toml", '"Ezetimiba" =', '"Furosemida" =', "Furosemida: the drug stands under another class too"),
        ("drugs.toml", '["Tiazidas"]', '["Tiazidas"', "drugs.toml is not TOML"),
        ("specialties.toml", '["Ortopedia"]', '["Urologia"]', "Urologia: diagnoses.toml has no diagnosis"),
    ],
)
def test_a_slip_in_a_file_is_named_in_one_line(folder: Path, file: str, old: str, new: str, message: str) -> None:
    rewrite(folder / file, old, new)
    with pytest.raises(ConfigError, match=message) as raised:
        load_knowledge(folder)
    assert "\n" not in str(raised.value)
    assert ".toml" in str(raised.value)


def test_a_folder_of_its_own_adds_to_the_files_and_changes_lines_in_them(tmp_path: Path) -> None:
    (tmp_path / "specialties.toml").write_text('["Urologia"]\nages = [18, 90]\nseverities = ["grave"]\n', "utf-8")
    (tmp_path / "diagnoses.toml").write_text('["Urologia"."Cólica renal"]\nicd10 = "N23"\n', "utf-8")
    (tmp_path / "comorbidities.toml").write_text('["HTA"]\nweight = 1\n', "utf-8")
    (tmp_path / "drugs.toml").write_text('["IECA + Bloqueadores do SRA"]\n"Imidapril" = ["10 mg | id"]\n', "utf-8")
    shipped, extended = load_knowledge(), load_knowledge(tmp_path)
    assert list(extended.specialties) == [*shipped.specialties, "Urologia"]
    assert extended.diagnoses["Urologia"]["Cólica renal"].icd10 == "N23"
    assert extended.comorbidities["HTA"] == shipped.comorbidities["HTA"].model_copy(update={"weight": 1})
    assert set(extended.drugs) - set(shipped.drugs) == {"Imidapril"}
    assert extended.drugs["Enalapril"] == shipped.drugs["Enalapril"]
    assert extended.allergens == shipped.allergens


def test_a_specialty_without_diagnosis_is_refused(tmp_path: Path) -> None:
    (tmp_path / "specialties.toml").write_text('["Urologia"]\nages = [18, 90]\nseverities = ["grave"]\n', "utf-8")
    with pytest.raises(ConfigError, match=r"Urologia: diagnoses\.toml has no diagnosis"):
        load_knowledge(tmp_path)


def test_a_file_of_another_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "diagnosis.toml").touch()
    with pytest.raises(ConfigError, match=r"diagnosis\.toml: no file of this name is read; known are: specialties"):
        load_knowledge(tmp_path)


def test_every_diagnosis_has_its_code(knowledge: ClinicalKnowledge) -> None:
    assert all(item.icd10 for found in knowledge.diagnoses.values() for item in found.values())
