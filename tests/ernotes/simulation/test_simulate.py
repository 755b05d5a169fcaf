import json
import os
import re
import signal
import subprocess
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from corpus.config.settings import SelectionConfig
from corpus.documents import from_json
from corpus.errors import WorkspaceError
from corpus.formats import FileNote, write_notes_file
from corpus.note import Role, Sensitivity
from corpus.workspace import make_workspace, open_workspace
from ernotes.cli.told.simulation import tell_simulated
from ernotes.files.exchange import import_notes
from ernotes.pages.report import OFFLINE
from ernotes.simulation.cost import Estimate
from ernotes.simulation.plan import Plan
from ernotes.simulation.presentation import Simulated, render_simulation, saving_in_words
from ernotes.simulation.simulate import simulate
from tests.ernotes.conftest import Run
from tests.made_up import NOTES, UNSEEN

OPTIONS = ("--seeds", "1", "--folds", "2", "--start", "2", "--batch", "1", "--learner", "crf-light", "--steps", "8")
STRATEGIES = ("--strategy", "random", "--strategy", "total-entropy")


@pytest.fixture
def notes_file(tmp_path: Path) -> Path:
    path = tmp_path / "notes.json"
    write_notes_file(path, [FileNote(note.id, note.text, note.spans) for note in NOTES])
    return path


def rounds_in(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "rounds.jsonl").read_text("utf-8").splitlines()[1:]]


