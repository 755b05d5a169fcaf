"""The seed's recipe on transformers' Trainer: weighted loss, cosine schedule, early stopping on whole-note span F1."""

import json
import math
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from seqeval.metrics import classification_report
from torch import Tensor
from torch.nn.functional import cross_entropy
from tqdm import tqdm
from transformers import PreTrainedModel, Trainer, TrainerCallback, TrainingArguments
from transformers.trainer_callback import PrinterCallback, ProgressCallback
from typing_extensions import override

from corpus.config import TransformerConfig
from corpus.errors import ModelError
from corpus.labels import TAGS
from corpus.recognition import Annotated
from corpus.scoring import ScoredNote, score_notes
from corpus.tags import IGNORED, encode_tags
from inference.tokens import NoteTokenizer
from inference.transformer import TransformerRecogniser, best_device
from training.checkpoint import Checkpoint
from training.dataset import collate, training_windows
from training.weights import tag_weights

Epoch = dict[str, Any]
"""The figures of one epoch (JSON): epoch, loss, and where there are validation notes span_f1, macro_f1 and tags."""


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
) -> Fit:
    """Trains the checkpoint's model in place and says how it went, one line an epoch to `progress`.

    The same seed with the same number of threads gives the same weights on a CPU. Raises ModelError if there is
    nothing to train on or the loss is lost.
    """
    data = training_windows(train, checkpoint.tokenizer, negative_copies=recipe.negative_copies)
    if not len(data.rows):
        raise ModelError("there is no text to train on: import notes with --role train, or correct some")
    for reason, count in data.untagged.items():
        progress(f"{count} mentions cannot be tagged and are left out of training: {reason}")
    if not validation:
        progress(f"no validation notes: all {recipe.max_epochs} epochs are run, and the last is kept")
    weights = tag_weights(data.rows["labels"], o_ratio=recipe.o_ratio, least=recipe.min_weight, most=recipe.max_weight)
    watch = _Watch(checkpoint, validation, recipe, progress)
    with tempfile.TemporaryDirectory(prefix="ernotes-training-") as scratch:
        trainer = _WeightedTrainer(
            weights=weights,
            bf16=recipe.bf16 and _has_bf16(),
            model=checkpoint.model,
            args=training_arguments(recipe, seed, scratch),
            train_dataset=data.rows,
            data_collator=partial(collate, pad_id=checkpoint.tokenizer.pad_id),
            callbacks=[watch],
        )
        watch.losses = trainer.losses
        for printing in (PrinterCallback, ProgressCallback):  # they print to standard output
            trainer.remove_callback(printing)
        trainer.train()
    watch.restore_best()
    return Fit(watch.epochs, watch.best, len(data.rows), data.untagged, weights.tolist())


def training_arguments(recipe: TransformerConfig, seed: int, scratch: str) -> TrainingArguments:
    """The recipe in the Trainer's words; it saves, scores and prints nothing by itself."""
    arguments = TrainingArguments(
        output_dir=scratch,
        num_train_epochs=recipe.max_epochs,
        per_device_train_batch_size=recipe.device_batch_size,
        gradient_accumulation_steps=recipe.batch_size // recipe.device_batch_size,
        optim="adamw_torch",
        learning_rate=recipe.learning_rate,
        weight_decay=recipe.weight_decay,
        lr_scheduler_type="cosine",
        warmup_steps=recipe.warmup_ratio,  # below 1 it is a share of all steps
        max_grad_norm=recipe.max_gradient_norm,
        seed=seed,
        use_cpu=best_device().type == "cpu",
        dataloader_pin_memory=best_device().type == "cuda",
        remove_unused_columns=False,
        save_strategy="no",
        eval_strategy="no",
        logging_strategy="no",
        report_to="none",
        disable_tqdm=True,
    )
    if arguments.n_gpu > 1:
        # One device: the Trainer would otherwise feed each GPU a batch and so multiply the effective batch.
        arguments._n_gpu = 1
    return arguments


class _WeightedTrainer(Trainer):
    """A Trainer whose loss is the cross-entropy weighted by tag, averaged over a device batch."""

    loss_is_scaled_for_ga = False

    def __init__(self, *, weights: Tensor, bf16: bool, **settings: Any) -> None:
        super().__init__(**settings)
        self._weights = weights.to(self.args.device)
        self._bf16 = bf16
        self.losses: list[Tensor] = []

    @override
    def compute_loss(
        self,
        model: torch.nn.Module,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Tensor | int | None = None,
    ) -> Any:
        """The loss of a batch; the forward pass runs in bfloat16 where that was asked for."""
        labels = inputs["labels"]
        with torch.autocast(self.args.device.type, dtype=torch.bfloat16, enabled=self._bf16):
            outputs = model(input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"])
        logits = outputs.logits.float()  # (n_windows, longest, n_tags)
        loss = cross_entropy(logits.flatten(0, 1), labels.flatten(), weight=self._weights, ignore_index=IGNORED)
        self.losses.append(loss.detach())
        return (loss, outputs) if return_outputs else loss


class _Watch(TrainerCallback):
    """Scores the model after each epoch, keeps the best weights, and stops training that no longer gets better.

    The score is the exact span F1 over whole validation notes, by the recogniser that will serve the model: an F1
    over windows would count the mentions in overlaps twice.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        validation: Sequence[Annotated],
        recipe: TransformerConfig,
        progress: Callable[[str], None],
    ) -> None:
        self.losses: list[Tensor] = []
        self.epochs: list[Epoch] = []
        self.best: Epoch | None = None
        self._best_weights: dict[str, Tensor] = {}
        self._checkpoint = checkpoint
        self._validation = validation
        self._recipe = recipe
        self._progress = progress
        self._bar: tqdm[Any] | None = None

    @override
    def on_epoch_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Shows a bar of the epoch's steps on a terminal."""
        steps = math.ceil(state.max_steps / state.num_train_epochs)
        name = f"epoch {len(self.epochs) + 1}"
        self._bar = tqdm(total=steps, desc=name, leave=False, disable=None, file=sys.stderr)

    @override
    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Moves the bar."""
        if self._bar is not None:
            self._bar.update()

    @override
    def on_epoch_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Scores, keeps, reports; asks for the end of training once patience is over."""
        if self._bar is not None:
            self._bar.close()
        loss = torch.stack(self.losses).mean().item()
        self.losses.clear()
        if not math.isfinite(loss):
            raise ModelError("the training loss is no longer a number: lower learning_rate in ernotes.toml")
        epoch: Epoch = {"epoch": len(self.epochs) + 1, "loss": loss}
        if self._validation:
            epoch |= validation_figures(self._checkpoint.model, self._checkpoint.tokenizer, self._validation)
        self.epochs.append(epoch)
        if self._validation and (self.best is None or epoch["span_f1"] > self.best["span_f1"]):
            self.best = epoch
            self._best_weights = {
                name: weight.detach().cpu().clone() for name, weight in self._checkpoint.model.state_dict().items()
            }
        f1 = f", span F1 {epoch['span_f1']:.3f} (best {self.best['span_f1']:.3f})" if self.best else ""
        self._progress(f"epoch {epoch['epoch']}/{self._recipe.max_epochs}: loss {loss:.4f}{f1}")
        if self.best and epoch["epoch"] - self.best["epoch"] >= self._recipe.patience:
            self._progress(f"no better span F1 for {self._recipe.patience} epochs: stopped")
            control.should_training_stop = True

    def restore_best(self) -> None:
        """Puts the best epoch's weights back into the model; the last epoch's stay where none was scored."""
        if self._best_weights:
            self._checkpoint.model.load_state_dict(self._best_weights)


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
