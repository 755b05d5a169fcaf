"""People's corrections from Label Studio into the store: what changed since the last pull, each region proved."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from annotation.label_studio.client import Advance, Client
from annotation.label_studio.project import Project
from annotation.label_studio.tasks import Annotation, Quarantined, Task, prove, shows_note
from corpus.documents import JsonObject
from corpus.note import Author, AuthorKind, Note, Role
from corpus.store import Store
from corpus.store.spans import SpanSet
from corpus.store.tasks import PulledSet

OVERLAP = timedelta(seconds=10)
"""How far before the newest change of the last pull this one begins: what began earlier may have ended later."""


@dataclass(frozen=True, slots=True)
class QuarantinedRegion:
    """A region, or a whole annotation, that was not taken, and why."""

    note_id: str
    annotation_id: int
    reason: str

    def to_json(self) -> JsonObject:
        """The region as JSON values."""
        return {"note": self.note_id, "annotation": self.annotation_id, "reason": self.reason}


@dataclass(slots=True)
class PullReport:
    """What a pull brought. `tasks` were read; of these, `corrected` are new or changed sets of spans."""

    tasks: int = 0
    corrected: int = 0
    withdrawn: int = 0
    """Annotations deleted or skipped that had been pulled before."""
    skipped: int = 0
    """Annotations marked as skipped; they say nothing of the note's spans."""
    trimmed: int = 0
    """Regions made or changed by hand that took white space along."""
    foreign: int = 0
    """Tasks that show no note of this workspace."""
    quarantined: list[QuarantinedRegion] = field(default_factory=list)


@dataclass(slots=True)
class _Pull:
    client: Client
    store: Store
    key: str
    users: Mapping[int, str]
    known_notes: frozenset[str]
    kind: AuthorKind
    report: PullReport = field(default_factory=PullReport)
    notes: Mapping[str, Note] = field(default_factory=dict)
    """The notes of the page of tasks that is being read."""
    said: Mapping[str, Sequence[SpanSet]] = field(default_factory=dict)
    """What people of the kind ever said of them."""

    def page(self, tasks: Sequence[Task]) -> list[PulledSet]:
        """What the tasks' people say now, and what they no longer say."""
        ids = [task.note_id for task in tasks if task.note_id in self.known_notes]
        self.notes = {note.id: note for note in self.store.notes.many(ids)}
        self.said = self.store.spans.histories(ids, self.kind)
        return [correction for task in tasks for correction in self.corrections(task)]

    def corrections(self, task: Task) -> list[PulledSet]:
        """What the task's people say now, and what they no longer say."""
        if task.note_id not in self.known_notes:
            self.report.foreign += 1
            return []
        note = self.notes[task.note_id]
        said_before = [said for said in self.said.get(note.id, ()) if said.detail.get("project") == self.key]
        standing: dict[Author, PulledSet] = {}
        for annotation in sorted(task.annotations, key=lambda item: (item.updated_at, item.id)):
            if annotation.was_cancelled:
                self.report.skipped += 1
            elif not shows_note(task, note):
                reason = "the task no longer shows the note's text"
                self.report.quarantined.append(QuarantinedRegion(note.id, annotation.id, reason))
                return []
            else:
                # An annotator's second annotation of a task replaces the first, as the later word.
                correction = self._correction(task, annotation, note, said_before)
                standing.pop(correction.author, None)
                standing[correction.author] = correction
        return [*self._withdrawals(task, said_before, standing), *standing.values()]

    def _correction(self, task: Task, annotation: Annotation, note: Note, before: Iterable[SpanSet]) -> PulledSet:
        proved = prove(annotation.result, note.text)
        self.report.trimmed += proved.trimmed
        self.report.quarantined += [_region(note, annotation, item) for item in proved.quarantined]
        versions = {prediction.id: prediction.model_version for prediction in task.predictions}
        detail = {
            "project": self.key,
            "task_id": task.id,
            "annotation_id": annotation.id,
            "lead_time_seconds": annotation.lead_time,
            "parent_prediction": annotation.parent_prediction,
            "pre_annotated_by": versions.get(annotation.parent_prediction or 0),
            "updated_at": annotation.updated_at.isoformat(),
            "trimmed": proved.trimmed,
            "quarantined": [item.to_json() for item in proved.quarantined],
        }
        return PulledSet(note.id, self._author(annotation, before), proved.spans, detail)

    def _author(self, annotation: Annotation, before: Iterable[SpanSet]) -> Author:
        """The annotator by e-mail address; an annotation keeps the author it came with, whoever is renamed since."""
        for said in before:
            if said.detail.get("annotation_id") == annotation.id:
                return said.author
        name = self.users.get(annotation.completed_by or 0) or f"user-{annotation.completed_by}"
        return Author(self.kind, name)

    def _withdrawals(
        self, task: Task, before: Iterable[SpanSet], standing: Mapping[Author, PulledSet]
    ) -> list[PulledSet]:
        latest = {said.author: said for said in before if said.detail.get("task_id") == task.id}
        skipped = {annotation.id for annotation in task.annotations if annotation.was_cancelled}
        withdrawn = []
        for author, said in latest.items():
            if author in standing or said.spans is None:
                continue
            reason = "skipped" if said.detail.get("annotation_id") in skipped else "deleted"
            withdrawn.append(PulledSet(said.note_id, author, None, {**said.detail, "withdrawn": reason}))
        self.report.withdrawn += len(withdrawn)
        return withdrawn


def pull(
    client: Client,
    store: Store,
    project: Project,
    advance: Advance = lambda _: None,
    kind: AuthorKind = AuthorKind.HUMAN,
) -> PullReport:
    """Bring what people submitted, changed or deleted since the last pull into the store, as sets of this kind.

    Drafts are nobody's word yet and stay there. Killed at any moment and run again, nothing is lost or doubled.
    """
    users: dict[int, str] = client.read(
        lambda: {int(user.id): str(user.email) for user in client.sdk.users.list() if user.email}
    )
    job = _Pull(client, store, client.address.project(project.id), users, frozenset(store.notes.ids(*Role)), kind)
    mark = store.tasks.watermark(job.key)
    since = datetime.fromisoformat(mark) if mark else None
    newest = since
    for page in client.tasks(project.id, changed_after=since - OVERLAP if since else None):
        new = store.tasks.take(job.key, job.page(page), None)
        job.report.tasks += len(page)
        job.report.corrected += new
        newest = max([task.updated_at for task in page] + ([newest] if newest else []))
        advance(len(page))
    if newest is not None:
        store.tasks.take(job.key, [], newest.isoformat())
    advance(max(0, project.tasks - job.report.tasks))  # those that have not changed need not be read
    job.report.corrected -= job.report.withdrawn
    return job.report


def _region(note: Note, annotation: Annotation, item: Quarantined) -> QuarantinedRegion:
    return QuarantinedRegion(note.id, annotation.id, str(item.reason))