@pytest.mark.slow
def test_a_killed_simulation_leaves_no_process_and_goes_on_where_it_was(
    notes_file: Path, tmp_path: Path, program: str, ernotes: Run
) -> None:
    out = tmp_path / "out"
    arguments = ("-w", tmp_path, "simulate", notes_file, *OPTIONS, *STRATEGIES, "-o", out)
    process = subprocess.Popen(
        [program, *arguments, "--processes", "2"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    journal = out / "rounds.jsonl"
    while not journal.exists() or journal.read_bytes().count(b"\n") < 4:
        assert process.poll() is None
    os.kill(process.pid, signal.SIGKILL)
    assert process.stdout
    process.stdout.read()  # it ends when the last process that could write to it has
    process.wait()
    process.stdout.close()
    before = rounds_in(out)

    done = ernotes(*arguments, "--processes", "1", "--json")
    assert done.status == 0, done.err
    after = rounds_in(out)
    assert after[: len(before)] == before
    assert 3 <= len(before) < len(after)
    played = Counter((one["strategy"], one["seed"], one["fold"], one["number"]) for one in after)
    assert set(played.values()) == {1}
    document = done.document
    assert document == json.loads((out / "simulation.json").read_text("utf-8"))
    assert set(document["strategies"]) == {"random", "total-entropy"}
    assert document["strategies"]["random"]["rounds"][-1]["f1"]["mean"] == document["full"]["mean"] > 0.5
    words = " ".join(NOTES[0].text.split()[:4])
    assert not any(words in path.read_text("utf-8") for path in out.iterdir())


def test_without_a_workspace_a_file_and_a_folder_are_asked_for(notes_file: Path, tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="give a FILE of annotated notes"):
        simulate(tmp_path, None, Plan(()))
    with pytest.raises(WorkspaceError, match="give one with -o"):
        simulate(tmp_path, notes_file, Plan((), folds=2, start=2))


def estimate(mean: float, low: float | None = None, high: float | None = None) -> dict[str, Any]:
    interval = None if low is None or high is None else (low, high)
    excludes = interval is not None and (interval[0] > 0 or interval[1] < 0)
    return {"mean": mean, "interval": interval, "seeds": 5, "excludes_zero": excludes}


def of(*values: float) -> Estimate:
    return from_json(Estimate, estimate(*values))


def strategy(actions: float, saving: dict[str, Any] | None) -> dict[str, Any]:
    units = ("notes", "mentions", "actions", "seconds")
    return {
        "rounds": [
            {"f1": estimate(0.6, 0.55, 0.65), **dict.fromkeys(units, 100.0)},
            {"f1": estimate(0.8, 0.78, 0.82), **dict.fromkeys(units, actions)},
        ],
        "reached": {"1": 1, "2": None},
        "to_reach": {unit: estimate(actions, actions - 10, actions + 10) for unit in units},
        "to_reach_after_start": {unit: estimate(actions - 100) for unit in units},
        "saving": dict.fromkeys(units, saving),
        "saving_after_start": dict.fromkeys(units, saving),
        "f1_gain_at_equal_actions": [{"actions": 250, "gain": estimate(0.02, -0.01, 0.05)}],
    }


DOCUMENT = from_json(Simulated, {
    "simulated": True, "notes": 257, "scored_notes": 257, "folds": 5, "pool_notes": 205.6, "seeds": 2, "start": 20,
    "batch": 20, "max_notes": None, "until_reached": False, "within": 0.01, "learner": "crf", "steps": 15,
    "folder": "reports/simulation", "notices": ["Written <offline>"], "full": estimate(0.85, 0.84, 0.86),
    "pace": {"seconds_per_note": 20.0, "seconds_per_word": 0.1, "seconds_per_action": 6.0},
    "strategies": {"random": strategy(600, None), "total-<entropy>": strategy(400, estimate(0.33, 0.2, 0.46))},
})  # fmt: skip


def test_a_saving_says_in_words_whether_it_excludes_zero() -> None:
    assert saving_in_words(of(0.33, 0.2, 0.46)) == (
        "33 % fewer correction actions than random choice (95 % interval 20 to 46 %: excludes zero), 5 seeds"
    )
    assert saving_in_words(of(-0.12, -0.3, 0.06)) == (
        "12 % more correction actions than random choice (95 % interval -6 to 30 %: does not exclude zero), 5 seeds"
    )
    assert "one seed: no interval" in saving_in_words(of(0.1))
    assert saving_in_words(None).startswith("no seed in which both came within reach")


def test_the_table_says_what_was_simulated_and_what_each_strategy_spent() -> None:
    text = tell_simulated(DOCUMENT, Path())
    assert "SIMULATED corrections (by an oracle) of 257 notes, scored by 5-fold cross-validation over lineages" in text
    assert "\nWritten <offline>\n" in text
    assert "micro F1 0.850 [0.840, 0.860]" in text
    assert re.search(r"random +1/2 +600\.0 +600\.0 +600\.0 +10\.0\n", text)
    assert "\n       250  +0.020 [-0.010, +0.050]\n" in text
    assert "  in time: 33 % fewer estimated minutes than random choice (95 % interval 20 to" in text
    assert "total-<entropy>: 33 % fewer correction actions than random choice" in text
    assert re.search(r" 100 +0\.600 \[0\.550, 0\.650\] +100\.0", text)


class Elements(HTMLParser):
    """What a page consists of."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_draws_a_curve_for_each_unit_and_says_each_in_words() -> None:
    page = Elements(render_simulation(DOCUMENT))
    assert page.tags["figure"] == 4
    assert page.tags["desc"] == 4
    assert page.tags["polyline"] == 4 * 2
    assert "random: 0.600 after 100, 0.800 after 600" in " ".join(page.text.split())
    assert "excludes zero" in page.text
    assert "oracle" in page.text


def test_the_page_loads_nothing_runs_nothing_and_escapes_names() -> None:
    text = render_simulation(DOCUMENT)
    page = Elements(text)
    assert page.tags["script"] == 0
    assert "<entropy>" not in text
    assert "Written &lt;offline&gt;" in text
    assert not [
        value
        for name, value in page.attributes
        if name in ("src", "href") and value not in ("data:,",) and not (value or "").startswith("#")
    ]


@pytest.mark.slow
def test_in_a_workspace_the_gold_of_the_training_notes_is_replayed_and_kept_among_the_reports(
    notes_file: Path, tmp_path: Path
) -> None:
    place = tmp_path / "workspace"
    make_workspace(place, '[endpoint]\nkind = "embedded"\n')
    with open_workspace(place, write=True) as workspace:
        import_notes(workspace.store, notes_file, Role.TRAIN, source="made up", sensitivity=Sensitivity.FICTIONAL)
    plan = Plan((), seeds=1, folds=2, start=2, batch=5)
    done = simulate(place, None, plan, learner="crf-light", steps=3)
    assert (done.notes, done.scored_notes, list(done.notices)) == (10, 10, [OFFLINE])
    assert list(done.strategies) == ["random", SelectionConfig().strategy]
    folder = Path(done.folder)
    assert folder.parent == place / "reports"
    assert sorted(path.name for path in folder.iterdir()) == [
        "rounds.jsonl", "simulation.html", "simulation.json", "simulation.lock",
    ]  # fmt: skip


def test_scores_can_be_of_other_notes_alone(notes_file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    write_notes_file(other, [FileNote("x", UNSEEN.text, UNSEEN.spans)])
    plan = Plan(("random",), seeds=2, start=2, batch=8)
    result = simulate(tmp_path, notes_file, plan, learner="crf-light", steps=3, score_on=other, output=tmp_path / "out")
    assert (result.folds, result.notes, result.scored_notes) == (1, 10, 1)
    assert "scored on 1 others" in tell_simulated(result, tmp_path)
    assert [one.notes for one in result.strategies["random"].rounds] == [2, 10]
