"""Orders in which each note is unlike those before it: greedy k-centre over TF-IDF vectors.

Source: Sener and Savarese 2018, "Active learning for convolutional neural networks: a core-set approach", algorithm 1,
with the distance from what is known weighed by a score.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.text.similarity import split_words


def unlike_first(texts: Sequence[str], scores: Sequence[float], known: Sequence[str]) -> Iterator[int]:
    """The indices of the texts: each the one with the most score times distance from those before it and `known`.

    `scores` are at least 0. The distance is one less the cosine of the nearest text's TF-IDF vector, in [0, 1]. The
    first of equals comes first.
    """
    if not texts:
        return
    vectors = _vectors([*texts, *known])
    own = vectors[: len(texts)]
    nearest: NDArray[np.float64] = np.zeros(len(texts))
    if known:
        nearest = np.asarray((own @ vectors[len(texts) :].T).max(axis=1).todense()).ravel()
    left = np.ones(len(texts), dtype=np.bool_)
    while left.any():
        index = int(np.where(left, np.asarray(scores) * np.maximum(0.0, 1 - nearest), -1.0).argmax())
        yield index
        left[index] = False
        nearest = np.maximum(nearest, (own @ own[index].T).toarray().ravel())


def _vectors(texts: Sequence[str]) -> Any:
    """A row of unit length for each text, of zeros where it has no word: a matrix of scipy, which has no types."""
    from scipy.sparse import csr_matrix  # these two take seconds to import
    from sklearn.feature_extraction.text import TfidfVectorizer

    words = [split_words(text) for text in texts]
    if not any(words):
        return csr_matrix((len(texts), 1))
    return TfidfVectorizer(analyzer=_as_they_are, sublinear_tf=True).fit_transform(words)


def _as_they_are(words: Sequence[str]) -> Sequence[str]:
    return words
