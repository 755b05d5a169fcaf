"""A transformer trained from a base and written as a folder that transformers' pipeline loads as it is."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import Any

import datasets
import transformers
from accelerate import PartialState

from corpus.config import TrainingConfig
from corpus.labels import TAGS, Label
from corpus.note import Span
from corpus.recognition import Annotated, Trained
from inference.manifest import MANIFEST_NAME, Manifest
from inference.tokens import NoteTokenizer
from inference.transformer import Scored, TransformerRecogniser, best_device, quieten
from training.calibration import Calibration, calibrate
from training.checkpoint import Checkpoint, load_base
from training.compact import compact_model, compact_tokenizer
from training.fitting import fine_tune
from training.folder import whole_folder
from training.processes import is_main_process
from training.resuming import open_run
from training.run import COMPACT, RUN_NAME


def train_transformer(
    base: str,
    train: Sequence[Annotated],
    validation: Sequence[Annotated],
    folder: Path,
    config: TrainingConfig,
    seed: int,
    progress: Callable[[str], None],
    checkpoints: Path,
    fingerprint: str,
) -> Trained:
    """The base trained by the seed's recipe (`compact` by its own profile) and written whole to `folder`.

    The folder holds safetensors weights, tokenizer, config with the nine tags, the manifest, and the figures of each
    epoch. Training goes on from the epochs in the folder `checkpoints`, if they bear this fingerprint. Raises
    ModelError if the base cannot be loaded or there is nothing to train on.
    """
    started = time.perf_counter()
    quieten()
    datasets.disable_progress_bars()
    transformers.set_seed(seed)
    recipe = config.compact if base == COMPACT else config.transformer
    checkpoint = _compact(train, config) if base == COMPACT else load_base(base, config.windows, progress)
    windows = checkpoint.tokenizer.windows.model_dump()
    if is_main_process():
        open_run(checkpoints, fingerprint, progress)
    PartialState(cpu=best_device().type == "cpu").wait_for_everyone()
    fit = fine_tune(checkpoint, train, validation, recipe, seed, progress, checkpoints)
    figures: dict[str, Any] = {
        "base": base,
        "seed": seed,
        "fingerprint": fingerprint,
        "train_notes": len(train),
        "train_spans": {label.value: sum(s.label is label for n in train for s in n.spans) for label in Label},
        "validation_notes": len(validation),
        "windows": windows,
        "train_windows": fit.windows,
        "untagged_spans": fit.untagged,
        "tag_weights": dict(zip(TAGS, fit.tag_weights, strict=True)),
        "best": fit.best,
        "epochs": fit.epochs,
        "seconds": round(time.perf_counter() - started, 1),
    }
    if not is_main_process():
        return Trained(folder, figures)
    calibration = calibrate_transformer(checkpoint, validation)
    figures["calibration"] = asdict(calibration)
    manifest = Manifest.model_validate(
        {
            "kind": "transformer",
            "base": base,
            "tags": TAGS,
            "trained_on": len(train),
            "recipe": {**recipe.model_dump(), "temperature": calibration.temperature},
            "windows": windows,
            "seed": seed,
        }
    )
    progress(f"writing {folder.name}")
    with whole_folder(folder) as draft:
        checkpoint.model.save_pretrained(draft)
        _save_tokenizer(checkpoint.tokenizer, draft)
        _write_json(draft / RUN_NAME, figures)
        _write_json(draft / MANIFEST_NAME, manifest.model_dump(mode="json"))
    return Trained(folder, figures)


def calibrate_transformer(checkpoint: Checkpoint, validation: Sequence[Annotated]) -> Calibration:
    """The temperature of the model's confidences; none (1) where validation has too few spans to choose it by."""
    recogniser = TransformerRecogniser(checkpoint.model, checkpoint.tokenizer, "in training")

    @cache  # the logits are the same at every temperature
    def score(texts: tuple[str, ...]) -> list[Scored]:
        return list(recogniser.score(texts))

    def recognise(temperature: float, texts: Sequence[str]) -> list[tuple[Span, ...]]:
        return [scored.decode(temperature=temperature).recognition.spans for scored in score(tuple(texts))]

    calibration = calibrate(recognise, validation)
    return replace(calibration, temperature=1.0) if calibration.error_after is None else calibration


def _compact(train: Sequence[Annotated], config: TrainingConfig) -> Checkpoint:
    max_tokens = config.windows.max_tokens
    tokenizer = compact_tokenizer((note.text for note in train), config.compact.vocabulary, max_tokens)
    model = compact_model(config.compact, len(tokenizer), max_tokens)
    return Checkpoint(model, NoteTokenizer(tokenizer, config.windows))


def _save_tokenizer(tokenizer: NoteTokenizer, folder: Path) -> None:
    # The pipeline cuts what it is given to this length.
    tokenizer.tokenizer.model_max_length = tokenizer.windows.max_tokens
    tokenizer.tokenizer.save_pretrained(folder)


def _write_json(path: Path, document: Any) -> None:
    path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", "utf-8")
