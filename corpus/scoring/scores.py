"""How predicted spans compare with gold ones: precision, recall and F1, exact and relaxed.

Scoring is joint: entity and polarity both count. Spans of one entity are paired one to one, across polarities, the
pair of greatest IoU (shared characters over covered characters) first. A pair of one label is a true positive; a pair
of two (the right place, the wrong polarity) is a false positive of one label and a false negative of the other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Protocol

from corpus.documents import JsonObject
from corpus.errors import FormatError
from corpus.labels import Label
from corpus.note import Span
from corpus.scoring.matching import Pair, pair_spans
from corpus.scoring.tables import ScoreTable, Tally, table_of, tally

DiagnosisRule = Literal["top1", "all"]
"""Whether the most confident Diagnóstico of a note's predictions counts alone, or each of them."""

RELAXED_IOU = 0.5
"""The IoU from which spans match in the relaxed table."""


@dataclass(frozen=True, slots=True)
class ScoredNote:
    """The gold and the predicted spans of one note."""

    id: int | str
    gold: Sequence[Span]
    predicted: Sequence[Span]


@dataclass(frozen=True, slots=True)
class Score:
    """The two tables, and how they came about; `diagnoses_cut` counts the predictions that `top1` left out.

    >>> import ernotes
    >>> score = ernotes.score("gold.json", "gold.json")
    >>> score.exact.micro.f1, score.exact.macro.recall, score.relaxed.per_label[ernotes.Label.ALLERGY].support
    (1.0, 1.0, 7)
    """

    exact: ScoreTable
    relaxed: ScoreTable
    relaxed_iou: float
    diagnosis: DiagnosisRule
    notes: int
    diagnoses_cut: int

    def to_json(self) -> JsonObject:
        """The score document."""
        return {
            "exact": self.exact.to_json(),
            "relaxed": self.relaxed.to_json(),
            "relaxed_iou": self.relaxed_iou,
            "diagnosis": self.diagnosis,
            "notes": self.notes,
            "diagnoses_cut": self.diagnoses_cut,
        }


class FileNoteLike(Protocol):
    """What `join_notes` reads of a note of a notes file."""

    @property
    def doc_id(self) -> int | str: ...
    @property
    def text(self) -> str: ...
    @property
    def spans(self) -> Sequence[Span]: ...


def join_notes(gold: Sequence[FileNoteLike], predicted: Sequence[FileNoteLike]) -> list[ScoredNote]:
    """Gold and predicted notes joined by doc_id, in gold's order; a gold note without prediction found nothing.

    Raises FormatError naming the doc_id of a predicted note that has no gold, or whose text differs from it.
    """
    texts = {note.doc_id: note.text for note in gold}
    found = {note.doc_id: note.spans for note in predicted}
    for note in predicted:
        if note.doc_id not in texts:
            raise FormatError(f"note {note.doc_id!r} is predicted but not in gold")
        if note.text != texts[note.doc_id]:
            raise FormatError(f"note {note.doc_id!r} has another text in the predictions than in gold")
    return [ScoredNote(note.doc_id, note.spans, found.get(note.doc_id, ())) for note in gold]


class PairedNotes:
    """Scored notes with the predictions that count, paired with gold once for all the figures that they give.

    `top1` keeps the most confident Diagnóstico of each note's predictions, the first in the text where confidences
    are equal or absent; gold is taken as it is. Spans match if their IoU is 1 (exact) or at least `relaxed_iou`.
    """

    def __init__(
        self, notes: Iterable[ScoredNote], *, diagnosis: DiagnosisRule = "top1", relaxed_iou: float = RELAXED_IOU
    ) -> None:
        if not 0 < relaxed_iou <= 1:
            raise ValueError(f"relaxed_iou {relaxed_iou} is not in (0, 1]")
        given = list(notes)
        self.notes = [cut_diagnoses(note, diagnosis) for note in given]
        self.diagnosis = diagnosis
        self.relaxed_iou = relaxed_iou
        self.diagnoses_cut = sum(len(note.predicted) for note in given) - sum(
            len(note.predicted) for note in self.notes
        )
        self._least = min(relaxed_iou, RELAXED_IOU)
        self._tallies: dict[float, list[Tally]] = {}

    @classmethod
    def of(cls, notes: "Scored", relaxed_iou: float = RELAXED_IOU) -> "PairedNotes":
        """Those that are paired already; else the notes with all their predictions."""
        return notes if isinstance(notes, PairedNotes) else cls(notes, diagnosis="all", relaxed_iou=relaxed_iou)

    @cached_property
    def _pairs(self) -> list[list[Pair]]:
        return [pair_spans(note.gold, note.predicted, self._least) for note in self.notes]

    def pairs(self, least_iou: float) -> list[list[Pair]]:
        """The pairs of each note that share at least so much.

        Since the greatest IoU goes first, they are among those of a smaller `least_iou`.
        """
        if least_iou < self._least:
            raise ValueError(f"the notes are paired from an IoU of {self._least:g}, not of {least_iou:g}")
        return [[pair for pair in pairs if pair.iou >= least_iou] for pairs in self._pairs]

    def tallies(self, least_iou: float) -> list[Tally]:
        """What each note adds to the score, worked out once."""
        if least_iou not in self._tallies:
            paired = zip(self.notes, self.pairs(least_iou), strict=True)
            self._tallies[least_iou] = [tally(note.gold, note.predicted, pairs) for note, pairs in paired]
        return self._tallies[least_iou]

    @cached_property
    def score(self) -> Score:
        """The two tables."""
        predicted = [span for note in self.notes for span in note.predicted]
        exact, relaxed = (table_of(self.tallies(least), predicted) for least in (1.0, self.relaxed_iou))
        return Score(exact, relaxed, self.relaxed_iou, self.diagnosis, len(self.notes), self.diagnoses_cut)


Scored = PairedNotes | Iterable[ScoredNote]
"""What figures are worked out of: notes paired already or, with all their predictions, notes as they are."""


def score_notes(
    notes: Iterable[ScoredNote], *, diagnosis: DiagnosisRule = "top1", relaxed_iou: float = RELAXED_IOU
) -> Score:
    """The score of predictions against gold, as `PairedNotes` pairs them."""
    return PairedNotes(notes, diagnosis=diagnosis, relaxed_iou=relaxed_iou).score


def cut_diagnoses(note: ScoredNote, diagnosis: DiagnosisRule) -> ScoredNote:
    """The note with the predictions that count."""
    if diagnosis == "all":
        return note
    return ScoredNote(note.id, note.gold, keep_most_confident_diagnosis(note.predicted))


def keep_most_confident_diagnosis(predicted: Sequence[Span]) -> list[Span]:
    """The predictions of a note, in their order, with one Diagnóstico at most.

    The most confident stays, the first in the text where confidences are equal or absent; one without confidence
    gives way to any that has one.
    """
    diagnoses = [index for index, span in enumerate(predicted) if span.label is Label.DIAGNOSIS]
    best = min(diagnoses, key=lambda index: _surest_first(predicted[index]), default=None)
    return [span for index, span in enumerate(predicted) if span.label is not Label.DIAGNOSIS or index == best]


def _surest_first(span: Span) -> tuple[float, int, int]:
    unsure = -1.0
    return -(unsure if span.confidence is None else span.confidence), span.start, span.end
