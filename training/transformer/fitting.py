"""The seed's recipe: weights, schedule, early stopping on whole-note span F1; a killed run goes on where it was."""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from accelerate import PartialState
from safetensors.torch import load_model
from seqeval.metrics import classification_report
from transformers import PreTrainedModel, TrainerState, TrainingArguments
from transformers.trainer_callback import PrinterCallback, ProgressCallback
from typing_extensions import override

from corpus.config.training import TransformerConfig
from corpus.errors import ModelError
from corpus.labels import TAGS
from corpus.recognition import Annotated
from corpus.scoring.scores import ScoredNote, score_notes
from corpus.tags import IGNORED, encode_tags
from inference.transformer.recogniser import TransformerRecogniser, best_device
from inference.transformer.tokens import NoteTokenizer
from training.transformer.checkpoint import Checkpoint
from training.transformer.dataset import TrainingWindows, collate, training_windows
from training.transformer.resuming import last_checkpoint, state_path
from training.transformer.trainer import Epoch, RecipeTrainer, StepBar, best_epoch, epochs_in, out_of_patience
from training.transformer.weights import tag_weights


@dataclass(frozen=True, slots=True)
class Fit:
    """What training did. The model holds the weights of the best epoch, or of the last if none was scored."""

    epochs: list[Epoch]
    best: Epoch | None
    windows: int
    untagged: dict[str, int]
    tag_weights: list[float]


def fine_tune(
    checkpoint: Checkpoint,
    train: Sequence[Annotated],
    validation: Sequence[Annotated],
    recipe: TransformerConfig,
    seed: int,
    progress: Callable[[str], None],
    run: Path,
) -> Fit:
    """Trains the checkpoint's model in place and says how it went, one line an epoch to `progress`.

    Each epoch is saved in the folder `run`; if a killed run of the same notes and recipe left some there, training goes
    on after the last. The same seed with the same number of threads gives the same weights on a CPU, killed or not.
    Raises ModelError if there is nothing to train on or the loss is lost.
    """
    data = training_windows(train, checkpoint.tokenizer, negative_copies=recipe.negative_copies)
    if not len(data.rows):
        raise ModelError("there is no text to train on: import notes with --role train, or correct some")
    if not any(note.spans for note in train):
        raise ModelError(f"nothing to learn from: {len(train)} training notes without a span; annotate or import some")
    for reason, count in data.untagged.items():
        progress(f"{count} mentions cannot be tagged and are left out of training: {reason}")
    scored = can_validate(validation)
    if not scored:
        what = "the validation notes hold no span" if validation else "no validation notes"
        progress(f"{what}: all {recipe.max_epochs} epochs are run, and the last is kept")
    weights = tag_weights(
        data.rows["labels"], o_ratio=recipe.o_ratio, min_weight=recipe.min_weight, max_weight=recipe.max_weight
    )
    trainer = _trainer(checkpoint, data, validation if scored else (), recipe, seed, progress, weights, run)
    state = _run(trainer, recipe, run, progress)
    # Without a score the last epoch is kept.
    kept = run / f"checkpoint-{state.best_global_step or state.global_step}" / "model.safetensors"
    load_model(checkpoint.model, kept, device=str(checkpoint.model.device))
    epochs = epochs_in(state.log_history)
    return Fit(epochs, best_epoch(epochs), len(data.rows), data.untagged, weights.tolist())


def can_validate(notes: Sequence[Annotated]) -> bool:
    """Whether an epoch can be chosen by these notes: they hold at least one span."""
    return any(note.spans for note in notes)


def _run(trainer: RecipeTrainer, recipe: TransformerConfig, run: Path, progress: Callable[[str], None]) -> TrainerState:
    """Trains to the end from wherever the run folder stands; the state it ended with."""
    last = last_checkpoint(run)
    if last is not None:
        state: TrainerState = TrainerState.load_from_json(str(state_path(last)))
        epochs = epochs_in(state.log_history)
        progress(f"going on after epoch {len(epochs)} of a run that was interrupted")
        if len(epochs) == recipe.max_epochs or out_of_patience(epochs, recipe.patience):
            return state
    trainer.train(resume_from_checkpoint=None if last is None else str(last))
    ended: TrainerState = trainer.state
    return ended


