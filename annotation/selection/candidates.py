"""A note that may be corrected next, and what the recogniser's doubts about it come to."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from statistics import fmean

from corpus.labels import Label
from corpus.note import Span
from corpus.recognition import Uncertainty
from corpus.text.similarity import split_words

RARE = (Label.ALLERGY, Label.NO_ALLERGY)
"""The labels that occur least, and of which a mistake can hurt most."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A note of the pool with what the current recogniser says of it.

    `committee` is what other recognisers found in it, for strategies that compare them.
    """

    id: str
    text: str
    spans: tuple[Span, ...]
    uncertainty: Uncertainty
    committee: tuple[tuple[Span, ...], ...] = ()

    @property
    def nothing_found(self) -> bool:
        """Whether the recogniser found no mention."""
        return not self.spans

    @property
    def words(self) -> int:
        """How many words there are to read."""
        return len(split_words(self.text))

    @property
    def expected_actions(self) -> float:
        """The correction actions that the recogniser's doubts lead to expect; `Pace` knows how far to trust them."""
        return expected_actions(self.spans, self.uncertainty)

    @property
    def disagreement(self) -> float:
        """One less the mean span F1 of each pair among the recogniser and the committee, in [0, 1].

        Two that both found nothing agree wholly. A mention counts as the same where start, end and label are.
        """
        found = [{span.place for span in spans} for spans in (self.spans, *self.committee)]
        return fmean(1 - _span_f1(one, other) for one, other in combinations(found, 2)) if self.committee else 0.0

    def rarity(self, weight: float) -> float:
        """The mean weight of what is doubted, from 1 to `weight`: that of a mention with a rare label is `weight`."""
        rare = sum(_doubt(span) for span in self.spans if span.label in RARE)
        return 1 + (weight - 1) * rare / self.expected_actions if rare else 1.0


def expected_actions(spans: Iterable[Span], uncertainty: Uncertainty) -> float:
    """The mentions expected to be wrong, each by one less its confidence (none counts as certain), or to be missed."""
    return uncertainty.expected_missed + sum(map(_doubt, spans))


def _doubt(span: Span) -> float:
    return 0.0 if span.confidence is None else 1 - span.confidence


def _span_f1(one: set[tuple[int, int, Label]], other: set[tuple[int, int, Label]]) -> float:
    return 2 * len(one & other) / (len(one) + len(other)) if one or other else 1.0
