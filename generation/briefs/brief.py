"""A brief: what a note to be written must contain, and its block of `Field: value` lines in the prompt."""

from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Self

from corpus import documents
from corpus.documents import JsonObject
from corpus.errors import FormatError


class AllergyState(StrEnum):
    """What the note says of drug allergies."""

    AFFIRMED = "afirmada"
    DENIED = "negada"
    UNMENTIONED = "não mencionada"


@dataclass(frozen=True, slots=True)
class UsualDrug:
    """One drug of the usual medication: `dose` and `schedule` as a physician writes them, or empty."""

    name: str
    dose: str = ""
    schedule: str = ""

    @property
    def mention(self) -> str:
        """The drug as one phrase: name, dose, schedule."""
        return " ".join(part for part in (self.name, self.dose, self.schedule) if part)


@dataclass(frozen=True, slots=True)
class Brief:
    """What one note must contain. Values are Portuguese, as they should stand in the note."""

    specialty: str
    sex: str
    age: int
    diagnosis: str
    icd10: str
    severity: str
    allergy: AllergyState
    allergen: str
    drugs: tuple[UsualDrug, ...]
    comorbidities: tuple[str, ...]
    layout: str
    pair: str = ""
    """What a brief and its twin share, which asks for the same note with the allergy denied; empty for one alone."""

    def __post_init__(self) -> None:
        if (self.allergy is AllergyState.AFFIRMED) != bool(self.allergen):
            raise FormatError("a brief names an allergen if, and only if, the allergy is affirmed")
        if self.pair and self.allergy is AllergyState.UNMENTIONED:
            raise FormatError("of a pair of briefs one affirms the allergy and the other denies it")

    @property
    def is_twin(self) -> bool:
        """Whether its note is asked for as an edit of the note that affirms the allergy."""
        return bool(self.pair) and self.allergy is AllergyState.DENIED

    def twin(self) -> Self:
        """The brief of the same note with the allergy denied."""
        return replace(self, allergy=AllergyState.DENIED, allergen="")

    def block(self) -> str:
        """The brief as `Field: value` lines; a drug or comorbidity has a line each."""
        lines = [
            ("Especialidade", self.specialty),
            ("Sexo", self.sex),
            ("Idade", str(self.age)),
            ("Diagnóstico principal", self.diagnosis),
            ("Código ICD-10", self.icd10),
            ("Gravidade", self.severity),
            ("Alergia medicamentosa", str(self.allergy)),
            ("Alergénio", self.allergen),
            *(("Fármaco habitual", " | ".join((drug.name, drug.dose, drug.schedule))) for drug in self.drugs),
            *(("Antecedente", item) for item in self.comorbidities),
            ("Estrutura", self.layout),
        ]
        return "\n".join(f"{name}: {value}" for name, value in lines if value)

    @classmethod
    def from_block(cls, text: str) -> Self:
        """The last brief whose block stands in `text`; raises FormatError when a field is missing.

        The block ends at the first line that is no field, so what follows it (an exemplar may have "Idade: …" too) is
        not read.
        """
        lines = text.splitlines()
        begins = [index for index, line in enumerate(lines) if line.lstrip().startswith("Especialidade:")]
        fields: dict[str, list[str]] = {}
        for line in lines[begins[-1] :] if begins else []:
            name, colon, value = line.partition(":")
            if not colon or name.strip() not in _FIELDS:
                break
            fields.setdefault(name.strip(), []).append(value.strip())
        try:
            return cls(
                specialty=fields["Especialidade"][-1],
                sex=fields["Sexo"][-1],
                age=int(fields["Idade"][-1]),
                diagnosis=fields["Diagnóstico principal"][-1],
                icd10=fields.get("Código ICD-10", [""])[-1],
                severity=fields.get("Gravidade", [""])[-1],
                allergy=AllergyState(fields["Alergia medicamentosa"][-1]),
                allergen=fields.get("Alergénio", [""])[-1],
                drugs=tuple(_drug(value) for value in fields.get("Fármaco habitual", [])),
                comorbidities=tuple(fields.get("Antecedente", [])),
                layout=fields.get("Estrutura", [""])[-1],
            )
        except KeyError as error:
            raise FormatError(f"the brief has no line {error.args[0]!r}") from None
        except ValueError as error:
            raise FormatError(f"the brief cannot be read: {error}") from None

    def to_json(self) -> JsonObject:
        """The brief as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: object) -> Self:
        """The brief that `to_json` gave; raises FormatError for a document that is none."""
        return documents.from_json(cls, document)


_FIELDS = frozenset(
    {
        "Especialidade",
        "Sexo",
        "Idade",
        "Diagnóstico principal",
        "Código ICD-10",
        "Gravidade",
        "Alergia medicamentosa",
        "Alergénio",
        "Fármaco habitual",
        "Antecedente",
        "Estrutura",
    }
)


def _drug(value: str) -> UsualDrug:
    name, dose, schedule, *_ = [*(part.strip() for part in value.split("|")), "", "", ""]
    return UsualDrug(name, dose, schedule)
