"""What the feature-based recogniser sees of a word: its form, its neighbours, its line, and the note around it.

Training and inference must see the same, and inference must be fast. So a note is described by streams of keys, and a
view (`inference.spelling.VIEWS`) says what a key stands for when it lies at some distance from a word. Training spells
these attributes out; inference adds up their weights once for each key and remembers the sum.
"""

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from inference.cues import Cues, cues_before, denials, line_flags
from inference.forms import normal_form
from inference.gazetteer import word_kind
from inference.layout import Line, lay_out
from inference.lexicon import Lexicon
from inference.words import Words

EDGE = "\n"
"""What stands beyond the ends of a line; no word holds a line end."""
REACH = 3
"""How far to either side a word sees others of its line."""
WordKey = tuple[str, str, str, str]
"""A word, its normal form, its standing in the lexicon, and its kind in the gazetteer."""


@dataclass(frozen=True, slots=True)
class Stream:
    """Keys, and for each word of the note the index of its own among them, shape (words,)."""

    keys: Sequence[Hashable]
    at: NDArray[np.intp]


def describe(words: Words, lexicon: Lexicon) -> Mapping[str, Stream]:
    """The streams of one note, by name: those that `VIEWS` reads."""
    lines = lay_out(words)
    seen: list[WordKey] = []
    for text in words.texts:
        form = normal_form(text)
        seen.append((text, form, lexicon.standing(form), word_kind(form)))
    forms = [key[1] for key in seen]
    beside, at = _beside(seen, lines)
    by_line = np.repeat(np.arange(len(lines)), [line.end - line.first for line in lines])
    by_word = np.arange(len(words))
    near = [beside[place - 1 : place + 3] for place in at.tolist()]
    flags = [EDGE, *(line_flags(forms[line.first : line.end]) for line in lines), EDGE]
    said = [cues for line in lines for cues in cues_before(forms[line.first : line.end])]
    pairs = [(first[1], second[1]) for first, second in pairwise(beside)]
    return {
        "word": Stream(beside, at),
        "pair": Stream(pairs, at),
        "around": Stream([(before[1], after[1]) for before, _, after, _ in near], by_word),
        "kinds": Stream([(before[3], own[3], after[3], next_[3]) for before, own, after, next_ in near], by_word),
        "line": Stream(_line_keys(lines, forms, flags), by_line),
        "place": Stream(list(_place_keys(lines)), by_word),
        "cues": Stream(list(_cue_keys(lines, forms, said)), by_word),
        "use": Stream(list(_use_keys(lines, forms)), by_word),
        "item": Stream(list(_item_keys(lines, seen, flags)), by_word),
        "role": Stream(list(_role_keys(lines, seen, said)), by_word),
    }


def _beside(seen: Sequence[WordKey], lines: Sequence[Line]) -> tuple[list[WordKey], NDArray[np.intp]]:
    """The words with lines kept `REACH` edges apart, and where each word of the note is in that list."""
    edges = [(EDGE, EDGE, EDGE, EDGE)] * REACH
    beside = list(edges)
    at: list[int] = []
    for line in lines:
        at.extend(range(len(beside), len(beside) + line.end - line.first))
        beside.extend(seen[line.first : line.end])
        beside.extend(edges)
    return beside, np.array(at, dtype=np.intp)


def _line_keys(lines: Sequence[Line], forms: Sequence[str], flags: Sequence[str]) -> list[Hashable]:
    sections = {line.section for line in lines}
    outline = "".join(name[0] for name in ("problems", "diagnosis", "reason", "medication") if name in sections)
    return [
        (
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
            outline,
            *flags[number : number + 3],
        )
        for number, line in enumerate(lines)
    ]


def _place_keys(lines: Sequence[Line]) -> Iterator[Hashable]:
    for line in lines:
        for word in range(line.first, line.end):
            yield line.section, line.kind, line.bullet, min(word - line.body, 5), min(line.end - word, 3)


def _cue_keys(lines: Sequence[Line], forms: Sequence[str], said: Sequence[Cues]) -> Iterator[Hashable]:
    denied = denials([forms[line.first : line.end] for line in lines])
    for line in lines:
        for cues in said[line.first : line.end]:
            since = min(cues.since, 6)
            yield line.section, cues.negated, cues.allergy, cues.reason, cues.depth > 0, since, next(denied)


def _use_keys(lines: Sequence[Line], forms: Sequence[str]) -> Iterator[Hashable]:
    for line in lines:
        for form in forms[line.first : line.end]:
            yield form, line.section, line.kind, line.bullet


def _item_keys(lines: Sequence[Line], seen: Sequence[WordKey], flags: Sequence[str]) -> Iterator[Hashable]:
    """What a word is in its line, and what this line and its neighbours hold: a list of drugs needs no heading."""
    for number, line in enumerate(lines):
        for word in range(line.first, line.end):
            yield seen[word][3], word == line.body, line.section, *flags[number : number + 3]


def _role_keys(lines: Sequence[Line], seen: Sequence[WordKey], said: Sequence[Cues]) -> Iterator[Hashable]:
    """What a word could be, and where else in the note it stands: of several places, most often one is marked."""
    counts = Counter(key[1] for key in seen)
    listed = {key[1] for line in lines if line.section == "medication" for key in seen[line.first : line.end]}
    met: Counter[str] = Counter()
    for line in lines:
        own = slice(line.first, line.end)
        for (_, form, standing, kind), cues in zip(seen[own], said[own], strict=True):
            met[form] += 1
            telling = len(form) > 3
            earlier, later = (min(met[form] - 1, 2), min(counts[form] - met[form], 2)) if telling else (0, 0)
            elsewhere = line.section != "medication" and form in listed
            yield standing, kind, line.section, line.bullet, cues.allergy, earlier, later, elsewhere
