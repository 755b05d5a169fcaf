"""A note's tokens and windows."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from corpus.config.training import WindowConfig
from corpus.errors import ModelError
from inference.transformer.tokens import NoteTokenizer
from tests.inference.tiny import word_tokenizer

pytestmark = pytest.mark.torch


def test_offsets_point_into_the_note_as_it_stands() -> None:
    tokens = NoteTokenizer(word_tokenizer(["tem", "febre"]), WindowConfig()).tokens("tem\r\n\r\n  febre\r\n")
    assert tokens.ids == [4, 5]
    assert tokens.offsets == [(0, 3), (9, 14)]


def test_white_space_inside_a_token_is_trimmed_from_its_offsets() -> None:
    # Sentencepiece and byte-level tokenizers count the space before a word to the word.
    inner = Tokenizer(models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    inner.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_next")
    tokenizer = NoteTokenizer(PreTrainedTokenizerFast(tokenizer_object=inner, unk_token="[UNK]"), WindowConfig())
    assert tokenizer.tokens("tem febre  ").offsets == [(0, 3), (4, 9), (10, 10), (11, 11)]


def test_lone_surrogates_keep_their_place() -> None:
    tokens = NoteTokenizer(word_tokenizer(["febre"]), WindowConfig()).tokens("\ud800 febre")
    assert tokens.ids == [1, 4]
    assert tokens.offsets == [(0, 1), (2, 7)]


def test_windows_leave_room_for_the_special_tokens() -> None:
    tokenizer = NoteTokenizer(word_tokenizer(["a"]), WindowConfig(max_tokens=16, overlap_tokens=4))
    windows = tokenizer.cut(30)
    assert windows == [(0, 14), (10, 24), (20, 30)]
    assert tokenizer.frame([4] * 14) == [2, *[4] * 14, 3]
    assert tokenizer.frame_tags([0, 1], -100) == [-100, 0, 1, -100]


def test_a_tokenizer_without_offsets_is_refused() -> None:
    slow = cast("Any", SimpleNamespace(is_fast=False))
    with pytest.raises(ModelError, match="no character offsets"):
        NoteTokenizer(slow, WindowConfig())
