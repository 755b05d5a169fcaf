"""A transformer trained from a base and written as a folder that transformers' pipeline loads as it is."""

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path

import datasets
import transformers
from accelerate import PartialState

from corpus.labels import TAGS, Label
from corpus.machine.files import whole_folder
from corpus.machine.processes import is_main_process
from corpus.note import Span
from corpus.recognition import Annotated, Trained
from inference.manifest import MANIFEST_NAME, Manifest
from inference.transformer.recogniser import Scored, TransformerRecogniser, best_device, quieten
from inference.transformer.tokens import NoteTokenizer
from training.calibration import Calibration, calibrate
from training.job import COMPACT, RUN_NAME, Job
from training.transformer.checkpoint import Checkpoint, load_base
from training.transformer.compact import compact_model, compact_tokenizer
from training.transformer.fitting import Fit, fine_tune
from training.transformer.resuming import open_run


def train_transformer(job: Job, checkpoints: Path, fingerprint: str) -> Trained:
    """The base trained by the seed's recipe (`compact` by its own profile) and written whole to the job's folder.

    The folder holds safetensors weights, tokenizer, config with the nine tags, the manifest, and the figures of each
    epoch. Training goes on from the epochs in the folder `checkpoints`, if they bear this fingerprint. Raises
    ModelError if the base cannot be loaded or there is nothing to train on.
    """
    started = time.perf_counter()
    quieten()
    datasets.disable_progress_bars()
    transformers.set_seed(job.seed)
    checkpoint = _compact(job) if job.base == COMPACT else load_base(job.base, job.config.windows, job.progress)
    if is_main_process():
        open_run(checkpoints, fingerprint, job.progress)
    PartialState(cpu=best_device().type == "cpu").wait_for_everyone()
    fit = fine_tune(checkpoint, job.train, job.validation, job.recipe, job.seed, job.progress, checkpoints)
    figures = _figures(job, checkpoint, fit) | {
        "fingerprint": fingerprint,
        "seconds": round(time.perf_counter() - started, 1),
    }
    if not is_main_process():
        return Trained(job.folder, figures)
    calibration = calibrate_transformer(checkpoint, job.validation)
    figures["calibration"] = asdict(calibration)
    job.progress(f"writing {job.folder.name}")
    with whole_folder(job.folder) as draft:
        checkpoint.model.save_pretrained(draft)
        _save_tokenizer(checkpoint.tokenizer, draft)
        _write_json(draft / RUN_NAME, figures)
        _write_json(draft / MANIFEST_NAME, _manifest(job, checkpoint, calibration.temperature).model_dump(mode="json"))
    return Trained(job.folder, figures)


def _figures(job: Job, checkpoint: Checkpoint, fit: Fit) -> dict[str, object]:
    return {
        "base": job.base,
        "seed": job.seed,
        "train_notes": len(job.train),
        "train_spans": {label.value: sum(s.label is label for n in job.train for s in n.spans) for label in Label},
        "validation_notes": len(job.validation),
        "windows": checkpoint.tokenizer.windows.model_dump(),
        "train_windows": fit.windows,
        "untagged_spans": fit.untagged,
        "tag_weights": dict(zip(TAGS, fit.tag_weights, strict=True)),
        "best": fit.best,
        "epochs": fit.epochs,
    }


def _manifest(job: Job, checkpoint: Checkpoint, temperature: float) -> Manifest:
    return Manifest.model_validate(
        {
            "kind": "transformer",
            "base": job.base,
            "tags": TAGS,
            "trained_on": len(job.train),
            "recipe": {**job.recipe.model_dump(), "temperature": temperature},
            "windows": checkpoint.tokenizer.windows.model_dump(),
            "seed": job.seed,
        }
    )


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


def _compact(job: Job) -> Checkpoint:
    recipe, windows = job.config.compact, job.config.windows
    tokenizer = compact_tokenizer((note.text for note in job.train), recipe.vocabulary, windows.max_tokens)
    model = compact_model(recipe, len(tokenizer), windows.max_tokens)
    return Checkpoint(model, NoteTokenizer(tokenizer, windows))


def _save_tokenizer(tokenizer: NoteTokenizer, folder: Path) -> None:
    # The pipeline cuts what it is given to this length.
    tokenizer.tokenizer.model_max_length = tokenizer.windows.max_tokens
    tokenizer.tokenizer.save_pretrained(folder)


def _write_json(path: Path, document: object) -> None:
    path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", "utf-8")
