"""The recipe: what the Trainer is told, how a checkpoint is scored, which one is kept."""

from pathlib import Path
from typing import Any, cast

import pytest
import torch
from transformers import set_seed

from corpus.config.training import CompactConfig, TransformerConfig, WindowConfig
from corpus.errors import ModelError
from corpus.labels import TAG_IDS, TAGS, Label
from corpus.note import Span
from corpus.recognition import Annotated
from inference.transformer.tokens import NoteTokenizer
from tests.inference.tiny import INVENTED_NOTES, ScriptedModel, annotated, word_tokenizer
from training.transformer import fitting
from training.transformer.checkpoint import Checkpoint
from training.transformer.compact import compact_model, compact_tokenizer
from training.transformer.dataset import collate
from training.transformer.fitting import fine_tune, training_arguments, validation_figures
from training.transformer.trainer import parts_of_like_length

pytestmark = [pytest.mark.torch, pytest.mark.usefixtures("one_thread")]

ODD_TEXTS = ("", " \r\n\t", "\x00\x07", "\u200b\ufeff", "日本語", "🧪 💊", "\ud83e")
TINY = CompactConfig(hidden_size=32, layers=1, heads=2, max_epochs=5, patience=2, batch_size=4, cpu_batch_size=2)


def tiny_checkpoint(recipe: CompactConfig = TINY) -> Checkpoint:
    set_seed(1)
    tokenizer = compact_tokenizer((note.text for note in INVENTED_NOTES), 300, 64)
    windows = WindowConfig(max_tokens=64, overlap_tokens=16)
    return Checkpoint(compact_model(recipe, len(tokenizer), 64), NoteTokenizer(tokenizer, windows))


def test_the_seeds_recipe_reaches_the_trainer(tmp_path: Path) -> None:
    arguments = training_arguments(TransformerConfig(cpu_batch_size=4), 7, tmp_path, scored=True)
    assert arguments.per_device_train_batch_size * arguments.gradient_accumulation_steps == 16
    assert (arguments.learning_rate, arguments.weight_decay) == (2e-5, 0.01)
    assert (str(arguments.lr_scheduler_type.value), arguments.get_warmup_steps(1000)) == ("cosine", 100)
    assert (arguments.max_grad_norm, arguments.num_train_epochs, arguments.seed) == (1.0, 20, 7)
    odd = training_arguments(TransformerConfig(batch_size=6, cpu_batch_size=4), 7, tmp_path, scored=True)
    assert (odd.per_device_train_batch_size, odd.gradient_accumulation_steps) == (2, 3)


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


