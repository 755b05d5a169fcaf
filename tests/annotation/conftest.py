"""A desk for each test: a store, and a project of its own on the session's real Label Studio server."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from annotation.label_studio.client import Client
from annotation.label_studio.project import Project, ensure_project
from annotation.label_studio.pull import PullReport, pull
from annotation.label_studio.push import PushReport, push
from annotation.label_studio.server import Address
from annotation.label_studio.tasks import Task
from corpus.labels import Label
from corpus.note import Author, AuthorKind, Note, Role, Sensitivity, Span
from corpus.store import Store

ODD_TEXT = (
    "# Antecedentes 🫀\r\n- Bisoprolol 5 mg 1 id\r\n\r\nAlergia a\u0300 penicilina 👩🏽‍⚕️.\r\nDx: pneumonia\tadquirida"
)
"""CRLF, an emoji, a joined emoji, a tab and a decomposed accent."""
ODD_SPANS = (
    Span(20, 40, Label.MEDICATION, 0.9),
    Span(55, 65, Label.ALLERGY, 0.4),
    Span(78, 97, Label.DIAGNOSIS, 0.75),
)


@dataclass(frozen=True, slots=True)
class Desk:
    """What a test works with."""

    client: Client
    store: Store
    store_url: str
    title: str

    @property
    def project(self) -> Project:
        return ensure_project(self.client, self.title)

    def push(self, model_version: str = "m1") -> PushReport:
        notes = self.store.notes.ids(Role.POOL)
        return push(self.client, self.store, self.project, notes, model_version, doubtful_below=0.5)

    def pull(self) -> PullReport:
        return pull(self.client, self.store, self.project)

    def tasks(self) -> list[Task]:
        return [task for page in self.client.tasks(self.project.id) for task in page]

    def task(self, note: Note) -> Task:
        (task,) = self.client.tasks_of(self.project.id, [note.id])[note.id]
        return task

    def submit(self, note: Note, result: Sequence[Any], **fields: Any) -> int:
        """The id of an annotation of the note's task."""
        made = self.client.sdk.annotations.create(id=self.task(note).id, result=list(result), **fields)
        return int(made.id or 0)

    def say(self, note: Note, spans: Sequence[Span], model_version: str = "m1") -> None:
        self.store.spans.add(note.id, Author(AuthorKind.MODEL, model_version), spans)

    def said(self, note: Note) -> tuple[Span, ...] | None:
        """What people say of the note, as the store has it."""
        latest = self.store.spans.latest(note.id, AuthorKind.HUMAN)
        return latest.spans if latest else None


@pytest.fixture
def desk(label_studio: Address, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Desk]:
    """An empty store and a project named after the test."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    store, client = Store.open(url), Client(label_studio, timeout_seconds=60)
    yield Desk(client, store, url, request.node.name[-50:])
    client.close()
    store.close()


def pool_note(number: int, text: str = ODD_TEXT) -> Note:
    """An invented pool note; the number makes its text its own."""
    return Note("test", number, f"{text}\r\n{number}", Role.POOL, Sensitivity.FICTIONAL)


@pytest.fixture
def odd_note(desk: Desk) -> Note:
    """A pool note with odd characters, pre-annotated by model m1."""
    note = pool_note(1)
    desk.store.notes.add(note)
    desk.say(note, ODD_SPANS)
    return note
