"""What the feature-based recogniser sees of a word: its form, its neighbours, its line, and the section around it.

Training and inference must see the same, and inference must be fast. So a note is described by streams of keys, and a
view (`inference.spelling.VIEWS`) says what a key stands for when it lies at some distance from a word. Training spells
these attributes out; inference adds up their weights once for each key and remembers the sum.
"""

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from inference.forms import normal_form
from inference.layout import Line, lay_out
from inference.lexicon import Lexicon
from inference.words import Words

EDGE = "\n"
"""What stands beyond the ends of a line; no word holds a line end."""
REACH = 4
"""How far to either side a word sees others of its line."""


@dataclass(frozen=True, slots=True)
class Stream:
    """Keys, and for each word of the note the index of its own among them, shape (words,)."""

    keys: Sequence[Hashable]
    at: NDArray[np.intp]


def describe(words: Words, lexicon: Lexicon) -> Mapping[str, Stream]:
    """The streams of one note, by name: those that `VIEWS` reads."""
    lines = lay_out(words)
    forms = [normal_form(text) for text in words.texts]
    standings = [lexicon.standing(form) for form in forms]
    beside, at = _beside(words, forms, standings, lines)
    by_line = np.repeat(np.arange(len(lines)), [line.end - line.first for line in lines])
    by_word = np.arange(len(words))
    counts = Counter(forms)
    places: list[Hashable] = []
    cues: list[Hashable] = []
    uses: list[Hashable] = []
    for line in lines:
        section, kind, bullet, left = line.section, line.kind, line.bullet, line.end - line.first
        for word, (form, cue) in enumerate(_cues(forms[line.first : line.end]), line.first):
            places.append((section, kind, bullet, min(word - line.body, 5), min(left, 3)))
            cues.append((section, *cue))
            often = min(counts[form], 4) if len(form) > 3 else 0
            uses.append((form, standings[word], section, kind, bullet, cue[1], often))
            left -= 1
    pairs = list(zip((form for _, form, _ in beside), (form for _, form, _ in beside[1:]), strict=False))
    around = [(beside[place - 1][1], beside[place + 1][1]) for place in at]
    return {
        "word": Stream(beside, at),
        "pair": Stream(pairs, at),
        "around": Stream(around, by_word),
        "line": Stream([_line_key(lines, number, forms) for number in range(len(lines))], by_line),
        "place": Stream(places, by_word),
        "cues": Stream(cues, by_word),
        "use": Stream(uses, by_word),
    }


def _beside(
    words: Words, forms: Sequence[str], standings: Sequence[str], lines: Sequence[Line]
) -> tuple[list[tuple[str, str, str]], NDArray[np.intp]]:
    """Each word with its form and standing, lines kept `REACH` edges apart; and where the words are in that list."""
    edges = [(EDGE, EDGE, EDGE)] * REACH
    beside = list(edges)
    at: list[int] = []
    for line in lines:
        at.extend(range(len(beside), len(beside) + line.end - line.first))
        own = slice(line.first, line.end)
        beside.extend(zip(words.texts[own], forms[own], standings[own], strict=True))
        beside.extend(edges)
    return beside, np.array(at, dtype=np.intp)


def _line_key(lines: Sequence[Line], number: int, forms: Sequence[str]) -> tuple[Hashable, ...]:
    line = lines[number]
    return (
        line.section,
        line.heading,
        line.kind,
        line.label,
        line.bullet,
        lines[number - 1].bullet if number else EDGE,
        min(line.item, 4),
        min(line.gap, 2),
        forms[line.body],
        min((line.end - line.first) // 3, 5),
        min(len(lines) - number, 4),
    )


def _cues(forms: Sequence[str]) -> Iterator[tuple[str, tuple[bool, str, bool, int]]]:
    """Each word of a line, with what comes before it in its clause: negation, allergy word, bracket, words since."""
    negated, allergy, depth, since = False, "", 0, 0
    for form in forms:
        yield form, (negated, allergy, depth > 0, min(since, 6))
        since += 1
        cue = _cue(form)
        if not cue:
            continue
        if cue == "negation":
            negated = True
        elif cue == "open":
            depth += 1
        elif cue == "close":
            depth = max(0, depth - 1)
        elif cue == "clause":
            negated, allergy, since = False, "", 0
        elif cue == "part":
            since = 0
        else:
            allergy = cue


_CUES = {
    **dict.fromkeys(
        ("sem", "nega", "nao", "negam", "desconhece", "desconhecidas", "nenhuma", "nenhum", "ausencia"), "negation"
    ),
    **dict.fromkeys("([", "open"),
    **dict.fromkeys(")]", "close"),
    **dict.fromkeys(".;", "clause"),
    **dict.fromkeys(":,", "part"),
}


@lru_cache(maxsize=1 << 16)
def _cue(form: str) -> str:
    return form[:6] if form.startswith(("alerg", "intoler", "anafil")) else _CUES.get(form, "")
