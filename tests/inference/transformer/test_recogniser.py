"""Recognition with a transformer: windows, batches, laziness, loading."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from corpus.config.training import WindowConfig
from corpus.errors import ModelError
from corpus.labels import TAG_IDS, TAGS, Label
from corpus.note import Span
from inference.load import load_recogniser
from inference.transformer.recogniser import NOTES_AT_ONCE, TransformerRecogniser
from inference.transformer.tokens import NoteTokenizer
from tests.inference.tiny import ScriptedModel, word_tokenizer

pytestmark = pytest.mark.torch

WORDS = [f"w{index}" for index in range(40)]


def logits_of(tag: str, score: float) -> list[float]:
    return [score if index == TAG_IDS[tag] else 0.0 for index in range(len(TAGS))]


def recogniser(model: ScriptedModel, max_tokens: int = 16, overlap_tokens: int = 4) -> TransformerRecogniser:
    windows = WindowConfig(max_tokens=max_tokens, overlap_tokens=overlap_tokens)
    return TransformerRecogniser(
        cast("Any", model), NoteTokenizer(word_tokenizer(WORDS), windows), "scripted", batch_windows=3
    )


def test_logits_of_a_token_seen_by_two_windows_are_averaged() -> None:
    # Windows of 14 tokens, 4 shared: w10 to w13 stand at 11 to 14 in the first window and at 1 to 4 in the second.
    # w12 gets B-Diagnóstico 4 in the first and 0 in the second, so 2; e² / (e² + 8) = 7.3891 / 15.3891 = 0.48015.
    def logits(token: int, position: int) -> list[float]:
        if token - 4 == 12:
            return logits_of("B-Diagnóstico", 4.0 if position == 13 else 0.0)
        return logits_of("O", 9.0)

    (found,) = recogniser(ScriptedModel(logits)).recognise([" ".join(WORDS[:20])])
    (span,) = found.spans
    assert " ".join(WORDS[:20])[span.start : span.end] == "w12"
    assert span.confidence == pytest.approx(0.48015, abs=1e-4)


def test_a_mention_across_windows_comes_out_once_and_whole() -> None:
    def logits(token: int, position: int) -> list[float]:
        word = token - 4
        return logits_of("B-Diagnóstico" if word == 8 else "I-Diagnóstico" if 8 < word < 30 else "O", 6.0)

    text = " ".join(WORDS)
    (found,) = recogniser(ScriptedModel(logits)).recognise([text])
    assert [span.place for span in found.spans] == [(text.index("w8"), text.index(" w30"), Label.DIAGNOSIS)]


def test_notes_come_back_in_order_whatever_their_length() -> None:
    model = ScriptedModel(lambda token, _: logits_of("B-Diagnóstico" if token == 4 else "O", 5.0))
    texts = ["w1 " * length + "w0" for length in (30, 0, 7, 60, 1)] + ["", " \r\n "]
    found = list(recogniser(model).recognise(texts))
    assert [[(span.start, span.end) for span in recognition.spans] for recognition in found] == [
        *[[(len(text) - 2, len(text))] for text in texts[:5]],
        [],
        [],
    ]
    assert [recognition.uncertainty.tokens for recognition in found] == [31, 1, 8, 61, 2, 0, 0]


def test_batches_hold_no_more_windows_than_asked_for() -> None:
    model = ScriptedModel(lambda *_: logits_of("O", 5.0))
    list(recogniser(model).recognise(["w1 " * 50, "w1", "w1 w1", "w1"]))
    assert [shape[0] for shape in model.batches] == [3, 3, 2]


def test_texts_are_read_lazily() -> None:
    read = 0

    def texts() -> Iterator[str]:
        nonlocal read
        for _ in range(100):
            read += 1
            yield "w1"

    next(recogniser(ScriptedModel(lambda *_: logits_of("O", 5.0))).recognise(texts()))
    assert read == NOTES_AT_ONCE


def test_a_very_long_note_is_read_whole() -> None:
    text = "w1 " * 66_667 + "w0"
    model = ScriptedModel(lambda token, _: logits_of("B-Diagnóstico" if token == 4 else "O", 5.0))
    (found,) = recogniser(model, max_tokens=512, overlap_tokens=128).recognise([text])
    assert [(span.start, span.end) for span in found.spans] == [(len(text) - 2, len(text))]


def test_tags_are_found_by_name_whatever_their_order() -> None:
    model = ScriptedModel(lambda token, _: [5.0 if token == 4 else 0.0, *[0.0] * 7, 0.0 if token == 4 else 5.0])
    model.config.id2label = {0: "B-Diagnóstico", **dict(enumerate(TAGS[2:], 1)), 8: "O"}
    (found,) = recogniser(model).recognise(["w1 w0"])
    assert [span.place for span in found.spans] == [Span(3, 5, Label.DIAGNOSIS).place]


def test_a_model_with_other_tags_is_refused() -> None:
    model = ScriptedModel(lambda *_: [0.0])
    model.config.id2label = {0: "LABEL_0"}
    with pytest.raises(ModelError, match="nine tags"):
        recogniser(model)


def test_a_folder_without_weights_is_refused_in_one_line(tmp_path: Path) -> None:
    manifest = {"kind": "transformer", "base": "compact", "windows": {"max_tokens": 32, "overlap_tokens": 8}}
    (tmp_path / "ernotes-model.json").write_text(json.dumps(manifest))
    with pytest.raises(ModelError, match="no transformer that can be loaded") as caught:
        load_recogniser(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_manifest_without_windows_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ernotes-model.json").write_text(json.dumps({"kind": "transformer", "base": "compact"}))
    with pytest.raises(ModelError, match="names no windows"):
        load_recogniser(tmp_path)
