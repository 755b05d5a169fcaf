"""Who the patient is, what came before, and the present illness."""

from generation.offline.scribe import Scribe, inside, joined
from generation.offline.wording import capital, folded, read_data


def letterhead(scribe: Scribe) -> list[str]:
    """The lines above the note, none in a third of notes."""
    return scribe.words.say("letterhead").split("\n") if scribe.chance(0.65) else []


def identification_items(scribe: Scribe) -> list[str]:
    """Age, sex, home, occupation; sometimes whom to ask."""
    items = [scribe.words.say("identity")]
    if scribe.chance(0.35):
        items.append(scribe.words.say("contact") + ".")
    return [capital(item) for item in items]


def short_identification(scribe: Scribe) -> str:
    """Age and sex in a few characters."""
    return scribe.words.say("short_identity")


def background_items(scribe: Scribe, most: int = 6) -> list[str]:
    """The brief's past diagnoses, as a doctor abbreviates them, among other past events."""
    items = [_with_tail(scribe, comorbidity(scribe, name)) for name in scribe.brief.comorbidities]
    items += scribe.several("past", 0 if items else 1, max(1, most - len(items)))
    scribe.rng.shuffle(items)
    return [capital(item) for item in items if item]


def comorbidity(scribe: Scribe, name: str) -> str:
    """A past diagnosis in one of its forms."""
    forms: list[str] = read_data("abbreviations")["forms"].get(folded(name), [name])
    return scribe.rng.choice([form for form in forms if folded(form) != folded(scribe.brief.diagnosis)] or [name])


def habit_items(scribe: Scribe) -> list[str]:
    """Tobacco, alcohol, home life."""
    return [capital(item) for item in scribe.several("habit", 1, 4)]


def function_items(scribe: Scribe) -> list[str]:
    """How the patient gets by at home."""
    return [capital(item) for item in scribe.several("function", 2, 4)]


def family_items(scribe: Scribe) -> list[str]:
    """Diseases of relatives, none of which is the patient's."""
    return [capital(item) for item in scribe.several("family", 1, 3)]


def history_sentences(scribe: Scribe) -> list[str]:
    """The present illness, sentence by sentence."""
    sentences = [scribe.words.say("opening")]
    sentences += scribe.several("detail", 1, 3)
    course = scribe.several("course", 1, 5)
    sentences += course[: len(course) // 2 + 1]
    if scribe.chance(0.85):
        sentences.append(_denial(scribe, " ".join(sentences)))
    sentences += course[len(course) // 2 + 1 :]
    return [capital(sentence) for sentence in sentences if sentence]


def short_history(scribe: Scribe) -> list[str]:
    """The present illness in note form."""
    items = [scribe.words.say("short_opening"), *scribe.several("detail", 1, 2)]
    negatives = _negatives(scribe, " ".join(items))
    if negatives:
        items.append(scribe.rng.choice(["Nega ", "S/ ", "Sem ", "neg: "]) + ", ".join(negatives))
    return [item.rstrip(".") for item in items]


def _denial(scribe: Scribe, so_far: str) -> str:
    negatives = _negatives(scribe, so_far)
    lead, _, end = scribe.words.say("denial").partition("<>")
    return lead + joined(negatives, scribe.rng.choice([" ou ", " e ", " nem "])) + end if negatives else ""


def _negatives(scribe: Scribe, so_far: str) -> list[str]:
    """Symptoms to deny: none that the text has already affirmed."""
    told = folded(so_far)
    drawn = scribe.words.several("negative", 2, 5)
    return [inside(item) for item in drawn if folded(item).split()[0] not in told]


def _with_tail(scribe: Scribe, item: str) -> str:
    if not scribe.chance(0.3):
        return item
    return f"{item} {scribe.rng.choice(['', '- ', '– '])}{scribe.words.say('comorbidity_tail')}"
