"""Usual medication as a note writes it: each drug with its dose and schedule, in one of many forms."""

import re
from functools import cache

from generation.briefs import UsualDrug
from generation.offline.scribe import Scribe, capital
from generation.offline.wording import folded, read_data

_AMOUNT = re.compile(r"(\d)\s*(mg|mcg|µg|g|ml|mL|UI|U|mEq)\b")


def medication_items(scribe: Scribe) -> list[str]:
    """One phrase for each usual drug, or the phrase that says there is none (sometimes nothing is said)."""
    if not scribe.brief.drugs:
        return [scribe.words.say("no_medication")] if scribe.chance(0.7) else []
    drugs = list(scribe.brief.drugs)
    if scribe.chance(0.7):
        scribe.rng.shuffle(drugs)
    return [drug_mention(scribe, drug) for drug in drugs]


def medication_line(scribe: Scribe, phrases: str) -> str:
    """All usual drugs in one sentence; `phrases` names the list of its first words."""
    items = medication_items(scribe)
    if not scribe.brief.drugs or not items:
        return "".join(items)
    last = " e " if phrases == "medication_lead" or scribe.chance(0.3) else scribe.habits.separator
    separator = ", " if phrases == "medication_lead" else scribe.habits.separator
    text = last.join([separator.join(items[:-1]), items[-1]]) if len(items) > 1 else items[0]
    return scribe.words.say(phrases) + " " + text


def drug_mention(scribe: Scribe, drug: UsualDrug) -> str:
    """The drug's name, dose and schedule in the note's habit, one time in eight in another."""
    name = _cased(drug.name, scribe.habits.name_case)
    dose = _AMOUNT.sub(r"\1 \2" if scribe.habits.spaced_dose else r"\1\2", drug.dose)
    schedule = _schedule(scribe, drug.schedule)
    between = scribe.habits.dose_form if _is_tablet(drug) else " "
    head = f"{name} {dose}".rstrip()
    return f"{head}{between}{schedule}" if schedule else head


def _cased(name: str, case: str) -> str:
    if case == "title":
        return capital(name)
    if case == "upper":
        return name.upper()
    return name if case == "as given" or name[1:2].isupper() else name[:1].lower() + name[1:]


def _is_tablet(drug: UsualDrug) -> bool:
    """Whether "1 comprimido" may stand before the schedule: a solid dose, and a schedule that does not count itself."""
    return bool(re.search(r"\d\s*(mg|g)$", drug.dose)) and not drug.schedule[:1].isdigit()


def _schedule(scribe: Scribe, schedule: str) -> str:
    forms = _schedules().get(folded(schedule), {})
    habit = scribe.habits.schedule
    if forms and scribe.chance(0.12):
        habit = scribe.rng.choice(sorted(forms))
    return scribe.rng.choice(forms[habit]) if habit in forms else schedule


@cache
def _schedules() -> dict[str, dict[str, list[str]]]:
    """For each folded schedule, its forms by habit."""
    known = {}
    for entry in read_data("medication")["schedule"]:
        forms = {habit: ways for habit, ways in entry.items() if habit != "same"}
        known.update({folded(way): forms for way in entry["same"]})
    return known
