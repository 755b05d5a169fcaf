"""A note as a transformer's tokens with their places in the text, and the windows it is read through."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from transformers import PreTrainedTokenizerBase

from corpus.config.training import WindowConfig
from corpus.errors import ModelError
from corpus.tags import Offset
from corpus.windows import Window, cut_windows

_SURROGATES = re.compile("[\ud800-\udfff]")
_PROBE = "a"


@dataclass(frozen=True, slots=True)
class NoteTokens:
    """A whole note's tokens, without special ones; ids[i] stands for text[offsets[i]], white space trimmed off.

    A token that holds nothing but white space has an empty offset (start == end).
    """

    ids: list[int]
    offsets: list[Offset]


class NoteTokenizer:
    """Tokens and windows of notes, the same in training and at inference.

    Raises ModelError if the tokenizer cannot say where in the text its tokens lie.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase, windows: WindowConfig) -> None:
        if not tokenizer.is_fast:
            raise ModelError(
                f"the tokenizer {type(tokenizer).__name__} gives no character offsets; "
                "choose a base model with a fast tokenizer (a tokenizer.json)"
            )
        self.tokenizer = tokenizer
        self.windows = windows
        self.pad_id: int = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else 0
        probe = tokenizer(_PROBE, return_special_tokens_mask=True)
        special = probe["special_tokens_mask"]
        lead = special.index(0) if 0 in special else len(special)
        self._before: list[int] = probe["input_ids"][:lead]
        self._after: list[int] = [
            token for token, is_special in zip(probe["input_ids"][lead:], special[lead:], strict=True) if is_special
        ]
        self._room = windows.max_tokens - len(self._before) - len(self._after)

    @property
    def lead(self) -> int:
        """How many special tokens stand before a window's content."""
        return len(self._before)

    def tokens(self, text: str) -> NoteTokens:
        """The tokens of a whole note, however long."""
        # Tokenizers refuse lone surrogates, which JSON can carry; a replacement of one character keeps the offsets.
        encoded = self.tokenizer(
            _SURROGATES.sub("\ufffd", text), add_special_tokens=False, return_offsets_mapping=True, verbose=False
        )
        return NoteTokens(encoded["input_ids"], [_trim(text, start, end) for start, end in encoded["offset_mapping"]])

    def cut(self, n_tokens: int) -> list[Window]:
        """The windows over a note of `n_tokens` tokens, with room left for the special ones."""
        return cut_windows(n_tokens, self._room, self.windows.overlap_tokens)

    def frame(self, ids: Sequence[int]) -> list[int]:
        """A window's token ids with the special tokens around them."""
        return [*self._before, *ids, *self._after]

    def frame_tags(self, tags: Sequence[int], ignored: int) -> list[int]:
        """A window's tags with `ignored` where `frame` puts special tokens."""
        return [*[ignored] * len(self._before), *tags, *[ignored] * len(self._after)]


def _trim(text: str, start: int, end: int) -> Offset:
    """The part of text[start:end] without white space at its ends; sentencepiece and byte-level tokens carry some."""
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end
