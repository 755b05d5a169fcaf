"""What the workspace's models find in notes, stored under their names."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from corpus.errors import ModelError
from corpus.note import Author, AuthorKind, Note, Role
from corpus.recognition import Annotated, Recognition
from corpus.scoring.scores import ScoredNote
from corpus.workspace import Workspace
from ernotes.console import bar
from ernotes.models.prediction import current_model_folder
from inference.load import load_recogniser
from inference.transformer.decode import Method

STORED_TOGETHER = 32
"""Notes whose pre-annotations are stored in one transaction: as many as a kill costs at most."""


@dataclass(frozen=True, slots=True)
class Preannotated:
    """The model that annotated pool notes: how many that had none of its spans, and how many mentions it found."""

    model: str
    notes: int
    mentions: int


def preannotate(workspace: Workspace) -> Preannotated:
    """The current model's spans for every pool note that has none of this model's."""
    version = current_model_folder(workspace).name
    notes, mentions = preannotate_with(workspace, version, workspace.store.notes.by_role(Role.POOL))
    workspace.store.models.set_preannotator(Author(AuthorKind.MODEL, version))
    return Preannotated(version, notes, mentions)


def preannotate_with(workspace: Workspace, version: str, candidates: Iterable[Note]) -> tuple[int, int]:
    """Store a model's spans and uncertainty for the notes that have none of its: how many notes and mentions."""
    author = Author(AuthorKind.MODEL, version)
    known = workspace.store.spans.of_author(author.kind, author.name)
    notes = [note for note in candidates if note.id not in known]
    if not notes:
        return 0, 0
    mentions = 0
    waiting: dict[str, Recognition] = {}
    with bar(len(notes), "pre-annotate") as advance:
        recogniser = load_recogniser(workspace.models / version, version)
        found = recogniser.recognise(note.text for note in notes)
        for note, recognition in zip(notes, found, strict=True):
            waiting[note.id] = recognition
            mentions += len(recognition.spans)
            if len(waiting) == STORED_TOGETHER:
                _store(workspace, author, waiting)
                waiting = {}
            advance(1)
        _store(workspace, author, waiting)
    return len(notes), mentions


def _store(workspace: Workspace, author: Author, found: Mapping[str, Recognition]) -> None:
    """Store what a model says of notes, by note id, and how unsure it is."""
    workspace.store.spans.add_many(
        author,
        {note_id: said.spans for note_id, said in found.items()},
        details={note_id: {"uncertainty": asdict(said.uncertainty)} for note_id, said in found.items()},
    )


def compare(
    workspace: Workspace, notes: Sequence[Annotated], version: str, decode: str | None = None
) -> list[ScoredNote]:
    """The notes' gold beside what the model finds in them, which is stored, so that a report needs no second look."""
    folder = workspace.models / version
    if not folder.exists():
        raise ModelError(f"there is no model {version!r} in {workspace.models}")
    recogniser = load_recogniser(folder, version, Method(decode) if decode else None)
    author = Author(AuthorKind.MODEL, decoded_by(version, decode))
    found = recogniser.recognise(note.text for note in notes)
    with bar(len(notes), "evaluate") as advance:
        pairs = []
        for note, recognition in zip(notes, found, strict=True):
            pairs.append(ScoredNote(note.id, note.spans, recognition.spans))
            advance(1)
    workspace.store.spans.add_many(author, {note.id: pair.predicted for note, pair in zip(notes, pairs, strict=True)})
    return pairs


def decoded_by(version: str, decode: str | None) -> str:
    return f"{version}:{decode}" if decode == Method.ARGMAX else version


def compare_stored(workspace: Workspace, notes: Sequence[Annotated], version: str) -> list[ScoredNote]:
    """`compare`, of what the model found at an earlier look if it was shown all of these notes then."""
    stored = workspace.store.spans.of_author(AuthorKind.MODEL, version)
    if not all(note.id in stored for note in notes):
        return compare(workspace, notes, version)
    return [ScoredNote(note.id, note.spans, stored[note.id].spans or ()) for note in notes]
