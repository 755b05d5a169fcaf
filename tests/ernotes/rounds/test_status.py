"""What status says of the last round and of what to do next."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from annotation.corrections import SIMULATED
from corpus.config.file import render_config
from corpus.config.settings import Config
from corpus.documents import from_json, to_json
from corpus.labels import Label
from corpus.note import Author, AuthorKind, Note, Role, Span
from corpus.store.tasks import PushedTask
from corpus.workspace import Workspace, loop_runs, make_workspace, only_loop, open_workspace
from ernotes.cli.told.status import tell_overview, verdict_lines
from ernotes.console import program
from ernotes.models.round_steps import JudgeStep
from ernotes.rounds.status import next_step, overview

JUDGE: dict[str, Any] = {
    "verdict": "indistinguishable", "by": "validation", "candidate": "crf-2", "incumbent": "crf-1", "notes": 40,
    "comparison": {"micro": {"difference": 0.0123, "detectable": 0.034}},
    "flips": {"candidate": 0, "incumbent": 1}, "promoted": True, "reason": "not worse",
}  # fmt: skip


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    make_workspace(tmp_path / "w", render_config(Config()))
    with open_workspace(tmp_path / "w", write=True) as opened:
        yield opened


def note(workspace: Workspace, number: int, role: Role) -> str:
    added = Note("made up", number, f"Doente número {number}.", role)
    workspace.store.notes.add(added)
    return added.id


def correct(workspace: Workspace, note_id: str) -> None:
    workspace.store.notes.set_role(note_id, Role.TRAIN)
    workspace.store.spans.add(note_id, Author(AuthorKind.HUMAN, "ana"), [Span(0, 6, Label.DIAGNOSIS)])


def told(workspace: Workspace) -> str:
    return tell_overview(overview(workspace), workspace.folder)


def format_verdict(judge: dict[str, Any]) -> list[str]:
    return verdict_lines(from_json(JudgeStep, judge))


def next_command(workspace: Workspace) -> str:
    """What comes next, without the program and its workspace."""
    return next_step(workspace).replace(f"{program(workspace.folder)} ", "")


def test_what_comes_next_follows_the_notes_on_their_way(workspace: Workspace) -> None:
    store = workspace.store
    assert next_command(workspace) == "import FILE --role exemplar (or train, test …)"
    first = note(workspace, 0, Role.TRAIN)
    correct(workspace, first)
    assert next_command(workspace) == "train"
    store.models.add("crf-1", "crf", [first], {})
    store.models.promote("crf-1")
    assert next_command(workspace) == "generate --notes N, or loop --rounds 1"
    chosen, left = note(workspace, 1, Role.POOL), note(workspace, 2, Role.POOL)
    assert next_command(workspace) == "preannotate, then push"
    store.tasks.choose([chosen])
    assert next_command(workspace) == "preannotate, then push"
    store.tasks.record("own#1", [PushedTask(chosen, 7, "crf-1")])
    assert next_command(workspace) == "correct in Label Studio, then pull"
    correct(workspace, chosen)
    assert next_command(workspace) == "train"
    store.models.add("crf-2", "crf", [first, chosen], {})  # a model that was not promoted has learnt from them too
    assert next_command(workspace) == "loop --rounds 1, or by hand: preannotate, select, push"
    assert store.notes.ids(Role.POOL) == [left]


def test_an_unfinished_round_comes_before_all_else(workspace: Workspace) -> None:
    note(workspace, 0, Role.POOL)
    workspace.store.rounds.finish_step(1, "model", {})
    assert "round 1 is unfinished" in next_command(workspace)


def test_while_a_loop_runs_there_is_nothing_to_do_but_wait(workspace: Workspace) -> None:
    note(workspace, 0, Role.POOL)
    workspace.store.rounds.finish_step(1, "model", {})
    with only_loop(workspace.folder):
        assert next_step(workspace) == "wait: a loop runs here, in round 1"
    assert not loop_runs(workspace.folder)


def test_the_simulated_annotator_is_not_taken_for_a_person(workspace: Workspace) -> None:
    first, other = note(workspace, 0, Role.TRAIN), note(workspace, 1, Role.TRAIN)
    correct(workspace, first)
    assert "1 human" in told(workspace)
    assert "SIMULATED" not in told(workspace)
    workspace.store.spans.add(other, Author(AuthorKind.HUMAN, SIMULATED), [Span(0, 6, Label.DIAGNOSIS)])
    assert "2 human (the SIMULATED annotator's count as human)" in told(workspace)


@pytest.mark.parametrize(
    ("called", "said"),
    [(".venv/bin/ernotes", ".venv/bin/ernotes"), ("/x/ernotes/__main__.py", f"{sys.executable} -m ernotes")],
)
def test_a_command_to_run_next_begins_as_this_one_was_called(
    called: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", [called, "status"])
    assert program(Path("er")) == f"{said} -w er"


def test_the_last_verdict_and_outlook_are_told_of_the_last_round_that_has_them(workspace: Workspace) -> None:
    rounds = workspace.store.rounds
    for number, reason in ((1, "worse"), (2, "not worse")):
        rounds.finish_step(number, "judge", {**JUDGE, "reason": reason})
    rounds.finish_step(1, "outlook", {"stability": None, "curve": None, "stop": False, "reason": "go on"})
    rounds.finish_step(3, "model", {})
    document: Any = to_json(overview(workspace))
    assert (document["last_judged"]["round"], document["last_judged"]["reason"]) == (2, "not worse")
    assert (document["outlook"]["round"], document["outlook"]["stop"]) == (1, False)
    text = told(workspace)
    assert "verdict of round 2:\n  crf-2 is indistinguishable from crf-1, by validation on 40 notes" in text
    assert "outlook after round 1:\n  go on" in text


def test_a_verdict_says_what_could_be_shown_and_what_came_of_it() -> None:
    assert format_verdict(JUDGE) == [
        "crf-2 is indistinguishable from crf-1, by validation on 40 notes",
        "  exact micro F1 +0.012 (0.034 is shown four times in five); it took over from crf-1",
    ]
    refused = {**JUDGE, "verdict": "better", "promoted": False, "reason": "more polarity flips"}
    assert format_verdict(refused) == [
        "crf-2 is better than crf-1, by validation on 40 notes",
        "  exact micro F1 +0.012 (0.034 is shown four times in five); "
        "it did not take over (more polarity flips); 'promote crf-2' would decide otherwise",
    ]
    first = {**JUDGE, "verdict": "first", "comparison": None, "incumbent": None, "reason": "first"}
    assert format_verdict(first) == ["crf-2 was not compared: it is the first model"]
