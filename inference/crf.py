"""The embedded recogniser: a linear-chain CRF over the words of a note, with no download and no GPU."""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from corpus.errors import ModelError
from corpus.labels import OUTSIDE, TAGS
from corpus.note import Span
from corpus.recognition import Recognition, Uncertainty
from corpus.tags import TaggedSpan, decode_tags, start_mask, transition_mask
from inference.chain import Array, Decoded, decode_batch
from inference.crfsuite import Weights, read_weights
from inference.features import Stream, describe
from inference.lexicon import LEXICON_NAME, Lexicon
from inference.manifest import read_manifest
from inference.spelling import FEATURES, VIEWS, View
from inference.words import Words, split_words

MODEL_NAME = "model.crfsuite"
_NOTES_AT_ONCE = 32
_REMEMBERED_KEYS = 100_000
_DECIMALS = 6
# Of a confidence; far beyond these, the sums depend on which notes share a batch.
_NOTHING = Recognition((), Uncertainty(0, 0.0, 0.0, 0.0))


class CrfRecogniser:
    """Spans by the most probable valid tag sequence; a `corpus.recognition.Recogniser`.

    A span's confidence is the model's probability that a mention of this label has exactly this start and end (the
    probability of its tags and of not going on, by forward-backward over the sequences that are valid BIO, before a
    bracket at its end is evened out); no product or minimum of word probabilities stands in for it.
    """

    def __init__(self, weights: Weights, lexicon: Lexicon, version: str) -> None:
        self._version = version
        self._transition, self._start = _grammar(weights)
        self._lexicon = lexicon
        self._scorer = _Scorer(weights)

    @classmethod
    def load(cls, folder: Path, version: str) -> Self:
        """The recogniser that `training.crf.train_crf` wrote; raises ModelError where the folder holds none."""
        manifest = read_manifest(folder)
        if manifest.kind != "crf":
            raise ModelError(f"{folder} holds no crf model")
        if manifest.recipe.get("features") != FEATURES:
            raise ModelError(f"{folder} holds a crf of another version of ernotes; train it again")
        try:
            model = (folder / MODEL_NAME).read_bytes()
        except OSError:
            raise ModelError(f"{folder / MODEL_NAME} cannot be read; train the model again") from None
        weights = read_weights(model).at(float(manifest.recipe.get("temperature", 1.0)))
        return cls(weights, Lexicon.read(folder / LEXICON_NAME), version)

    @property
    def version(self) -> str:
        """The model's name."""
        return self._version

    def recognise(self, texts: Iterable[str]) -> Iterator[Recognition]:
        """One Recognition a text, in order; reads a few texts ahead, since many at once go faster."""
        remaining = iter(texts)
        while batch := list(islice(remaining, _NOTES_AT_ONCE)):
            notes = [split_words(text) for text in batch]
            filled = [words for words in notes if len(words)]
            decoded = iter(decode_batch([self._states(words) for words in filled], self._transition) if filled else [])
            yield from (_recognition(words, next(decoded)) if len(words) else _NOTHING for words in notes)

    def _states(self, words: Words) -> Array:
        states = self._scorer.scores(len(words), describe(words, self._lexicon))
        states[0] += self._start
        return states


class _Scorer:
    """Scores of the tags at each word: the weights of what its views show added up, remembered for each key."""

    def __init__(self, weights: Weights) -> None:
        state = _in_tag_order(weights)
        rows: dict[str, dict[str, int]] = {view.name: {} for view in VIEWS}
        for attribute, row in weights.attributes.items():
            view_name, _, seen = attribute.partition(":")
            rows[view_name][seen] = row
        names = dict.fromkeys(view.stream for view in VIEWS)
        self._streams = {
            name: _Sums([(view, rows[view.name]) for view in VIEWS if view.stream == name], state) for name in names
        }

    def scores(self, length: int, streams: Mapping[str, Stream]) -> Array:
        """State scores of a note of `length` words, shape (words, tags)."""
        total = np.zeros((length, len(TAGS)))
        for name, sums in self._streams.items():
            sums.add_to(total, streams[name])
        return total


