"""Doubted notes back to Label Studio, and what a person decided there: it counts before the gold that was doubted."""

from collections.abc import Sequence
from dataclasses import dataclass

from annotation.label_studio.client import Client
from annotation.label_studio.labelling import GUIDELINE_NAME, own_guideline
from annotation.label_studio.project import ensure_project
from annotation.label_studio.pull import QuarantinedRegion, pull
from annotation.label_studio.push import refuse_patient_text
from annotation.label_studio.second_look import DOUBTS_SUFFIX, push_doubts, second_title
from corpus.documents import aside
from corpus.note import AuthorKind, Role
from corpus.workspace import Workspace
from ernotes.console import bar
from ernotes.desk.round_trip import project_url
from ernotes.models.label_errors import find_label_errors
from ernotes.models.out_of_fold import PredictFold


@dataclass(frozen=True, slots=True)
class SecondLook:
    """What people decided in the Label Studio project at this address, the doubted places, and the notes that wait."""

    project: str
    decided: int
    withdrawn: int
    quarantined: Sequence[QuarantinedRegion]
    places: int
    created: int
    waiting: int
    notes: int = aside(0)
    """In which the doubted places are."""
    title: str = aside("")


def ask_for_second_look(
    workspace: Workspace, client: Client, top: int, *, predict: PredictFold | None = None
) -> SecondLook:
    """Fetch what was decided of doubted notes, and send the notes of the `top` most doubted places that are left.

    What was decided is an adjudication: the gold of before stays in the store, and a note that has one is not doubted
    again. Killed at any moment and run again, nothing is lost or doubled.
    """
    store, config = workspace.store, workspace.config.label_studio
    title = second_title(config.project, DOUBTS_SUFFIX)
    project = ensure_project(client, title, own_guideline(workspace.own(GUIDELINE_NAME)))
    with bar(project.tasks, "pull") as advance:
        pulled = pull(client, store, project, advance, AuthorKind.ADJUDICATION)
    doubted = find_label_errors(workspace, predict=predict)
    places = doubted.places[:top]
    note_ids = list(dict.fromkeys(place.note_id for place in places))
    refuse_patient_text(client, store.notes.many(note_ids), allowed_hosts=config.allow_patient_text)
    gold = store.spans.gold(Role.TRAIN, Role.EXEMPLAR, silver=workspace.config.training.silver)
    found = store.spans.of_author(AuthorKind.MODEL, doubted.author)
    with bar(2 * len(note_ids), "push") as advance:
        doubted_gold, contradicting = ({note_id: said[note_id] for note_id in note_ids} for said in (gold, found))
        created = push_doubts(client, store, project, doubted_gold, contradicting, advance)
    there = store.tasks.of_project(client.address.project(project.id))
    waiting = sum(gold[note_id].author.kind is not AuthorKind.ADJUDICATION for note_id in there.keys() & gold.keys())
    return SecondLook(
        project_url(client, project),
        pulled.corrected,
        pulled.withdrawn,
        pulled.quarantined,
        len(places),
        created,
        waiting,
        notes=len(note_ids),
        title=title,
    )
