"""Which training notes come from one source: what one of them knows, the others knew before."""

from collections.abc import Sequence

from corpus.similarity import near_duplicates, word_ngrams
from inference.lexicon import Uses, merged

NEAR = 0.2
"""Notes that share as much of the 8-grams of the shorter one are of one lineage."""
LARGEST_SHARE = 0.2
"""Of the notes: a lineage that is larger is not left out of the lexicon whole."""


def lineages(texts: Sequence[str]) -> list[int]:
    """For each text the number of its lineage: texts that share enough with any text of one belong to it too."""
    ngrams = [word_ngrams(text) for text in texts]
    lineage = list(range(len(texts)))
    for pair in near_duplicates(ngrams, ngrams, least=NEAR):
        one, other = lineage[pair.one], lineage[pair.other]
        if one != other:
            lineage = [one if own == other else own for own in lineage]
    return lineage


def uses_of_lineages(texts: Sequence[str], uses: Sequence[Uses]) -> list[Uses]:
    """For each note how its lineage uses words: a note to come will have no near-duplicate to have seen its own.

    Where a lineage is a large part of all notes, as when a few templates wrote them, it is how the note alone does: a
    lexicon without the lineage would know too little.
    """
    numbers = lineages(texts)
    members: dict[int, list[Uses]] = {}
    for number, own in zip(numbers, uses, strict=True):
        members.setdefault(number, []).append(own)
    sums = {number: merged(every) for number, every in members.items() if len(every) <= LARGEST_SHARE * len(texts)}
    return [sums.get(number, own) for number, own in zip(numbers, uses, strict=True)]
