"""The way to Label Studio and back: which server, push, corrections, pull."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass

from annotation.label_studio.client import Client
from annotation.label_studio.labelling import GUIDELINE_NAME, own_guideline
from annotation.label_studio.project import Project, ensure_project
from annotation.label_studio.pull import QuarantinedRegion
from annotation.label_studio.pull import pull as pull_corrections
from annotation.label_studio.push import push as push_notes
from annotation.label_studio.push import refuse_patient_text
from annotation.label_studio.server import Address, own_server
from annotation.label_studio.simulated import annotate, simulated_account
from corpus.documents import aside
from corpus.errors import DeskError
from corpus.note import Author, AuthorKind, Role, Span
from corpus.workspace import Workspace
from ernotes.console import bar, say


@dataclass(frozen=True, slots=True)
class Pushed:
    """What a push did in the Label Studio project at this address; `refused` says why, by note."""

    project: str
    created: int
    upgraded: int
    unchanged: int
    left_alone: int
    adopted: int
    doubles_removed: int
    without_prediction: int
    refused: Mapping[str, str]
    title: str = aside("")
    own_server: bool = aside(False)


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a pull brought, and how many notes of each role there were afterwards."""

    tasks_read: int
    corrected: int
    withdrawn: int
    skipped: int
    trimmed: int
    foreign: int
    quarantined: Sequence[QuarantinedRegion]
    train: int = aside(0)
    exemplars: int = aside(0)
    validation: int = aside(0)
    pool: int = aside(0)


@dataclass(frozen=True, slots=True)
class SimulatedCorrections:
    """The notes that the simulated annotator submitted, and how often it did what."""

    simulated: bool
    submitted: int
    actions: Mapping[str, int]


@contextmanager
def open_desk(workspace: Workspace) -> Iterator[Client]:
    """A client of the configured server; the workspace's own one is started where it does not run yet."""
    config = workspace.config.label_studio
    if config.kind == "own":
        with (
            own_server(workspace.folder, config, say) as address,
            _client(address, config.timeout_seconds) as client,
        ):
            yield client
        return
    token = os.environ.get(config.api_key_env, "")
    if not token:
        raise DeskError(
            f"no token for Label Studio at {config.url}: set the environment variable {config.api_key_env} to the one "
            "on its account page"
        )
    with _client(Address(config.url, token), config.timeout_seconds) as client:
        yield client


@contextmanager
def _client(address: Address, timeout_seconds: float) -> Iterator[Client]:
    client = Client(address, timeout_seconds)
    try:
        yield client
    finally:
        client.close()


def push(workspace: Workspace, client: Client) -> Pushed:
    """Send the chosen pool notes, and those sent before, with the latest pre-annotations; nothing is doubled.

    Where nothing was ever chosen, the whole pool is sent.
    """
    store, config = workspace.store, workspace.config.label_studio
    notes = store.notes.many(store.tasks.to_correct())
    refuse_patient_text(client, notes, allowed_hosts=config.allow_patient_text)
    project = project_of(workspace, client)
    author = store.models.preannotator() or Author(AuthorKind.MODEL, "")
    with bar(len(notes), "push") as advance:
        note_ids = [note.id for note in notes]
        report = push_notes(client, store, project, note_ids, author.name, advance, author.kind, config.doubtful_below)
    return Pushed(
        project_url(client, project),
        report.created,
        report.upgraded,
        report.unchanged,
        report.left_alone,
        report.adopted,
        report.doubles_removed,
        report.without_prediction,
        report.refused,
        title=config.project,
        own_server=config.kind == "own",
    )


def pull(workspace: Workspace, client: Client) -> Pulled:
    """Fetch what people submitted, changed or deleted since the last pull."""
    project = project_of(workspace, client)
    with bar(project.tasks, "pull") as advance:
        report = pull_corrections(client, workspace.store, project, advance)
    roles = workspace.store.notes.count_by_role()
    return Pulled(
        report.tasks,
        report.corrected,
        report.withdrawn,
        report.skipped,
        report.trimmed,
        report.foreign,
        report.quarantined,
        train=roles[Role.TRAIN],
        exemplars=roles[Role.EXEMPLAR],
        validation=roles[Role.VALIDATION],
        pool=roles[Role.POOL],
    )


def correct_simulated(workspace: Workspace, client: Client) -> SimulatedCorrections:
    """Have the simulated annotator correct every open task, through the server's API, to the truth of the briefs."""
    config = workspace.config.label_studio
    project = project_of(workspace, client)
    account = simulated_account(client.address, workspace.folder)
    with (
        closing(Client(account, config.timeout_seconds)) as annotator,
        bar(len(workspace.store.tasks.to_correct()), "simulated annotator") as advance,
    ):
        report = annotate(annotator, project, _truths(workspace).get, advance)
    return SimulatedCorrections(simulated=True, submitted=report.submitted, actions=report.actions)


def _truths(workspace: Workspace) -> dict[str, Sequence[Span] | None]:
    """The spans of each note's brief, by note id."""
    store = workspace.store
    said = store.spans.histories(store.notes.ids(*Role), AuthorKind.BRIEF)
    return {note_id: sets[-1].spans for note_id, sets in said.items()}


def project_of(workspace: Workspace, client: Client) -> Project:
    """The project in which notes are corrected, made where it is not there yet."""
    return ensure_project(client, workspace.config.label_studio.project, own_guideline(workspace.own(GUIDELINE_NAME)))


def project_url(client: Client, project: Project) -> str:
    """Where a browser shows the project."""
    return f"{client.address.url.rstrip('/')}/projects/{project.id}"
