"""What a key of a stream stands for, seen from a word: the attributes that CRFsuite learns a weight for."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from inference.features import EDGE
from inference.forms import shape

_LONGEST_AFFIX = 5


@dataclass(frozen=True, slots=True)
class View:
    """A stream's keys as seen from a word that lies `distance` before them; `spell` gives a key's attributes."""

    name: str
    stream: str
    distance: int
    spell: Callable[[Any], list[str]]

    def attributes(self, key: Hashable) -> list[str]:
        """The attributes of a key; no two views share one."""
        return [f"{self.name}:{attribute}" for attribute in self.spell(key)]


def _own(key: tuple[str, str, str]) -> list[str]:
    word, form, _ = key
    lengths = range(2, min(len(form), _LONGEST_AFFIX + 1))
    return [
        "any",
        f"w={form}",
        f"a={word.lower() if word.isalpha() else ''}",
        f"s={shape(word)}",
        f"l={min(len(form), 10)}",
        *(f"p={form[:length]}" for length in lengths),
        *(f"e={form[-length:]}" for length in lengths),
        *_standing(key),
    ]


def _next(key: tuple[str, str, str]) -> list[str]:
    form = key[1]
    return [*_far(key), f"p={form[:4]}", f"e={form[-3:]}", *_standing(key)]


def _near(key: tuple[str, str, str]) -> list[str]:
    return [*_far(key), *_standing(key)]


def _far(key: tuple[str, str, str]) -> list[str]:
    word, form, _ = key
    return [f"w={form}", f"s={shape(word) if word != EDGE else EDGE}"]


def _standing(key: tuple[str, str, str]) -> list[str]:
    standing = key[2]
    return [f"t={standing}", *(f"t{place}={digit}" for place, digit in enumerate(standing[:8]) if digit not in "0\n")]


def _joined(key: tuple[str, ...]) -> list[str]:
    return ["|".join(key)]


def _line(key: tuple[Hashable, ...]) -> list[str]:
    section, heading, kind, label, bullet, previous, item, gap, first_form, size, from_end = key
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
    ]


def _place(key: tuple[Hashable, ...]) -> list[str]:
    section, kind, bullet, offset, left = key
    return [f"o={offset}", f"so={section}|{offset}", f"sko={section}|{kind}|{bullet}|{offset}", f"sl={section}|{left}"]


def _cues(key: tuple[Hashable, ...]) -> list[str]:
    section, negated, allergy, bracketed, since = key
    return [
        f"n={negated:d}",
        f"na={negated:d}|{allergy}",
        f"nas={negated:d}|{allergy}|{section}",
        f"b={bracketed:d}|{section}",
        f"ac={allergy}|{since}",
        f"sc={section}|{since}",
    ]


def _use(key: tuple[Hashable, ...]) -> list[str]:
    form, standing, section, kind, bullet, allergy, often = key
    return [
        f"s={form}|{section}",
        f"k={form}|{kind}",
        f"b={form}|{bullet}",
        f"ts={standing}|{section}",
        f"tb={standing}|{bullet}",
        f"ta={standing}|{allergy}",
        f"o={often}",
    ]


VIEWS = (
    View("w", "word", 0, _own),
    View("w-1", "word", -1, _next),
    View("w+1", "word", 1, _next),
    View("w-2", "word", -2, _near),
    View("w+2", "word", 2, _near),
    View("w-3", "word", -3, _far),
    View("w+3", "word", 3, _far),
    View("w-4", "word", -4, _far),
    View("w+4", "word", 4, _far),
    View("pair", "pair", 0, _joined),
    View("pair-1", "pair", -1, _joined),
    View("around", "around", 0, _joined),
    View("line", "line", 0, _line),
    View("place", "place", 0, _place),
    View("cues", "cues", 0, _cues),
    View("use", "use", 0, _use),
)
"""Everything a word is seen by."""
