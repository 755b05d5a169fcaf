"""Notes to Label Studio: once each, with the pre-annotation of one model, whatever was pushed or killed before.

The server doubles what is imported twice, and says nothing of an import whose answer got lost. So each import that had
no answer is looked up before it is tried again, and whenever the server's count differs from the store's, its tasks
are looked up by note id.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from annotation.label_studio.backend import LIVE
from annotation.label_studio.client import Advance, Client, NoAnswerError, in_batches, retried
from annotation.label_studio.project import Project
from annotation.label_studio.tasks import Task, prediction_document, shows_note, task_document
from corpus.documents import JsonObject
from corpus.errors import DeskError, PrivacyError
from corpus.note import AuthorKind, Note, Sensitivity
from corpus.store import Store
from corpus.store.spans import SpanSet
from corpus.store.tasks import PushedTask

BATCH_SIZE = 300
"""Tasks in one import: larger ones are no faster, and lose more when killed."""


@dataclass(slots=True)
class PushReport:
    """What a push did, in notes. `refused` names the notes that the server could not hold, with the reason."""

    created: int = 0
    upgraded: int = 0
    unchanged: int = 0
    adopted: int = 0
    """Found on the server though the store did not know: an earlier push was killed, or had no answer."""
    left_alone: int = 0
    """Shown with an older pre-annotation, since somebody has begun or finished them."""
    without_prediction: int = 0
    doubles_removed: int = 0
    refused: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Push:
    client: Client
    store: Store
    project: Project
    model_version: str
    predictions: Mapping[str, SpanSet]
    advance: Advance
    doubtful_below: float
    known: dict[str, PushedTask]
    report: PushReport = field(default_factory=PushReport)

    @property
    def key(self) -> str:
        return self.client.address.project(self.project.id)

    def record(self, pushed: Sequence[PushedTask]) -> None:
        """Durable before the next request."""
        self.store.tasks.record(self.key, pushed)
        self.known.update((task.note_id, task) for task in pushed)

    def reconcile(self, note_ids: Iterable[str]) -> None:
        """Make the store's record of these notes what the server has: adopt, forget, and remove untouched doubles."""
        wanted = list(note_ids)
        found = self.client.tasks_of(self.project.id, wanted)
        notes = {note.id: note for note in self.store.notes.many(wanted)}
        gone: list[str] = []
        adopted: list[PushedTask] = []
        for note_id in wanted:
            tasks = found.get(note_id, [])
            recorded = self.known.get(note_id)
            if not tasks:
                gone += [note_id] if recorded else []
                continue
            kept = min(tasks, key=lambda task: (not task.is_touched, not _is(task, recorded), task.id))
            for task in tasks:
                if task is not kept and not task.is_touched:
                    self.client.delete_task(task.id)
                    self.report.doubles_removed += 1
            if not _is(kept, recorded) and shows_note(kept, notes[note_id]):
                adopted.append(PushedTask(note_id, kept.id, self._shown_version(kept)))
        self.store.tasks.forget(self.key, gone)
        for note_id in gone:
            del self.known[note_id]
        self.record(adopted)
        self.report.adopted += len(adopted)

    def create(self, note_ids: Sequence[str]) -> None:
        """Import the notes that the server lacks, a batch at a time."""
        for some in in_batches(note_ids, BATCH_SIZE):
            documents = self._documents(self.store.notes.many(some))
            retried(partial(self._import, documents), partial(self._look_again, documents))
            self.advance(len(some))

    def upgrade(self, note_ids: Sequence[str]) -> None:
        """Give tasks that nobody has touched the pre-annotation of this model beside the older one."""
        for some in in_batches(note_ids, BATCH_SIZE):
            retried(partial(self._upgrade, self.store.notes.many(some)))
            self.advance(len(some))

    def show(self) -> None:
        """Make the page show this model's pre-annotations; the older ones stay, for what began from them.

        A project with the live backend shows those of the current model anyway.
        """
        if self.project.model_version == LIVE:
            return
        # The server refuses (400) a version that no pre-annotation of the project carries.
        has_any = any(task.model_version == self.model_version for task in self.known.values())
        if self.model_version and has_any and self.project.model_version != self.model_version:
            update = self.client.sdk.projects.update
            self.client.read(lambda: update(self.project.id, model_version=self.model_version))

    def _documents(self, notes: Sequence[Note]) -> dict[str, JsonObject]:
        documents = {}
        for note in notes:
            said = self.predictions.get(note.id)
            try:
                spans = said.spans if said else None
                documents[note.id] = task_document(note, spans, self.model_version, self.doubtful_below)
            except DeskError as error:
                self.report.refused[note.id] = str(error)
            else:
                self.report.without_prediction += said is None
        return documents

    def _import(self, documents: dict[str, JsonObject]) -> None:
        if not documents:
            return
        note_ids = list(documents)
        request: list[Any] = list(documents.values())
        answer = self.client.write(
            lambda: self.client.sdk.projects.import_tasks(self.project.id, request=request, return_task_ids=True)
        )
        task_ids: list[int] = answer.model_dump().get("task_ids") or []
        if len(task_ids) != len(note_ids):
            raise NoAnswerError(f"Label Studio took {len(task_ids)} of {len(note_ids)} tasks; push again")
        self.record([self._pushed(*pair) for pair in zip(note_ids, task_ids, strict=True)])
        self.report.created += len(note_ids)

    def _look_again(self, documents: dict[str, JsonObject]) -> None:
        """After an import without an answer: what came in all the same is recorded, and not imported again."""
        self.reconcile(documents)
        for note_id in self.known.keys() & documents.keys():
            del documents[note_id]

    def _upgrade(self, notes: Sequence[Note]) -> None:
        found = self.client.tasks_of(self.project.id, [note.id for note in notes])
        done: list[str] = []
        request: list[Any] = []
        asked: list[str] = []
        lost: list[str] = []
        touched = 0
        for note in notes:
            task = next((task for task in found.get(note.id, []) if task.id == self.known[note.id].task_id), None)
            if task is None:
                lost.append(note.id)
            elif task.is_touched:
                touched += 1
            elif self._shown_version(task) == self.model_version:
                done.append(note.id)
            else:
                spans = self.predictions[note.id].spans or ()
                document = prediction_document(note, spans, self.model_version, self.doubtful_below)
                request.append({"task": task.id, **document})
                asked.append(note.id)
        self.record([self._pushed(note_id, self.known[note_id].task_id) for note_id in done])
        if request:
            answer = self.client.write(
                lambda: self.client.sdk.projects.import_predictions(self.project.id, request=request)
            )
            if answer.created != len(request):
                raise NoAnswerError(f"Label Studio took {answer.created} of {len(request)} pre-annotations; push again")
            self.record([self._pushed(note_id, self.known[note_id].task_id) for note_id in asked])
        if lost:
            self.reconcile(lost)
        self.report.upgraded += len(done) + len(asked)
        self.report.left_alone += touched

    def _pushed(self, note_id: str, task_id: int) -> PushedTask:
        return PushedTask(note_id, task_id, self.model_version if note_id in self.predictions else "")

    def _shown_version(self, task: Task) -> str:
        versions = {prediction.model_version for prediction in task.predictions}
        return self.model_version if self.model_version in versions else max(versions, default="")


