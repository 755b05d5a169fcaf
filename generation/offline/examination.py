"""Vital signs, the examination by system, and the results that came back in the emergency room."""

from generation.offline.scribe import Scribe
from generation.offline.wording import capital

_SYSTEMS = ("cardiac", "lungs", "abdomen", "limbs", "neuro")


def vital_signs(scribe: Scribe) -> str:
    """Some vital signs on one line, in an order of the note's own."""
    names = ["blood_pressure", "heart_rate", *(["saturation"] if scribe.chance(0.8) else [])]
    names += ["temperature"] if scribe.chance(0.75) else []
    signs = [scribe.words.say(name) for name in names] + scribe.words.several("other_vital", 0, 2)
    scribe.rng.shuffle(signs)
    return scribe.rng.choice([", ", "; ", " | ", " ", ". ", " / "]).join(signs)


def exam_items(scribe: Scribe, most_systems: int = 5) -> list[str]:
    """General state, vital signs, some systems and what the specialty looks for."""
    general = [", ".join(scribe.words.several("general", 1, 5))] if scribe.chance(0.9) else []
    systems = scribe.rng.sample(_SYSTEMS, scribe.rng.randint(1, most_systems))
    body = [scribe.words.say(name) for name in systems] + scribe.several("finding", 1, 4)
    scribe.rng.shuffle(body)
    items = [*general, vital_signs(scribe), *body]
    if scribe.chance(0.3):
        items = [vital_signs(scribe), *general, *body]
    return [capital(item) for item in items if item]


def test_items(scribe: Scribe) -> list[str]:
    """Blood results on a line, then images and other tests."""
    values = scribe.several("blood_count", 1, 4) + scribe.several("chemistry", 2, 8)
    separator = scribe.rng.choice([", ", ", ", "; ", " | ", " / "])
    items = [scribe.words.say("lab_lead") + separator.join(values)]
    items += scribe.several("test", 1, 3)
    items += [scribe.words.say(name) for name in ("gas", "ecg", "urine", "other_test") if scribe.chance(0.4)]
    scribe.rng.shuffle(items)
    return [capital(item) for item in items if item]


def review_items(scribe: Scribe) -> list[str]:
    """The review of systems: a few of them, in random order."""
    return scribe.several("review_system", 3, 7)
