"""Where a recogniser that never saw a note contradicts its gold with confidence: what may be an error of annotation."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from corpus.documents import JsonObject, aside
from corpus.labels import Label
from corpus.note import AuthorKind, Role, Span
from corpus.recognition import Annotated
from corpus.workspace import Workspace
from ernotes.models.out_of_fold import PredictFold, out_of_fold

LEAST_DOUBT = 0.5
"""Places that are doubted less are not listed."""
_LEAST_SPANS = 50
"""Of a label, to say how far its confidences can be trusted; with fewer they are taken as they are."""

Trust = Callable[[Label, float], float]
"""The share of the possible spans of a label with about this confidence that gold has."""


@dataclass(frozen=True, slots=True)
class Place:
    """A gold mention, or a stretch of unmarked text (`marked` is None), and how far it is doubted, from 0 to 1.

    `instead` is what the recogniser takes for most probable of all that contradicts it; None for no mention at all.
    """

    note_id: str
    marked: Span | None
    instead: Span | None
    doubt: float

    @property
    def start(self) -> int:
        """Where the place begins in the note, in characters."""
        return min(span.start for span in (self.marked, self.instead) if span is not None)

    @property
    def end(self) -> int:
        """Where the place ends, exclusive."""
        return max(span.end for span in (self.marked, self.instead) if span is not None)

    @property
    def kind(self) -> str:
        """What may be wrong: a mention is missing, needless, or has the wrong label or boundaries."""
        if self.marked is None:
            return "missing"
        if self.instead is None:
            return "needless"
        return "boundary" if self.marked.label is self.instead.label else "label"


@dataclass(frozen=True, slots=True)
class ListedPlace:
    """A place with its note's doc_id and, where these were asked for, its words."""

    place: Place
    doc_id: int | str
    text: str | None = None

    def to_json(self) -> JsonObject:
        """The place, the doubt to four places; no key `text` where no words were asked for."""
        place = self.place
        listed: JsonObject = {
            "note": place.note_id,
            "start": place.start,
            "end": place.end,
            "kind": place.kind,
            "doubt": round(place.doubt, 4),
            "gold": _span_json(place.marked),
            "recogniser": _span_json(place.instead),
            "doc_id": self.doc_id,
        }
        return listed if self.text is None else listed | {"text": self.text}


@dataclass(frozen=True, slots=True)
class ListedErrors:
    """The most doubted places, of how many that are `doubted` in all; `settled` counts adjudicated notes, left out."""

    notes: int
    settled: int
    doubted: int
    listed: Sequence[ListedPlace]
    with_text: bool = aside(False)


def label_errors(
    workspace: Workspace, top: int, *, with_text: bool = False, predict: PredictFold | None = None
) -> ListedErrors:
    """The `top` most doubted places of the train and exemplar notes; the words of the notes only where asked for.

    Notes that have been adjudicated are left out: a person has settled them.
    """
    found = find_label_errors(workspace, predict=predict)
    texts = {note.id: note.text for note in found.notes}
    doc_ids = {note.id: note.doc_id for note in workspace.store.notes.many(list(texts))}
    listed = [
        ListedPlace(place, doc_ids[place.note_id], texts[place.note_id][place.start : place.end] if with_text else None)
        for place in found.places[:top]
    ]
    return ListedErrors(len(found.notes), found.settled, len(found.places), listed, with_text)


@dataclass(frozen=True, slots=True)
class LabelErrors:
    """The doubted places, most doubted first, of notes that nobody adjudicated; `settled` counts those left out.

    `author` is the recogniser's name in the store, where what it finds in each note is kept.
    """

    places: Sequence[Place]
    notes: Sequence[Annotated]
    settled: int
    author: str


def find_label_errors(workspace: Workspace, *, predict: PredictFold | None = None) -> LabelErrors:
    """The places of the workspace's train and exemplar notes that are doubted, by cross-validation of a crf."""
    unseen = out_of_fold(workspace, predict=predict)
    gold = workspace.store.spans.gold(Role.TRAIN, Role.EXEMPLAR)
    settled = {note_id for note_id, said in gold.items() if said.author.kind is AuthorKind.ADJUDICATION}
    places = [place for place in rank_places(unseen.notes, unseen.possible) if place.note_id not in settled]
    return LabelErrors(
        [place for place in places if place.doubt >= LEAST_DOUBT],
        [note for note in unseen.notes if note.id not in settled],
        len(settled),
        unseen.author,
    )


