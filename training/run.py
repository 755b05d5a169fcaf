"""One training run: the base's name decides which recogniser is made; of several seeds the best is kept."""

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from corpus.config.training import TrainingConfig
from corpus.documents import from_json, to_json
from corpus.errors import ModelError
from corpus.labels import Label
from corpus.machine.files import put_in_place
from corpus.machine.processes import is_main_process
from corpus.recognition import Annotated, Trained
from inference.load import load_recogniser
from inference.manifest import read_manifest
from training.calibration import Calibration
from training.card import CARD_NAME, About, format_seeds, model_card
from training.job import CRF, RUN_NAME, Job
from training.seeds import Seeds, best_of
from training.transformer.resuming import fingerprint, run_folder


def train_recogniser(
    base: str,
    train: Sequence[Annotated],
    validation: Sequence[Annotated],
    folder: Path,
    config: TrainingConfig,
    seed: int,
    progress: Callable[[str], None],
    *,
    about: About | None = None,
    seeds: int = 1,
) -> Trained:
    """A recogniser trained on `train`, written whole to `folder` with its card, and the figures of the run.

    `base` is `crf`, `compact`, or a Hugging Face name or folder. The best epoch on `validation` is kept, and the best
    of the `seeds` seeds from `seed` on. What a killed run has done is not done again. Raises ModelError if there is
    nothing to train on or to choose by, if the base cannot be loaded, or if `folder` is there already.
    """
    if not train:
        raise ModelError("no training notes: import some with --role train, or correct some")
    if folder.exists():
        raise ModelError(f"{folder} is there already; a trained model is never written over: remove it or name another")
    missing = set(Label) - {span.label for note in train for span in note.spans}
    if 0 < len(missing) < len(Label):
        progress(f"no training note has a mention of {', '.join(sorted(missing))}: the model cannot learn to find it")
    if seeds > 1 and base == CRF:
        progress("nothing in a crf is left to chance: one is trained, not one a seed")
        seeds = 1
    if seeds > 1 and not any(note.spans for note in validation):
        raise ModelError("there is no validation span to choose the best seed by: train one seed, or annotate some")
    job = Job(base, train, validation, folder, config, seed, progress)
    try:
        runs = [_train_seed(replace(job, seed=number)) for number in range(seed, seed + seeds)]
    except ModelError:
        shutil.rmtree(run_folder(folder), ignore_errors=True)
        raise
    best, compared = (runs[0], None) if seeds == 1 else best_of(runs)
    if compared is not None:
        progress(format_seeds(compared))
    if is_main_process():
        _write_card(job, best, about or About(), compared)
        put_in_place(best.folder, folder)
        shutil.rmtree(run_folder(folder))
    return Trained(folder, best.figures if compared is None else best.figures | {"seeds": to_json(compared)})


def _train_seed(job: Job) -> Trained:
    """The recogniser of one seed, written to the run folder, or found there if a killed run had finished it."""
    work = run_folder(job.folder)
    draft = work / f"seed-{job.seed}"
    if job.base == CRF:
        from training.crf.train import train_crf

        shutil.rmtree(draft, ignore_errors=True)
        return train_crf(job.train, job.validation, draft, job.config.crf, job.seed, job.progress)
    libraries = [version(name) for name in ("torch", "transformers", "tokenizers")]
    knobs = [section.model_dump(mode="json") for section in (job.recipe, job.config.windows)]
    mark = fingerprint([job.base, job.seed, *knobs, libraries], job.train, job.validation)
    if draft.exists():
        figures: dict[str, object] = json.loads((draft / RUN_NAME).read_text("utf-8"))
        if figures["fingerprint"] == mark:
            job.progress(f"seed {job.seed} was trained already")
            return Trained(draft, figures)
        shutil.rmtree(draft)
    from training.transformer.train import train_transformer  # torch is loaded for transformers alone

    return train_transformer(replace(job, folder=draft), work / f"{draft.name}.checkpoints", mark)


def _write_card(job: Job, best: Trained, about: About, seeds: Seeds | None) -> None:
    """Write the card of the best model beside it; the model is loaded as it was saved, and for no notes not at all."""
    texts = [note.text for note in job.validation]
    card = model_card(
        read_manifest(best.folder),
        about,
        data_licence=job.config.data_licence,
        train=job.train,
        validation=job.validation,
        found=list(load_recogniser(best.folder).recognise(texts)) if texts else [],
        chosen_by_validation=best.figures.get("best") is not None,
        calibration=from_json(Calibration, best.figures["calibration"]),
        seeds=seeds,
    )
    (best.folder / CARD_NAME).write_text(card, "utf-8")
