"""How alike two texts are, by the word n-grams they share (Broder 1997, "On the resemblance and containment of
documents"), and which texts are near-duplicates.

Words are runs of letters and digits, folded: case, accents, punctuation and line ends do not count.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from corpus.alignment import fold

NGRAM_WORDS = 8
NEAR_DUPLICATE = 0.5
"""The containment from which two texts are near-duplicates."""

Ngrams = frozenset[tuple[str, ...]]

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Likeness:
    """Two texts by their indices, and their containment in (0, 1]."""

    one: int
    other: int
    containment: float


def word_ngrams(text: str, words: int = NGRAM_WORDS) -> Ngrams:
    """The different runs of so many words; of a shorter text the one run of all its words, of an empty one none."""
    found = _WORD.findall(fold(text)[0])
    if len(found) < words:
        return frozenset([tuple(found)] if found else [])
    return frozenset(zip(*(found[start:] for start in range(words)), strict=False))


def share(ngrams: Ngrams, others: AbstractSet[tuple[str, ...]]) -> float:
    """The share of the n-grams that are among the others; 0 where there are none."""
    return len(ngrams & others) / len(ngrams) if ngrams else 0.0


def near_duplicates(
    ones: Sequence[Ngrams], others: Sequence[Ngrams], *, least: float = NEAR_DUPLICATE
) -> list[Likeness]:
    """The pairs of a text of one list and one of the other that are near-duplicates, the most alike first.

    Containment is the share of the n-grams of the text that has fewer that the other text has too: a note that was
    copied into a longer one is a near-duplicate of it.
    """
    holders: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for index, ngrams in enumerate(others):
        for ngram in ngrams:
            holders[ngram].append(index)
    found = []
    for one, ngrams in enumerate(ones):
        shared = Counter(other for ngram in ngrams for other in holders.get(ngram, ()))
        for other, count in shared.items():
            containment = count / min(len(ngrams), len(others[other]))
            if containment >= least:
                found.append(Likeness(one, other, containment))
    return sorted(found, key=lambda pair: (-pair.containment, pair.one, pair.other))
