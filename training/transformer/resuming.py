"""The run folder of a training: what a killed run goes on from."""

import hashlib
import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from corpus.recognition import Annotated

_FINGERPRINT = "fingerprint"
_STATE = "trainer_state.json"


def run_folder(folder: Path) -> Path:
    """The hidden sibling of a model's folder that holds its training's checkpoints until the model is in place."""
    return folder.parent / f".{folder.name}.run"


def fingerprint(settings: Sequence[object], *notes: Sequence[Annotated]) -> str:
    """A digest of all that decides the weights: the settings (JSON) and the groups of notes, in order."""
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode())
    for group in notes:
        told = [[note.id, note.text, [[s.start, s.end, s.label.value] for s in note.spans]] for note in group]
        digest.update(json.dumps(told).encode())
    return digest.hexdigest()


def open_run(folder: Path, mark: str, progress: Callable[[str], None]) -> None:
    """Makes the run folder, emptied if it belongs to a run of other notes, recipe or libraries."""
    path = folder / _FINGERPRINT
    if folder.exists() and not (path.exists() and path.read_text("utf-8") == mark):
        progress(f"{folder} is of a run with other notes or another recipe: begun anew")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(mark, "utf-8")


def last_checkpoint(folder: Path) -> Path | None:
    """The newest whole checkpoint of a run; None where there is none.

    The Trainer writes a checkpoint's state last, and clears older ones away only after that: one without a state that
    can be read was being written when the run was killed. Such are removed.
    """
    checkpoints = sorted(folder.glob("checkpoint-*"), key=lambda path: int(path.name.split("-")[1]), reverse=True)
    for checkpoint in checkpoints:
        try:
            json.loads((checkpoint / _STATE).read_text("utf-8"))
        except (OSError, ValueError):
            shutil.rmtree(checkpoint, ignore_errors=True)
        else:
            return checkpoint
    return None


def state_path(checkpoint: Path) -> Path:
    """Where a checkpoint says how far training was."""
    return checkpoint / _STATE
