"""How a model does on mentions that its training notes had, and on those they had not.

A mention is seen if a training note has gold of the same label with the same words, case, accents and white space
aside.
"""

from collections.abc import Iterable, Mapping

from corpus.labels import Label
from corpus.note import Span
from corpus.recognition import Annotated
from corpus.scoring.scores import PairedNotes, Scored
from corpus.scoring.tables import ScoreTable, Tally, table_of, tally
from corpus.text.folding import fold

Surface = tuple[Label, str]
"""A mention's label and folded words."""


def surface(text: str, span: Span) -> Surface:
    """What makes two mentions, wherever they stand, the same."""
    return span.label, fold(text[span.start : span.end])[0].strip()


def surfaces(notes: Iterable[Annotated]) -> frozenset[Surface]:
    """Every mention of the notes' gold."""
    return frozenset(surface(note.text, span) for note in notes for span in note.spans)


def score_by_novelty(
    notes: Scored, texts: Mapping[int | str, str], seen: frozenset[Surface]
) -> tuple[ScoreTable, ScoreTable]:
    """The exact tables of seen and of unseen mentions; `texts` by note id.

    Predictions are told apart as gold is. A prediction that is exactly right has the words of its gold, so each true
    positive stands in one of the tables, as does every other span, and the two add up to the exact table.
    """
    paired = PairedNotes.of(notes)
    parts: dict[bool, tuple[list[Tally], list[Span]]] = {True: ([], []), False: ([], [])}
    for note, pairs in zip(paired.notes, paired.pairs(1.0), strict=True):
        known = {span.place: surface(texts[note.id], span) in seen for span in (*note.gold, *note.predicted)}
        for wanted, (tallies, found) in parts.items():
            gold = [span for span in note.gold if known[span.place] is wanted]
            predicted = [span for span in note.predicted if known[span.place] is wanted]
            right = [pair for pair in pairs if known[pair.gold.place] is wanted]
            tallies.append(tally(gold, predicted, right))
            found.extend(predicted)
    return table_of(*parts[True]), table_of(*parts[False])
