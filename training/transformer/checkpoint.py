"""The base model that is fine-tuned: a Hugging Face name or folder, loaded or refused with a line that says why."""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, LocalEntryNotFoundError, RepositoryNotFoundError
from transformers import (
    AutoConfig,
    AutoModelForTokenClassification,
    AutoTokenizer,
    PretrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from corpus.config.training import WindowConfig
from corpus.errors import ModelError
from corpus.labels import TAG_IDS
from inference.transformer.tokens import NoteTokenizer

_EMBEDDED = "or use 'compact' or 'crf', which download nothing"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A model about to be trained, and the tokenizer that cuts its windows."""

    model: PreTrainedModel
    tokenizer: NoteTokenizer


def load_base(base: str, windows: WindowConfig, progress: Callable[[str], None]) -> Checkpoint:
    """The base with a head for the nine tags, in float32 on the CPU; the head is new unless the base has ours.

    Windows are cut to what the model can read, with a line to `progress` if that is less than asked for. Raises
    ModelError, one line, if the base cannot be loaded whole: it never falls back to anything else.
    """
    # Otherwise transformers asks the hub, in a thread of its own, to convert a .bin base to safetensors.
    os.environ["DISABLE_SAFETENSORS_CONVERSION"] = "1"
    local = Path(base).is_dir()
    try:
        config = AutoConfig.from_pretrained(base, local_files_only=local)
        tokenizer = AutoTokenizer.from_pretrained(base, local_files_only=local)
        model, loading = AutoModelForTokenClassification.from_pretrained(
            base,
            local_files_only=local,
            num_labels=len(TAG_IDS),
            id2label={index: tag for tag, index in TAG_IDS.items()},
            label2id=dict(TAG_IDS),
            dtype=torch.float32,
            ignore_mismatched_sizes=True,
            output_loading_info=True,
        )
    except Exception as error:
        # Many libraries meet here, each with errors of its own; all of them mean that the base cannot be used.
        raise ModelError(f"base model {base!r} {_reason(error, base, local)}") from error
    _refuse_holes(base, model, loading)
    fitted = fit_windows(windows, _longest(config, model, tokenizer), progress)
    return Checkpoint(model, NoteTokenizer(tokenizer, fitted))


def fit_windows(windows: WindowConfig, longest: int | None, progress: Callable[[str], None]) -> WindowConfig:
    """The windows, shortened to `longest` tokens where the model reads no more; the overlap shrinks in proportion."""
    if longest is None or longest >= windows.max_tokens:
        return windows
    overlap = windows.overlap_tokens * longest // windows.max_tokens
    progress(f"the base model reads at most {longest} tokens: windows of {longest}, {overlap} shared")
    return WindowConfig(max_tokens=longest, overlap_tokens=overlap)


def _longest(config: PretrainedConfig, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> int | None:
    """The most tokens the model can read at once, special ones included; None if nothing says."""
    limits = [tokenizer.model_max_length]
    positions = getattr(config, "max_position_embeddings", None)
    if isinstance(positions, int) and positions > 0:
        embeddings = getattr(model.base_model, "embeddings", None)
        padding = getattr(getattr(embeddings, "position_embeddings", None), "padding_idx", None)
        # RoBERTa and its kin count positions from the one after the padding's.
        limits.append(positions if padding is None else positions - padding - 1)
    longest = min(limits)
    # Tokenizers without a limit say so by a number of thirty digits.
    return int(longest) if longest < 10**9 else None


def _refuse_holes(base: str, model: PreTrainedModel, loading: Mapping[str, Iterable[str | tuple[str, ...]]]) -> None:
    """Raises ModelError if any weight below the head was not in the checkpoint: it would be random."""
    entries = [*loading["missing_keys"], *loading["mismatched_keys"]]
    inside = f"{model.base_model_prefix}."
    keys = (entry[0] if isinstance(entry, tuple) else entry for entry in entries)
    holes = [key for key in keys if key.startswith(inside)]
    if holes:
        raise ModelError(
            f"base model {base!r} lacks {len(holes)} weights of its encoder (the first is {min(holes)}); "
            "its config.json and its weights do not belong together: choose another base"
        )


def _reason(error: BaseException, base: str, local: bool) -> str:
    """What is wrong and what to do, from the chain of causes."""
    causes: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in causes:
        causes.append(cause)
        cause = cause.__cause__ or cause.__context__
    if not local and base.startswith(("/", ".", "~")):
        return "is no folder: check the path"
    if local:
        return (
            f"cannot be loaded from that folder ({_first_line(error)}): it needs config.json, weights and a tokenizer"
        )
    if _any(causes, GatedRepoError):
        return f"is gated: ask for access on its hub page and set HF_TOKEN, {_EMBEDDED}"
    if _any(causes, RepositoryNotFoundError):
        return (
            f"is neither a folder nor a model on the hub: check the name (set HF_TOKEN if it is private), {_EMBEDDED}"
        )
    if _any(causes, LocalEntryNotFoundError, HfHubHTTPError, ConnectionError, TimeoutError):
        return (
            f"is not in the local cache and the hub cannot be reached: check the network and HF_ENDPOINT, {_EMBEDDED}"
        )
    return f"cannot be loaded ({_first_line(error)}): choose another base, {_EMBEDDED}"


def _any(causes: list[BaseException], *kinds: type[BaseException]) -> bool:
    return any(isinstance(cause, kinds) for cause in causes)


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:200]}" if lines else type(error).__name__
