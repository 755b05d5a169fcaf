"""The correction desk of a workspace: its Label Studio project, with everything that ernotes asks of it."""

import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Self

from annotation.client import Client
from annotation.project import Project, ensure_project
from annotation.pull import PullReport, pull
from annotation.push import PushReport, push
from annotation.server import Address
from corpus.config import LabelStudioConfig
from corpus.errors import DeskError
from corpus.store import Store

Advance = Callable[[int], None]


def remote_address(config: LabelStudioConfig, environment: Mapping[str, str] = os.environ) -> Address:
    """The configured server with its token from the environment; raises DeskError where there is no token."""
    token = environment.get(config.api_key_env, "").strip()
    if not token:
        raise DeskError(
            f"{config.api_key_env} is not set; put the token of {config.url} there (its account page has one)"
        )
    return Address(config.url.rstrip("/"), token)


class Desk:
    """One project on one server, and the store of the workspace. Use as a context manager, or close it."""

    def __init__(self, address: Address, store: Store, config: LabelStudioConfig) -> None:
        self.client = Client(address, config.timeout_seconds)
        self._store = store
        self._config = config

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self.client.close()

    def project(self) -> Project:
        """The project with the configured title, made where there is none."""
        return ensure_project(self.client, self._config.project)

    def push(self, note_ids: Sequence[str], model_version: str, advance: Advance = lambda _: None) -> PushReport:
        """Bring notes with this model's pre-annotations to the project; idempotent, and safe to kill.

        Give every pool note: the page then shows this model's pre-annotations, and no older one's.
        """
        allow = self._config.allow_patient_text
        return push(
            self.client,
            self._store,
            self.project(),
            note_ids,
            model_version,
            allow_patient_text=allow,
            advance=advance,
        )

    def pull(self, advance: Advance = lambda _: None) -> PullReport:
        """Bring what changed since the last pull into the store; idempotent, and safe to kill."""
        return pull(self.client, self._store, self.project(), advance)

    def open_notes(self, note_ids: Sequence[str]) -> list[str]:
        """Those of the notes that nobody has submitted or skipped yet, in the order given."""
        found = self.client.tasks_of(self.project().id, note_ids)
        return [note_id for note_id in note_ids if not any(task.annotations for task in found.get(note_id, []))]

    def remove(self, note_id: str) -> int:
        """How many tasks of the note were deleted on the server, with whatever people had said in them."""
        tasks = self.client.tasks_of(self.project().id, [note_id]).get(note_id, [])
        for task in tasks:
            self.client.read(partial(self.client.sdk.tasks.delete, id=str(task.id)))
        return len(tasks)
