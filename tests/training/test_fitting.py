"""The recipe: what the Trainer is told, how a checkpoint is scored, which one is kept."""

from pathlib import Path
from typing import Any, cast

import pytest
import torch
from transformers import set_seed

import training.fitting
from corpus.config import CompactConfig, TransformerConfig, WindowConfig
from corpus.errors import ModelError
from corpus.labels import TAG_IDS, TAGS
from inference.tokens import NoteTokenizer
from tests.inference.tiny import INVENTED_NOTES, ScriptedModel, annotated, word_tokenizer
from training.checkpoint import Checkpoint
from training.compact import compact_model, compact_tokenizer
from training.fitting import fine_tune, training_arguments, validation_figures

TINY = CompactConfig(hidden_size=32, layers=1, heads=2, max_epochs=5, patience=2, batch_size=4, device_batch_size=2)


def tiny_checkpoint() -> Checkpoint:
    set_seed(1)
    tokenizer = compact_tokenizer((note.text for note in INVENTED_NOTES), 300, 64)
    windows = WindowConfig(max_tokens=64, overlap_tokens=16)
    return Checkpoint(compact_model(TINY, len(tokenizer), 64), NoteTokenizer(tokenizer, windows))


def test_the_seeds_recipe_reaches_the_trainer(tmp_path: Path) -> None:
    arguments = training_arguments(TransformerConfig(device_batch_size=4), 7, str(tmp_path))
    assert arguments.per_device_train_batch_size * arguments.gradient_accumulation_steps == 16
    assert (arguments.learning_rate, arguments.weight_decay) == (2e-5, 0.01)
    assert (str(arguments.lr_scheduler_type.value), arguments.get_warmup_steps(1000)) == ("cosine", 100)
    assert (arguments.max_grad_norm, arguments.num_train_epochs, arguments.seed) == (1.0, 20, 7)


def test_a_mention_in_an_overlap_counts_once_in_the_score_that_chooses_the_checkpoint() -> None:
    # Two mentions; w12 lies in two windows and is found, w2 lies in one and is missed: recall 1/2, precision 1, F1 2/3.
    # Counted by window, w12 would be found twice: recall 2/3, F1 0.8.
    words = [f"w{index}" for index in range(20)]
    tag_of = {4 + 12: "B-Diagnóstico"}
    model = ScriptedModel(lambda token, _: [6.0 * (TAG_IDS[tag_of.get(token, "O")] == i) for i in range(len(TAGS))])
    tokenizer = NoteTokenizer(word_tokenizer(words), WindowConfig(max_tokens=16, overlap_tokens=4))
    marked = " ".join(f"[D:{word}]" if word in ("w2", "w12") else word for word in words)
    figures = validation_figures(cast("Any", model), tokenizer, [annotated("note", marked)])
    assert figures["span_f1"] == pytest.approx(2 / 3)
    assert figures["tags"]["Diagnóstico"]["support"] == 2


def test_the_best_epoch_is_kept_and_training_stops_when_patience_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    scores = iter([0.2, 0.6, 0.4, 0.6, 0.9])
    weights_seen: list[dict[str, torch.Tensor]] = []

    def scripted(model: Any, *_: Any) -> dict[str, Any]:
        weights_seen.append({name: weight.clone() for name, weight in model.state_dict().items()})
        return {"span_f1": next(scores), "macro_f1": 0.0, "tags": {}}

    monkeypatch.setattr(training.fitting, "validation_figures", scripted)
    lines: list[str] = []
    checkpoint = tiny_checkpoint()
    fit = fine_tune(checkpoint, INVENTED_NOTES, INVENTED_NOTES[:1], TINY, 1, lines.append)
    assert [epoch["span_f1"] for epoch in fit.epochs] == [0.2, 0.6, 0.4, 0.6]
    assert fit.best is fit.epochs[1]
    kept = checkpoint.model.state_dict()
    assert all(torch.equal(kept[name], weight) for name, weight in weights_seen[1].items())
    assert not all(torch.equal(kept[name], weight) for name, weight in weights_seen[3].items())
    assert lines[-1] == "no better span F1 for 2 epochs: stopped"


def test_without_validation_notes_all_epochs_run_and_the_user_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    lines: list[str] = []
    fit = fine_tune(tiny_checkpoint(), INVENTED_NOTES, [], TINY, 1, lines.append)
    assert lines[0] == "no validation notes: all 5 epochs are run, and the last is kept"
    assert [epoch["epoch"] for epoch in fit.epochs] == [1, 2, 3, 4, 5]
    assert fit.best is None
    assert fit.epochs[-1]["loss"] < fit.epochs[0]["loss"]
    assert capsys.readouterr().out == ""


def test_notes_without_text_are_nothing_to_train_on() -> None:
    with pytest.raises(ModelError, match="no text to train on"):
        fine_tune(tiny_checkpoint(), [annotated("blank", " ")], [], TINY, 1, print)


def test_a_lost_loss_is_an_error_that_says_what_to_do() -> None:
    reckless = TINY.model_copy(update={"learning_rate": 1e30})
    with pytest.raises(ModelError, match="lower learning_rate"):
        fine_tune(tiny_checkpoint(), INVENTED_NOTES, [], reckless, 1, print)
