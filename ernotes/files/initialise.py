"""Making a workspace: its folder and configuration and, offline, the fictional notes."""

from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from corpus.config.file import CONFIG_NAME, render_config
from corpus.config.settings import Config, EndpointConfig, LabelStudioConfig
from corpus.config.training import TrainingConfig
from corpus.errors import WorkspaceError
from corpus.formats import read_notes_file
from corpus.note import Author, AuthorKind, Note, Role, Sensitivity
from corpus.store import Arrival, Store
from corpus.workspace import make_workspace, open_workspace

FICTIONAL_SOURCE = "ernotes-fictional"
FICTIONAL_ROLES = {"exemplar": Role.EXEMPLAR, "teste": Role.TEST}
"""What the last part of a fictional note's doc_id, `fict-SPECIALTY-KIND`, says of its role."""

OFFLINE = Config(
    endpoint=EndpointConfig(kind="embedded", model="ernotes-offline"),
    training=TrainingConfig(base="crf"),
    label_studio=LabelStudioConfig(kind="own"),
)


@dataclass(frozen=True, slots=True)
class MadeWorkspace:
    """A workspace that is ready, or that `was_there` already, and how many fictional notes came in."""

    offline: bool
    was_there: bool
    fictional: int = 0


def initialise(folder: Path, *, offline: bool) -> MadeWorkspace:
    """Make a workspace; one that is there already is left as it is.

    Raises WorkspaceError where --offline names a workspace that is none: fictional notes do not mix with others.
    """
    was_there = (folder / CONFIG_NAME).exists()
    make_workspace(folder, render_config(OFFLINE if offline else Config()))
    with open_workspace(folder, write=True) as workspace:
        if offline and not workspace.config.endpoint.is_embedded:
            raise WorkspaceError(f"{folder} is a workspace already, and not an offline one; name another folder")
        return MadeWorkspace(offline, was_there, load_fictional(workspace.store) if offline else 0)


def load_fictional(store: Store) -> int:
    """How many of the 16 fictional notes were new: of each specialty's pair one is an exemplar, one a test note."""
    with resources.as_file(resources.files("ernotes") / "data" / "fictional.json") as path:
        notes = read_notes_file(path, strict=True).notes
    arrivals = []
    for item in notes:
        slug, _, kind = str(item.doc_id).removeprefix("fict-").rpartition("-")
        note = Note(
            source=FICTIONAL_SOURCE,
            doc_id=item.doc_id,
            text=item.text,
            role=FICTIONAL_ROLES[kind],
            sensitivity=Sensitivity.FICTIONAL,
            provenance={"specialty": slug.replace("-", " ").title()},
        )
        arrivals.append(Arrival(note, item.spans))
    return store.take_in(arrivals, Author(AuthorKind.IMPORT, FICTIONAL_SOURCE))
