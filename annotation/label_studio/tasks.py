"""A note with its pre-annotation as a Label Studio task, and what people made of it as spans, each region proved.

Offsets are code points on both sides and the text goes out unchanged, so they need no translation. The server checks
nothing; everything that goes out or comes back is checked here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, JsonValue, SkipValidation

from annotation.label_studio.labelling import CONTROL, DOUBT, OBJECT
from corpus.documents import JsonObject
from corpus.errors import DeskError
from corpus.labels import Label
from corpus.note import Note, Span, text_hash

AsItCame = SkipValidation[JsonValue]
"""A value of foreign JSON that is proved where it is read: it may hold what no string of ours could."""

_BY_HAND = ("manual", "prediction-changed")


class Annotation(BaseModel):
    """One person's annotation of a task, as Label Studio gives it. `lead_time` is in seconds."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: int
    result: list[AsItCame]
    completed_by: int | None = None
    was_cancelled: bool = False
    lead_time: float | None = None
    parent_prediction: int | None = None
    updated_at: datetime


class Prediction(BaseModel):
    """One pre-annotation of a task."""

    model_config = ConfigDict(extra="ignore", frozen=True, protected_namespaces=())

    id: int
    model_version: str = ""
    result: list[AsItCame] = []


class Task(BaseModel):
    """A task as Label Studio lists it with all its fields."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: int
    data: dict[str, AsItCame]
    annotations: list[Annotation] = []
    predictions: list[Prediction] = []
    draft_exists: bool = False
    """Whether anybody has begun it; the list of drafts that Label Studio gives holds our own user's alone."""
    updated_at: datetime

    @property
    def note_id(self) -> str:
        """The note that the task shows; '' where the task is none of ours."""
        return str(self.data.get("doc_id", ""))

    @property
    def is_touched(self) -> bool:
        """Whether a person has submitted, skipped or begun it."""
        return bool(self.annotations) or self.draft_exists


