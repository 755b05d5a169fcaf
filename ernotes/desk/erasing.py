"""Erasing one note wherever it is."""

from dataclasses import dataclass

from corpus.errors import DeskError
from corpus.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure reached, and what it did not: models trained on the note, copies of the store by migrations."""

    note: str
    tasks: int
    models: tuple[str, ...]
    copies: tuple[str, ...]


def erase_note(workspace: Workspace, name: str) -> Erased:
    """Remove a note, by id or doc_id, from Label Studio first, then from the store, so that it can be run again."""
    store = workspace.store
    note_id = store.notes.find(name).id
    tasks = store.tasks.projects_of(note_id)
    if tasks:
        from ernotes.desk.round_trip import open_desk

        with open_desk(workspace) as client:
            for project, task_id in tasks.items():
                if project != client.address.project(int(project.rpartition("#")[2])):
                    raise DeskError(
                        f"note {note_id} is also a task of {project}; set [label_studio] to that server first"
                    )
                client.delete_task(task_id)
    store.notes.erase(note_id)
    copies = sorted(path.name for path in workspace.folder.glob("*.backup"))
    return Erased(note_id, len(tasks), tuple(store.models.trained_on(note_id)), tuple(copies))
