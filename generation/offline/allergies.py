"""What a note says of allergies: a drug allergy affirmed, denied or left out; now and then one to no drug."""

from generation.briefs import AllergyState
from generation.offline.scribe import Scribe, inside
from generation.offline.wording import capital


def allergy_items(scribe: Scribe, *, headed: bool) -> list[str]:
    """The phrases on allergies, none where the brief does not mention them; `headed` when a heading stands above."""
    state = scribe.brief.allergy
    if state is AllergyState.UNMENTIONED:
        return []
    ending = "_headed" if headed else ""
    if state is AllergyState.AFFIRMED:
        said = scribe.words.say(f"affirmed{ending}")
        reaction = scribe.words.say("reaction") if scribe.chance(0.45) else ""
        items = [(said + " " + reaction.lstrip() if reaction.startswith("(") else said + reaction)]
    else:
        items = [scribe.words.say(f"denied{ending}")]
    if scribe.chance(0.15):
        items.append(scribe.words.say("other_allergy"))
    return [capital(item) for item in items]


def allergy_sentence(scribe: Scribe) -> str:
    """The phrases on allergies as one sentence, or nothing."""
    items = allergy_items(scribe, headed=False)
    return f"{items[0]}{''.join('. ' + capital(inside(item)) for item in items[1:])}." if items else ""
