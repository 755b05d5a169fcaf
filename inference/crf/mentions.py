"""Which mentions a note has, by the probability of each whole mention rather than of one sequence of tags."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from corpus.labels import TAG_IDS, Label
from inference.crf.chain import Posterior

LEAST_PROBABLE = 0.05
"""Mentions less probable than this are not looked at."""
_THRESHOLDS = {label: 0.25 if label is Label.DIAGNOSIS else 0.35 for label in Label}
# What a mention must have to be worth predicting. For the best F1 that is half of the F1 reached (Lipton et al. 2014,
# "Optimal thresholding of classifiers to maximize F1 measure"): 0.45 and over 0.8 in cross-validation, less with fewer
# training notes. Micro and macro F1 hardly change between 0.25 and 0.45.


class PossibleMention(NamedTuple):
    """A mention of the words first <= i < end, and the probability that it is there exactly so."""

    first: int
    end: int
    label: Label
    probability: float


def possible_mentions(posterior: Posterior) -> Iterator[PossibleMention]:
    """All mentions that are at least LEAST_PROBABLE, label by label."""
    marginals = posterior.marginals
    for label in Label:
        begin, inside = TAG_IDS[f"B-{label}"], TAG_IDS[f"I-{label}"]
        for first in np.flatnonzero(marginals[:, begin] >= LEAST_PROBABLE).tolist():
            for end, probability in posterior.stretches(first, begin, inside, LEAST_PROBABLE):
                yield PossibleMention(first, end, label, probability)


def choose(found: Iterable[PossibleMention]) -> list[PossibleMention]:
    """Mentions that do not overlap, in text order, with the greatest sum of probabilities above their thresholds.

    Weighted interval scheduling (Kleinberg and Tardos 2005, 6.1): `best[i]` is the best sum among the first i by end.
    """
    worth = sorted((one for one in found if one.probability > _THRESHOLDS[one.label]), key=lambda one: one.end)
    ends = [one.end for one in worth]
    before = [bisect_right(ends, one.first, hi=index) for index, one in enumerate(worth)]
    best = [0.0]
    for index, one in enumerate(worth):
        best.append(max(best[-1], best[before[index]] + one.probability - _THRESHOLDS[one.label]))
    chosen: list[PossibleMention] = []
    index = len(worth)
    while index:
        if best[index] == best[index - 1]:
            index -= 1
        else:
            chosen.append(worth[index - 1])
            index = before[index - 1]
    return chosen[::-1]
