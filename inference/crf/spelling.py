"""What a key of a stream stands for, seen from a word: the attributes that CRFsuite learns a weight for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from inference.crf.features import EDGE
from inference.crf.forms import shape

FEATURES = 3
"""Counts the changes to what a word is seen by: a model is of use with the features it was trained with alone."""
_LONGEST_AFFIX = 5
WordKey = tuple[str, str]
"""A word and its normal form."""


@dataclass(frozen=True, slots=True)
class View:
    """A stream's keys as seen from a word that lies `distance` before them; `spell` gives a key's attributes."""

    name: str
    stream: str
    distance: int
    spell: Callable[[Any], list[str]]

    def attributes(self, key: Any) -> list[str]:
        """The attributes of a key; no two views share one."""
        return [f"{self.name}:{attribute}" for attribute in self.spell(key)]


def _own(key: WordKey) -> list[str]:
    word, form = key
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
    form = key[1]
    return [*_far(key), f"p={form[:4]}", f"e={form[-3:]}"]


def _far(key: WordKey) -> list[str]:
    word, form = key
    return [f"w={form}", f"s={shape(word) if word != EDGE else EDGE}"]


def _standing(key: tuple[str, str]) -> list[str]:
    standing, kind = key
    digits = (f"t{place}={digit}" for place, digit in enumerate(standing[:8]) if digit not in "0\n")
    return [f"g={kind}", f"t={standing}", *digits]


def _joined(key: tuple[str, ...]) -> list[str]:
    return ["|".join(key)]


def _kinds(key: tuple[tuple[str, str], tuple[str, str]]) -> list[str]:
    (before, own), (after, beyond) = key
    return [
        f"bo={before}|{own}",
        f"oa={own}|{after}",
        f"boa={before}|{own}|{after}",
        f"oab={own}|{after}|{beyond}",
        f"all={before}|{own}|{after}|{beyond}",
    ]


def _line(key: tuple[Any, ...]) -> list[str]:
    (
        section,
        heading,
        kind,
        label,
        bullet,
        previous,
        item,
        gap,
        first_form,
        size,
        from_end,
        outline,
        above,
        own,
        below,
    ) = key
    return [
        f"s={section}",
        f"h={heading}",
        f"k={kind}",
        f"l={label}",
        f"b={bullet}",
        f"pb={previous}|{bullet}",
        f"si={section}|{item}",
        f"sb={section}|{bullet}",
        f"sib={section}|{item}|{bullet}",
        f"sg={section}|{gap}",
        f"f={first_form}",
        f"sf={section}|{first_form}",
        f"n={size}",
        f"e={from_end}",
        f"se={section}|{from_end}|{bullet}",
        f"so={section}|{outline}",
        f"eo={from_end}|{outline}",
        f"o={own}",
        f"os={own}|{section}",
        f"oa={above}|{own}",
        f"ob={own}|{below}",
    ]


def _place(key: tuple[Any, ...]) -> list[str]:
    (section, kind, bullet), offset, left = key
    return [f"o={offset}", f"so={section}|{offset}", f"sko={section}|{kind}|{bullet}|{offset}", f"sl={section}|{left}"]


def _cues(key: tuple[Any, ...]) -> list[str]:
    section, ((negated, allergy, reason, taking, depth), denied), since = key
    return [
        f"n={negated:d}",
        f"na={negated:d}|{allergy}",
        f"nas={negated:d}|{allergy}|{section}",
        f"b={depth > 0:d}|{section}",
        f"ac={allergy}|{since}",
        f"sc={section}|{since}",
        f"r={reason}|{section}",
        f"rc={reason}|{since}",
        f"t={taking}|{section}",
        f"d={denied}",
        f"ds={denied}|{section}",
    ]


def _use(key: tuple[str, tuple[str, ...]]) -> list[str]:
    form, (section, kind, bullet) = key
    return [f"s={form}|{section}", f"k={form}|{kind}", f"b={form}|{bullet}"]


def _item(key: tuple[Any, ...]) -> list[str]:
    kind, leads, (section, above, own, below) = key
    return [
        f"k={kind}|{own}",
        f"kl={kind}|{leads:d}|{own}",
        f"kn={kind}|{leads:d}|{above}|{own}|{below}",
        f"ks={kind}|{leads:d}|{section}|{own}",
    ]


def _role(key: tuple[Any, ...]) -> list[str]:
    (standing, kind), (section, bullet), ((allergy, taking), earlier, later, elsewhere, others) = key
    return [
        f"ts={standing}|{section}",
        f"tb={standing}|{bullet}",
        f"ta={standing}|{allergy}",
        f"ks={kind}|{section}",
        f"kb={kind}|{bullet}",
        f"ka={kind}|{allergy}",
        f"kt={kind}|{taking}",
        f"kts={kind}|{bool(taking):d}|{section}",
        f"kao={kind}|{allergy}|{others}",
        f"kas={kind}|{allergy}|{section}|{others}",
        f"kaw={kind}|{allergy}|{earlier}{later}",
        f"kw={kind}|{earlier}{later}",
        f"ke={kind}|{elsewhere:d}|{section}",
        f"ws={earlier}{later}|{section}",
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