def rank_places(notes: Sequence[Annotated], possible: Mapping[str, Sequence[Span]]) -> list[Place]:
    """Every gold mention, and every unmarked stretch that may be one, the most doubted first.

    `possible` gives for each note, by id, the spans that a recogniser which never saw it takes for possible, with their
    probability as confidence. A mention is doubted by the mean of two things: how improbable it is, and how probable
    is the likeliest of the other spans that overlap it. Either alone ranks worse: the first lists what is hard to
    recognise, the second what is ambiguous. An unmarked stretch, where possible spans overlap each other and no gold,
    is doubted as the likeliest of them is probable.

    Probable means not what the recogniser says but how often gold agrees where it says so (isotonic regression for each
    label; Zadrozny and Elkan 2002): where a label is marked unevenly, a confident recogniser proves less.
    """
    trust = _trust(notes, possible)
    doubted = [place for note in notes for place in _places(note, possible[note.id], trust)]
    return [place for _, place in sorted(doubted, key=lambda item: (-item[1].doubt, -item[0]))]


def _places(note: Annotated, possible: Sequence[Span], trust: Trust) -> list[tuple[float, Place]]:
    """The note's places, each with the doubt that would follow from the bare confidences, which breaks ties."""
    places = []
    for span in note.spans:
        own = max((other.confidence or 0.0 for other in possible if other.place == span.place), default=0.0)
        rivals = [other for other in possible if other.overlap(span.start, span.end) and other.place != span.place]
        rival, bare, trusted = _likeliest(rivals, trust)
        place = Place(note.id, span, rival, (1 - trust(span.label, own) + trusted) / 2)
        places.append(((1 - own + bare) / 2, place))
    free = [span for span in possible if not any(span.overlap(marked.start, marked.end) for marked in note.spans)]
    for stretch in _stretches(free):
        rival, bare, trusted = _likeliest(stretch, trust)
        places.append((bare, Place(note.id, None, rival, trusted)))
    return places


def _likeliest(spans: Sequence[Span], trust: Trust) -> tuple[Span | None, float, float]:
    """The most probable of the spans, its confidence, and what that is worth; nothing of nothing."""
    if not spans:
        return None, 0.0, 0.0
    trusted, bare, span = max(
        ((trust(span.label, span.confidence or 0.0), span.confidence or 0.0, span) for span in spans),
        key=lambda item: item[:2],
    )
    return span, bare, trusted


def _stretches(spans: Sequence[Span]) -> list[list[Span]]:
    """The spans in groups that share no character."""
    groups: list[list[Span]] = []
    end = 0
    for span in sorted(spans, key=lambda span: span.place):
        if groups and span.start < end:
            groups[-1].append(span)
        else:
            groups.append([span])
        end = max(end, span.end)
    return groups


def _trust(notes: Sequence[Annotated], possible: Mapping[str, Sequence[Span]]) -> Trust:
    """How often gold has a span of a label that is possible with a confidence, as these notes show it."""
    outcomes: dict[Label, list[tuple[float, bool]]] = {label: [] for label in Label}
    for note in notes:
        gold = {span.place for span in note.spans}
        for span in possible[note.id]:
            outcomes[span.label].append((span.confidence or 0.0, span.place in gold))
    shares = {label: _rising_share(seen) for label, seen in outcomes.items() if len(seen) >= _LEAST_SPANS}
    return lambda label, confidence: shares[label](confidence) if label in shares else confidence


def _rising_share(outcomes: Sequence[tuple[float, bool]]) -> Callable[[float], float]:
    """The share that is right by confidence: the curve that never falls and fits best."""
    import numpy as np  # both take long to import
    from sklearn.isotonic import IsotonicRegression

    curve = IsotonicRegression(y_min=0, y_max=1).fit(*zip(*outcomes, strict=True))
    return lambda confidence: float(np.interp(confidence, curve.X_thresholds_, curve.y_thresholds_))


def _span_json(span: Span | None) -> JsonValue:
    return None if span is None else {"start": span.start, "end": span.end, "label": str(span.label)}
