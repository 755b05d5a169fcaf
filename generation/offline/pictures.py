"""Which wording fits a brief: that of its diagnosis, then of its specialty, then what all notes share."""

from generation.briefs.brief import Brief
from generation.offline.wording import Phrases, folded, phrases, read_data

_COMMON = ("identification", "background", "history", "examination", "conclusion", "allergies", "drug_lists", "stay")


def layers(brief: Brief) -> tuple[Phrases, ...]:
    """The phrase lists for a brief, the most particular first."""
    specialties = read_data("specialties")
    specialty = specialties.get(brief.specialty, {})
    found = [_phrases(lists) for lists in (_picture(brief), specialty, specialties["generic"])]
    return (*found, phrases(*_COMMON))


def _picture(brief: Brief) -> dict[str, list[str]]:
    """The lists of the first picture one of whose words begins a word of the diagnosis; none where none does."""
    diagnosis = f" {folded(brief.diagnosis)}"
    for picture in read_data("pictures")["picture"]:
        if any(f" {word}" in diagnosis for word in picture["words"]):
            return {name: value for name, value in picture.items() if name != "words"}
    return {}


def _phrases(lists: dict[str, list[str]]) -> Phrases:
    return {name: tuple(value) for name, value in lists.items()}
