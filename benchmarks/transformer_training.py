"""Prints one JSON line: how fast our epoch is beside the published script's settings, and whether both learn alike.

    ER_NER_DIR=../shared/er_ner python benchmarks/transformer_training.py [--notes 40]

(-P, since this file has the name of the package that it measures.)

Both train the same BERT from random weights on the same windows of train.json with the same Trainer, loss and seed.
Published: every window padded to 512, gradient checkpointing, 4 windows at once, 4 times. Ours: the same 16 windows a
step, one at a time on a CPU, so that nothing is padded, no checkpointing. Tokens are those of the windows, padding
aside; seconds are those of the clock and, since other work may share the machine, of the processor. Where it does share
it, OMP_NUM_THREADS=1 is the way: several threads wait for one another, and waiting costs both sides alike. The loss
curves are taken in float32 without dropout, with the same windows in each step.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset, disable_progress_bars
from torch.nn.functional import pad
from transformers import BertConfig, BertForTokenClassification, set_seed
from transformers.trainer_callback import PrinterCallback, ProgressCallback
from transformers.trainer_utils import SaveStrategy

from corpus.config.training import TransformerConfig, WindowConfig
from corpus.formats import read_notes_file
from corpus.labels import TAG_IDS
from corpus.recognition import Annotated
from corpus.tags import IGNORED
from inference.transformer.recogniser import quieten
from inference.transformer.tokens import NoteTokenizer
from training.transformer.compact import compact_tokenizer
from training.transformer.dataset import collate, training_windows
from training.transformer.fitting import training_arguments
from training.transformer.trainer import RecipeTrainer
from training.transformer.weights import tag_weights

SEED = 42
VOCABULARY = 8000
OURS = TransformerConfig(max_epochs=1, bf16=False)
PUBLISHED = OURS.model_copy(update={"cpu_batch_size": 4})


class Measured(RecipeTrainer):
    """Our Trainer, which keeps the losses instead of scoring; `published` leaves the parts as they were drawn."""

    def __init__(self, *, published: bool, **settings: Any) -> None:
        super().__init__(**settings)
        self.step_losses: list[float] = []
        self._published = published

    def get_batch_samples(self, epoch_iterator: Any, num_batches: int, device: torch.device) -> Any:
        """The parts of a batch, and the weight of all their tags."""
        drawn = list(islice(epoch_iterator, num_batches))
        parts, weight = super().get_batch_samples(iter(drawn), num_batches, device)
        return (drawn if self._published else parts), weight

    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
        """Nothing; keeps the losses."""
        self.step_losses = torch.stack(self.losses).tolist()
        return {}


def main(folder: Path, n_notes: int, rounds: int) -> None:
    """The figures as one line of JSON; progress goes to standard error."""
    quieten()
    disable_progress_bars()
    file = read_notes_file(folder / "train.json")
    notes = [Annotated(str(note.doc_id), note.text, note.spans) for note in file.notes]
    tokenizer = NoteTokenizer(compact_tokenizer((note.text for note in notes), VOCABULARY, 512), WindowConfig())
    rows = training_windows(notes[:n_notes], tokenizer, negative_copies=OURS.negative_copies).rows
    tokens = sum(len(ids) for ids in rows["input_ids"])
    clock: dict[str, list[float]] = {"ours": [], "published": []}
    processor: dict[str, list[float]] = {"ours": [], "published": []}
    for number in range(rounds):
        for name in ("ours", "published") if number % 2 else ("published", "ours"):
            seconds, cpu_seconds, _ = _epoch(rows, tokenizer, published=name == "published", dropout=0.1)
            clock[name].append(seconds)
            processor[name].append(cpu_seconds)
            _say(f"{name}: {seconds:.1f} s, {cpu_seconds:.1f} processor seconds")
    ours, theirs = (_epoch(rows, tokenizer, published=published, dropout=0.0)[2] for published in (False, True))
    print(
        json.dumps(
            {
                "benchmark": "training",
                "threads": torch.get_num_threads(),
                "load": round(os.getloadavg()[0], 1),
                "windows": len(rows),
                "tokens": tokens,
                "tokens_per_second": {name: round(tokens / min(times)) for name, times in clock.items()},
                "times_as_fast": round(min(clock["published"]) / min(clock["ours"]), 2),
                "processor_times_as_fast": round(min(processor["published"]) / min(processor["ours"]), 2),
                "steps": len(ours),
                "largest_loss_difference": max(abs(a - b) for a, b in zip(ours, theirs, strict=True)),
                "losses": [[round(loss[0], 4), round(loss[-1], 4)] for loss in (ours, theirs)],
            }
        )
    )


def _epoch(
    rows: Dataset, tokenizer: NoteTokenizer, *, published: bool, dropout: float
) -> tuple[float, float, list[float]]:
    """Seconds of one epoch by the clock and of the processor, and the loss of each of its steps."""
    with tempfile.TemporaryDirectory() as run:
        arguments = training_arguments(PUBLISHED if published else OURS, SEED, Path(run), scored=False)
        arguments.save_strategy = SaveStrategy.NO
        trainer = Measured(
            published=published,
            weights=tag_weights(rows["labels"]),
            bf16=False,
            pad_id=tokenizer.pad_id,
            score=None,
            patience=1,
            progress=_say,
            model=_model(len(tokenizer.tokenizer), dropout, checkpointing=published),
            args=arguments,
            train_dataset=rows,
            eval_dataset=rows,
            data_collator=partial(_padded_to_512 if published else collate, pad_id=tokenizer.pad_id),
        )
        for printing in (PrinterCallback, ProgressCallback):
            trainer.remove_callback(printing)
        started, cpu_started = time.perf_counter(), time.process_time()
        trainer.train()
        return time.perf_counter() - started, time.process_time() - cpu_started, trainer.step_losses


def _model(pieces: int, dropout: float, *, checkpointing: bool) -> BertForTokenClassification:
    set_seed(SEED)
    config = BertConfig(
        vocab_size=pieces,
        hidden_size=256,
        num_hidden_layers=4,
        num_attention_heads=4,
        intermediate_size=1024,
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=dropout,
        num_labels=len(TAG_IDS),
    )
    model = BertForTokenClassification(config)
    if checkpointing:
        model.gradient_checkpointing_enable()
    return model


def _padded_to_512(windows: Sequence[dict[str, Any]], pad_id: int) -> dict[str, torch.Tensor]:
    batch = collate(windows, pad_id)
    padding = {"input_ids": pad_id, "attention_mask": 0, "labels": IGNORED}
    return {name: pad(rows, (0, 512 - rows.shape[1]), value=padding[name]) for name, rows in batch.items()}


def _say(line: str) -> None:
    print(line, file=sys.stderr)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--notes", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=2)
    given = parser.parse_args()
    main(Path(os.environ.get("ER_NER_DIR", "../shared/er_ner")), given.notes, given.rounds)
