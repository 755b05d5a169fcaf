"""The way to Label Studio and back: which server, push, corrections, pull."""

import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any

from annotation.client import Client
from annotation.labelling import own_guideline
from annotation.project import Project, ensure_project
from annotation.pull import PullReport
from annotation.pull import pull as pull_corrections
from annotation.push import push as push_notes
from annotation.push import refuse_patient_text
from annotation.server import CREDENTIALS_NAME, FOLDER_NAME, Address, own_server
from annotation.simulated import annotate, simulated_account
from corpus.errors import DeskError
from corpus.note import Author, AuthorKind, Role, Span
from corpus.workspace import Workspace
from ernotes.console import bar, say
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
    """Send the pool notes with the latest pre-annotations; what is there already is not doubled."""
    store, config = workspace.store, workspace.config.label_studio
    notes = list(store.notes.by_role(Role.POOL))
    refuse_patient_text(client, notes, allowed_hosts=config.allow_patient_text)
    project = _project(workspace, client)
    author = store.models.preannotator() or Author(AuthorKind.MODEL, "")
    with bar(len(notes), "push") as advance:
        note_ids = [note.id for note in notes]
        report = push_notes(client, store, project, note_ids, author.name, advance, author.kind, config.doubtful_below)
    document = {
        "project": _project_url(client, project),
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
        f"  open it with: {sys.argv[0]} -w {workspace.folder} label-studio"
        if config.kind == "own"
        else f"  open it at {document['project']}",
    ]
    lines += [f"  not pushed: {reason}" for reason in report.refused.values()]
    return Result(document, "\n".join(lines))


def pull(workspace: Workspace, client: Client) -> Result:
    """Fetch what people submitted, changed or deleted since the last pull."""
    project = _project(workspace, client)
    with bar(project.tasks, "pull") as advance:
        report = pull_corrections(client, workspace.store, project, advance)
    return _pulled(report, workspace.store.notes.count_by_role())


def correct_simulated(workspace: Workspace, client: Client) -> Result:
    """Have the simulated annotator correct every open task, through the server's API, to the truth of the briefs."""
    config = workspace.config.label_studio
    project = _project(workspace, client)
    account = simulated_account(client.address, workspace.folder)
    with (
        closing(Client(account, config.timeout_seconds)) as annotator,
        bar(len(workspace.store.notes.ids(Role.POOL)), "simulated annotator") as advance,
    ):
        report = annotate(annotator, project, lambda note_id: _truth(workspace, note_id), advance)
    document = {"simulated": True, "submitted": report.submitted, "actions": dict(report.actions)}
    actions = ", ".join(f"{count} {action}" for action, count in report.actions.items())
    return Result(
        document,
        f"{report.submitted} notes corrected by a SIMULATED annotator, who knows the truth of the briefs: {actions}",
    )


def wait_for_annotators(workspace: Workspace, client: Client) -> Result:
    """Wait until every pushed note has been submitted or skipped; corrections are pulled as they come."""
    config = workspace.config
    project = _project(workspace, client)
    left = open_tasks(client, project)
    say(f"{left} notes wait for you at {_project_url(client, project)}; the loop goes on when none is left")
    if config.label_studio.kind == "own":
        say(f"log in with the username and password in {workspace.folder / FOLDER_NAME / CREDENTIALS_NAME}")
    say("you may end it with Ctrl-C and run it again later")
    begun, first = time.monotonic(), left
    with bar(left, "waiting for corrections") as advance:
        while left:
            with workspace.let_others_write():
                time.sleep(config.loop.poll_seconds)
            pull_corrections(client, workspace.store, project, lambda _: None)
            now_left = open_tasks(client, project)
            advance(left - now_left)
            left = now_left
    seconds = time.monotonic() - begun
    document = {"simulated": False, "waited_for": first, "seconds": round(seconds)}
    return Result(document, f"{first} notes were open, none is now; the corrections were pulled as they came")


def open_tasks(client: Client, project: Project) -> int:
    """How many tasks of the project nobody has submitted or skipped."""
    return sum(not task.annotations for page in client.tasks(project.id) for task in page)


def _truth(workspace: Workspace, note_id: str) -> Sequence[Span] | None:
    said = workspace.store.spans.latest(note_id, AuthorKind.BRIEF)
    return None if said is None else said.spans


def _project(workspace: Workspace, client: Client) -> Project:
    return ensure_project(client, workspace.config.label_studio.project, own_guideline(workspace.folder))


def _project_url(client: Client, project: Project) -> str:
    return f"{client.address.url.rstrip('/')}/projects/{project.id}"


def _pulled(report: PullReport, roles: Mapping[Role, int]) -> Result:
    document: dict[str, Any] = {
        "tasks_read": report.tasks,
        "corrected": report.corrected,
        "withdrawn": report.withdrawn,
        "skipped": report.skipped,
        "trimmed": report.trimmed,
        "foreign": report.foreign,
        "quarantined": [
            {"note": item.note_id, "annotation": item.annotation_id, "reason": item.reason}
            for item in report.quarantined
        ],
    }
    lines = [
        f"{report.corrected} corrections new or changed, {report.withdrawn} withdrawn, {report.skipped} skipped",
        f"  there are now {roles[Role.TRAIN]} notes to train on, {roles[Role.VALIDATION]} to validate "
        f"(every tenth lineage), and {roles[Role.POOL]} in the pool",
    ]
    lines += [f"  quarantined: note {item.note_id}: region {item.reason}" for item in report.quarantined]
    return Result(document, "\n".join(lines))
