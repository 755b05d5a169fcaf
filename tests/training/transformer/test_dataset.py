"""Notes as windows of tagged tokens."""

import pytest

from corpus.config.training import WindowConfig
from corpus.labels import TAG_IDS, Label
from corpus.note import Span
from corpus.recognition import Annotated
from corpus.tags import IGNORED
from inference.transformer.tokens import NoteTokenizer
from tests.inference.tiny import annotated, word_tokenizer
from training.transformer.compact import compact_tokenizer
from training.transformer.dataset import collate, training_windows

pytestmark = [pytest.mark.torch, pytest.mark.usefixtures("one_thread")]

WORDS = [f"w{index}" for index in range(30)]
B, I = TAG_IDS["B-Diagnóstico"], TAG_IDS["I-Diagnóstico"]  # noqa: E741 - the tags' own names


def tokenizer(max_tokens: int = 16, overlap_tokens: int = 4) -> NoteTokenizer:
    return NoteTokenizer(word_tokenizer(WORDS), WindowConfig(max_tokens=max_tokens, overlap_tokens=overlap_tokens))


def test_a_mention_that_began_before_a_window_goes_on_with_inside_at_its_first_token() -> None:
    # Windows hold w0-w13, w10-w19; the mention is w8-w11, so it begins in the first and goes on in the second.
    note = annotated("long", " ".join(WORDS[:8]) + " [D:w8 w9 w10 w11] " + " ".join(WORDS[12:20]))
    first, second = training_windows([note], tokenizer(), negative_copies=1).rows["labels"]
    assert first == [IGNORED, *[0] * 8, B, I, I, I, 0, 0, IGNORED]
    assert second == [IGNORED, I, I, *[0] * 8, IGNORED]


def test_every_piece_of_a_mention_is_tagged() -> None:
    pieces = NoteTokenizer(compact_tokenizer(["a b c d e f"], 20, 512), WindowConfig())
    note = annotated("pieces", "a [D:abc de] f")
    (labels,) = training_windows([note], pieces, negative_copies=1).rows["labels"]
    tokens = pieces.tokens(note.text)
    assert tokens.offsets == [(0, 1), (2, 3), (3, 4), (4, 5), (6, 7), (7, 8), (9, 10)]
    assert labels == [IGNORED, 0, B, I, I, I, I, 0, IGNORED]


def test_notes_with_a_denied_allergy_are_taken_several_times() -> None:
    notes = [annotated("denies", "w0 [N:w1]"), annotated("has", "w2 [A:w3]")]
    rows = training_windows(notes, tokenizer(), negative_copies=4).rows
    assert [ids[1:-1] for ids in rows["input_ids"]] == [*[[4, 5]] * 4, [6, 7]]


def test_a_note_without_tokens_gives_no_window() -> None:
    assert len(training_windows([annotated("blank", " \r\n ")], tokenizer(), negative_copies=4).rows) == 0


def test_mentions_that_cannot_be_tagged_are_counted_by_reason() -> None:
    note = Annotated("overlap", "w0 w1 w2", (Span(0, 5, Label.DIAGNOSIS), Span(3, 8, Label.MEDICATION)))
    untagged = training_windows([note], tokenizer(), negative_copies=1).untagged
    assert untagged == {"overlaps a span that begins earlier or is longer": 1}


def test_padding_is_masked_and_ignored() -> None:
    batch = collate(
        [{"input_ids": [2, 4, 3], "labels": [IGNORED, B, IGNORED]}, {"input_ids": [2, 3], "labels": [IGNORED] * 2}], 0
    )
    assert batch["input_ids"].tolist() == [[2, 4, 3], [2, 3, 0]]
    assert batch["attention_mask"].tolist() == [[1, 1, 1], [1, 1, 0]]
    assert batch["labels"].tolist() == [[IGNORED, B, IGNORED], [IGNORED] * 3]
