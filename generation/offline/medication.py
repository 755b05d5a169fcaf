"""Usual medication as a note writes it: each drug with its dose and schedule, in one of many forms."""

import re
from functools import cache

from generation.briefs.brief import UsualDrug
from generation.offline.scribe import Scribe, inside
from generation.offline.wording import capital, folded, read_data

_AMOUNT = re.compile(r"(\d)\s*(mg|mcg|µg|g|ml|mL|UI|U|mEq)\b")
_SOLID = re.compile(r"\d\s*(?:mg|g)$")


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
    separator = ", " if phrases == "medication_lead" else drug_separator(scribe)
    last = " e " if phrases == "medication_lead" or scribe.chance(0.3) else separator
    text = last.join([separator.join(items[:-1]), items[-1]]) if len(items) > 1 else items[0]
    return scribe.words.say(phrases) + " " + text


def drug_separator(scribe: Scribe) -> str:
    """What stands between drugs on one line; not " + ", which also joins the two halves of a combination."""
    combined = any("+" in drug.name for drug in scribe.brief.drugs)
    return ", " if combined and "+" in scribe.habits.separator else scribe.habits.separator


def drug_mention(scribe: Scribe, drug: UsualDrug) -> str:
    """The drug's name, dose and schedule in the note's habit, one time in eight in another."""
    name = _cased(drug.name, scribe.habits.name_case)
    dose = _AMOUNT.sub(r"\1 \2" if scribe.habits.spaced_dose else r"\1\2", drug.dose)
    schedule = _schedule(scribe, drug.schedule.removeprefix("1 cp "))
    head = f"{name} {dose}".rstrip()
    return f"{head}{_between(scribe, drug, schedule)}{schedule}" if schedule else head


def _cased(name: str, case: str) -> str:
    if case == "upper":
        return name.upper()
    if case == "lower":
        return " ".join(inside(word) for word in name.split(" "))
    return capital(name) if case == "title" else name


def _between(scribe: Scribe, drug: UsualDrug, schedule: str) -> str:
    """What stands between dose and schedule: "1 cp" and the like only for one tablet, whose schedule has no count."""
    solid = _SOLID.search(drug.dose) and folded(drug.schedule) in _schedules()
    one_tablet = drug.schedule.startswith("1 cp ") or solid
    return scribe.habits.dose_form if one_tablet and schedule[:1].isalpha() else " "


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
