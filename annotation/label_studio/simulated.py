"""The demo's annotator: knows the truth and enters it through Label Studio's API, as a person would. Not a person.

It has an account of its own, whose name says so, hence so do the author of its spans and every report on them.
"""

import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import httpx

from annotation.corrections import SIMULATED
from annotation.label_studio.client import Advance, Client, retried
from annotation.label_studio.credentials import Credentials, stored_credentials
from annotation.label_studio.project import Project
from annotation.label_studio.server import FOLDER_NAME, Address
from annotation.label_studio.tasks import Prediction, Task, prove, region
from corpus.documents import JsonObject
from corpus.errors import DeskError
from corpus.note import Span

Truth = Callable[[str], Sequence[Span] | None]
"""The spans that a note really has, by note id; None where nobody knows."""

_ACTIONS = {"prediction": "kept", "prediction-changed": "changed", "manual": "added"}


@dataclass(slots=True)
class SimulatedReport:
    """What the simulated annotator did, in tasks."""

    submitted: int = 0
    left_alone: int = 0
    """Begun or finished by somebody else meanwhile."""
    without_truth: int = 0
    actions: Counter[str] = field(default_factory=Counter)
    """Regions kept, changed, added and deleted."""


def simulated_account(address: Address, workspace: Path) -> Address:
    """The same server with the simulated annotator's own token; its account is made where there is none yet."""
    path = workspace / FOLDER_NAME / "simulated-annotator.json"
    credentials = stored_credentials(path, SIMULATED)
    try:
        with httpx.Client(base_url=address.url, trust_env=False, timeout=60) as browser:
            if not _log_in(browser, credentials):
                _sign_up(browser, credentials, address)
            token = browser.get("/api/current-user/token").raise_for_status().json()["token"]
    except (httpx.HTTPError, KeyError, ValueError):
        raise DeskError(
            f"Label Studio at {address.url} gives the simulated annotator no account; it needs an own server and {path}"
        ) from None
    return Address(address.url, str(token), address.name)


def annotate(client: Client, project: Project, truth: Truth, advance: Advance = lambda _: None) -> SimulatedReport:
    """Correct every task that nobody has touched; killed and run again, no task gets a second annotation."""
    report = SimulatedReport()
    for task in [task for page in client.tasks(project.id) for task in page if not task.is_touched]:
        spans = truth(task.note_id)
        if spans is None:
            report.without_truth += 1
            continue
        actions = retried(partial(_correct, client, project, task.id, spans))
        if actions is None:
            report.left_alone += 1
        else:
            report.submitted += 1
            report.actions.update(actions)
        advance(1)
    return report


def corrected_result(prediction: Prediction | None, text: str, truth: Iterable[Span]) -> list[JsonObject]:
    """The regions of an annotation that says the truth, made from the pre-annotation with the fewest actions.

    A region that is right stays; one that overlaps a missing span becomes it; the others are deleted.
    """
    results = prediction.result if prediction else []
    shown = {str(item.get("id")): item for item in results if isinstance(item, dict)}
    places = {span.place: key for key, item in shown.items() for span in prove([item], text).spans}
    missing = []
    result = []
    for span in truth:
        if span.place in places:
            result.append({**shown[places.pop(span.place)], "origin": "prediction"})
        else:
            missing.append(span)
    for span in missing:
        overlapped = next((place for place in places if span.overlap(*place[:2])), None)
        if overlapped is None:
            result.append(region(span, origin="manual"))
        else:
            old = shown[places.pop(overlapped)]
            result.append({**old, "origin": "prediction-changed", "value": region(span)["value"]})
    return result


def _correct(client: Client, project: Project, task_id: int, truth: Sequence[Span]) -> Counter[str] | None:
    """The actions of the annotation that was submitted; None for a task that has one already."""
    opened = time.monotonic()
    task = client.task(project.id, task_id)
    if task is None or task.is_touched:
        return None
    prediction = _shown(task, project.model_version)
    result = corrected_result(prediction, str(task.data["text"]), truth)
    client.write(
        lambda: client.sdk.annotations.create(
            id=task_id,
            result=result,
            lead_time=time.monotonic() - opened,
            parent_prediction=prediction.id if prediction else None,
        )
    )
    actions = Counter(_ACTIONS[str(item["origin"])] for item in result)
    actions["deleted"] = len(prediction.result if prediction else ()) - actions["kept"] - actions["changed"]
    return actions


def _shown(task: Task, model_version: str) -> Prediction | None:
    of_version = [item for item in task.predictions if item.model_version == model_version]
    return of_version[-1] if of_version else None


def _log_in(browser: httpx.Client, credentials: Credentials) -> bool:
    return _submit(browser, "/user/login/", credentials)


def _sign_up(browser: httpx.Client, credentials: Credentials, address: Address) -> None:
    headers = {"Authorization": f"Token {address.token}"}
    invitation = browser.get("/api/invite", headers=headers).raise_for_status().json()["invite_url"]
    if not _submit(browser, str(invitation), credentials):
        raise ValueError


def _submit(browser: httpx.Client, path: str, credentials: Credentials) -> bool:
    """Whether the form was taken: Label Studio then leads on, and shows it again otherwise."""
    page = browser.get(path).raise_for_status().text
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    form = {
        "csrfmiddlewaretoken": found.group(1) if found else "",
        "email": credentials.username,
        "password": credentials.password,
        "allow_newsletters": "false",
    }
    return browser.post(path, data=form, headers={"Referer": str(browser.base_url)}).is_redirect
