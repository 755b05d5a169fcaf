"""What is known of patients: specialties, diagnoses, drugs, comorbidities and allergens, read from `data/*.toml`.

The files are written so that a clinician can read and extend them; each says how in its first lines. A slip in one of
them is refused with a line that names the file and the item.
"""

import tomllib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from corpus.errors import ConfigError

Text = Annotated[str, StringConstraints(pattern=r"^[^\s|]([^|\r\n]*[^\s|])?$")]
"""One line without `|`, which parts the values of a brief's block, and without white space at its ends."""
Use = Annotated[str, StringConstraints(pattern=r"^[^|\r\n]*\|[^|\r\n]*$")]
"""A dose and a schedule, with `|` between them."""
Sex = Literal["F", "M"]
T = TypeVar("T")


def _ordered(bounds: tuple[int, int]) -> tuple[int, int]:
    if bounds[0] > bounds[1]:
        raise ValueError(f"{bounds[0]} is more than {bounds[1]}")
    return bounds


Ages = Annotated[
    tuple[Annotated[int, Field(ge=16, le=110)], Annotated[int, Field(ge=16, le=110)]], AfterValidator(_ordered)
]
"""Youngest and oldest patient, in years, both included."""
Takes = Annotated[tuple[Annotated[int, Field(ge=0, le=9)], Annotated[int, Field(ge=0, le=9)]], AfterValidator(_ordered)]
"""Fewest and most drugs, both included."""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Specialty(_Entry):
    """A hospital specialty: whom it sees, and how it grades illness."""

    ages: Ages
    severities: Annotated[tuple[Text, ...], Field(min_length=1)]


class Diagnosis(_Entry):
    """A principal diagnosis; `always`, `often` and `never` name comorbidities, `avoids` drugs and classes."""

    icd10: Annotated[str, StringConstraints(pattern=r"^[A-Z]\d\d(\.\d{1,2})?$")]
    also: tuple[Text, ...] = ()
    ages: Ages | None = None
    sex: Sex | None = None
    severities: tuple[Text, ...] = ()
    always: tuple[str, ...] = ()
    often: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    drugs: tuple[str, ...] = ()
    avoids: tuple[str, ...] = ()


class Comorbidity(_Entry):
    """Something the patient has already, with its usual drugs; `takes` bounds how many of them."""

    also: tuple[Text, ...] = ()
    ages: Ages
    sex: Sex | None = None
    weight: Annotated[int, Field(ge=0)]
    group: str = ""
    drugs: tuple[str, ...] = ()
    takes: Takes = (0, 1)
    avoids: tuple[str, ...] = ()

    def fits(self, sex: str, age: int) -> bool:
        """Whether a patient of that sex and age may have it."""
        return self.sex in (None, sex) and self.ages[0] <= age <= self.ages[1]


class Allergen(_Entry):
    """What a patient may be allergic to, and the drugs and classes that such a patient does not take."""

    weight: Annotated[int, Field(ge=1)]
    avoids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Drug:
    """A drug, its classes, and its (dose, schedule) pairs."""

    name: str
    classes: frozenset[str]
    uses: tuple[tuple[str, str], ...]

    def is_among(self, names: Collection[str]) -> bool:
        """Whether the drug or one of its classes is named."""
        return not self.classes.isdisjoint(names) or self.name in names


@dataclass(frozen=True, slots=True)
class ClinicalKnowledge:
    """Everything briefs are drawn from; the keys are the names as they stand in a note."""

    specialties: dict[str, Specialty]
    diagnoses: dict[str, dict[str, Diagnosis]]
    """By specialty, then by name."""
    drugs: dict[str, Drug]
    comorbidities: dict[str, Comorbidity]
    allergens: dict[str, Allergen]

    def concerns(self, allergen: str, drug: Drug) -> bool:
        """Whether a patient with that allergy avoids the drug."""
        return allergen.casefold() in drug.name.casefold() or drug.is_among(self.allergens[allergen].avoids)

    def ages(self, specialty: str, diagnosis: Diagnosis) -> tuple[int, int]:
        """Youngest and oldest patient with a diagnosis of that specialty, in years."""
        return diagnosis.ages or self.specialties[specialty].ages

    def severities(self, specialty: str, diagnosis: Diagnosis) -> tuple[str, ...]:
        """How ill a patient with a diagnosis of that specialty may be."""
        return diagnosis.severities or self.specialties[specialty].severities


_FILES = ("specialties.toml", "diagnoses.toml", "drugs.toml", "comorbidities.toml", "allergens.toml")
_SPECIALTIES = TypeAdapter(dict[Text, Specialty])
_DIAGNOSES = TypeAdapter(dict[Text, dict[Text, Diagnosis]])
_DRUGS = TypeAdapter(dict[Text, dict[Text, Annotated[tuple[Use, ...], Field(min_length=1)]]])
_COMORBIDITIES = TypeAdapter(dict[Text, Comorbidity])
_ALLERGENS = TypeAdapter(dict[Text, Allergen])


