"""The one who writes a note: its brief, its habits of writing, and the wording at hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from generation.briefs.brief import AllergyState, Brief
from generation.offline.pictures import layers
from generation.offline.wording import Wording, capital, folded, read_data

_SCHEDULE_HABITS = ("latin", "latin", "numbered", "times", "words", "hours", "grid", "")
_NAME_CASES = ("title", "title", "title", "lower", "as given", "upper")


@dataclass(frozen=True, slots=True)
class Habits:
    """How one doctor writes: marks, headings, numbers. Drawn once for a note, which has one writer."""

    history_mark: str
    bullet: str
    upper_headings: bool
    heading_end: str
    blank_lines: bool
    spaced_dose: bool
    schedule: str
    """The column of medication.toml whose form is preferred; empty keeps the brief's words."""
    dose_form: str
    name_case: str
    separator: str
    item_end: str
    decimal_point: str
    fullness: float
    """How much is written: what a part may hold at most is multiplied by this."""


@dataclass(frozen=True, slots=True)
class Scribe:
    """What every part of a note is written with."""

    brief: Brief
    rng: Random
    habits: Habits
    words: Wording
    allergy: AllergyState
    """What the note says of allergies: what the brief asks for, or its denial in the note of the brief's twin."""
    allergy_rng: Random
    """Draws what the note says of allergies and nothing else, so that the rest is the same in both notes of a pair."""
    allergy_words: Wording

    def chance(self, share: float) -> bool:
        """True in `share` of the notes."""
        return self.rng.random() < share

    def several(self, name: str, fewest: int, most: int) -> list[str]:
        """Different phrases of the list `name`: `fewest` to `most`, more in a full note."""
        return self.words.several(name, fewest, max(fewest, round(most * self.habits.fullness)))


def draw_scribe(brief: Brief, rng: Random, allergy: AllergyState) -> Scribe:
    """A scribe for the brief who says `allergy` of allergies, with habits drawn from `rng`."""
    allergy_rng = Random(rng.getrandbits(64))
    habits = _habits(rng)
    woman = folded(brief.sex).startswith(("f", "mulher"))
    facts = _facts(brief, rng, woman)

    def wording(own_rng: Random) -> Wording:
        return Wording(
            own_rng,
            layers(brief),
            facts=facts,
            woman=woman,
            decimal_point=habits.decimal_point,
            banned=_banned(brief),
        )

    return Scribe(brief, rng, habits, wording(rng), allergy, allergy_rng, wording(allergy_rng))


def inside(text: str) -> str:
    """The text as it stands inside a sentence: its first letter small, unless it begins with an abbreviation."""
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def joined(parts: Sequence[str], last: str = " e ") -> str:
    """The parts with commas between them and `last` before the last."""
    return last.join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)


def _habits(rng: Random) -> Habits:
    upper_headings = rng.random() < 0.5
    return Habits(
        history_mark=rng.choice(["# ", "# ", "# ", "#", " # "]),
        bullet=rng.choice(["- ", "- ", "- ", "-", " - ", "-   "]),
        upper_headings=upper_headings,
        # Only capitals show a heading that has no colon.
        heading_end=rng.choice([":", ":", "", " -"]) if upper_headings else ":",
        blank_lines=rng.random() < 0.65,
        spaced_dose=rng.random() < 0.4,
        schedule=rng.choice(_SCHEDULE_HABITS),
        dose_form=rng.choice(read_data("medication")["dose_form"]),
        name_case=rng.choice(_NAME_CASES),
        separator=rng.choice([", ", ", ", "; ", ", - ", " + ", " | "]),
        item_end=rng.choice(["", "", "", ";", "."]),
        decimal_point=rng.choice([",", "."]),
        fullness=rng.uniform(0.9, 3.2),
    )


def _facts(brief: Brief, rng: Random, woman: bool) -> dict[str, str]:
    year, month, day = rng.randint(2019, 2025), rng.randint(1, 12), rng.randint(1, 28)
    diagnosis = brief.diagnosis
    return {
        "age": str(brief.age),
        "sex_noun": rng.choice(["Mulher", "Doente"] if woman else ["Homem", "Doente"]),
        "Sex_noun": "Mulher" if woman else "Homem",
        "sex_word": "feminino" if woman else "masculino",
        "sex_letter": rng.choice(["F", "♀"] if woman else ["M", "♂"]) if rng.random() < 0.2 else "FM"[not woman],
        "specialty": brief.specialty,
        "specialty_upper": brief.specialty.upper(),
        "date": rng.choice([f"{day:02}/{month:02}/{year}", f"{day:02}-{month:02}-{year}", f"{day}.{month}.{year}"]),
        "date_short": rng.choice([f"{day:02}/{month:02}", f"{day}/{month}"]),
        "time": f"{rng.randint(0, 23):02}:{rng.randint(0, 59):02}",
        "month": rng.choice([f"{rng.randint(1, 12):02}", rng.choice(read_data("layouts")["months"])]),
        "year": str(year - rng.randint(1, 9)),
        "diagnosis": inside(diagnosis),
        "Diagnosis": capital(diagnosis),
        "severity": brief.severity,
        "allergen": brief.allergen,
        "allergen_upper": capital(brief.allergen) if rng.random() < 0.6 else brief.allergen.upper(),
        "a_allergen": _with_preposition(brief.allergen),
    }


def _with_preposition(allergen: str) -> str:
    """ "à penicilina", "ao ibuprofeno", "aos beta-lactâmicos", "a AINEs": the article where the ending shows it."""
    first = allergen.split(" ")[0]
    for ending, preposition in (("as", "às"), ("os", "aos"), ("a", "à"), ("o", "ao")):
        if first.endswith(ending):
            return f"{preposition} {allergen}"
    return f"a {allergen}"


def _banned(brief: Brief) -> tuple[str, ...]:
    """Folded words that only the brief's own lines may hold: diagnosis, drugs, what the allergy rules out."""
    allergen = folded(brief.allergen)
    drugs = [folded(drug.name) for drug in brief.drugs]
    ruled_out = [name for key, names in read_data("conflicts").items() if key in allergen for name in names]
    return tuple(word for word in (folded(brief.diagnosis), allergen, *drugs, *ruled_out) if len(word) > 2)
