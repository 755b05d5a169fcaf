"""transformers' Trainer with the seed's loss, scored over whole notes after each epoch."""

import math
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

import torch
from accelerate.utils import broadcast_object_list
from torch import Tensor
from torch.nn.functional import cross_entropy
from tqdm import tqdm
from transformers import Trainer, TrainerCallback, TrainerControl, TrainerState, TrainingArguments
from typing_extensions import override

from corpus.errors import ModelError
from corpus.tags import IGNORED
from training.transformer.dataset import collate

Epoch = dict[str, Any]
"""The figures of one epoch (JSON): epoch, loss, and where there are validation notes span_f1, macro_f1 and tags."""


class RecipeTrainer(Trainer):
    """A Trainer whose loss is the cross-entropy weighted by tag, and whose evaluation is `score`.

    The weighted mean is taken over the effective batch, so that it does not matter in how many parts, or on how many
    devices, a batch is computed. Each part is filled with windows of like length.
    """

    loss_is_scaled_for_ga = True

    def __init__(
        self,
        *,
        weights: Tensor,
        bf16: bool,
        pad_id: int,
        score: Callable[[], Epoch] | None,
        patience: int,
        progress: Callable[[str], None],
        **settings: Any,
    ) -> None:
        super().__init__(**settings)
        self._weights = weights.to(self.args.device)
        self._bf16 = bf16
        self._pad_id = pad_id
        self._score = score
        self._patience = patience
        self._progress = progress
        self.losses: list[Tensor] = []
        """This process's share of the loss of each step of the epoch."""

    @override
    def get_batch_samples(
        self, epoch_iterator: Iterator[dict[str, Tensor]], num_batches: int, device: torch.device
    ) -> tuple[list[dict[str, Tensor]], Tensor]:
        """The parts of one effective batch, and the weight of all its tags on all devices."""
        parts = parts_of_like_length(list(islice(epoch_iterator, num_batches)), self._pad_id)
        tags = torch.cat([part["labels"].flatten() for part in parts]).to(self._weights.device)
        weight = self.accelerator.reduce(self._weights[tags[tags != IGNORED]].sum(), "sum")
        self.losses.append(torch.zeros_like(weight))
        return parts, weight

    @override
    def compute_loss(
        self,
        model: torch.nn.Module,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        """A part's share of the effective batch's loss; the forward pass runs in bfloat16 where that was asked for."""
        with torch.autocast(self.args.device.type, dtype=torch.bfloat16, enabled=self._bf16):
            outputs = model(input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"])
        logits = outputs.logits.float()  # (n_windows, longest, n_tags)
        sum_of_losses = cross_entropy(
            logits.flatten(0, 1), inputs["labels"].flatten(), self._weights, ignore_index=IGNORED, reduction="sum"
        )
        loss = sum_of_losses / num_items_in_batch
        self.losses[-1] += loss.detach()
        loss = loss * self.accelerator.num_processes  # the gradients of the processes are averaged, not added
        return (loss, outputs) if return_outputs else loss

    @override
    def evaluate(self, *_: object, **__: object) -> dict[str, float]:
        """The figures by which the Trainer chooses the best epoch; asks for the end once patience is over."""
        loss = self.accelerator.reduce(torch.stack(self.losses).mean(), "sum").item()
        self.losses.clear()
        if not math.isfinite(loss):
            raise ModelError("the training loss is no longer a number: lower learning_rate in ernotes.toml")
        epoch: Epoch = {"epoch": len(self.epochs) + 1, "loss": loss}
        if self._score is not None:
            # One process scores and tells the others: all must agree on when to stop.
            figures = [self._score() if self.is_world_process_zero() else None]
            epoch |= broadcast_object_list(figures)[0]
        self.state.log_history.append(epoch)
        self._report()
        return {"eval_span_f1": epoch["span_f1"]} if self._score is not None else {}

    @property
    def epochs(self) -> list[Epoch]:
        """The figures of the epochs so far, those before a resumption included."""
        return epochs_in(self.state.log_history)

    def _report(self) -> None:
        epoch, best = self.epochs[-1], best_epoch(self.epochs)
        f1 = f", span F1 {epoch['span_f1']:.3f} (best {best['span_f1']:.3f})" if best else ""
        self._progress(f"epoch {epoch['epoch']}/{self.args.num_train_epochs:.0f}: loss {epoch['loss']:.4f}{f1}")
        if out_of_patience(self.epochs, self._patience):
            self._progress(f"no better span F1 for {self._patience} epochs: stopped")
            self.control.should_training_stop = True


def epochs_in(history: Sequence[Epoch]) -> list[Epoch]:
    """The epochs' figures in a Trainer's log, which ends with figures of the whole run."""
    return [entry for entry in history if "loss" in entry]


def best_epoch(epochs: Sequence[Epoch]) -> Epoch | None:
    """The epoch with the highest span F1, the first of equal ones; None where none was scored."""
    scored = [epoch for epoch in epochs if "span_f1" in epoch]
    return max(scored, key=lambda epoch: epoch["span_f1"]) if scored else None


def out_of_patience(epochs: Sequence[Epoch], patience: int) -> bool:
    """Whether the best epoch lies `patience` epochs or more behind the last one."""
    best = best_epoch(epochs)
    return best is not None and epochs[-1]["epoch"] - best["epoch"] >= patience


def parts_of_like_length(parts: Sequence[dict[str, Tensor]], pad_id: int) -> list[dict[str, Tensor]]:
    """The same windows in parts of the same sizes, the shortest first: less padding to compute."""
    rows = [
        {"input_ids": ids[:length], "labels": labels[:length]}
        for part in parts
        for ids, labels, length in zip(
            part["input_ids"], part["labels"], part["attention_mask"].sum(dim=1).tolist(), strict=True
        )
    ]
    by_length = iter(sorted(rows, key=lambda row: len(row["input_ids"])))
    return [collate(list(islice(by_length, len(part["labels"]))), pad_id) for part in parts]


class StepBar(TrainerCallback):
    """A bar of the epoch's steps on a terminal."""

    def __init__(self) -> None:
        self._bar: tqdm[Any] | None = None

    @override
    def on_epoch_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: object
    ) -> None:
        """Shows the bar."""
        steps = math.ceil(state.max_steps / state.num_train_epochs)
        name = f"epoch {int(state.epoch or 0) + 1}"
        self._bar = tqdm(total=steps, desc=name, leave=False, disable=None, file=sys.stderr)

    @override
    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: object) -> None:
        """Moves the bar."""
        if self._bar is not None:
            self._bar.update()

    @override
    def on_epoch_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: object) -> None:
        """Takes the bar away."""
        if self._bar is not None:
            self._bar.close()
