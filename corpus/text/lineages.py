"""Lineages joined by near-duplicates: notes too alike to stand on two sides of a split are of one lineage."""

from collections.abc import Iterable, Iterator, Sequence

from corpus.text.similarity import NEAR_DUPLICATE, Ngrams, near_duplicates, word_ngrams

ALIKE = 0.2
"""The containment from which training takes two texts to know of each other, well below near-duplicates."""


def join_lineages(lineages: Sequence[str], texts: Iterable[str], *, least: float = NEAR_DUPLICATE) -> list[str]:
    """The lineage of each text once near-duplicates have joined theirs: the earliest name among the joined.

    `lineages` are those that the texts have by themselves, in the same order. Two texts are near-duplicates when
    `least` of the 8-grams of the shorter one are in the other.
    """
    ngrams = [word_ngrams(text) for text in texts]
    first = {name: number for number, name in reversed(list(enumerate(lineages)))}
    joined = {name: name for name in lineages}
    for pair in near_duplicates(ngrams, ngrams, least=least):
        one, other = (_root(joined, lineages[index]) for index in (pair.one, pair.other))
        earlier, later = sorted((one, other), key=first.__getitem__)
        joined[later] = earlier
    return [_root(joined, name) for name in lineages]


def arriving_lineages(names: Sequence[str], texts: Sequence[str], stored: Iterable[tuple[str, str]]) -> list[str]:
    """The lineages of new texts: a near-duplicate of a stored text takes that one's, the others join among themselves.

    `names` are what the texts' lineages are called by themselves, `stored` are (lineage, text) pairs, read once and not
    kept. A stored lineage stays what it is, even where a new text resembles two: it takes the more alike one's.
    """
    known: list[str] = []

    def read() -> Iterator[Ngrams]:
        for lineage, text in stored:
            known.append(lineage)
            yield word_ngrams(text)

    joined = join_lineages(names, texts)
    taken: dict[str, str] = {}
    for pair in near_duplicates(read(), [word_ngrams(text) for text in texts]):
        taken.setdefault(joined[pair.other], known[pair.one])
    return [taken.get(name, name) for name in joined]


def _root(joined: dict[str, str], name: str) -> str:
    """The lineage that a lineage has joined, whatever that one has joined since."""
    while joined[name] != name:
        name = joined[name]
    return name
