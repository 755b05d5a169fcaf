"""Which of many texts a new one nearly repeats, by MinHash signatures of their word n-grams; no text is kept.

Broder 1997, "On the resemblance and containment of documents". Of each of 128 minima the low 16 bits are kept
(Li and König 2010, "b-Bit Minwise Hashing"): two that differ look equal once in 65,536 times.
"""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from corpus.text.similarity import NEAR_DUPLICATE, Ngrams, word_ngrams

if TYPE_CHECKING:
    from datasketch import MinHash

PERMUTATIONS = 128
"""A Jaccard index of 1/3 (half of each of two texts of one length) is estimated with a standard deviation of 0.04."""
_BLOCK = 2048


@dataclass(frozen=True, slots=True, eq=False)
class Signature:
    """A text's n-grams in brief: the minima, shape (PERMUTATIONS,), and how many different n-grams there are."""

    minima: NDArray[np.uint16]
    ngrams: int


@dataclass(frozen=True, slots=True)
class Resemblance:
    """A known text by its id, and the estimated share, in [0, 1], of the shorter text's n-grams that both have."""

    id: str
    containment: float

    @property
    def is_near(self) -> bool:
        """Whether the two are near-duplicates (see corpus.similarity)."""
        return self.containment >= NEAR_DUPLICATE


def sign(ngrams: Ngrams) -> Signature:
    """The signature of a text's n-grams: the same on every machine and in every process."""
    minhash = _blank_minhash().copy()
    minhash.update_batch([" ".join(ngram).encode("utf-8", "surrogatepass") for ngram in ngrams])
    return Signature(minhash.hashvalues.astype(np.uint16), len(ngrams))


class SignatureIndex:
    """The signatures of known texts: 260 bytes each, and the id.

    A new text is compared with every known one, ten thousand in a third of a millisecond. Locality-sensitive hashing
    would look at few of them, yet it takes some ten kilobytes a text, and goes by the Jaccard index, which is small
    for a note that stands whole in a longer one.
    """

    def __init__(self, texts: Iterable[tuple[str, str]] = ()) -> None:
        """`texts` are (id, text), read once."""
        self._ids: list[str] = []
        # By blocks, shapes (PERMUTATIONS, _BLOCK) and (_BLOCK,): to grow copies nothing, and a block fits a cache.
        self._minima: list[NDArray[np.uint16]] = []
        self._ngrams: list[NDArray[np.int32]] = []
        for text_id, text in texts:
            self.add(text_id, sign(word_ngrams(text)))

    def add(self, text_id: str, signature: Signature) -> None:
        """Know this text too; one without n-grams resembles nothing and is left out."""
        if not signature.ngrams:
            return
        column = len(self._ids) % _BLOCK
        if not column:
            self._minima.append(np.zeros((PERMUTATIONS, _BLOCK), np.uint16))
            self._ngrams.append(np.ones(_BLOCK, np.int32))
        self._minima[-1][:, column] = signature.minima
        self._ngrams[-1][column] = signature.ngrams
        self._ids.append(text_id)

    def nearest(self, signature: Signature, but_for: str = "") -> Resemblance | None:
        """The known text, other than `but_for`, that shares most with this one; None where nothing is shared."""
        if not self._ids or not signature.ngrams:
            return None
        minima = signature.minima[:, np.newaxis]
        equal = [(block == minima).view(np.uint8).sum(axis=0, dtype=np.uint8) for block in self._minima]
        jaccard = np.concatenate(equal) / PERMUTATIONS
        ngrams = np.concatenate(self._ngrams)
        shared = jaccard / (1 + jaccard) * (ngrams + signature.ngrams)
        containment = np.minimum(shared / np.minimum(ngrams, signature.ngrams), 1.0)[: len(self._ids)]
        if but_for in self._ids:
            containment[self._ids.index(but_for)] = 0.0
        best = int(containment.argmax())
        return Resemblance(self._ids[best], float(containment[best])) if containment[best] else None


@cache
def _blank_minhash() -> "MinHash":
    # datasketch brings scipy, which takes a second to import: only the run that compares notes pays for it.
    from datasketch import MinHash

    return MinHash(num_perm=PERMUTATIONS, hashfunc=zlib.crc32)
