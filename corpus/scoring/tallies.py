"""What each note adds to a score, as arrays, so that a score can be worked out for many samples of notes at once.

A tally is [true positives, false positives, false negatives] of one label. A score's rows are the four labels in
their order, then micro and macro.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from corpus.labels import Label
from corpus.scoring.scores import PairedNotes, Scored

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

LABELS = tuple(Label)
MICRO, MACRO = len(LABELS), len(LABELS) + 1
"""The last two rows of `rates`."""

MOST_WEIGHTS = 4_000_000
"""How many weights are drawn at once: 32 MB."""


def tally_notes(notes: Scored, least_iou: float) -> IntArray:
    """The tallies of the notes, shape (notes, labels, 3)."""
    tallies = PairedNotes.of(notes, least_iou).tallies(least_iou)
    return np.array(tallies, np.int64).reshape(len(tallies), len(LABELS), 3)


def rates(tallies: NDArray[np.number]) -> FloatArray:
    """Precision, recall and F1 of summed tallies: shape (…, labels, 3) gives (…, labels + 2, 3).

    NaN for a label that occurs in neither gold nor prediction; it has no part in macro. Otherwise 0/0 is 0.
    """
    tallies = np.concatenate([tallies, tallies.sum(axis=-2, keepdims=True)], axis=-2).astype(np.float64)
    tp, fp, fn = (tallies[..., column] for column in range(3))
    parts = np.stack([tp, tp, 2 * tp], axis=-1)
    wholes = np.stack([tp + fp, tp + fn, 2 * tp + fp + fn], axis=-1)
    occurs = wholes[..., 2] > 0
    found = np.divide(parts, wholes, out=np.zeros_like(parts), where=wholes > 0)
    found[~occurs] = np.nan
    labels, present = np.nan_to_num(found[..., :MICRO, :]), occurs[..., :MICRO].sum(axis=-1)[..., None]
    macro = np.divide(labels.sum(axis=-2), present, out=np.full(labels[..., 0, :].shape, np.nan), where=present > 0)
    return np.concatenate([found, macro[..., None, :]], axis=-2)


def distinct_rows(rows: IntArray) -> tuple[IntArray, IntArray]:
    """The different rows in ascending order, shape (kinds, columns), and how often each occurs, shape (kinds,).

    Samples are drawn of these, so that they do not depend on the order of the notes.
    """
    kinds, times = np.unique(rows, axis=0, return_counts=True)
    return kinds, times


def sample_sums(rows: IntArray, draw: Callable[[int], IntArray], samples: int) -> IntArray:
    """The weighted sums of the rows, shape (samples, columns); `draw(n)` gives n times weights, shape (n, rows)."""
    block = max(1, MOST_WEIGHTS // max(1, len(rows)))
    return np.concatenate([draw(min(block, samples - start)) @ rows for start in range(0, samples, block)])
