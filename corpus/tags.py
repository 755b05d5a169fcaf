"""Spans as BIO tags over the tokens of a whole note, and back.

A note is tagged once, before it is cut into windows: a mention that a window cuts then goes on with `I-` at the next
window's first token, as it must.

Tokens are known by their character offsets `(start, end)`, end exclusive, in text order. A token with start == end
is a special one ([CLS], [SEP], padding) and belongs to no mention.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from corpus.labels import OUTSIDE, TAG_IDS, TAGS, Label
from corpus.note import Span

Offset = tuple[int, int]

IGNORED = -100
"""The tag of special tokens: the index that PyTorch's cross-entropy leaves out."""
OUTSIDE_ID = TAG_IDS[OUTSIDE]


class Untaggable(StrEnum):
    """Why a span has no tags."""

    OVERLAP = "overlaps a span that begins earlier or is longer"
    TOKENLESS = "has no token of its own"


class TaggedSpan(NamedTuple):
    """A mention read from tags: characters [start, end) and tokens [first_token, end_token)."""

    start: int
    end: int
    label: Label
    first_token: int
    end_token: int


def encode_tags(offsets: Sequence[Offset], spans: Iterable[Span]) -> list[int]:
    """One tag id a token of a whole note; special tokens get IGNORED.

    A token belongs to a span if they share a character. Where spans overlap, the one that begins earlier is tagged,
    then the longer; the other is left out whole, since half a mention would be a wrong one. Where two spans only meet
    inside a token, the token goes to the earlier. `untagged_spans` tells what was left out.
    """
    tags = [OUTSIDE_ID if start < end else IGNORED for start, end in offsets]
    for span, tokens in _assign(offsets, spans)[0]:
        for token in tokens:
            tags[token] = _INSIDE[span.label]
        tags[tokens[0]] = _BEGIN[span.label]
    return tags


def untagged_spans(offsets: Sequence[Offset], spans: Iterable[Span]) -> list[tuple[Span, Untaggable]]:
    """The spans that `encode_tags` leaves out, each with its reason, in text order."""
    return _assign(offsets, spans)[1]


def decode_tags(tags: Sequence[int], offsets: Sequence[Offset]) -> list[TaggedSpan]:
    """The mentions that the tags of a note spell, in text order.

    Lenient, as conlleval is: an `I-` with no mention of its label before it begins one. Special tokens and IGNORED
    tags are passed over; a mention goes on across them.
    """
    mentions: list[TaggedSpan] = []
    current: TaggedSpan | None = None
    for token, (tag, (start, end)) in enumerate(zip(tags, offsets, strict=True)):
        if start == end or tag == IGNORED:
            continue
        label = _LABELS[tag]
        if current is not None and tag == _INSIDE[current.label]:
            current = current._replace(end=end, end_token=token + 1)
            continue
        if current is not None:
            mentions.append(current)
        current = TaggedSpan(start, end, label, token, token + 1) if label is not None else None
    if current is not None:
        mentions.append(current)
    return mentions


def valid_bio(tags: Iterable[int]) -> bool:
    """Whether every `I-` of a whole note continues a mention of its label; IGNORED tags are passed over."""
    content = [tag for tag in tags if tag != IGNORED]
    return not content or (
        _may_start(content[0]) and all(_may_follow(before, after) for before, after in pairwise(content))
    )


def transition_mask() -> list[list[bool]]:
    """Whether tag `after` may follow tag `before`, as mask[before][after]."""
    return [[_may_follow(before, after) for after in range(len(TAGS))] for before in range(len(TAGS))]


def start_mask() -> list[bool]:
    """Whether a note may begin with a tag: all but `I-`."""
    return [_may_start(tag) for tag in range(len(TAGS))]


_BEGIN = {label: TAG_IDS[f"B-{label}"] for label in Label}
_INSIDE = {label: TAG_IDS[f"I-{label}"] for label in Label}
_LABELS: tuple[Label | None, ...] = tuple(None if tag == OUTSIDE else Label(tag[2:]) for tag in TAGS)
_INSIDE_IDS = frozenset(_INSIDE.values())


def _may_start(tag: int) -> bool:
    return tag not in _INSIDE_IDS


def _may_follow(before: int, after: int) -> bool:
    return after not in _INSIDE_IDS or _LABELS[before] is _LABELS[after]


def _assign(
    offsets: Sequence[Offset], spans: Iterable[Span]
) -> tuple[list[tuple[Span, list[int]]], list[tuple[Span, Untaggable]]]:
    """Each span with its tokens, and the spans that get none."""
    content = [index for index, (start, end) in enumerate(offsets) if start < end]
    starts = [offsets[index][0] for index in content]
    ends = [offsets[index][1] for index in content]
    tagged: list[tuple[Span, list[int]]] = []
    untagged: list[tuple[Span, Untaggable]] = []
    taken_characters = taken_tokens = 0
    for span in sorted(spans, key=lambda span: (span.start, -span.end, span.label)):
        if span.start < taken_characters:
            untagged.append((span, Untaggable.OVERLAP))
            continue
        first = max(bisect_right(ends, span.start), taken_tokens)
        after = bisect_left(starts, span.end)
        if first >= after:
            untagged.append((span, Untaggable.TOKENLESS))
            continue
        tagged.append((span, content[first:after]))
        taken_characters, taken_tokens = span.end, after
    return tagged, untagged
