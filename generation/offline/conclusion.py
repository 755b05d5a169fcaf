"""Why the patient is admitted: reason, what was given, the diagnosis as stated, other problems, the plan."""

from generation.offline.history import comorbidity
from generation.offline.scribe import Scribe, inside
from generation.offline.wording import capital, folded


def reason(scribe: Scribe, *, states_diagnosis: bool) -> str:
    """The reason for admission: the brief's diagnosis, or a complaint."""
    return capital(scribe.words.say("reason_diagnosis" if states_diagnosis else "reason_complaint"))


def therapy_items(scribe: Scribe) -> list[str]:
    """What was given in the emergency room; none of it is usual medication."""
    return [capital(item) for item in scribe.several("er_drug", 1, 3) if item]


def evolution_items(scribe: Scribe) -> list[str]:
    """How the hours in the emergency room went."""
    return [capital(item) for item in scribe.several("evolution", 2, 3)]


def problem_items(scribe: Scribe, *, states_diagnosis: bool) -> list[str]:
    """The problem list: the diagnosis first, then past diagnoses, findings and suspicions."""
    others = [
        comorbidity(scribe, name)
        for name in scribe.rng.sample(scribe.brief.comorbidities, min(len(scribe.brief.comorbidities), 3))
    ]
    others += scribe.several("side_problem", 0, 2)
    others += [scribe.words.say("excluded")] if scribe.chance(0.3) else []
    scribe.rng.shuffle(others)
    first = [scribe.words.say("problem_first")] if states_diagnosis else []
    return first + [capital(item) for item in others if item]


def statement(scribe: Scribe) -> str:
    """The brief's diagnosis in a sentence of its own."""
    lead = scribe.words.say("closing")
    said = scribe.words.say("statement")
    return lead + (said if not lead or lead.endswith(": ") else inside(said))


def headed_statement(scribe: Scribe) -> str:
    """The brief's diagnosis below a heading such as "Impressão"."""
    return capital(scribe.words.say("headed_statement"))


def remark(scribe: Scribe) -> str:
    """A closing sentence that does not name the diagnosis."""
    return capital(scribe.words.say("no_diagnosis"))


def plan_items(scribe: Scribe) -> list[str]:
    """What is to be done: steps of the picture or specialty among those of any ward."""
    items = scribe.several("step", 1, 3) + scribe.several("common_step", 1, 5)
    scribe.rng.shuffle(items)
    return [capital(item) for item in items if item and folded(scribe.brief.diagnosis) not in folded(item)]


def sign_off(scribe: Scribe) -> list[str]:
    """Who wrote it, in a third of notes."""
    return [scribe.words.say("sign_off")] if scribe.chance(0.3) else []