def load_knowledge(extra: Path | None = None) -> ClinicalKnowledge:
    """What the five files of the package hold, with those that the folder `extra` has beside them.

    A file of `extra` has the package's name and form. What it names anew is added, and of what is known it replaces the
    lines that it has. Raises ConfigError naming file and item.
    """
    knowledge = ClinicalKnowledge(
        specialties=_read("specialties.toml", extra, _SPECIALTIES),
        diagnoses=_read("diagnoses.toml", extra, _DIAGNOSES),
        drugs=_drugs(_read("drugs.toml", extra, _DRUGS)),
        comorbidities=_read("comorbidities.toml", extra, _COMORBIDITIES),
        allergens=_read("allergens.toml", extra, _ALLERGENS),
    )
    unknown = sorted({path.name for path in extra.glob("*.toml")} - set(_FILES)) if extra else []
    if unknown:
        raise ConfigError(f"{unknown[0]}: no file of this name is read; known are: {', '.join(_FILES)}")
    _check_names(knowledge)
    _check_patients(knowledge)
    return knowledge


def _read(name: str, extra: Path | None, shape: TypeAdapter[T]) -> T:
    document = _document(resources.files("generation") / "data" / name)
    if extra is not None and (extra / name).exists():
        for key, value in _document(extra / name).items():
            known = document.get(key)
            document[key] = {**known, **value} if isinstance(known, dict) and isinstance(value, dict) else value
    try:
        return shape.validate_python(document)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        what = "unknown key" if first["type"] == "extra_forbidden" else first["msg"].removeprefix("Value error, ")
        raise ConfigError(f"{name}: {' > '.join(str(part) for part in first['loc'])}: {what}") from None


def _document(file: Path | Traversable) -> dict[str, object]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except OSError:
        raise ConfigError(f"{file} cannot be read") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} is not TOML: {error}") from None


def _drugs(classes: dict[str, dict[str, tuple[str, ...]]]) -> dict[str, Drug]:
    drugs: dict[str, Drug] = {}
    for heading, members in classes.items():
        for name, uses in members.items():
            if name in drugs:
                raise ConfigError(
                    f"drugs.toml: {heading} > {name}: the drug stands under another class too; join the two"
                )
            parted = tuple(
                (dose.strip(), schedule.strip()) for dose, _, schedule in (use.partition("|") for use in uses)
            )
            drugs[name] = Drug(name, frozenset(heading.split(" + ")), parted)
    return drugs


def _check_names(knowledge: ClinicalKnowledge) -> None:
    """Raises ConfigError for the first name that stands in one file and is not defined in the other."""
    drugs = knowledge.drugs.keys()
    avoidable = drugs | {heading for drug in knowledge.drugs.values() for heading in drug.classes}
    for where, kind, names in _references(knowledge):
        known = {
            "specialty": knowledge.specialties.keys(),
            "comorbidity": knowledge.comorbidities.keys(),
            "drug": drugs,
            "drug or class": avoidable,
        }[kind]
        for name in names:
            if name not in known:
                raise ConfigError(f"{where}: unknown {kind} {name!r}")


def _references(knowledge: ClinicalKnowledge) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Each place that names others: the file and item, the kind of what it names, the names."""
    for specialty, diagnoses in knowledge.diagnoses.items():
        yield "diagnoses.toml", "specialty", (specialty,)
        for name, diagnosis in diagnoses.items():
            where = f"diagnoses.toml: {specialty} > {name}"
            yield where, "comorbidity", diagnosis.always + diagnosis.often + diagnosis.never
            yield where, "drug", diagnosis.drugs
            yield where, "drug or class", diagnosis.avoids
    for name, comorbidity in knowledge.comorbidities.items():
        yield f"comorbidities.toml: {name}", "drug", comorbidity.drugs
        yield f"comorbidities.toml: {name}", "drug or class", comorbidity.avoids
    for name, allergen in knowledge.allergens.items():
        yield f"allergens.toml: {name}", "drug or class", allergen.avoids


def _check_patients(knowledge: ClinicalKnowledge) -> None:
    """Raises ConfigError where no patient could have what an item asks for."""
    for specialty, bounds in knowledge.specialties.items():
        if not knowledge.diagnoses.get(specialty):
            raise ConfigError(f"specialties.toml: {specialty}: diagnoses.toml has no diagnosis of this specialty")
        for name, diagnosis in knowledge.diagnoses[specialty].items():
            where = f"diagnoses.toml: {specialty} > {name}"
            youngest, oldest = knowledge.ages(specialty, diagnosis)
            if youngest < bounds.ages[0] or oldest > bounds.ages[1]:
                raise ConfigError(f"{where}: ages: outside those of the specialty, {list(bounds.ages)}")
            for other in diagnosis.always:
                if knowledge.comorbidities[other].sex not in (None, diagnosis.sex):
                    raise ConfigError(f"{where}: always: {other!r} is for one sex only, so give the diagnosis that sex")