def _trainer(
    checkpoint: Checkpoint,
    data: TrainingWindows,
    validation: Sequence[Annotated],
    recipe: TransformerConfig,
    seed: int,
    progress: Callable[[str], None],
    weights: torch.Tensor,
    run: Path,
) -> RecipeTrainer:
    pad_id = checkpoint.tokenizer.pad_id
    trainer = RecipeTrainer(
        weights=weights,
        bf16=recipe.bf16 and _has_bf16(),
        pad_id=pad_id,
        score=(lambda: validation_figures(checkpoint.model, checkpoint.tokenizer, validation)) if validation else None,
        patience=recipe.patience,
        progress=progress,
        model=checkpoint.model,
        args=training_arguments(recipe, seed, run, scored=bool(validation)),
        train_dataset=data.rows,
        eval_dataset=data.rows,  # asked for by the Trainer, but it is `score` that evaluates
        data_collator=partial(collate, pad_id=pad_id),
        callbacks=[StepBar()],
    )
    for printing in (PrinterCallback, ProgressCallback):  # they print to standard output
        trainer.remove_callback(printing)
    return trainer


class _OneDevice(TrainingArguments):
    """Arguments of a process that computes on one device, however many the machine has.

    The Trainer would otherwise feed each GPU a batch from this process and so multiply the effective batch. Several
    GPUs are for several processes: `accelerate launch`.
    """

    @property
    @override
    def n_gpu(self) -> int:
        """At most one GPU."""
        return min(1, int(super().n_gpu))


def training_arguments(recipe: TransformerConfig, seed: int, run: Path, *, scored: bool) -> TrainingArguments:
    """The recipe in the Trainer's words; it saves each epoch in `run` and prints nothing by itself.

    Raises ModelError if the effective batch cannot be shared by the processes that `accelerate launch` started.
    """
    on_cpu = best_device().type == "cpu"
    processes = PartialState(cpu=on_cpu).num_processes
    share, left = divmod(recipe.batch_size, processes)
    if left:
        raise ModelError(
            f"batch_size {recipe.batch_size} cannot be shared by {processes} processes: "
            "change it in ernotes.toml, or the number of processes"
        )
    at_once = math.gcd(share, recipe.cpu_batch_size if on_cpu else recipe.device_batch_size)
    return _OneDevice(
        output_dir=str(run),
        num_train_epochs=recipe.max_epochs,
        per_device_train_batch_size=at_once,
        gradient_accumulation_steps=share // at_once,
        optim="adamw_torch",
        learning_rate=recipe.learning_rate,
        weight_decay=recipe.weight_decay,
        lr_scheduler_type="cosine",
        warmup_steps=recipe.warmup_ratio,  # below 1 it is a share of all steps
        max_grad_norm=recipe.max_gradient_norm,
        seed=seed,
        use_cpu=on_cpu,
        dataloader_pin_memory=best_device().type == "cuda",
        remove_unused_columns=False,
        save_strategy="epoch",
        save_total_limit=1,  # and the best one
        eval_strategy="epoch",
        metric_for_best_model="span_f1" if scored else None,
        greater_is_better=True,
        logging_strategy="no",
        report_to="none",
        disable_tqdm=True,
    )


def validation_figures(model: PreTrainedModel, tokenizer: NoteTokenizer, notes: Sequence[Annotated]) -> Epoch:
    """span_f1 (micro) and macro_f1 over whole notes, exact, and seqeval's report on the tags of their tokens."""
    recogniser = TransformerRecogniser(model, tokenizer, "in training")
    found = list(recogniser.tag(note.text for note in notes))
    exact = score_notes(
        ScoredNote(note.id, note.spans, decoded.recognition.spans) for note, decoded in zip(notes, found, strict=True)
    ).exact
    gold = [encode_tags(tokenizer.tokens(note.text).offsets, note.spans) for note in notes]
    report = classification_report(
        [_tag_names(tags) for tags in gold],
        [_tag_names(decoded.tags) for decoded in found],
        output_dict=True,
        zero_division=0,
    )
    return {
        "span_f1": exact.micro.f1,
        "macro_f1": exact.macro.f1,
        "tags": json.loads(json.dumps(report, default=float)),
    }


def _tag_names(tags: Sequence[int]) -> list[str]:
    return [TAGS[tag] for tag in tags if tag != IGNORED]


def _has_bf16() -> bool:
    return torch.cuda.is_available() and torch.cuda.is_bf16_supported()
