"""Several annotators of the same notes: asking for them, measuring how far they agree, settling where they do not."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from annotation.adjudication import (
    Adjudicated,
    Disagreement,
    adjudicate_by,
    adjudicate_by_majority,
    find_disagreements,
    open_notes,
)
from annotation.agreement import Agreement, measure_agreement, shared_notes
from annotation.label_studio.client import Client
from annotation.label_studio.labelling import GUIDELINE_NAME, own_guideline
from annotation.label_studio.overlap import ask_for_overlap
from annotation.label_studio.project import ensure_project
from annotation.label_studio.pull import QuarantinedRegion, pull
from annotation.label_studio.push import refuse_patient_text
from annotation.label_studio.second_look import push_versions, second_title
from corpus.documents import JsonObject, aside, optional, to_json
from corpus.note import AuthorKind
from corpus.store import Store
from corpus.workspace import Workspace
from ernotes.console import bar
from ernotes.desk.round_trip import project_url


@dataclass(frozen=True, slots=True)
class AskedOfSeveral:
    """The notes that are to be annotated by so many people each; `missing` more were asked for than can be."""

    notes: Sequence[str]
    annotators: int
    missing: int


@dataclass(frozen=True, slots=True)
class OverlapNote:
    """A note that several people were asked for, and how many of them have annotated it."""

    note: str
    annotators: int
    annotated_by: int
    complete: bool


@dataclass(frozen=True, slots=True)
class ListedDisagreement:
    """A stretch of a note on which annotators differ; `text` has its words where they were asked for."""

    disagreement: Disagreement
    adjudicated: bool
    text: str | None

    def to_json(self) -> JsonObject:
        """The stretch, and what is known besides, as one object."""
        words: JsonObject = {} if self.text is None else {"text": self.text}
        return {**to_json(self.disagreement), "adjudicated": self.adjudicated, **words}


@dataclass(frozen=True, slots=True)
class LeftToSettle:
    """What people were asked for, and how much of what they said is to be settled."""

    overlap: Sequence[OverlapNote]
    disagreements: int
    notes_that_differ: int
    notes_to_adjudicate: int
    listed: Sequence[ListedDisagreement] | None = optional()


@dataclass(frozen=True, slots=True)
class AgreementFound:
    """How far annotators agree, and what that leaves to do: one document."""

    measured: Agreement
    left: LeftToSettle

    def to_json(self) -> JsonObject:
        """The figures, then what is left."""
        return {**to_json(self.measured), **to_json(self.left)}


@dataclass(frozen=True, slots=True)
class AdjudicatedThere:
    """What people adjudicated in the Label Studio project at this address, and what waits for them there."""

    project: str
    adjudicated: int
    withdrawn: int
    quarantined: Sequence[QuarantinedRegion]
    created: int
    waiting: int
    title: str = aside("")


def ask(workspace: Workspace, client: Client, count: int, annotators: int) -> AskedOfSeveral:
    """Have so many of the pushed notes annotated by so many people each."""
    project = ensure_project(
        client, workspace.config.label_studio.project, own_guideline(workspace.own(GUIDELINE_NAME))
    )
    with bar(count, "overlap") as advance:
        overlap = ask_for_overlap(client, workspace.store, project, count, annotators, advance)
    return AskedOfSeveral(overlap.notes, annotators, overlap.missing)


def agreement(workspace: Workspace, *, listed: bool, with_text: bool) -> AgreementFound:
    """How far annotators agree, and with `listed` where they do not; the words of the notes only where asked for."""
    store = workspace.store
    notes = shared_notes(store)
    unsettled = {note.id for note in open_notes(store, notes)}
    found = [(note, item) for note in notes for item in find_disagreements(note)]
    places = [
        ListedDisagreement(item, note.id not in unsettled, note.text[item.start : item.end] if with_text else None)
        for note, item in found
    ]
    left = LeftToSettle(
        _overlap(store),
        disagreements=len(found),
        notes_that_differ=len({note.id for note, _ in found}),
        notes_to_adjudicate=len(unsettled),
        listed=places if listed else None,
    )
    return AgreementFound(measure_agreement(notes), left)


def adjudicate(workspace: Workspace, name: str | None) -> Adjudicated:
    """Settle the notes that people differ on: by this annotator's word or, without a name, by majority."""
    store = workspace.store
    notes = shared_notes(store)
    return adjudicate_by_majority(store, notes) if name is None else adjudicate_by(store, notes, name)


def adjudicate_in_label_studio(workspace: Workspace, client: Client) -> AdjudicatedThere:
    """Fetch what has been adjudicated in the project of the disagreements, and bring those there that are new."""
    store, config = workspace.store, workspace.config.label_studio
    title = second_title(config.project)
    project = ensure_project(client, title, own_guideline(workspace.own(GUIDELINE_NAME)))
    with bar(project.tasks, "pull") as advance:
        pulled = pull(client, store, project, advance, AuthorKind.ADJUDICATION)
    notes = open_notes(store, shared_notes(store))
    refuse_patient_text(
        client, map(store.notes.get, (note.id for note in notes)), allowed_hosts=config.allow_patient_text
    )
    with bar(sum(len(note.said) for note in notes), "push") as advance:
        created = push_versions(client, store, project, notes, advance)
    return AdjudicatedThere(
        project_url(client, project),
        pulled.corrected,
        pulled.withdrawn,
        pulled.quarantined,
        created,
        len(notes),
        title=title,
    )


def _overlap(store: Store) -> list[OverlapNote]:
    """The notes that several people were asked for, and how many of them have annotated each."""
    asked = store.tasks.overlap()
    people = Counter(
        note_id
        for name in (store.spans.author_names(AuthorKind.HUMAN) if asked else ())
        for note_id, said in store.spans.of_author(AuthorKind.HUMAN, name).items()
        if said.spans is not None
    )
    return [
        OverlapNote(note_id, wanted, people[note_id], complete=people[note_id] >= wanted)
        for note_id, wanted in asked.items()
    ]
