"""A section of a note: its items, whatever the layout will make of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from generation.offline import allergies, conclusion, examination, history, medication
from generation.offline.scribe import Scribe

# Where the diagnosis may be stated, with how often it is chosen when a layout has several of these sections.
STATING = {"problems": 5, "impression": 5, "statement": 5, "reason": 1}


@dataclass(frozen=True, slots=True)
class NoteSection:
    """A kind of section, as layouts.toml names it, and its items in order."""

    kind: str
    items: tuple[str, ...]


def write_section(scribe: Scribe, kinds: Sequence[str], stating: str, *, headed: bool, brief_form: bool) -> NoteSection:
    """The section of the first kind, with the items of the others put among its own; `stating` names the diagnosis."""
    first, *others = kinds
    items = _items(scribe, first, stating, headed=headed, brief_form=brief_form)
    # Allergies come last, and where they stand is drawn before their words: both notes of a pair have them there.
    for kind in sorted(others, key="allergies".__eq__):
        places = Random((scribe.allergy_rng if kind == "allergies" else scribe.rng).getrandbits(64))
        for item in _guest_items(scribe, kind):
            items.insert(places.randint(0, len(items)), item)
    return NoteSection(first, tuple(items))


def _guest_items(scribe: Scribe, kind: str) -> list[str]:
    if kind == "medication":
        line = medication.medication_line(scribe, "medication_label")
        return [line] if line else []
    if kind == "allergies":
        return allergies.allergy_items(scribe, headed=False)
    return history.habit_items(scribe)


def _items(scribe: Scribe, kind: str, stating: str, *, headed: bool, brief_form: bool) -> list[str]:
    states = kind == stating
    match kind:
        case "identification":
            return history.identification_items(scribe)
        case "background":
            return history.background_items(scribe, 3 if brief_form else 7)
        case "family":
            return history.family_items(scribe)
        case "habits":
            return history.habit_items(scribe)
        case "medication":
            return medication.medication_items(scribe)
        case "allergies":
            return allergies.allergy_items(scribe, headed=headed)
        case "reason":
            return [conclusion.reason(scribe, states_diagnosis=states)]
        case "history":
            return history.short_history(scribe) if brief_form else history.history_sentences(scribe)
        case "review":
            return examination.review_items(scribe)
        case "exam":
            return examination.exam_items(scribe, 3 if brief_form else 5)
        case "tests":
            return examination.test_items(scribe)
        case "therapy":
            return conclusion.therapy_items(scribe)
        case "evolution":
            return conclusion.evolution_items(scribe)
        case "function":
            return history.function_items(scribe)
        case "problems":
            return conclusion.problem_items(scribe, states_diagnosis=states)
        case "impression":
            return [conclusion.headed_statement(scribe) if states else conclusion.remark(scribe)]
        case "statement":
            return [conclusion.statement(scribe) if states else conclusion.remark(scribe)]
        case "plan":
            return conclusion.plan_items(scribe)
    raise ValueError(f"layouts.toml names a section {kind!r} that does not exist")
