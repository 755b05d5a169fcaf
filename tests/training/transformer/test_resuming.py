"""A training killed at any epoch goes on and ends as if nothing had happened."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from corpus.note import Span
from corpus.recognition import Annotated
from tests.conftest import PROJECT_ROOT
from tests.inference.tiny import INVENTED_NOTES
from training.transformer.resuming import fingerprint, last_checkpoint, open_run, run_folder

pytestmark = [pytest.mark.torch, pytest.mark.usefixtures("one_thread")]

TRAIN = """
import os, signal, sys
from pathlib import Path
import torch
from corpus.config.training import CompactConfig, TrainingConfig, WindowConfig
from tests.inference.tiny import INVENTED_NOTES
from training.run import train_recogniser

torch.set_num_threads(1)
folder, fatal = Path(sys.argv[1]), sys.argv[2]
compact = CompactConfig(
    hidden_size=32, layers=1, heads=2, vocabulary=300, max_epochs=4, patience=4, batch_size=4, cpu_batch_size=2
)
config = TrainingConfig(windows=WindowConfig(max_tokens=32, overlap_tokens=8), compact=compact)

def say(line):
    print(line, flush=True)
    if line.startswith(fatal):
        os.kill(os.getpid(), signal.SIGKILL)

train_recogniser("compact", INVENTED_NOTES, INVENTED_NOTES, folder, config, 1, say)
"""
NEVER = "no line begins so"


def train(folder: Path, fatal: str) -> subprocess.CompletedProcess[str]:
    """A training in a process of its own, killed by SIGKILL at the first line that begins with `fatal`."""
    command = [sys.executable, "-c", TRAIN, str(folder), fatal]
    return subprocess.run(
        command,
        cwd=PROJECT_ROOT,
        env=os.environ | {"PYTHONPATH": str(PROJECT_ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("undisturbed") / "model"
    assert train(folder, NEVER).returncode == 0
    return folder


def epochs_of(folder: Path) -> list[object]:
    epochs: list[object] = json.loads((folder / "ernotes-training.json").read_text("utf-8"))["epochs"]
    return epochs


@pytest.mark.parametrize("fatal", ["epoch 3/4", "writing"])
def test_a_killed_training_ends_with_the_weights_of_one_that_was_not(
    undisturbed: Path, tmp_path: Path, fatal: str
) -> None:
    folder = tmp_path / "model"
    assert train(folder, fatal).returncode == -signal.SIGKILL
    assert not folder.exists()
    again = train(folder, NEVER)
    assert again.returncode == 0, again.stderr
    assert "going on after epoch" in again.stdout
    assert (folder / "model.safetensors").read_bytes() == (undisturbed / "model.safetensors").read_bytes()
    assert epochs_of(folder) == epochs_of(undisturbed)
    assert [entry.name for entry in tmp_path.iterdir()] == ["model"]


def test_a_checkpoint_that_was_being_written_is_not_gone_on_from(tmp_path: Path) -> None:
    for step, state in ((5, '{"global_step": 5}'), (10, '{"global_'), (15, None)):
        (tmp_path / f"checkpoint-{step}").mkdir()
        if state is not None:
            (tmp_path / f"checkpoint-{step}" / "trainer_state.json").write_text(state)
    assert last_checkpoint(tmp_path) == tmp_path / "checkpoint-5"
    assert [entry.name for entry in tmp_path.iterdir()] == ["checkpoint-5"]
    assert last_checkpoint(tmp_path / "nowhere") is None


def test_a_run_of_other_data_or_recipe_is_begun_anew(tmp_path: Path) -> None:
    run, lines = run_folder(tmp_path / "model"), list[str]()
    open_run(run, "a", lines.append)
    (run / "checkpoint-1").mkdir()
    open_run(run, "a", lines.append)
    assert (run / "checkpoint-1").exists()
    assert lines == []
    open_run(run, "b", lines.append)
    assert not (run / "checkpoint-1").exists()
    assert lines == [f"{run} is of a run with other notes or another recipe: begun anew"]


def test_the_fingerprint_sees_settings_texts_and_spans() -> None:
    note = INVENTED_NOTES[0]
    moved = Annotated(note.id, note.text, (Span(0, 3, note.spans[0].label), *note.spans[1:]))
    marks = [
        fingerprint(["compact", 1], INVENTED_NOTES),
        fingerprint(["compact", 2], INVENTED_NOTES),
        fingerprint(["compact", 1], [moved, *INVENTED_NOTES[1:]]),
        fingerprint(["compact", 1], [Annotated(note.id, note.text + ".", note.spans), *INVENTED_NOTES[1:]]),
        fingerprint(["compact", 1], INVENTED_NOTES[:2], INVENTED_NOTES[2:]),
    ]
    assert len(set(marks)) == len(marks)
    assert fingerprint(["compact", 1], INVENTED_NOTES) == marks[0]