def test_the_best_epoch_is_kept_and_training_stops_when_patience_is_over(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    scores = iter([0.2, 0.6, 0.4, 0.6, 0.9])
    weights_seen: list[dict[str, torch.Tensor]] = []

    def scripted(model: Any, *_: Any) -> dict[str, Any]:
        weights_seen.append({name: weight.clone() for name, weight in model.state_dict().items()})
        return {"span_f1": next(scores), "macro_f1": 0.0, "tags": {}}

    monkeypatch.setattr(fitting, "validation_figures", scripted)
    lines: list[str] = []
    checkpoint = tiny_checkpoint()
    fit = fine_tune(checkpoint, INVENTED_NOTES, INVENTED_NOTES[:1], TINY, 1, lines.append, tmp_path / "run")
    assert [epoch["span_f1"] for epoch in fit.epochs] == [0.2, 0.6, 0.4, 0.6]
    assert fit.best is fit.epochs[1]
    kept = checkpoint.model.state_dict()
    assert all(torch.equal(kept[name], weight) for name, weight in weights_seen[1].items())
    assert not all(torch.equal(kept[name], weight) for name, weight in weights_seen[3].items())
    assert lines[-1] == "no better span F1 for 2 epochs: stopped"


def test_without_validation_notes_all_epochs_run_and_the_user_is_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    lines: list[str] = []
    fit = fine_tune(tiny_checkpoint(), INVENTED_NOTES, [], TINY, 1, lines.append, tmp_path / "run")
    assert lines[0] == "no validation notes: all 5 epochs are run, and the last is kept"
    assert [epoch["epoch"] for epoch in fit.epochs] == [1, 2, 3, 4, 5]
    assert fit.best is None
    assert fit.epochs[-1]["loss"] < fit.epochs[0]["loss"]
    assert capsys.readouterr().out == ""


def test_notes_without_text_are_nothing_to_train_on(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no text to train on"):
        fine_tune(tiny_checkpoint(), [annotated("blank", " ")], [], TINY, 1, print, tmp_path / "run")


def test_notes_without_a_mention_are_nothing_to_learn_from(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="nothing to learn from: 1 training notes without a span"):
        fine_tune(tiny_checkpoint(), [annotated("bare", "Sem queixas.")], [], TINY, 1, print, tmp_path / "run")


def test_notes_that_the_tokenizer_does_not_know_or_that_are_empty_are_trained_around(tmp_path: Path) -> None:
    odd = [Annotated(f"odd-{number}", text, ()) for number, text in enumerate(ODD_TEXTS)]
    brief = TINY.model_copy(update={"max_epochs": 1})
    checkpoint = tiny_checkpoint()
    fit = fine_tune(checkpoint, [*INVENTED_NOTES, *odd], [*INVENTED_NOTES, *odd], brief, 1, print, tmp_path / "run")
    unknown = checkpoint.tokenizer.tokenizer.unk_token_id
    known = [set(checkpoint.tokenizer.tokens(text).ids) - {unknown} for text in ODD_TEXTS]
    assert known == [set()] * len(ODD_TEXTS)
    assert fit.untagged == {}
    assert fit.best is not None


def test_a_lost_loss_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    reckless = TINY.model_copy(update={"learning_rate": 1e30})
    with pytest.raises(ModelError, match="lower learning_rate"):
        fine_tune(tiny_checkpoint(), INVENTED_NOTES, [], reckless, 1, print, tmp_path / "run")


def parts_of(windows: list[list[int]], size: int) -> list[dict[str, torch.Tensor]]:
    rows = [{"input_ids": ids, "labels": [0] * len(ids)} for ids in windows]
    return [collate(rows[first : first + size], 0) for first in range(0, len(rows), size)]


def test_the_parts_of_a_batch_hold_windows_of_like_length() -> None:
    windows = [[7] * length for length in (9, 2, 8, 3, 5)]
    parts = parts_of_like_length(parts_of(windows, 2), 0)
    assert [part["attention_mask"].sum(dim=1).tolist() for part in parts] == [[2, 3], [5, 8], [9]]
    assert [tuple(part["labels"].shape) for part in parts] == [(2, 3), (2, 8), (1, 9)]


def test_it_does_not_matter_in_how_many_parts_a_batch_is_computed(tmp_path: Path) -> None:
    losses = []
    for parts in (1, 2, 4):
        recipe = TINY.model_copy(update={"cpu_batch_size": TINY.batch_size // parts, "dropout": 0.0})
        checkpoint = tiny_checkpoint(recipe)
        fit = fine_tune(checkpoint, INVENTED_NOTES, [], recipe, 1, lambda _: None, tmp_path / f"{parts}")
        losses.append([epoch["loss"] for epoch in fit.epochs])
    assert losses[1] == pytest.approx(losses[0], abs=1e-4)
    assert losses[2] == pytest.approx(losses[0], abs=1e-4)


def test_validation_notes_without_a_span_choose_nothing(tmp_path: Path) -> None:
    lines: list[str] = []
    brief = TINY.model_copy(update={"max_epochs": 1})
    bare = [annotated("bare", "Sem queixas.")]
    fit = fine_tune(tiny_checkpoint(), INVENTED_NOTES, bare, brief, 1, lines.append, tmp_path / "run")
    assert lines[0] == "the validation notes hold no span: all 1 epochs are run, and the last is kept"
    assert fit.best is None


def test_a_label_that_never_occurs_and_overlapping_spans_are_trained_around(tmp_path: Path) -> None:
    note = INVENTED_NOTES[0]
    inside = Span(note.spans[0].start, note.spans[0].end - 2, Label.DIAGNOSIS)
    lines: list[str] = []
    overlapping = Annotated(note.id, note.text, (*note.spans[:1], inside))
    brief = TINY.model_copy(update={"max_epochs": 1})
    fit = fine_tune(tiny_checkpoint(), [overlapping], [], brief, 1, lines.append, tmp_path / "run")
    assert sum(fit.untagged.values()) == 1
    assert "1 mentions cannot be tagged" in lines[0]
