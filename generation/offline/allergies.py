"""What a note says of allergies: a drug allergy affirmed, denied or left out; now and then one to no drug."""

from generation.briefs.brief import AllergyState
from generation.offline.scribe import Scribe
from generation.offline.wording import capital


def allergy_items(scribe: Scribe, *, headed: bool) -> list[str]:
    """The phrases on allergies, none where the note is to say nothing; `headed` when a heading stands above."""
    if scribe.allergy is AllergyState.UNMENTIONED:
        return []
    rng, words = scribe.allergy_rng, scribe.allergy_words
    others = [words.say("other_allergy")] if rng.random() < 0.15 else []
    ending = "_headed" if headed else ""
    if scribe.allergy is AllergyState.AFFIRMED:
        said = words.say(f"affirmed{ending}")
        reaction = words.say("reaction") if rng.random() < 0.45 else ""
        items = [(said + " " + reaction.lstrip() if reaction.startswith("(") else said + reaction)]
    else:
        items = [words.say(f"denied{ending}")]
    return [capital(item) for item in items + others]
