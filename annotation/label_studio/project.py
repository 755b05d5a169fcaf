"""The Label Studio project of a workspace: found by its title, or made with our labelling configuration."""

from dataclasses import dataclass
from typing import Any

from annotation.label_studio.client import Client
from annotation.label_studio.labelling import CONTROL, OBJECT, config_tree, labelling_config, our_guideline
from corpus.errors import DeskError
from corpus.labels import Label


@dataclass(frozen=True, slots=True)
class Project:
    """A project: its id, how many tasks it has, and whose pre-annotations it shows."""

    id: int
    tasks: int
    model_version: str


def ensure_project(client: Client, title: str, guideline: str | None = None) -> Project:
    """The project with this title, made where there is none; one click away from its page is the guideline (HTML).

    What a team changed on the server stays: a configuration if our labels and tags are in it (else DeskError), and the
    instructions unless a `guideline` of its own is given.
    """
    listed = client.read(lambda: titled(client, title))
    if listed:
        project_id = min(listed)
    else:
        made = client.write(
            lambda: client.sdk.projects.create(
                title=title,
                label_config=labelling_config(),
                expert_instruction=our_guideline() if guideline is None else guideline,
                show_instruction=False,
                enable_empty_annotation=True,
            )
        )
        project_id = int(made.id or 0)
    project = client.read(lambda: client.sdk.projects.get(project_id))
    if not _holds_our_labels(project.label_config or ""):
        raise DeskError(
            f"project {title!r} has a labelling configuration without our labels; name another [label_studio] project"
        )
    if guideline is not None and project.expert_instruction != guideline:
        client.read(lambda: client.sdk.projects.update(project_id, expert_instruction=guideline))
    return Project(project_id, project.task_number or 0, project.model_version or "")


def titled(client: Client, title: str) -> list[int]:
    """The ids of the projects with exactly this title."""
    found: list[Any] = list(client.sdk.projects.list(title=title))
    return [int(project.id) for project in found if project.title == title]


def _holds_our_labels(config: str) -> bool:
    view = config_tree(config)
    if view is None:
        return False
    controls = [tag for tag in view.iter("Labels") if tag.get("name") == CONTROL and tag.get("toName") == OBJECT]
    values = {label.get("value") for control in controls for label in control.iter("Label")}
    return set(Label) <= values
