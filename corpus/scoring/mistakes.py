"""Where predictions go wrong, by kind: each gold and each predicted span is counted once."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from corpus.documents import JsonObject
from corpus.labels import Label
from corpus.note import Span
from corpus.scoring.matching import LabelKind, Pair, pair_spans
from corpus.scoring.scores import RELAXED_IOU, PairedNotes, Scored

SAME_MENTION = RELAXED_IOU
"""The IoU from which spans of two labels are one mention, labelled wrongly: that of the relaxed score."""

ANY_OVERLAP = 1e-9
"""An IoU that any shared character exceeds."""


class Outcome(StrEnum):
    """How a gold and a predicted span compare.

    A boundary error has the right label and shares at least a character with gold. A wrong label is another entity; a
    polarity flip is a denied allergy called an allergy, or the reverse; both share at least half of the characters.
    """

    CORRECT = "correct"
    POLARITY_FLIP = "polarity flip"
    MISSED = "missed"
    SPURIOUS = "spurious"
    BOUNDARY = "boundary"
    WRONG_LABEL = "wrong label"


ERRORS = tuple(outcome for outcome in Outcome if outcome is not Outcome.CORRECT)


@dataclass(frozen=True, slots=True)
class Mention:
    """A gold span and the prediction that it was met with; one of the two may be absent."""

    outcome: Outcome
    gold: Span | None
    predicted: Span | None

    @property
    def start(self) -> int:
        """Where the mention begins in the text, in characters."""
        return min(span.start for span in (self.gold, self.predicted) if span is not None)

    @property
    def label(self) -> Label:
        """The label in gold; of a spurious mention, the predicted one."""
        return next(span.label for span in (self.gold, self.predicted) if span is not None)


@dataclass(frozen=True, slots=True)
class Mistakes:
    """How many mentions of each label came out how; the label is gold's, or that of a spurious prediction."""

    counts: Mapping[Label, Mapping[Outcome, int]]

    def of(self, outcome: Outcome) -> int:
        """How many mentions came out so, over all labels."""
        return sum(row[outcome] for row in self.counts.values())

    @property
    def denials_called_allergies(self) -> int:
        """How many denied allergies were called allergies."""
        return self.counts[Label.NO_ALLERGY][Outcome.POLARITY_FLIP]

    @property
    def allergies_called_denials(self) -> int:
        """How many allergies were called denied."""
        return self.counts[Label.ALLERGY][Outcome.POLARITY_FLIP]

    def to_json(self) -> JsonObject:
        """The part of the score document that stands under `errors`."""
        return {
            **{_key(outcome): self.of(outcome) for outcome in Outcome},
            "per_label": {
                str(label): {_key(outcome): row[outcome] for outcome in Outcome} for label, row in self.counts.items()
            },
        }


_LATER_PASSES: tuple[tuple[float, LabelKind], ...] = (
    (ANY_OVERLAP, lambda label: label),
    (SAME_MENTION, lambda _: None),
)
"""How spans that the relaxed score does not pair are: by what IoU, among which labels; each pass takes what is left."""


def compare_spans(gold: Sequence[Span], predicted: Sequence[Span]) -> list[Mention]:
    """Every span of either list once, alone or in its pair, in text order."""
    return _compare_paired(gold, predicted, pair_spans(gold, predicted, SAME_MENTION))


def compare_notes(notes: Scored) -> Iterator[list[Mention]]:
    """`compare_spans` of each note."""
    paired = PairedNotes.of(notes)
    for note, pairs in zip(paired.notes, paired.pairs(SAME_MENTION), strict=True):
        yield _compare_paired(note.gold, note.predicted, pairs)


def count_mistakes(notes: Scored) -> Mistakes:
    """The outcomes of all mentions of the notes."""
    counts: dict[Label, Counter[Outcome]] = {label: Counter() for label in Label}
    for mentions in compare_notes(notes):
        for mention in mentions:
            counts[mention.label][mention.outcome] += 1
    return Mistakes(counts)


def _compare_paired(gold: Sequence[Span], predicted: Sequence[Span], pairs: Sequence[Pair]) -> list[Mention]:
    """The mentions of spans of which the relaxed score makes these pairs."""
    mentions, gold, predicted = _taken(pairs, gold, predicted)
    for least_iou, within in _LATER_PASSES:
        if not gold or not predicted:
            break
        more, gold, predicted = _taken(pair_spans(gold, predicted, least_iou, within=within), gold, predicted)
        mentions += more
    mentions += [Mention(Outcome.MISSED, span, None) for span in gold]
    mentions += [Mention(Outcome.SPURIOUS, None, span) for span in predicted]
    return sorted(mentions, key=lambda mention: (mention.start, mention.gold is None))


def _taken(
    pairs: Sequence[Pair], gold: Sequence[Span], predicted: Sequence[Span]
) -> tuple[list[Mention], list[Span], list[Span]]:
    """The pairs as mentions, and the gold and predicted spans that are in none of them."""
    mentions = [Mention(_outcome(pair), pair.gold, pair.predicted) for pair in pairs]
    left_over = _without(gold, (pair.gold for pair in pairs)), _without(predicted, (pair.predicted for pair in pairs))
    return mentions, *left_over


def _outcome(pair: Pair) -> Outcome:
    if pair.gold.label is pair.predicted.label:
        return Outcome.CORRECT if pair.gold.place == pair.predicted.place else Outcome.BOUNDARY
    same_entity = pair.gold.label.entity == pair.predicted.label.entity
    return Outcome.POLARITY_FLIP if same_entity else Outcome.WRONG_LABEL


def _without(spans: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    """The spans without those taken; of equal ones as many go as were taken."""
    to_go = Counter(taken)
    left = []
    for span in spans:
        if to_go[span]:
            to_go[span] -= 1
        else:
            left.append(span)
    return left


def _key(outcome: Outcome) -> str:
    """The outcome as a key of the score document."""
    return outcome.replace(" ", "_")
