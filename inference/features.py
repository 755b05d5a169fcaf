"""What the feature-based recogniser sees of a word: its form, its neighbours, its line, and the section around it.

Training and inference must see the same, and inference must be fast. So the features are columns: a column gives each
word of a note one key, and the key alone determines the attributes (the strings that CRFsuite knows) it stands for.
Training spells the attributes out; inference adds up their weights once for each key and remembers the sum.
"""

import re
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from inference.forms import normal_form, shape
from inference.layout import Line, lay_out
from inference.lexicon import Lexicon
from inference.words import Words

Columns = Mapping[str, Sequence[Hashable]]
"""For each column, one key a word."""

_REACH = 4
_BEFORE = tuple("\n" + "<" * distance for distance in range(_REACH, 0, -1))
_AFTER = tuple("\n" + ">" * distance for distance in range(1, _REACH + 1))
# What stands for the words beyond the ends of a line; no word holds a line end.

_NEGATION = frozenset(("sem", "nega", "nao", "negam", "desconhece", "desconhecidas", "nenhuma", "nenhum", "ausencia"))
_ALLERGY = re.compile(r"alerg|intoler|anafil")
_CLAUSE_END = frozenset((".", ";"))
_LONGEST_COUNTED = 6


def describe(words: Words, lexicon: Lexicon) -> Columns:
    """The columns of one note: for each column of `COLUMNS`, a key for every word."""
    columns: dict[str, list[Any]] = {name: [] for name in COLUMNS}
    lines = lay_out(words)
    forms = [normal_form(text) for text in words.texts]
    counts = Counter(forms)
    previous = ""
    for number, line in enumerate(lines):
        texts = words.texts[line.first : line.end]
        size = len(texts)
        padded = (*_BEFORE, *texts, *_AFTER)
        for distance in range(-_REACH, _REACH + 1):
            columns[f"w{distance:+d}"].extend(padded[_REACH + distance : _REACH + distance + size])
        padded_forms = ("\n", *forms[line.first : line.end], "\n")
        columns["pair-"].extend(pairwise(padded_forms[:-1]))
        columns["pair+"].extend(pairwise(padded_forms[1:]))
        columns["skip"].extend(zip(padded_forms, padded_forms[2:], strict=False))
        first_form = forms[line.body]
        columns["line"].extend([_line_key(line, first_form, previous, size, len(lines) - number)] * size)
        place = (line.section, line.kind, line.bullet)
        columns["place"].extend((*place, min(offset, 5), min(size - offset, 3)) for offset in _from_body(line))
        cues = _cues(padded_forms[1:-1])
        columns["cues"].extend((line.section, *cue) for cue in cues)
        columns["word-in"].extend((form, line.section, line.kind, line.bullet) for form in padded_forms[1:-1])
        columns["often"].extend(min(counts[form], 4) if len(form) > 3 else 0 for form in padded_forms[1:-1])
        standings = ("<", "<", *map(lexicon.standing, padded_forms[1:-1]), ">", ">")
        for distance in range(-2, 3):
            columns[f"lex{distance:+d}"].extend(standings[2 + distance : 2 + distance + size])
        columns["lex-in"].extend(
            (standing, line.section, line.bullet, cue[1]) for standing, cue in zip(standings[2:-2], cues, strict=True)
        )
        previous = line.bullet
    return columns


def _from_body(line: Line) -> range:
    return range(line.first - line.body, line.end - line.body)


def _line_key(line: Line, first_form: str, previous: str, size: int, from_end: int) -> tuple[Hashable, ...]:
    return (
        line.section,
        line.heading,
        line.kind,
        line.label,
        line.bullet,
        previous,
        min(line.item, 4),
        min(line.gap, 2),
        first_form,
        min(size // 3, 5),
        min(from_end, 4),
    )


def _cues(forms: Sequence[str]) -> list[tuple[Hashable, ...]]:
    """For each word of a line: negation and allergy words so far in its clause, brackets open, separators passed."""
    cues: list[tuple[Hashable, ...]] = []
    negated = False
    allergy = ""
    depth = 0
    since = 0
    for form in forms:
        cues.append((negated, allergy, depth > 0, min(since, 6)))
        since += 1
        if form in _NEGATION:
            negated = True
        elif _ALLERGY.match(form):
            allergy = form[:6]
        elif form in "([":
            depth += 1
        elif form in ")]":
            depth = max(0, depth - 1)
        elif form in _CLAUSE_END:
            negated, allergy, since = False, "", 0
        elif form in ":,":
            since = 0
    return cues


def _own(word: str) -> list[str]:
    form = normal_form(word)
    lengths = range(2, min(len(form), _LONGEST_COUNTED))
    return [
        "b",
        f"w={form}",
        f"a={word.lower() if word.isalpha() else ''}",
        f"s={shape(word)}",
        f"l={min(len(form), 10)}",
        *(f"p={form[:length]}" for length in lengths),
        *(f"e={form[-length:]}" for length in lengths),
    ]


def _near(word: str) -> list[str]:
    form = normal_form(word)
    return [f"w={form}", f"s={shape(word)}", f"p={form[:4]}", f"e={form[-3:]}"]


def _far(word: str) -> list[str]:
    return [f"w={normal_form(word)}", f"s={shape(word)}"]


def _joined(key: tuple[Hashable, ...]) -> list[str]:
    return ["|".join(map(str, key))]


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


def _cue(key: tuple[Hashable, ...]) -> list[str]:
    section, negated, allergy, bracketed, since = key
    return [
        f"n={negated:d}",
        f"na={negated:d}|{allergy}",
        f"nas={negated:d}|{allergy}|{section}",
        f"b={bracketed:d}|{section}",
        f"ac={allergy}|{since}",
        f"sc={section}|{since}",
    ]


def _word_in(key: tuple[Hashable, ...]) -> list[str]:
    form, section, kind, bullet = key
    return [f"s={form}|{section}", f"k={form}|{kind}", f"b={form}|{bullet}"]


def _standing(standing: str) -> list[str]:
    return [f"={standing}", *(f"{place}={digit}" for place, digit in enumerate(standing[:8]) if digit != "0")]


def _standing_in(key: tuple[str, ...]) -> list[str]:
    standing, section, bullet, allergy = key
    return [f"s={standing}|{section}", f"b={standing}|{bullet}", f"a={standing}|{allergy}"]


COLUMNS: dict[str, Callable[[Any], list[str]]] = {
    "w+0": _own,
    "w-1": _near,
    "w+1": _near,
    "w-2": _far,
    "w+2": _far,
    "w-3": _far,
    "w+3": _far,
    "w-4": _far,
    "w+4": _far,
    "pair-": _joined,
    "pair+": _joined,
    "skip": _joined,
    "line": _line,
    "place": _place,
    "cues": _cue,
    "word-in": _word_in,
    "lex-2": _standing,
    "lex-1": _standing,
    "lex+0": _standing,
    "lex+1": _standing,
    "lex+2": _standing,
    "lex-in": _standing_in,
    "often": lambda count: [f"{count}"],
}
"""What each column's keys stand for."""


def attributes(column: str, key: Hashable) -> list[str]:
    """The attributes that a key of a column stands for; no two columns share one."""
    return [f"{column}{attribute}" for attribute in COLUMNS[column](key)]
