"""Which round trained which model."""

from corpus.errors import WorkspaceError
from corpus.workspace import Workspace


def model_of_round(workspace: Workspace, number: int) -> str:
    """The version of the model that a round trained; raises WorkspaceError where there is no such round or model."""
    rounds = workspace.store.rounds
    begun = rounds.numbers()
    if number not in begun:
        raise WorkspaceError(f"there is no round {number} here (rounds begun: {', '.join(map(str, begun)) or 'none'})")
    trained = rounds.steps(number).get("train")
    if trained is None:
        raise WorkspaceError(f"round {number} has trained no model yet; 'ernotes loop' goes on with it")
    version: str = trained["model"]
    return version


def round_of_model(workspace: Workspace, version: str) -> int | None:
    """The last round that trained this model; None if none did."""
    rounds = workspace.store.rounds
    made = [number for number in rounds.numbers() if rounds.steps(number).get("train", {}).get("model") == version]
    return made[-1] if made else None
