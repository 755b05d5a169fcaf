"""Notes that several people are to annotate: chosen by chance, and kept open on the server until they all have."""

from dataclasses import dataclass

from annotation.label_studio.client import Advance, Client
from annotation.label_studio.project import Project
from annotation.label_studio.tasks import Task
from corpus.errors import DeskError
from corpus.note import Role
from corpus.store import Store


@dataclass(frozen=True, slots=True)
class Overlap:
    """The notes that several people are to annotate; `missing` were asked for beyond what has been pushed."""

    notes: tuple[str, ...]
    annotators: int
    missing: int


def ask_for_overlap(
    client: Client, store: Store, project: Project, count: int, annotators: int, advance: Advance = lambda _: None
) -> Overlap:
    """Have so many of the project's notes annotated by so many people each; those asked for before are among them.

    Label Studio offers a task to others until as many people as its own `overlap` says have submitted it. A note's id
    is a hash, so the first ones by id are drawn by chance, the same ones whenever this is run again. Raises DeskError
    where a task is gone.
    """
    pushed = store.tasks.of_project(client.address.project(project.id))
    chosen = [note_id for note_id in store.tasks.overlap() if note_id in pushed]
    others = sorted(pushed.keys() & set(store.notes.ids(Role.POOL)) - set(chosen))
    chosen += others[: max(0, count - len(chosen))]
    store.tasks.ask_overlap(chosen, annotators)
    tasks = client.tasks_of(project.id, chosen)
    for note_id in chosen:
        task = next((task for task in tasks.get(note_id, ()) if task.id == pushed[note_id].task_id), None)
        if task is None:
            raise DeskError(f"the task of note {note_id} is gone from Label Studio; push again")
        _keep_open(client, task, annotators)
        advance(1)
    return Overlap(tuple(chosen), annotators, max(0, count - len(chosen)))


def _keep_open(client: Client, task: Task, annotators: int) -> None:
    people = {annotation.completed_by for annotation in task.annotations if not annotation.was_cancelled}
    # The server sees whether a task is done when somebody submits it, not when its overlap changes.
    done = len(people) >= annotators
    client.read(lambda: client.sdk.tasks.update(str(task.id), overlap=annotators, is_labeled=done))
