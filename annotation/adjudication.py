"""Where annotators of one note differ, and how that is settled: one set of spans that counts before each of theirs.

Nothing that a person said is touched: an adjudication is one more set, by an author of its own kind.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from annotation.agreement import SharedNote
from corpus.documents import JsonObject
from corpus.errors import WorkspaceError
from corpus.note import Author, AuthorKind, Span
from corpus.store import Store
from corpus.store.spans import SpanSet

MAJORITY = "majority"
"""The author of what more than half of the annotators said."""

FROM_LABEL_STUDIO = "project"
"""A key of the detail of every set that was pulled."""

Decide = Callable[[SharedNote], Sequence[Span] | None]
"""The spans that count, None where that cannot be said."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A stretch of a note, in characters, end exclusive, and what each of its annotators marked there."""

    note_id: str
    start: int
    end: int
    said: Mapping[str, tuple[Span, ...]]

    def to_json(self) -> JsonObject:
        """The stretch and the spans by annotator, without their words."""
        return {
            "note": self.note_id,
            "start": self.start,
            "end": self.end,
            "said": {
                name: [{"start": span.start, "end": span.end, "label": str(span.label)} for span in spans]
                for name, spans in self.said.items()
            },
        }


@dataclass(slots=True)
class Adjudicated:
    """What came of an adjudication, in notes."""

    settled: int = 0
    unchanged: int = 0
    """Settled so before."""
    undecided: list[str] = field(default_factory=list)
    """Left as they are: a tie, or not annotated by the person named."""
    settled_by_hand: list[str] = field(default_factory=list)
    """Left as they are: adjudicated by a person in Label Studio."""


def find_disagreements(note: SharedNote) -> list[Disagreement]:
    """The stretches of a note on which its annotators differ, in text order; spans that overlap make one stretch."""
    counts = Counter(span.place for spans in note.said.values() for span in spans)
    contested = sorted((start, end) for (start, end, _), count in counts.items() if count < len(note.said))
    stretches: list[tuple[int, int]] = []
    for start, end in contested:
        if stretches and start < stretches[-1][1]:
            stretches[-1] = (stretches[-1][0], max(end, stretches[-1][1]))
        else:
            stretches.append((start, end))
    return [
        Disagreement(
            note.id,
            start,
            end,
            {name: tuple(_within(spans, start, end)) for name, spans in note.said.items()},
        )
        for start, end in stretches
    ]


def open_notes(store: Store, notes: Iterable[SharedNote]) -> list[SharedNote]:
    """The notes that people differ on and that nobody has adjudicated."""
    notes = list(notes)
    adjudicated = _adjudications(store, notes)
    return [note for note in notes if find_disagreements(note) and not adjudicated[note.id]]


def majority(note: SharedNote) -> list[Span] | None:
    """The spans that more than half of the note's annotators have exactly; None where exactly half have one."""
    counts = Counter(span.place for spans in note.said.values() for span in spans)
    if any(2 * count == len(note.said) for count in counts.values()):
        return None
    return [Span(*place) for place, count in sorted(counts.items()) if 2 * count > len(note.said)]


def adjudicate_by(store: Store, notes: Iterable[SharedNote], name: str) -> Adjudicated:
    """Let what this annotator said count on the notes that people differ on; raises WorkspaceError for a stranger."""
    known = store.spans.author_names(AuthorKind.HUMAN)
    if name not in known:
        raise WorkspaceError(f"{name!r} has annotated nothing here; annotators are: {', '.join(known) or 'nobody yet'}")
    author = Author(AuthorKind.ADJUDICATION, name)
    return _adjudicate(store, notes, author, "by annotator", lambda note: note.said.get(name))


def adjudicate_by_majority(store: Store, notes: Iterable[SharedNote]) -> Adjudicated:
    """Let what most annotators said count on the notes that people differ on; notes with a tie are left."""
    return _adjudicate(store, notes, Author(AuthorKind.ADJUDICATION, MAJORITY), "by majority", majority)


def _adjudicate(store: Store, notes: Iterable[SharedNote], author: Author, how: str, decide: Decide) -> Adjudicated:
    report = Adjudicated()
    notes = list(notes)
    adjudicated = _adjudications(store, notes)
    for note in notes:
        before = adjudicated[note.id]
        if not before and not find_disagreements(note):
            continue
        if any(FROM_LABEL_STUDIO in said.detail for said in before):
            report.settled_by_hand.append(note.id)
            continue
        spans = decide(note)
        # Of our own rulings one stands at most: the latest, and none that no longer follows from what people say.
        for said in before:
            if (said.author == author) is (spans is None):
                store.spans.add(note.id, said.author, None, detail={**said.detail, "withdrawn": how})
        if spans is None:
            report.undecided.append(note.id)
        elif store.spans.add(note.id, author, spans, detail={"adjudicated": how, "annotators": sorted(note.said)}):
            report.settled += 1
        else:
            report.unchanged += 1
    return report


def _adjudications(store: Store, notes: Sequence[SharedNote]) -> dict[str, list[SpanSet]]:
    """The adjudications of each note that stand, each author's newest, by note id."""
    histories = store.spans.histories([note.id for note in notes], AuthorKind.ADJUDICATION)
    newest = {note.id: {said.author: said for said in histories.get(note.id, ())} for note in notes}
    return {note_id: [said for said in of.values() if said.spans is not None] for note_id, of in newest.items()}


def _within(spans: Iterable[Span], start: int, end: int) -> list[Span]:
    return sorted((span for span in spans if span.overlap(start, end)), key=lambda span: span.place)
