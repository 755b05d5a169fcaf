"""Which training notes come from one source: what one of them knows, the others knew before."""

from collections.abc import Sequence

from corpus.similarity import near_duplicates, word_ngrams

NEAR = 0.2
"""Notes that share as much of the 8-grams of the shorter one are of one lineage."""


def lineages(texts: Sequence[str]) -> list[int]:
    """For each text the number of its lineage: texts that share enough with any text of one belong to it too."""
    ngrams = [word_ngrams(text) for text in texts]
    lineage = list(range(len(texts)))
    for pair in near_duplicates(ngrams, ngrams, least=NEAR):
        one, other = lineage[pair.one], lineage[pair.other]
        if one != other:
            lineage = [one if own == other else own for own in lineage]
    return lineage
