"""A learner for tests of replays: it finds again the mentions that it was shown, word for word."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from corpus.labels import Label
from corpus.note import Span
from corpus.recognition import Annotated, Recogniser, Recognition, Uncertainty


@dataclass(frozen=True)
class Memory:
    """What was learnt: wordings with their labels."""

    wordings: frozenset[tuple[str, Label]]
    version: str = "memory"

    def recognise(self, texts: Iterable[str]) -> Iterator[Recognition]:
        for text in texts:
            found = [
                Span(text.index(wording), text.index(wording) + len(wording), label, 0.9)
                for wording, label in self.wordings
                if wording in text
            ]
            spans = tuple(sorted(found, key=lambda span: span.place))
            words = len(text.split())
            yield Recognition(spans, Uncertainty(words, 1.0 * words, 1.0, -1.0 * words))


def memorise(notes: Sequence[Annotated]) -> Recogniser:
    """The learner."""
    return Memory(frozenset((note.text[span.start : span.end], span.label) for note in notes for span in note.spans))
