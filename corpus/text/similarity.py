"""How alike two texts are, by the word n-grams they share (Broder 1997, "On the resemblance and containment of
documents"), and which texts are near-duplicates.

Words are runs of letters and digits, folded: case, accents, punctuation and line ends do not count.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

NGRAM_WORDS = 8
NEAR_DUPLICATE = 0.5
"""The containment from which two texts are near-duplicates."""

Ngrams = frozenset[tuple[str, ...]]

_WORD = re.compile(r"[^\W_]+")
_LETTERS = str.maketrans({"\u00d7": "x", "\u03bc": "u"})


@dataclass(frozen=True, slots=True)
class Likeness:
    """Two texts by their indices, and their containment in (0, 1]."""

    one: int
    other: int
    containment: float


def split_words(text: str) -> list[str]:
    """The words in order, folded as corpus.alignment folds them; without offsets that takes a quarter of the time."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    vanishing = {mark for mark in set(plain) if unicodedata.combining(mark) or unicodedata.category(mark) == "Cf"}
    return _WORD.findall(plain.translate(_LETTERS | dict.fromkeys(map(ord, vanishing))))


def runs(words: Sequence[str], length: int = NGRAM_WORDS) -> list[tuple[str, ...]]:
    """The runs of so many words, in order; of fewer words the one run of them all, of none no run."""
    if len(words) < length:
        return [tuple(words)] if words else []
    return list(zip(*(words[start:] for start in range(length)), strict=False))


def word_ngrams(text: str, words: int = NGRAM_WORDS) -> Ngrams:
    """The different runs of so many words; of a shorter text the one run of all its words, of an empty one none."""
    return frozenset(runs(split_words(text), words))


def share(ngrams: Ngrams, others: AbstractSet[tuple[str, ...]]) -> float:
    """The share of the n-grams that are among the others; 0 where there are none."""
    return len(ngrams & others) / len(ngrams) if ngrams else 0.0


def near_duplicates(
    ones: Iterable[Ngrams], others: Sequence[Ngrams], *, least: float = NEAR_DUPLICATE
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