class Unproved(StrEnum):
    """Why a region cannot be taken as a span."""

    MALFORMED = "is no labelled stretch of the text"
    OFFSETS = "has offsets that are no integers within the text"
    LABEL = "has no label of the scheme, or several"
    BLANK = "holds nothing but white space"
    DUPLICATE = "is there twice"
    OVERLAP = "overlaps a region that begins earlier or is longer"


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A region that could not be proved, as it came, and why."""

    reason: Unproved
    region: JsonValue

    def to_json(self) -> JsonObject:
        """The region with its reason as JSON values."""
        return {"reason": str(self.reason), "region": self.region}


@dataclass(frozen=True, slots=True)
class Proved:
    """What an annotation says: spans in text order, what was set aside, and how many regions lost white space."""

    spans: tuple[Span, ...]
    quarantined: tuple[Quarantined, ...] = ()
    trimmed: int = 0


def task_document(
    note: Note, spans: Sequence[Span] | None = None, model_version: str = "", doubtful_below: float = 0.0
) -> JsonObject:
    """The task to import: the text unchanged, our id, the text's hash, and the pre-annotation (None for none).

    Raises DeskError for a text that a server cannot hold: a lone surrogate breaks the listing of the whole project,
    and NUL fails on PostgreSQL.
    """
    if not can_be_kept(f"{note.text}{note.source}{note.doc_id}"):
        raise DeskError(f"note {note.id} holds NUL or a lone surrogate, which Label Studio cannot keep; mend its text")
    data: JsonObject = {
        "text": note.text,
        "doc_id": note.id,
        "sha256": text_hash(note.text),
        "source": note.source,
        "source_doc_id": note.doc_id,
    }
    if spans is None:
        return {"data": data}
    return {"data": data, "predictions": [prediction_document(note, spans, model_version, doubtful_below)]}


def prediction_document(
    note: Note, spans: Sequence[Span], model_version: str, doubtful_below: float = 0.0
) -> JsonObject:
    """The pre-annotation to import; its score is the least sure region's, so that sorting brings doubtful notes first.

    The page marks the regions whose confidence is under `doubtful_below`. Raises DeskError for a span that ends beyond
    the text.
    """
    if any(span.end > len(note.text) for span in spans):
        raise DeskError(f"a span of {model_version} ends beyond note {note.id}; pre-annotate it again")
    confidences = [span.confidence for span in spans if span.confidence is not None]
    return {
        "model_version": model_version,
        "score": min(confidences, default=None),
        "result": [region(span, doubtful_below=doubtful_below) for span in sorted(spans, key=lambda span: span.place)],
    }


def region(span: Span, origin: str = "prediction", doubtful_below: float = 0.0) -> JsonObject:
    """The span as one region of Label Studio; the same span has the same region id in every result.

    A confidence under `doubtful_below` shows in the id, from which the page marks the region.
    """
    region_id = f"{span.start}-{span.end}-{list(Label).index(span.label)}"
    is_doubtful = span.confidence is not None and span.confidence < doubtful_below
    document: JsonObject = {
        "id": f"{region_id}-{DOUBT}" if is_doubtful else region_id,
        "from_name": CONTROL,
        "to_name": OBJECT,
        "type": "labels",
        "origin": origin,
        "value": {"start": span.start, "end": span.end, "labels": [str(span.label)]},
    }
    if span.confidence is not None:
        document["score"] = span.confidence
    return document


def shows_note(task: Task, note: Note) -> bool:
    """Whether the task's text is still the note's, to the letter."""
    return task.data.get("text") == note.text and task.data.get("sha256") == text_hash(note.text)


def prove(result: Sequence[JsonValue], text: str) -> Proved:
    """The regions of an annotation as spans of the text, each proved on its own.

    What people made or changed is trimmed of white space, which a mouse takes along. Of two regions that overlap,
    the one that begins earlier stays, then the longer, as when spans become tags; the other is quarantined.
    """
    quarantined: list[Quarantined] = []
    candidates: list[tuple[Span, JsonValue]] = []
    trimmed = 0
    for item in result:
        span, lost_space = _read_region(item, text)
        if isinstance(span, Span):
            candidates.append((span, item))
            trimmed += lost_space
        else:
            quarantined.append(Quarantined(span, item))
    kept: list[Span] = []
    for span, item in sorted(candidates, key=lambda pair: (pair[0].start, -pair[0].end, pair[0].label)):
        if kept and span.start < kept[-1].end:
            reason = Unproved.DUPLICATE if span.place == kept[-1].place else Unproved.OVERLAP
            quarantined.append(Quarantined(reason, item))
        else:
            kept.append(span)
    return Proved(tuple(kept), tuple(quarantined), trimmed)


def can_be_kept(words: str) -> bool:
    """Whether a server can hold the words."""
    try:
        words.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in words


def _read_region(item: JsonValue, text: str) -> tuple[Span | Unproved, bool]:
    """The region as a span, or why not, and whether it was trimmed. A person vouches for it: no confidence."""
    if not isinstance(item, dict) or item.get("type") != "labels":
        return Unproved.MALFORMED, False
    value = item.get("value")
    if not isinstance(value, dict):
        return Unproved.MALFORMED, False
    start, end, labels = value.get("start"), value.get("end"), value.get("labels")
    if type(start) is not int or type(end) is not int or not 0 <= start < end <= len(text):
        return Unproved.OFFSETS, False
    if not isinstance(labels, list) or len(labels) != 1 or labels[0] not in list(Label):
        return Unproved.LABEL, False
    whole = text[start:end]
    if item.get("origin") in _BY_HAND and whole != whole.strip():
        if not whole.strip():
            return Unproved.BLANK, False
        start += len(whole) - len(whole.lstrip())
        end -= len(whole) - len(whole.rstrip())
        return Span(start, end, Label(str(labels[0]))), True
    return Span(start, end, Label(str(labels[0]))), False
