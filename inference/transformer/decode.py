"""From the logits of a note's tokens to its spans, their confidences and the note's uncertainty.

A tag sequence is valid if every `I-X` follows a `B-X` or `I-X`. We also hold words together: a token that goes on
with the word of the token before it takes the tag that goes on with that token's (`O` after `O`, `I-X` after `B-X`
or `I-X`). A span is then a run of whole words by construction, and no fragment such as "iratória" comes out.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from corpus.labels import OUTSIDE, TAG_IDS, TAGS, Label
from corpus.note import Span
from corpus.recognition import Recognition, Uncertainty
from corpus.tags import IGNORED, Offset, decode_tags, start_mask, transition_mask

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]


class Method(StrEnum):
    """How tags are chosen from the scores."""

    VITERBI = "viterbi"
    """The most probable valid sequence, tokens taken as independent but for the rules of BIO."""
    ARGMAX = "argmax"
    """The best tag of each word's first token; an `I-` with nothing to continue begins a mention."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """One tag a token (IGNORED where the offset is empty), and what they say of the note."""

    tags: list[int]
    recognition: Recognition


def decode(text: str, offsets: Sequence[Offset], logits: Floats, method: Method = Method.VITERBI) -> Decoded:
    """The tags, spans and uncertainty of a note; `logits` has shape (n_tokens, n_tags).

    A span's confidence is the mean, over its tokens, of the softmax probability of the decoded tag. Entropies are
    those of the softmax of each token, in nats.
    """
    content = [index for index, (start, end) in enumerate(offsets) if start < end]
    places = [offsets[index] for index in content]
    scores = log_softmax(logits[content])
    goes_on = continues_word(text, places)
    chosen = viterbi(scores, goes_on) if method is Method.VITERBI else _argmax(scores, goes_on)
    of_tags = scores[np.arange(len(content)), chosen]
    spans = tuple(
        Span(
            mention.start,
            mention.end,
            mention.label,
            # The mean of probabilities of 1 can exceed it by a rounding error.
            min(1.0, float(np.exp(of_tags[mention.first_token : mention.end_token]).mean())),
        )
        for mention in decode_tags(chosen.tolist(), places)
    )
    tags = [IGNORED] * len(offsets)
    for index, tag in zip(content, chosen.tolist(), strict=True):
        tags[index] = tag
    outside = chosen == TAG_IDS[OUTSIDE]
    return Decoded(tags, Recognition(spans, _uncertainty(scores, of_tags, outside)))


def log_softmax(logits: Floats) -> Floats:
    """Log-probabilities of the tags of each token, same shape, in float64."""
    shifted = np.asarray(logits, dtype=np.float64)
    shifted = shifted - shifted.max(axis=1, keepdims=True, initial=-np.inf)
    normalised: Floats = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return normalised


def continues_word(text: str, offsets: Sequence[Offset]) -> Booleans:
    """Whether each token begins inside the word of the token before it, shape (n_tokens,); no offset is empty.

    A word is a run of letters, digits and combining marks. Tokens that share a character, as byte-level ones may,
    belong together too.
    """
    goes_on = np.zeros(len(offsets), dtype=np.bool_)
    for index in range(1, len(offsets)):
        start, end_before = offsets[index][0], offsets[index - 1][1]
        meet = start == end_before and _in_word(text[start - 1]) and _in_word(text[start])
        goes_on[index] = start < end_before or meet
    return goes_on


def viterbi(scores: Floats, goes_on: Booleans) -> NDArray[np.intp]:
    """The tags of the best valid sequence that keeps words whole, shape (n_tokens,).

    `scores` are log-probabilities, shape (n_tokens, n_tags). Of equal sequences the one with lower tag ids wins.
    """
    n_tokens, n_tags = scores.shape
    if n_tokens == 0:
        return np.zeros(0, dtype=np.intp)
    best = scores[0] + _START
    came_from = np.zeros((n_tokens, n_tags), dtype=np.intp)
    columns = np.arange(n_tags)
    for token in range(1, n_tokens):
        reached = best[:, None] + (_WITHIN_WORD if goes_on[token] else _BETWEEN_WORDS)
        came_from[token] = reached.argmax(axis=0)
        best = reached[came_from[token], columns] + scores[token]
    tags = np.zeros(n_tokens, dtype=np.intp)
    tags[-1] = best.argmax()
    for token in range(n_tokens - 1, 0, -1):
        tags[token - 1] = came_from[token, tags[token]]
    return tags


def _argmax(scores: Floats, goes_on: Booleans) -> NDArray[np.intp]:
    tags: NDArray[np.intp] = scores.argmax(axis=1)
    for token in range(len(tags)):
        if goes_on[token]:
            tags[token] = _CONTINUED[tags[token - 1]]
        elif tags[token] in _BEGINNING_OF and (token == 0 or _CONTINUED[tags[token - 1]] != tags[token]):
            tags[token] = _BEGINNING_OF[tags[token]]
    return tags


def _uncertainty(scores: Floats, of_tags: Floats, outside: Booleans) -> Uncertainty:
    probabilities = np.exp(scores)
    # An impossible tag has probability 0 and adds nothing: 0 × log 0 counts as 0.
    entropies = -np.where(np.isfinite(scores), probabilities * scores, 0.0).sum(axis=1)
    missed = float(probabilities[outside][:, list(_BEGINNING_OF.values())].sum())
    return Uncertainty.of(entropies.tolist(), min(0.0, float(of_tags.sum())), missed)


def _in_word(character: str) -> bool:
    return character.isalnum() or unicodedata.combining(character) > 0


def _penalties(allowed: object) -> Floats:
    penalties: Floats = np.where(np.asarray(allowed, dtype=np.bool_), 0.0, -np.inf)
    return penalties


_BEGINNING_OF = {TAG_IDS[f"I-{label}"]: TAG_IDS[f"B-{label}"] for label in Label}
_CONTINUED = {tag: tag for tag in (TAG_IDS[OUTSIDE], *_BEGINNING_OF)} | {b: i for i, b in _BEGINNING_OF.items()}
"""The tag that goes on with a mention, or with none."""
_START = _penalties(start_mask())
_BETWEEN_WORDS = _penalties(transition_mask())
_WITHIN_WORD = _penalties([[_CONTINUED[before] == after for after in range(len(TAGS))] for before in range(len(TAGS))])