def push(
    client: Client,
    store: Store,
    project: Project,
    note_ids: Sequence[str],
    model_version: str,
    advance: Advance = lambda _: None,
    kind: AuthorKind = AuthorKind.MODEL,
    doubtful_below: float = 0.0,
) -> PushReport:
    """Bring these notes to the project with this model's (or LLM's) pre-annotations; what was there is not doubled.

    Give every pool note: the page then shows this model's pre-annotations and no older one's, and marks the mentions
    whose confidence is under `doubtful_below`. Killed at any moment and run again, it goes on. Raises NoAnswerError
    where the server fails; what it had taken until then is recorded.
    """
    predictions = store.spans.of_author(kind, model_version)
    return push_spans(client, store, project, note_ids, model_version, predictions, advance, doubtful_below)


def push_spans(
    client: Client,
    store: Store,
    project: Project,
    note_ids: Sequence[str],
    model_version: str,
    said: Mapping[str, SpanSet],
    advance: Advance = lambda _: None,
    doubtful_below: float = 0.0,
) -> PushReport:
    """`push`, of these spans by note id, whoever said them, shown under the name `model_version`."""
    predictions = {note_id: spans for note_id, spans in said.items() if spans.spans is not None}
    job = _Push(client, store, project, model_version, predictions, advance, doubtful_below, {})
    job.known = store.tasks.of_project(job.key)
    if project.tasks != len(job.known):
        job.reconcile(dict.fromkeys([*job.known, *note_ids]))
    known_before = dict(job.known)
    fresh = [note_id for note_id in note_ids if note_id not in known_before]
    stale = [
        note_id
        for note_id in note_ids
        if note_id in predictions and note_id in known_before and known_before[note_id].model_version != model_version
    ]
    job.report.unchanged = len(note_ids) - len(fresh) - len(stale)
    advance(job.report.unchanged)
    job.create(fresh)
    job.upgrade(stale)
    job.show()
    _remove_late_doubles(job, fresh)
    return job.report


def refuse_patient_text(client: Client, notes: Iterable[Note], *, allowed_hosts: Collection[str]) -> None:
    """Raise PrivacyError if a patient's words would go to another machine that is not among the allowed hosts."""
    host = urlsplit(client.address.url).hostname or ""
    if host in allowed_hosts or client.is_on_this_machine:
        return
    patients = [note.id for note in notes if note.sensitivity is Sensitivity.PATIENT]
    if patients:
        raise PrivacyError(
            f"{len(patients)} notes are patients' (first: {patients[0]}) and {client.address.url} is another machine; "
            f'set [label_studio] allow_patient_text = ["{host}"] only if that server may hold them'
        )


def _remove_late_doubles(job: _Push, note_ids: Sequence[str]) -> None:
    """An import that was given up may have come in after all while its second try ran."""
    tasks = job.client.read(lambda: job.client.sdk.projects.get(job.project.id)).task_number
    if tasks != len(job.known):
        job.reconcile(note_ids)


def _is(task: Task, recorded: PushedTask | None) -> bool:
    return recorded is not None and recorded.task_id == task.id
