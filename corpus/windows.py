"""Cutting a long note into windows of tokens, and bringing the windows' scores together again."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from corpus.labels import TAGS

Window = tuple[int, int]


def cut_windows(n_tokens: int, size: int, overlap: int) -> list[Window]:
    """Windows [start, end) over a note's tokens, in order: every token is in one, neighbours share `overlap` tokens.

    `size` counts content tokens: the caller has taken off the special ones. All windows but the last are full; the
    last ends with the note and may be shorter. No tokens, no windows.
    """
    if not 0 <= overlap < size:
        raise ValueError(f"windows of {size} tokens cannot share {overlap}")
    step = size - overlap
    starts = range(0, max(n_tokens - overlap, min(n_tokens, 1)), step)
    return [(start, min(start + size, n_tokens)) for start in starts]


def average_windows(
    windows: Sequence[Window], scores: Sequence[NDArray[np.floating]], n_tokens: int
) -> NDArray[np.float64]:
    """The scores of each token, averaged over the windows that saw it; shape (n_tokens, n_tags).

    `scores[i]` has shape (length of windows[i], n_tags). Raises ValueError if a token was in no window.
    """
    n_tags = scores[0].shape[1] if scores else len(TAGS)
    total = np.zeros((n_tokens, n_tags))
    seen = np.zeros((n_tokens, 1))
    for (start, end), window_scores in zip(windows, scores, strict=True):
        if window_scores.shape != (end - start, n_tags):
            raise ValueError(f"window [{start}, {end}) has scores of shape {window_scores.shape}")
        total[start:end] += window_scores
        seen[start:end] += 1
    if not seen.all():
        raise ValueError("the windows leave out a token")
    averaged: NDArray[np.float64] = total / seen
    return averaged
