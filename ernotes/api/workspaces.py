"""A workspace made, its model trained, its notes written."""

from pathlib import Path

from corpus.note import Note
from corpus.workspace import Workspace
from ernotes.api.recognisers import LoadedRecogniser, load


def init_workspace(folder: str | Path, *, offline: bool = False) -> Path:
    """Make a workspace, or leave the one that is there as it is; `offline` needs no LLM, hub or GPU, as `ernotes init`.

    >>> import ernotes
    >>> ernotes.init_workspace("another", offline=True).name
    'another'
    """
    from ernotes.files.initialise import initialise

    initialise(Path(folder), offline=offline)
    return Path(folder)


def train(workspace: Workspace, *, base: str | None = None, seed: int | None = None) -> LoadedRecogniser:
    """Train on the workspace's gold and make the model current, as `ernotes train` does; open it with `write=True`.

    >>> import ernotes
    >>> with ernotes.open_workspace("round", write=True) as workspace:
    ...     recognise = ernotes.train(workspace)
    ...     workspace.store.models.current().version == recognise.version
    True
    """
    from ernotes.models.prediction import current_model_folder
    from ernotes.models.training import train as run

    run(workspace, base=base, seed=seed)
    return load(current_model_folder(workspace))


def generate(workspace: Workspace, notes: int, *, pairs: bool = False, budget: float | None = None) -> list[Note]:
    """Have the LLM of the workspace write notes, as `ernotes generate` does; gives those that came in.

    A batch that was cut short is finished first. With `pairs` each note is asked for twice, its allergy affirmed and
    denied; `budget` is what they may cost at most. Raises EndpointError and ConfigError.

        >>> import ernotes
        >>> with ernotes.open_workspace("round", write=True) as workspace:
        ...     written = ernotes.generate(workspace, 2)
        >>> [str(note.role) for note in written]
        ['pool', 'pool']
    """
    from ernotes.llm.writing import Order
    from ernotes.llm.writing import generate as run

    before = {note.id for note in workspace.notes()}
    run(workspace, Order(notes, pairs=pairs, budget=budget))
    return [note for note in workspace.notes() if note.id not in before]
