"""How a model does on mentions that its training notes had, and on those they had not.

A mention is seen if a training note has gold of the same label with the same words, case, accents and white space
aside.
"""

from collections.abc import Iterable, Mapping, Sequence

from corpus.labels import Label
from corpus.note import Span
from corpus.recognition import Annotated
from corpus.scoring.scores import ScoredNote, ScoreTable, score_notes
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
    notes: Sequence[ScoredNote], texts: Mapping[int | str, str], seen: frozenset[Surface]
) -> tuple[ScoreTable, ScoreTable]:
    """The exact tables of seen and of unseen mentions; `texts` by note id, predictions count as they are given.

    Predictions are told apart as gold is. A prediction that is exactly right has the words of its gold, so each true
    positive stands in one of the tables, as does every other span, and the two add up to the exact table.
    """

    def table(wanted: bool) -> ScoreTable:
        def part(note: ScoredNote, spans: Iterable[Span]) -> list[Span]:
            return [span for span in spans if (surface(texts[note.id], span) in seen) is wanted]

        parts = (ScoredNote(note.id, part(note, note.gold), part(note, note.predicted)) for note in notes)
        return score_notes(parts, diagnosis="all").exact

    return table(True), table(False)
