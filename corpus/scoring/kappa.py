"""Agreement beyond chance: Cohen's kappa and Krippendorff's alpha, of counts that add up over notes.

Kappa is Cohen's (1960), alpha Krippendorff's (2011, "Computing Krippendorff's alpha-reliability"). What is counted are
tokens: words and marks, each with the label of the mention that it belongs to, or none.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from corpus.documents import JsonObject
from corpus.note import Span
from corpus.scoring.intervals import Interval
from corpus.scoring.tallies import LABELS, FloatArray, IntArray
from corpus.tags import encode_tags

_TOKEN = re.compile(r"\w+|[^\w\s]")
TOKEN_VALUES = len(LABELS) + 1
"""What a token may be: 0 is outside all mentions, then the labels in their order."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with its 95 % interval; None where the notes cannot tell, as where nobody used the label."""

    value: float | None
    interval: Interval | None

    def to_json(self) -> JsonObject:
        """The figure and the ends of its interval."""
        return {"value": self.value, "interval": self.interval.to_json() if self.interval else None}

    def __str__(self) -> str:
        return f"{'-':<5}" if self.value is None else f"{self.value:.3f} {self.interval or '-'}"


def token_values(text: str, spans: Sequence[Span]) -> IntArray:
    """What each token of the text is, shape (tokens,): 0 outside all mentions, else 1 + the label's index."""
    offsets = [match.span() for match in _TOKEN.finditer(text)]
    return (np.array(encode_tags(offsets, spans), np.int64) + 1) // 2  # O, then B- and I- of each label


def confusion(one: IntArray, other: IntArray) -> IntArray:
    """How often one said a value of `token_values` where the other said another (or the same), [one, other]."""
    return np.bincount(one * TOKEN_VALUES + other, minlength=TOKEN_VALUES**2).reshape(TOKEN_VALUES, TOKEN_VALUES)


def cohen_kappas(confusions: FloatArray) -> FloatArray:
    """Kappa of counts [what one said, what the other said], shape (…, values, values) to (…).

    NaN where both said one and the same value throughout.
    """
    total = confusions.sum(axis=(-2, -1))
    agreed = np.trace(confusions, axis1=-2, axis2=-1)
    by_chance = (confusions.sum(axis=-1) * confusions.sum(axis=-2)).sum(axis=-1)
    return _ratio(total * agreed - by_chance, total**2 - by_chance)


def krippendorff_alphas(coincidences: FloatArray) -> FloatArray:
    """Nominal alpha of coincidence matrices, shape (…, values, values) to (…).

    A unit with m values adds 1 / (m - 1) to its matrix for each ordered pair of them. NaN where all is one value.
    """
    return _alphas(coincidences, 1 - np.eye(coincidences.shape[-1]))


def ordinal_alphas(coincidences: FloatArray) -> FloatArray:
    """Alpha of the same matrices for values in ascending order, whose distance is how many values lie between them.

    Half of the values equal to either count along (Krippendorff 2011).
    """
    totals = coincidences.sum(axis=-1)
    ranks = totals.cumsum(axis=-1) - totals / 2
    return _alphas(coincidences, (ranks[..., :, None] - ranks[..., None, :]) ** 2)


def _alphas(coincidences: FloatArray, distances: FloatArray) -> FloatArray:
    """Alpha with these squared distances between values, shape (…, values, values)."""
    totals = coincidences.sum(axis=-1)
    observed = (coincidences * distances).sum(axis=(-2, -1))
    by_chance = (totals[..., :, None] * totals[..., None, :] * distances).sum(axis=(-2, -1))
    return 1 - _ratio((totals.sum(axis=-1) - 1) * observed, by_chance)


def _ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    """NaN where the whole is 0."""
    result: FloatArray = np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=whole > 0)
    return result