class _Sums:
    """For the keys of one stream, their row in a table of summed weights, shape (rows, views, tags).

    Each view comes with the rows of `state` that its attributes have.
    """

    def __init__(self, views: Sequence[tuple[View, Mapping[str, int]]], state: Array) -> None:
        self._views = views
        self._state = np.concatenate([state, np.zeros((1, len(TAGS)))])
        self._rows: dict[Hashable, int] = {}
        self._table: Array = np.zeros((1024, len(views), len(TAGS)))

    def add_to(self, total: Array, stream: Stream) -> None:
        """Adds what each word sees of the stream to its scores, shape (words, tags)."""
        if len(self._rows) > _REMEMBERED_KEYS:
            self._rows.clear()
        new = [key for key in dict.fromkeys(stream.keys) if key not in self._rows]
        if new:
            self._remember(new)
        rows = np.array([self._rows[key] for key in stream.keys], dtype=np.intp)
        for position, (view, _) in enumerate(self._views):
            total += self._table[rows[stream.at + view.distance], position]

    def _remember(self, keys: Sequence[Hashable]) -> None:
        """Sums the weights of new keys, all in one go: numpy's cost is by the call."""
        first, end = len(self._rows), len(self._rows) + len(keys)
        while end > len(self._table):
            self._table = np.concatenate([self._table, np.zeros_like(self._table)])
        starts: list[int] = []
        ids: list[int] = []
        nothing = len(self._state) - 1
        for key in keys:
            for view, known in self._views:
                starts.append(len(ids))
                ids.append(nothing)  # a sum of no weights would be one of the next key's
                ids += [known[seen] for seen in view.spell(key) if seen in known]
        sums = np.add.reduceat(self._state[ids], starts)
        self._table[first:end] = sums.reshape(len(keys), len(self._views), len(TAGS))
        self._rows.update(zip(keys, range(first, end), strict=True))


def _tag_ids(weights: Weights) -> list[int]:
    try:
        return [TAGS.index(tag) for tag in weights.tags]
    except ValueError:
        raise ModelError("the crf model knows tags that are not in the scheme; train it again") from None


def _in_tag_order(weights: Weights) -> Array:
    """State weights with a column for each of TAGS."""
    state = np.zeros((len(weights.state), len(TAGS)))
    state[:, _tag_ids(weights)] = weights.state
    return state


def _grammar(weights: Weights) -> tuple[Array, Array]:
    """Scores of the steps between TAGS, and of beginning with each: -inf where BIO forbids or training never saw it."""
    known = np.zeros(len(TAGS), dtype=bool)
    ids = _tag_ids(weights)
    known[ids] = True
    if not known[TAGS.index(OUTSIDE)]:
        raise ModelError("the crf model has no tag for what is no mention; train it again")
    transition = np.zeros((len(TAGS), len(TAGS)))
    transition[np.ix_(ids, ids)] = weights.transition
    transition[~np.array(transition_mask())] = -np.inf
    transition[:, ~known] = -np.inf
    start = np.where(np.array(start_mask()) & known, 0.0, -np.inf)
    return transition, start


def _recognition(words: Words, decoded: Decoded) -> Recognition:
    marginals = decoded.posterior.marginals
    entropies = _entropies(marginals)
    log_probability = min(0.0, decoded.score - decoded.posterior.log_partition)
    spans = tuple(_span(mention, decoded, words) for mention in decode_tags(decoded.tags, words.offsets))
    return Recognition(spans, Uncertainty(len(words), float(entropies.sum()), float(entropies.max()), log_probability))


def _entropies(marginals: Array) -> NDArray[np.float64]:
    """Entropy in nats of each row of probabilities, shape (words,)."""
    logs = np.log(marginals, out=np.zeros_like(marginals), where=marginals > 0)
    entropies: NDArray[np.float64] = np.maximum(0.0, -(marginals * logs).sum(axis=1))
    return entropies


def _span(mention: TaggedSpan, decoded: Decoded, words: Words) -> Span:
    first, end = mention.first_token, closed(mention, decoded.tags, words)
    inside = TAGS.index(f"I-{mention.label}")
    confidence = decoded.posterior.path_probability(first, decoded.tags[first : mention.end_token], inside)
    return Span(mention.start, words.ends[end - 1], mention.label, round(confidence, _DECIMALS))


def closed(mention: TaggedSpan, tags: Sequence[int], words: Words) -> int:
    """The word after a mention's last once a bracket at its end has its partner inside.

    Tags know nothing of pairs: a closing bracket that follows is taken in if the mention opened it, and a last word
    that closes what the mention never opened is left out.
    """
    first, end = mention.first_token, mention.end_token
    texts = words.texts[first:end]
    opened, closed = texts.count("("), texts.count(")")
    if texts[-1] == ")" and closed > opened and len(texts) > 1:
        return end - 1
    if opened > closed and words.texts[end : end + 1] == (")",) and tags[end] == TAGS.index(OUTSIDE):
        return end + 1
    return end
