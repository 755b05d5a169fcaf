"""Label Studio's JSON export, read and written as a file: for teams that bring or take a whole project at once.

What people submitted counts; pre-annotations and drafts do not. Every region is proved as `pull` proves it.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from annotation.label_studio.tasks import AsItCame, Quarantined, prove, region
from corpus.documents import JsonObject
from corpus.errors import FormatError
from corpus.formats import Dropped, FileNote, NotesFile, SetAside
from corpus.formats.dropped import beside_places
from corpus.formats.file_note import gathered
from corpus.formats.items import json_line, read_item
from corpus.formats.reading import parse_json, read_text
from corpus.machine.files import replacing_file
from corpus.note import Span, text_hash

TEXT_CHANGED = "the task's text is not the one that was pushed"

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class _Answer(BaseModel):
    """One person's annotation of an exported task; a file made by hand has its regions alone."""

    model_config = ConfigDict(extra="ignore")

    result: list[AsItCame]
    was_cancelled: bool = False
    ground_truth: bool = False
    updated_at: AwareDatetime = _LONG_AGO


class _Exported(BaseModel):
    """A task of an export."""

    model_config = ConfigDict(extra="ignore")

    id: int | None = None
    data: dict[str, AsItCame]
    annotations: list[_Answer] = []
    predictions: list[AsItCame] = []
    drafts: list[AsItCame] = []


def read_label_studio(path: Path, *, strict: bool = False) -> NotesFile:
    """The notes of a JSON export, what cannot be proved set aside; of several annotations of a task the one marked as
    ground truth counts, else the latest.

    Raises FormatError where the file is no such export; JSON-MIN and CSV leave out what proves a region.
    """
    tasks = parse_json(read_text(path), str(path))
    if not isinstance(tasks, list):
        raise FormatError(f"{path} is no export of Label Studio: it should hold a list of tasks")
    remarks: Counter[str] = Counter()
    notes = []
    for index, raw in enumerate(tasks):
        where = f"{path}: task {index}"
        try:
            task = _Exported.model_validate(raw)
        except ValidationError as error:
            name = ".".join(str(part) for part in error.errors(include_input=False)[0]["loc"]) or "it"
            raise FormatError(f"{where}: {name} is not as in Label Studio's JSON export (JSON, not JSON-MIN)") from None
        notes.append((where, _note(task, index, where, remarks)))
    return gathered(path, notes, strict=strict, remarks=+remarks)


def write_label_studio(path: Path, notes: Iterable[FileNote], *, strict: bool = False) -> Dropped:
    """Writes the notes as tasks to import, their spans as submitted, and tells what was left out.

    `strict` refuses to leave anything out (FormatError).
    """
    dropped = Dropped()
    with replacing_file(path) as stream:
        separator = "[\n"
        for note in notes:
            dropped.count(beside_places(note))
            stream.write(f"{separator}{json_line(_task(note))}".encode())
            separator = ",\n"
        stream.write(b"[]\n" if separator == "[\n" else b"\n]\n")
        dropped.refuse_if(strict, path)
    return dropped


def _task(note: FileNote) -> JsonObject:
    answer: JsonObject = {"result": [_region(span) for span in note.spans], "was_cancelled": False}
    data: JsonObject = {"text": note.text, "doc_id": note.doc_id, "sha256": text_hash(note.text)}
    return {"data": data, "annotations": [answer] if note.annotated else []}


def _region(span: Span) -> JsonObject:
    """The region of a span, from no pre-annotation and with no score."""
    document = region(Span(span.start, span.end, span.label))
    del document["origin"]
    return document


def _note(task: _Exported, index: int, where: str, remarks: Counter[str]) -> FileNote:
    """The note of a task; a task that was skipped, or that nobody has submitted, is not annotated."""
    data = task.data
    doc_id = data.get("source_doc_id", data.get("doc_id", index if task.id is None else task.id))
    if "text" not in data:
        raise FormatError(f"{where}: its data have no text")
    answers = [answer for answer in task.annotations if not answer.was_cancelled]
    remarks["annotations of tasks that have a later one or a ground truth, not read"] += max(len(answers) - 1, 0)
    remarks["skipped annotations, not read"] += len(task.annotations) - len(answers)
    remarks["pre-annotations, not read"] += len(task.predictions)
    remarks["drafts, not read"] += len(task.drafts)
    note = read_item({"doc_id": doc_id, "text": data["text"]}, where)
    if not answers:
        return note
    best = max(answers, key=lambda answer: (answer.ground_truth, answer.updated_at))
    if data.get("sha256") not in (None, text_hash(note.text)):
        asides = [SetAside(item, TEXT_CHANGED, position) for position, item in enumerate(best.result)]
        return replace(note, set_aside=tuple(asides))
    proved = prove(best.result, note.text)
    remarks["regions that lost white space at their ends"] += proved.trimmed
    return FileNote(note.doc_id, note.text, proved.spans, tuple(_aside(item) for item in proved.quarantined))


def _aside(item: Quarantined) -> SetAside:
    return SetAside(item.region, f"region {item.reason}")
