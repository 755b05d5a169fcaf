"""What a key of a stream stands for, seen from a word: the attributes that CRFsuite learns a weight for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from inference.crf.features import EDGE
from inference.crf.forms import shape
from inference.crf.keys import (
    CuesKey,
    FormsKey,
    ItemKey,
    KindsKey,
    LineKey,
    PlaceKey,
    RoleKey,
    StandingKey,
    UseKey,
    WordKey,
)

FEATURES = 3
"""Counts the changes to what a word is seen by: a model is of use with the features it was trained with alone."""
_LONGEST_AFFIX = 5


@dataclass(frozen=True, slots=True)
class View:
    """A stream's keys as seen from a word that lies `distance` before them.

    `spell` gives the attributes of a key of the stream's own kind.
    """

    name: str
    stream: str
    distance: int
    spell: Callable[[Any], list[str]]

    def attributes(self, key: object) -> list[str]:
        """The attributes of a key; no two views share one."""
        return [f"{self.name}:{attribute}" for attribute in self.spell(key)]


def _own(key: WordKey) -> list[str]:
    word, form = key.word, key.form
    lengths = range(2, min(len(form), _LONGEST_AFFIX + 1))
    return [
        "any",
        f"w={form}",
        f"a={word.lower() if word.isalpha() else ''}",
        f"s={shape(word)}",
        f"l={min(len(form), 10)}",
        *(f"p={form[:length]}" for length in lengths),
        *(f"e={form[-length:]}" for length in lengths),
    ]


def _next(key: WordKey) -> list[str]:
    return [*_far(key), f"p={key.form[:4]}", f"e={key.form[-3:]}"]


def _far(key: WordKey) -> list[str]:
    return [f"w={key.form}", f"s={shape(key.word) if key.word != EDGE else EDGE}"]


def _standing(key: StandingKey) -> list[str]:
    digits = (f"t{place}={digit}" for place, digit in enumerate(key.standing[:8]) if digit not in "0\n")
    return [f"g={key.kind}", f"t={key.standing}", *digits]


def _joined(key: FormsKey) -> list[str]:
    return ["|".join(key)]


def _kinds(key: KindsKey) -> list[str]:
    return [
        f"bo={key.before}|{key.own}",
        f"oa={key.own}|{key.after}",
        f"boa={key.before}|{key.own}|{key.after}",
        f"oab={key.own}|{key.after}|{key.beyond}",
        f"all={key.before}|{key.own}|{key.after}|{key.beyond}",
    ]


def _line(key: LineKey) -> list[str]:
    return [
        f"s={key.section}",
        f"h={key.heading}",
        f"k={key.kind}",
        f"l={key.label}",
        f"b={key.bullet}",
        f"pb={key.previous_bullet}|{key.bullet}",
        f"si={key.section}|{key.item}",
        f"sb={key.section}|{key.bullet}",
        f"sib={key.section}|{key.item}|{key.bullet}",
        f"sg={key.section}|{key.gap}",
        f"f={key.first_form}",
        f"sf={key.section}|{key.first_form}",
        f"n={key.size}",
        f"e={key.from_end}",
        f"se={key.section}|{key.from_end}|{key.bullet}",
        f"so={key.section}|{key.outline}",
        f"eo={key.from_end}|{key.outline}",
        f"o={key.own}",
        f"os={key.own}|{key.section}",
        f"oa={key.above}|{key.own}",
        f"ob={key.own}|{key.below}",
    ]


def _place(key: PlaceKey) -> list[str]:
    return [
        f"o={key.offset}",
        f"so={key.section}|{key.offset}",
        f"sko={key.section}|{key.kind}|{key.bullet}|{key.offset}",
        f"sl={key.section}|{key.left}",
    ]


def _cues(key: CuesKey) -> list[str]:
    return [
        f"n={key.negated:d}",
        f"na={key.negated:d}|{key.allergy}",
        f"nas={key.negated:d}|{key.allergy}|{key.section}",
        f"b={key.depth > 0:d}|{key.section}",
        f"ac={key.allergy}|{key.since}",
        f"sc={key.section}|{key.since}",
        f"r={key.reason}|{key.section}",
        f"rc={key.reason}|{key.since}",
        f"t={key.taking}|{key.section}",
        f"d={key.denied}",
        f"ds={key.denied}|{key.section}",
    ]


def _use(key: UseKey) -> list[str]:
    return [f"s={key.form}|{key.section}", f"k={key.form}|{key.kind}", f"b={key.form}|{key.bullet}"]


def _item(key: ItemKey) -> list[str]:
    return [
        f"k={key.kind}|{key.own}",
        f"kl={key.kind}|{key.leads:d}|{key.own}",
        f"kn={key.kind}|{key.leads:d}|{key.above}|{key.own}|{key.below}",
        f"ks={key.kind}|{key.leads:d}|{key.section}|{key.own}",
    ]


def _role(key: RoleKey) -> list[str]:
    return [
        f"ts={key.standing}|{key.section}",
        f"tb={key.standing}|{key.bullet}",
        f"ta={key.standing}|{key.allergy}",
        f"ks={key.kind}|{key.section}",
        f"kb={key.kind}|{key.bullet}",
        f"ka={key.kind}|{key.allergy}",
        f"kt={key.kind}|{key.taking}",
        f"kts={key.kind}|{bool(key.taking):d}|{key.section}",
        f"kao={key.kind}|{key.allergy}|{key.others}",
        f"kas={key.kind}|{key.allergy}|{key.section}|{key.others}",
        f"kaw={key.kind}|{key.allergy}|{key.earlier}{key.later}",
        f"kw={key.kind}|{key.earlier}{key.later}",
        f"ke={key.kind}|{key.elsewhere:d}|{key.section}",
        f"ws={key.earlier}{key.later}|{key.section}",
    ]


VIEWS = (
    View("w", "word", 0, _own),
    View("w-1", "word", -1, _next),
    View("w+1", "word", 1, _next),
    View("w-2", "word", -2, _far),
    View("w+2", "word", 2, _far),
    View("w-3", "word", -3, _far),
    View("w+3", "word", 3, _far),
    View("t", "standing", 0, _standing),
    View("t-1", "standing", -1, _standing),
    View("t+1", "standing", 1, _standing),
    View("t-2", "standing", -2, _standing),
    View("t+2", "standing", 2, _standing),
    View("pair", "pair", 0, _joined),
    View("pair-1", "pair", -1, _joined),
    View("pair+1", "pair", 1, _joined),
    View("around", "around", 0, _joined),
    View("kinds", "kinds", 0, _kinds),
    View("line", "line", 0, _line),
    View("place", "place", 0, _place),
    View("cues", "cues", 0, _cues),
    View("use", "use", 0, _use),
    View("item", "item", 0, _item),
    View("role", "role", 0, _role),
)
"""Everything a word is seen by."""
