"""The live backend as a Label Studio project knows it: connected once, and brought up to date after that."""

from functools import partial
from typing import Any

from annotation.label_studio.client import Client, NoAnswerError
from annotation.label_studio.project import Project
from corpus.errors import DeskError

LIVE = "ernotes live"
"""What a project calls the backend. Where it stands as the version that a project shows, each task that is opened, in
the stream too, is pre-annotated by the model that is current then; without the backend it opens bare."""


def connect_backend(client: Client, project: Project, url: str, token: str) -> None:
    """Have the project ask the backend at this URL for the pre-annotation of a task as it is opened.

    Label Studio asks the backend whether it is up before it takes it. Raises DeskError where it cannot reach it, and
    where the project has another backend, since Label Studio asks the first one only.
    """
    sdk = client.sdk
    known = client.read(lambda: list(sdk.ml.list(project=project.id)))
    if any(backend.title != LIVE for backend in known):
        raise DeskError(
            f"project {project.id} has another ML backend; remove it in the project's settings, under Model"
        )
    knobs: dict[str, Any] = {
        "url": url,
        "title": LIVE,
        "is_interactive": False,
        "auth_method": "BASIC_AUTH",
        "basic_auth_user": LIVE,
        "basic_auth_pass": token,
    }
    try:
        if known:
            client.read(lambda: sdk.ml.update(int(known[0].id or 0), project=project.id, **knobs))
        else:
            client.write(lambda: sdk.ml.create(project=project.id, **knobs))
    except NoAnswerError:
        raise
    except DeskError as error:
        raise DeskError(
            f"Label Studio does not take the backend at {url} ({error}); it must reach that URL, and takes one of a "
            "private network only with ML_BLOCK_LOCAL_IP=false and SSRF_PROTECTION_ENABLED=false in its environment"
        ) from None
    _remove_webhooks(client, project, f"{url.rstrip('/')}/webhook")
    client.read(lambda: sdk.projects.update(project.id, model_version=LIVE))


def _remove_webhooks(client: Client, project: Project, url: str) -> None:
    """Label Studio makes one with each backend, without our token: each annotation would be sent there and refused."""
    sdk = client.sdk
    for webhook in client.read(lambda: list(sdk.webhooks.list(project=str(project.id)))):
        if webhook.url == url:
            client.read(partial(sdk.webhooks.delete, int(webhook.id or 0)))
