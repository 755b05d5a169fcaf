"""Which round trained which model."""

from corpus.errors import WorkspaceError
from corpus.workspace import Workspace
from ernotes.models.round_steps import TrainStep, read_step


def model_of_round(workspace: Workspace, number: int) -> str:
    """The version of the model that a round trained; raises WorkspaceError where there is no such round or model."""
    rounds = workspace.store.rounds
    begun = rounds.numbers()
    if number not in begun:
        raise WorkspaceError(f"there is no round {number} here (rounds begun: {', '.join(map(str, begun)) or 'none'})")
    trained = read_step(rounds.steps(number), "train", TrainStep)
    if trained is None:
        raise WorkspaceError(f"round {number} has trained no model yet; 'ernotes loop' goes on with it")
    return trained.model


def round_of_model(workspace: Workspace, version: str) -> int | None:
    """The last round that trained this model; None if none did."""
    rounds = workspace.store.rounds
    trained = {number: read_step(rounds.steps(number), "train", TrainStep) for number in rounds.numbers()}
    made = [number for number, step in trained.items() if step and step.model == version]
    return made[-1] if made else None
