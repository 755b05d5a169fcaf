"""What the feature-based recogniser sees of a word: its form, its neighbours, its line, and the note around it.

Training and inference must see the same, and inference must be fast. So a note is described by streams of keys, and a
view (`inference.crf.spelling.VIEWS`) says what a key stands for when it lies at some distance from a word. Training
spells these attributes out; inference adds up their weights once for each key and remembers the sum. Keys are numbers
(`inference.crf.ids`), so that numpy does most of the work on a note.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from inference.crf.cues import allergy_words, cue, cues_before
from inference.crf.forms import normal_form
from inference.crf.gazetteer import DRUGS, word_kind
from inference.crf.ids import Codes, Ids, packed
from inference.crf.keys import (
    CuesKey,
    FormsKey,
    Held,
    ItemKey,
    KindsKey,
    LineKey,
    PlaceKey,
    RoleKey,
    StandingKey,
    UseKey,
    WordKey,
)
from inference.crf.layout import NoteLine, lay_out
from inference.crf.lexicon import Lexicon
from inference.crf.words import Words

EDGE = "\n"
"""What stands beyond the ends of a line; no word holds a line end."""
REACH = 3
"""How far to either side a word sees others of its line."""
_FLAGS = ["".join(letter for bit, letter in enumerate("nadm") if held >> bit & 1) for held in range(16)]
"""What a line may hold, one letter each: a negation, an allergy word, a drug, a dose."""


@dataclass(frozen=True, slots=True)
class Stream:
    """Keys of `width` ids each, and for each word of the note the place of its own among them, shape (words,).

    `make` gives a key by name (`inference.crf.keys`), from the parts that its ids stand for.
    """

    keys: Codes
    at: NDArray[np.intp]
    make: Callable[..., tuple[object, ...]]
    width: int = 1

    def shown(self, key: int, ids: Ids) -> tuple[object, ...]:
        """What a key stands for, by name."""
        return self.make(*ids.values(key, self.width))


@dataclass(frozen=True, slots=True)
class _Page:
    """A note's lines, and for each of its words: its number, that of its line, and ids of what is known of it alone."""

    lines: Sequence[NoteLine]
    forms: Sequence[str]
    word: NDArray[np.intp]
    line: NDArray[np.intp]
    key: Codes
    form: Codes
    standing: Codes
    kind: Codes
    cue: Codes
    telling: Codes
    held: Codes

    def of_line(self, values: Sequence[int]) -> Codes:
        """For each word the value of its line."""
        return np.array(values, dtype=np.int64)[self.line]


class Describer:
    """Describes notes with one lexicon; what is known of a word by itself is found out once."""

    def __init__(self, lexicon: Lexicon, ids: Ids) -> None:
        self._lexicon = lexicon
        self._ids = ids
        self._known: dict[str, tuple[str, bytes]] = {}
        self._edge = ids.of(EDGE)
        self._edges = ids.of((EDGE, EDGE))

    def streams(self, words: Words) -> Mapping[str, Stream]:
        """The streams of one note that has words, by name: those that `VIEWS` reads."""
        page = self._page(words)
        held = np.bitwise_or.reduceat(page.held, [line.first for line in page.lines]).tolist()
        flags = [EDGE, *(_FLAGS[bits] for bits in held), EDGE]
        return {**self._neighbours(page), **self._lines(page, flags), **self._said(page, flags)}

    def _page(self, words: Words) -> _Page:
        lines = lay_out(words)
        known = [self._known.get(text) or self._look_up(text) for text in words.texts]
        sizes = [line.end - line.first for line in lines]
        forms = [form for form, _ in known]
        rows = np.frombuffer(b"".join([row for _, row in known]), dtype=np.int64).reshape(len(words), -1)
        return _Page(lines, forms, np.arange(len(words)), np.repeat(np.arange(len(lines)), sizes), *rows.T)

    def _look_up(self, text: str) -> tuple[str, bytes]:
        form = normal_form(text)
        kind = word_kind(form)
        standing = (self._lexicon.standing(form), kind)
        said = cue(form)
        held = (said == "negation") | (said == "allergy") << 1 | (kind in DRUGS) << 2 | (kind == "dose") << 3
        of = self._ids.of
        row = np.array(
            [of((text, form)), of(form), of(standing), of(kind), of(said), len(form) > 3, held], dtype=np.int64
        )
        self._known[text] = form, row.tobytes()
        return self._known[text]

    def _neighbours(self, page: _Page) -> dict[str, Stream]:
        """Streams in which a word sees others of its line: lines lie `REACH` edges apart."""
        at = page.word + REACH * (page.line + 1)
        size = len(page.word) + REACH * (len(page.lines) + 1)

        def beside(own: Codes, edge: int) -> Codes:
            everything = np.full(size, edge, dtype=np.int64)
            everything[at] = own
            return everything

        form, kind = beside(page.form, self._edge), beside(page.kind, self._edge)
        kinds = self._ids.pair(kind[:-1], kind[1:])
        return {
            "word": Stream(beside(page.key, self._edges), at, WordKey),
            "standing": Stream(beside(page.standing, self._edges), at, StandingKey),
            "pair": Stream(packed(form[:-1], form[1:]), at, FormsKey, 2),
            "around": Stream(packed(form[at - 1], form[at + 1]), page.word, FormsKey, 2),
            "kinds": Stream(packed(kinds[at - 1], kinds[at + 1]), page.word, KindsKey.of, 2),
        }

    def _lines(self, page: _Page, flags: Sequence[str]) -> dict[str, Stream]:
        """Streams about the line that a word stands on, and its place there."""
        of, lines = self._ids.of, page.lines
        around: list[Held] = [(flags[number], flags[number + 1], flags[number + 2]) for number in range(len(lines))]
        keys = [of(key) for key in _line_keys(lines, page.forms, around)]
        use = page.of_line([of((line.section, line.kind, line.bullet)) for line in lines])
        item = page.of_line([of((line.section, *held)) for line, held in zip(lines, around, strict=True)])
        begins = page.word - page.of_line([line.body for line in lines])
        left = page.of_line([line.end for line in lines]) - page.word
        offset = np.clip(begins, -2, 5) + 2
        return {
            "line": Stream(np.array(keys, dtype=np.int64), page.line, LineKey),
            "place": Stream(packed(use, offset, np.minimum(left, 3)), page.word, PlaceKey.of, 3),
            "use": Stream(packed(page.form, use), page.word, UseKey.of, 2),
            "item": Stream(packed(page.kind, (begins == 0).astype(np.int64), item), page.word, ItemKey.of, 3),
        }

    def _said(self, page: _Page, flags: Sequence[str]) -> dict[str, Stream]:
        """Streams about what is said before a word, and where else in the note it stands."""
        of, lines = self._ids.of, page.lines
        before, about = self._cues(page, flags)
        section = page.of_line([of(line.section) for line in lines])
        bullet = page.of_line([of((line.section, line.bullet)) for line in lines])
        role = self._ids.with_small(about, *_elsewhere(page), page.of_line(_allergy_lines(flags[1:-1])))
        return {
            "cues": Stream(packed(section, before, _since(page, of("part"), of("clause"))), page.word, CuesKey.of, 3),
            "role": Stream(packed(page.standing, bullet, role), page.word, RoleKey.of, 3),
        }

    def _cues(self, page: _Page, flags: Sequence[str]) -> tuple[Codes, Codes]:
        """Ids of the cues before each word, with where a denial of it stands, and of the two cues that a role has."""
        of = self._ids.of
        before: list[int] = []
        about: list[int] = []
        lines = [page.forms[line.first : line.end] for line in page.lines]
        last, before_id, about_id = None, 0, 0
        for number, forms in enumerate(lines):
            first = len(before)
            for cues in cues_before(forms):
                if cues is not last:
                    last, before_id, about_id = cues, of((cues, "")), of((cues.allergy, cues.taking))
                before.append(before_id)
                about.append(about_id)
            if "a" in flags[number + 1]:
                for word, denial in allergy_words(forms, lines[number + 1] if number + 1 < len(lines) else ()):
                    cues, _ = self._ids.values(before[first + word], 1)
                    before[first + word] = of((cues, denial))
        return np.array(before), np.array(about)


