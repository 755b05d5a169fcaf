"""How the lineages of training notes use words: what one note of a lineage knows, the others knew before."""

from collections.abc import Sequence

from corpus.text.lineages import ALIKE, join_lineages
from inference.crf.lexicon import Uses, merged

LARGEST_SHARE = 0.2
"""Of the notes: a lineage that is larger is not left out of the lexicon whole."""


def uses_of_lineages(texts: Sequence[str], uses: Sequence[Uses]) -> list[Uses]:
    """For each note how its lineage uses words: a note to come will have no near-duplicate to have seen its own.

    Where a lineage is a large part of all notes, as when a few templates wrote them, it is how the note alone does: a
    lexicon without the lineage would know too little.
    """
    lineages = join_lineages([str(number) for number in range(len(texts))], texts, least=ALIKE)
    members: dict[str, list[Uses]] = {}
    for lineage, own in zip(lineages, uses, strict=True):
        members.setdefault(lineage, []).append(own)
    sums = {lineage: merged(every) for lineage, every in members.items() if len(every) <= LARGEST_SHARE * len(texts)}
    return [sums.get(lineage, own) for lineage, own in zip(lineages, uses, strict=True)]
