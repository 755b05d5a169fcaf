"""The way to Label Studio and back: which server, push, corrections, pull."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any

from annotation.label_studio.client import Client
from annotation.label_studio.labelling import GUIDELINE_NAME, own_guideline
from annotation.label_studio.project import Project, ensure_project
from annotation.label_studio.pull import PullReport
from annotation.label_studio.pull import pull as pull_corrections
from annotation.label_studio.push import push as push_notes
from annotation.label_studio.push import refuse_patient_text
from annotation.label_studio.server import Address, own_server
from annotation.label_studio.simulated import annotate, simulated_account
from corpus.errors import DeskError
from corpus.note import Author, AuthorKind, Role, Span
from corpus.workspace import Workspace
from ernotes.console import bar, program, say
from ernotes.result import Result


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


def push(workspace: Workspace, client: Client) -> Result:
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
    document = {
        "project": project_url(client, project),
        "created": report.created,
        "upgraded": report.upgraded,
        "unchanged": report.unchanged,
        "left_alone": report.left_alone,
        "adopted": report.adopted,
        "doubles_removed": report.doubles_removed,
        "without_prediction": report.without_prediction,
        "refused": dict(report.refused),
    }
    lines = [
        f"{report.created} notes pushed to the project {config.project!r}, {report.upgraded} shown with a newer model, "
        f"{report.unchanged + report.left_alone} left as they were",
        f"  open it with: {program(workspace.folder)} label-studio"
        if config.kind == "own"
        else f"  open it at {document['project']}",
    ]
    lines += [f"  not pushed: {reason}" for reason in report.refused.values()]
    return Result(document, "\n".join(lines))


def pull(workspace: Workspace, client: Client) -> Result:
    """Fetch what people submitted, changed or deleted since the last pull."""
    project = project_of(workspace, client)
    with bar(project.tasks, "pull") as advance:
        report = pull_corrections(client, workspace.store, project, advance)
    return _pulled(report, workspace.store.notes.count_by_role())


def correct_simulated(workspace: Workspace, client: Client) -> Result:
    """Have the simulated annotator correct every open task, through the server's API, to the truth of the briefs."""
    config = workspace.config.label_studio
    project = project_of(workspace, client)
    account = simulated_account(client.address, workspace.folder)
    with (
        closing(Client(account, config.timeout_seconds)) as annotator,
        bar(len(workspace.store.tasks.to_correct()), "simulated annotator") as advance,
    ):
        report = annotate(annotator, project, lambda note_id: _truth(workspace, note_id), advance)
    document = {"simulated": True, "submitted": report.submitted, "actions": dict(report.actions)}
    actions = ", ".join(f"{count} {action}" for action, count in report.actions.items())
    return Result(
        document,
        f"{report.submitted} notes corrected by a SIMULATED annotator, who knows the truth of the briefs: {actions}",
    )


def _truth(workspace: Workspace, note_id: str) -> Sequence[Span] | None:
    said = workspace.store.spans.latest(note_id, AuthorKind.BRIEF)
    return None if said is None else said.spans


def project_of(workspace: Workspace, client: Client) -> Project:
    """The project in which notes are corrected, made where it is not there yet."""
    return ensure_project(client, workspace.config.label_studio.project, own_guideline(workspace.own(GUIDELINE_NAME)))


def project_url(client: Client, project: Project) -> str:
    """Where a browser shows the project."""
    return f"{client.address.url.rstrip('/')}/projects/{project.id}"


def _pulled(report: PullReport, roles: Mapping[Role, int]) -> Result:
    document: dict[str, Any] = {
        "tasks_read": report.tasks,
        "corrected": report.corrected,
        "withdrawn": report.withdrawn,
        "skipped": report.skipped,
        "trimmed": report.trimmed,
        "foreign": report.foreign,
        "quarantined": [item.to_json() for item in report.quarantined],
    }
    lines = [
        f"{report.corrected} corrections new or changed, {report.withdrawn} withdrawn, {report.skipped} skipped",
        f"  there are now {roles[Role.TRAIN]} notes to train on beside {roles[Role.EXEMPLAR]} exemplars, "
        f"{roles[Role.VALIDATION]} to validate "
        f"(every tenth lineage), and {roles[Role.POOL]} in the pool",
    ]
    lines += [f"  {item}" for item in report.quarantined]
    return Result(document, "\n".join(lines))
