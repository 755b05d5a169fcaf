"""The transformer recogniser: any token-classification checkpoint with our nine tags."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Self

import huggingface_hub
import numpy as np
import torch
import transformers
from pydantic import ValidationError
from transformers import AutoModelForTokenClassification, AutoTokenizer, PreTrainedModel

from corpus.config.training import WindowConfig
from corpus.errors import ModelError
from corpus.labels import TAGS
from corpus.recognition import Recognition
from corpus.tags import Offset
from corpus.windows import average_windows
from inference.manifest import MANIFEST_NAME, read_manifest
from inference.transformer.decode import Decoded, Floats, Method, decode
from inference.transformer.tokens import NoteTokenizer

NOTES_AT_ONCE = 16
"""Notes read ahead, so that their windows fill the batches."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A text with the places of its tokens and their logits in the order of TAGS, shape (n_tokens, n_tags)."""

    text: str
    offsets: Sequence[Offset]
    logits: Floats

    def decode(self, method: Method = Method.VITERBI, temperature: float = 1.0) -> Decoded:
        """The tags and spans; the temperature scales confidences and moves no span, as all logits shrink alike."""
        return decode(self.text, self.offsets, self.logits / temperature, method)


class TransformerRecogniser:
    """Spans with confidences from a token-classification model, note by note.

    Long notes are read through overlapping windows; the logits of a token that several windows saw are averaged
    before decoding.
    """

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: NoteTokenizer,
        version: str,
        *,
        method: Method = Method.VITERBI,
        temperature: float = 1.0,
        batch_windows: int = 16,
    ) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._version = version
        self._method = method
        self._temperature = temperature
        self._batch_windows = batch_windows
        self._tag_columns = _tag_columns(model, version)

    @classmethod
    def load(cls, folder: Path, version: str | None = None, method: Method = Method.VITERBI) -> Self:
        """The recogniser in a folder that training wrote; nothing is downloaded. Raises ModelError."""
        windows, temperature = _read_settings(folder)
        quieten()
        try:
            tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
            model = AutoModelForTokenClassification.from_pretrained(
                folder, local_files_only=True, use_safetensors=True, dtype=torch.float32
            )
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            raise ModelError(f"{folder} holds no transformer that can be loaded ({type(error).__name__})") from error
        model.to(best_device())
        return cls(
            model, NoteTokenizer(tokenizer, windows), version or folder.name, method=method, temperature=temperature
        )

    @property
    def version(self) -> str:
        """The model's name."""
        return self._version

    def recognise(self, texts: Iterable[str]) -> Iterator[Recognition]:
        """One Recognition a text, in the order given; reads a few texts ahead."""
        return (decoded.recognition for decoded in self.tag(texts))

    def tag(self, texts: Iterable[str]) -> Iterator[Decoded]:
        """The decoded tags of each text beside its Recognition, in the order given."""
        return (scored.decode(self._method, self._temperature) for scored in self.score(texts))

    def score(self, texts: Iterable[str]) -> Iterator[Scored]:
        """The logits of each text's tokens, in the order given."""
        remaining = iter(texts)
        while some := list(islice(remaining, NOTES_AT_ONCE)):
            yield from self._score_together(some)

    def _score_together(self, texts: Sequence[str]) -> Iterator[Scored]:
        notes = [self._tokenizer.tokens(text) for text in texts]
        windows = [self._tokenizer.cut(len(note.ids)) for note in notes]
        framed = [
            self._tokenizer.frame(note.ids[start:end])
            for note, cuts in zip(notes, windows, strict=True)
            for start, end in cuts
        ]
        scores = iter(self._window_logits(framed))
        for text, note, cuts in zip(texts, notes, windows, strict=True):
            yield Scored(text, note.offsets, average_windows(cuts, list(islice(scores, len(cuts))), len(note.ids)))

    def _window_logits(self, windows: Sequence[Sequence[int]]) -> list[Floats]:
        """Logits of each window's content tokens in the order of TAGS, shape (n_tokens, n_tags) each."""
        logits: list[Floats] = [np.zeros((0, len(TAGS)))] * len(windows)
        # Windows of like length together: less padding to compute.
        by_length = sorted(range(len(windows)), key=lambda index: len(windows[index]))
        special = len(self._tokenizer.frame([]))
        for first in range(0, len(by_length), self._batch_windows):
            batch = by_length[first : first + self._batch_windows]
            output = self._run([windows[index] for index in batch])
            for row, index in enumerate(batch):
                content = slice(self._tokenizer.lead, self._tokenizer.lead + len(windows[index]) - special)
                logits[index] = output[row, content][:, self._tag_columns]
        return logits

    @torch.inference_mode()
    def _run(self, windows: Sequence[Sequence[int]]) -> Floats:
        """The model's logits, shape (n_windows, longest, n_tags)."""
        self._model.eval()
        ids, mask = pad_windows(windows, self._tokenizer.pad_id)
        device = self._model.device
        output = self._model(input_ids=ids.to(device), attention_mask=mask.to(device)).logits
        logits: Floats = output.float().cpu().numpy().astype(np.float64)
        return logits


def pad_windows(windows: Sequence[Sequence[int]], pad_id: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Token ids filled up on the right with `pad_id`, and the attention mask; both shape (n_windows, longest)."""
    longest = max(len(window) for window in windows)
    ids = torch.full((len(windows), longest), pad_id, dtype=torch.long)
    mask = torch.zeros((len(windows), longest), dtype=torch.long)
    for row, window in enumerate(windows):
        ids[row, : len(window)] = torch.as_tensor(window, dtype=torch.long)
        mask[row, : len(window)] = 1
    return ids, mask


def quieten() -> None:
    """Turns off what the hub and transformers print on their own; errors are raised, and progress is the caller's."""
    huggingface_hub.logging.set_verbosity_error()
    transformers.logging.set_verbosity_error()
    if not sys.stderr.isatty():
        transformers.logging.disable_progress_bar()


def best_device() -> torch.device:
    """The accelerator of this machine, or its CPU."""
    return torch.accelerator.current_accelerator() or torch.device("cpu")


def _tag_columns(model: PreTrainedModel, version: str) -> list[int]:
    """The model's output column of each of our tags, in the order of TAGS."""
    columns = {tag: int(index) for index, tag in (model.config.id2label or {}).items()}
    if set(columns) != set(TAGS):
        raise ModelError(f"model {version} does not have the nine tags; train it with 'ernotes train'")
    return [columns[tag] for tag in TAGS]


def _read_settings(folder: Path) -> tuple[WindowConfig, float]:
    """The windows that the model was trained with and its temperature; the defaults where it was trained elsewhere."""
    if not (folder / MANIFEST_NAME).exists():
        return WindowConfig(), 1.0
    manifest = read_manifest(folder)
    try:
        windows = WindowConfig.model_validate((manifest.model_extra or {})["windows"])
    except (KeyError, ValidationError):
        raise ModelError(f"{folder / MANIFEST_NAME} names no windows that can be used; train the model again") from None
    return windows, float(manifest.recipe.get("temperature", 1.0))