def _line_keys(lines: Sequence[NoteLine], forms: Sequence[str], around: Sequence[Held]) -> Iterator[LineKey]:
    sections = {line.section for line in lines}
    outline = "".join(name[0] for name in ("problems", "diagnosis", "reason", "medication") if name in sections)
    for number, line in enumerate(lines):
        above, own, below = around[number]
        yield LineKey(
            section=line.section,
            heading=line.heading,
            kind=line.kind,
            label=line.label,
            bullet=line.bullet,
            previous_bullet=lines[number - 1].bullet if number else EDGE,
            item=min(line.item, 4),
            gap=min(line.gap, 2),
            first_form=forms[line.body],
            size=min((line.end - line.first) // 3, 5),
            from_end=min(len(lines) - number, 4),
            outline=outline,
            above=above,
            own=own,
            below=below,
        )


def _allergy_lines(flags: Sequence[str]) -> list[int]:
    """For each line about allergies a number that tells how many such lines come before and after it; 0 for others."""
    about = ["a" in held for held in flags]
    earlier = list(accumulate(about, initial=0))
    return [
        1 + 3 * min(earlier[number], 2) + min(earlier[-1] - earlier[number] - 1, 2) if own else 0
        for number, own in enumerate(about)
    ]


def _since(page: _Page, part: int, clause: int) -> Codes:
    """How many words before each, up to 6, belong to the same part of its line: what a comma, colon or stop ends."""
    begins = np.array([line.first for line in page.lines])[page.line]
    ended = np.flatnonzero((page.cue[:-1] == part) | (page.cue[:-1] == clause)) + 1
    begins[ended] = ended
    since: Codes = np.minimum(page.word - np.maximum.accumulate(begins), 6)
    return since


def _elsewhere(page: _Page) -> tuple[Codes, Codes, Codes]:
    """How often a telling word stands earlier and later in the note, up to 2, and whether only a drug list holds it."""
    _, form, counts = np.unique(page.form, return_inverse=True, return_counts=True)
    order = np.argsort(form, kind="stable")
    earlier = np.empty_like(form)
    earlier[order] = np.arange(len(form)) - np.repeat(np.cumsum(counts) - counts, counts)
    later = counts[form] - 1 - earlier
    in_list = page.of_line([line.section == "medication" for line in page.lines]).astype(bool)
    listed = np.zeros(len(counts), dtype=bool)
    listed[form[in_list]] = True
    elsewhere = listed[form] & ~in_list
    return np.minimum(earlier, 2) * page.telling, np.minimum(later, 2) * page.telling, elsewhere.astype(np.int64)
