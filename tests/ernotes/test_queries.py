"""How often the database is asked does not grow with the notes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event

from corpus.config.file import render_config
from corpus.config.settings import Config
from corpus.note import Author, AuthorKind, Note, Role, Sensitivity
from corpus.store import Arrival
from corpus.workspace import Workspace, make_workspace, open_workspace
from ernotes.files.exchange import export_notes
from ernotes.models.evaluation import evaluate
from ernotes.models.training import train
from ernotes.rounds.status import overview
from tests.made_up import NOTES

IMPORT = Author(AuthorKind.IMPORT, "made up")


@contextmanager
def counted(workspace: Workspace) -> Iterator[list[str]]:
    """The statements that the block has executed, as they come."""
    found: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        found.append(statement)

    event.listen(workspace.store.engine, "before_cursor_execute", count)
    try:
        yield found
    finally:
        event.remove(workspace.store.engine, "before_cursor_execute", count)


def fill(workspace: Workspace, role: Role, count: int) -> None:
    """As many notes of the role, each with gold and something set aside."""
    arrivals = [
        Arrival(
            Note("made up", f"{role}{number}", f"{one.text}\r\n{role} {number}", role, Sensitivity.FICTIONAL),
            one.spans,
            [{"annotation": {"label": "?"}, "reason": "no label", "position": 0}],
        )
        for number, one in enumerate((NOTES * 20)[:count])
    ]
    assert workspace.store.take_in(arrivals, IMPORT) == count


@pytest.mark.parametrize(
    "command",
    [
        overview,
        lambda workspace: export_notes(workspace.store, workspace.folder / "out.json", Role.TEST),
        lambda workspace: evaluate(workspace, Role.TEST),
    ],
    ids=["status", "export", "evaluate"],
)
def test_a_command_asks_the_database_as_often_for_fifty_notes_as_for_ten(
    command: Callable[[Workspace], object], tmp_path: Path
) -> None:
    asked = []
    for count in (10, 50):
        folder = tmp_path / str(count)
        config = Config.model_validate({"training": {"base": "crf", "crf": {"max_iterations": 2}}})
        make_workspace(folder, render_config(config))
        with open_workspace(folder, write=True) as workspace:
            fill(workspace, Role.TRAIN, 10)
            train(workspace)
            fill(workspace, Role.TEST, count)
            with counted(workspace) as statements:
                command(workspace)
            asked.append(len(statements))
    assert asked[0] == asked[1] > 0
