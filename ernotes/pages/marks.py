"""A note's text, cut into pieces that a page can mark with gold and predicted spans."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Literal

from corpus.labels import Label
from corpus.note import Span
from corpus.scoring.mistakes import Mention, Outcome

LANES = 2
"""Bars of one band that can lie beside each other; more spans over one character share the outer lane."""

SHORT_NAMES = {Label.DIAGNOSIS: "DX", Label.MEDICATION: "MED", Label.ALLERGY: "ALG+", Label.NO_ALLERGY: "ALG−"}
"""What a tag in the text says of a label, so that colour is never the only cue."""

WIDTH_OF_TAG_LETTER = 0.85
"""How wide a letter of a tag is, in letters of the text; a tag with too little room leaves out the outcome."""

Band = Literal["gold", "predicted"]
BANDS: tuple[Band, Band] = ("gold", "predicted")

_LINE_END = re.compile(r"\r\n|\r|\n")
_CONTROLS = {code: 0x2400 + code for code in range(32) if chr(code) not in "\t\r\n"} | {0x7F: 0x2421}


@dataclass(frozen=True, slots=True)
class Mark:
    """A span's bar over one piece of text: in which band and lane, and whether the bar begins or ends here.

    `index` is the span's place among the spans of its band, in text order; `tag` is what the bar says of itself.
    """

    band: Band
    index: int
    lane: int
    label: Label
    tag: str
    begins: bool
    ends: bool


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of one line under the same marks throughout."""

    text: str
    marks: tuple[Mark, ...]

    @property
    def differs(self) -> bool:
        """Whether the labels of the two bands differ here."""
        gold, predicted = ({mark.label for mark in self.marks if mark.band == band} for band in BANDS)
        return gold != predicted

    def indices(self, band: Band) -> list[int]:
        """The spans of a band that cover this piece."""
        return [mark.index for mark in self.marks if mark.band == band]

    def tags(self, band: Band) -> str:
        """The tags of the bars that begin here."""
        return " · ".join(mark.tag for mark in self.marks if mark.band == band and mark.begins)


def mark_lines(text: str, mentions: Sequence[Mention], say: Callable[[str], str] = str) -> list[list[Piece]]:
    """The lines of the text, without their ends (CRLF, CR or LF), cut into pieces where spans begin or end.

    `say` translates the outcomes that stand on bars.
    """
    spans = _lay_out(mentions, "gold", say) + _lay_out(mentions, "predicted", say)
    borders = sorted({border for span, _ in spans for border in (span.start, span.end)})
    return [
        [_piece(text, start, end, spans) for start, end in _cut(line_start, line_end, borders)]
        for line_start, line_end in _lines(text)
    ]


def visible(text: str) -> str:
    """The text, of equal length, with control characters that HTML cannot hold shown by their pictures."""
    return text.translate(_CONTROLS)


_Laid = tuple[Span, Mark]


def _lay_out(mentions: Sequence[Mention], band: Band, say: Callable[[str], str]) -> list[_Laid]:
    """The spans of a band in text order, each with a lane that is free where it begins."""
    found = [(mention.gold if band == "gold" else mention.predicted, mention.outcome) for mention in mentions]
    spans = sorted(
        ((span, outcome) for span, outcome in found if span is not None),
        key=lambda item: (item[0].start, -item[0].end, item[0].label),
    )
    next_starts: list[float] = [*(span.start for span, _ in spans[1:]), inf]
    free_from = [0] * LANES
    laid = []
    for index, ((span, outcome), next_start) in enumerate(zip(spans, next_starts, strict=False)):
        lane = next((lane for lane in range(LANES) if free_from[lane] <= span.start), LANES - 1)
        free_from[lane] = max(free_from[lane], span.end)
        tag = _tag(band, span.label, outcome, next_start - span.start, say)
        laid.append((span, Mark(band, index, lane, span.label, tag, begins=False, ends=False)))
    return laid


def _tag(band: Band, label: Label, outcome: Outcome, room: float, say: Callable[[str], str]) -> str:
    """The words on a bar, for a tag with this many letters of the text to itself.

    The outcome is said once: of a pair that disagrees, on the prediction.
    """
    name = SHORT_NAMES[label]
    on_gold = outcome is Outcome.MISSED
    full = f"{name} {say(outcome)}"
    says_outcome = outcome is not Outcome.CORRECT and on_gold == (band == "gold")
    return full if says_outcome and room >= len(full) * WIDTH_OF_TAG_LETTER else name


def _piece(text: str, start: int, end: int, spans: Sequence[_Laid]) -> Piece:
    marks = tuple(
        replace(mark, begins=span.start == start, ends=span.end == end)
        for span, mark in spans
        if span.overlap(start, end)
    )
    return Piece(visible(text[start:end]), marks)


def _lines(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for line_end in _LINE_END.finditer(text):
        yield start, line_end.start()
        start = line_end.end()
    if start < len(text):
        yield start, len(text)


def _cut(start: int, end: int, borders: Sequence[int]) -> Iterator[tuple[int, int]]:
    for border in borders:
        if start < border < end:
            yield start, border
            start = border
    if start < end:
        yield start, end
