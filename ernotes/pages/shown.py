"""What a page shows of score documents that were stored, or are stored now: each figure typed, read by `from_json`."""

from collections.abc import Mapping
from dataclasses import dataclass

Ends = tuple[float, float]
"""The lower and the upper end of an interval."""


@dataclass(frozen=True, slots=True)
class ShownCounts:
    """A row of a table, with what it was counted from."""

    precision: float
    recall: float
    f1: float
    support: int
    tp: int
    fp: int
    fn: int
    confidence: float | None


@dataclass(frozen=True, slots=True)
class ShownMeans:
    """The row of means over labels."""

    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, slots=True)
class ShownTable:
    """A table of a score: a row a label, all mentions together, and the mean of the labels."""

    per_label: Mapping[str, ShownCounts]
    micro: ShownCounts
    macro: ShownMeans


@dataclass(frozen=True, slots=True)
class ShownRowIntervals:
    """The intervals of a row, where there are any."""

    precision: Ends | None
    recall: Ends | None
    f1: Ends | None


@dataclass(frozen=True, slots=True)
class ShownTableIntervals:
    """The intervals of a table, laid out as the table is."""

    per_label: Mapping[str, ShownRowIntervals]
    micro: ShownRowIntervals
    macro: ShownRowIntervals


@dataclass(frozen=True, slots=True)
class ShownIntervals:
    """The intervals of both tables."""

    exact: ShownTableIntervals
    relaxed: ShownTableIntervals


@dataclass(frozen=True, slots=True)
class ShownOutcomes:
    """How many mentions came out how."""

    correct: int
    polarity_flip: int
    missed: int
    spurious: int
    boundary: int
    wrong_label: int


@dataclass(frozen=True, slots=True)
class ShownMistakes(ShownOutcomes):
    """The outcomes of all mentions, and of each label's."""

    per_label: Mapping[str, ShownOutcomes]


@dataclass(frozen=True, slots=True)
class ShownDifference:
    """A model's exact F1 less the other's, and what the notes could show."""

    difference: float
    interval: Ends | None
    p: float
    detectable: float | None
    verdict: str


@dataclass(frozen=True, slots=True)
class ShownComparison:
    """The verdict on a model; `against` is empty where what holds the comparison says whom it is with."""

    verdict: str
    micro: ShownDifference
    macro: ShownDifference
    notes: int
    against: str = ""


@dataclass(frozen=True, slots=True)
class ShownNoteLeakage:
    """What training knew of a scored note."""

    id: int | str
    share: float
    ngrams: int
    mentions: int
    known_mentions: int


@dataclass(frozen=True, slots=True)
class ShownDuplicate:
    """A scored note and a known one that are nearly the same."""

    note: int | str
    known: int | str
    containment: float


@dataclass(frozen=True, slots=True)
class ShownLeakage:
    """What training knew of the scored notes, those that leak most first."""

    ngram_words: int
    known_notes: int
    mean_share: float
    max_share: float
    notes: tuple[ShownNoteLeakage, ...]
    near_duplicates: tuple[ShownDuplicate, ...]
    shown_to_the_llm: Mapping[str, tuple[int | str, ...]]


@dataclass(frozen=True, slots=True)
class ShownLlm:
    """The LLM's score as an annotator of the same notes."""

    exact: ShownTable
    intervals: ShownIntervals
    model: str
    offline: bool


@dataclass(frozen=True, slots=True)
class ShownScore:
    """A score document, of which an early one lacks intervals, errors, and what training knew."""

    exact: ShownTable
    relaxed: ShownTable
    relaxed_iou: float
    diagnosis: str
    role: str = "test"
    intervals: ShownIntervals | None = None
    errors: ShownMistakes | None = None
    seen: ShownTable | None = None
    unseen: ShownTable | None = None
    leakage: ShownLeakage | None = None
    comparison: ShownComparison | None = None
    llm: ShownLlm | None = None
