"""Training notes as windows of tagged tokens."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from datasets import Dataset
from torch import Tensor

from corpus.labels import Label
from corpus.recognition import Annotated
from corpus.tags import IGNORED, encode_tags, untagged_spans
from inference.transformer.recogniser import pad_windows
from inference.transformer.tokens import NoteTokenizer, NoteTokens


@dataclass(frozen=True, slots=True)
class TrainingWindows:
    """Windows, one a row with `input_ids` and `labels`; and the mentions left out, counted by reason."""

    rows: Dataset
    untagged: dict[str, int]


def training_windows(notes: Iterable[Annotated], tokenizer: NoteTokenizer, *, negative_copies: int) -> TrainingWindows:
    """The windows of the notes, special tokens included and ignored.

    A note is tagged whole and then cut, so a mention that began before a window goes on with `I-` at its first
    token. Notes with a denied allergy are taken `negative_copies` times. A note without tokens gives no window,
    nor does a stretch of white space.
    """
    rows: list[dict[str, list[int]]] = []
    untagged: Counter[str] = Counter()
    for note in notes:
        denies = any(span.label is Label.NO_ALLERGY for span in note.spans)
        tokens = tokenizer.tokens(note.text)
        untagged.update(str(reason) for _, reason in untagged_spans(tokens.offsets, note.spans))
        rows.extend(_note_windows(tokens, note, tokenizer) * (negative_copies if denies else 1))
    return TrainingWindows(Dataset.from_list(rows), dict(untagged))


def _note_windows(tokens: NoteTokens, note: Annotated, tokenizer: NoteTokenizer) -> list[dict[str, list[int]]]:
    tags = encode_tags(tokens.offsets, note.spans)
    return [
        {"input_ids": tokenizer.frame(tokens.ids[start:end]), "labels": tokenizer.frame_tags(tags[start:end], IGNORED)}
        for start, end in tokenizer.cut(len(tokens.ids))
        if any(tag != IGNORED for tag in tags[start:end])  # else there is nothing to learn from
    ]


def collate(rows: Sequence[dict[str, Any]], pad_id: int) -> dict[str, Tensor]:
    """A batch: input_ids, attention_mask and labels, each shape (n_windows, longest); padding is ignored."""
    ids, mask = pad_windows([row["input_ids"] for row in rows], pad_id)
    labels, _ = pad_windows([row["labels"] for row in rows], IGNORED)
    return {"input_ids": ids, "attention_mask": mask, "labels": labels}
