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
from inference.spelling import VIEWS, View
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
    probability of its tags and of not going on, by forward-backward over the sequences that are valid BIO); no product
    or minimum of word probabilities stands in for it.
    """

    def __init__(self, weights: Weights, lexicon: Lexicon, version: str) -> None:
        self._version = version
        self._transition, self._start = _grammar(weights)
        self._lexicon = lexicon
        self._scorer = _Scorer(weights)

    @classmethod
    def load(cls, folder: Path, version: str) -> Self:
        """The recogniser that `training.crf.train_crf` wrote; raises ModelError where the folder holds none."""
        if read_manifest(folder).kind != "crf":
            raise ModelError(f"{folder} holds no crf model")
        try:
            model = (folder / MODEL_NAME).read_bytes()
        except OSError:
            raise ModelError(f"{folder / MODEL_NAME} cannot be read; train the model again") from None
        return cls(read_weights(model), Lexicon.read(folder / LEXICON_NAME), version)

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
        names = dict.fromkeys(view.stream for view in VIEWS)
        self._streams = {
            name: _Sums([view for view in VIEWS if view.stream == name], weights.attributes, state) for name in names
        }

    def scores(self, length: int, streams: Mapping[str, Stream]) -> Array:
        """State scores of a note of `length` words, shape (words, tags)."""
        total = np.zeros((length, len(TAGS)))
        for name, sums in self._streams.items():
            sums.add_to(total, streams[name])
        return total


class _Sums(dict[Hashable, int]):
    """For the keys of one stream, their row in `table`, shape (rows, views, tags); a key asked for is added."""

    def __init__(self, views: Sequence[View], attributes: Mapping[str, int], state: Array) -> None:
        super().__init__()
        self._views = views
        self._attributes = attributes
        self._state = state
        self.table: Array = np.zeros((1024, len(views), len(TAGS)))

    def add_to(self, total: Array, stream: Stream) -> None:
        """Adds what each word sees of the stream to its scores, shape (words, tags)."""
        if len(self) > _REMEMBERED_KEYS:
            self.clear()
            self.table[:] = 0
        rows = np.array([self[key] for key in stream.keys], dtype=np.intp)
        for position, view in enumerate(self._views):
            total += self.table[rows[stream.at + view.distance], position]

    def __missing__(self, key: Hashable) -> int:
        row = self[key] = len(self)
        if row == len(self.table):
            self.table = np.concatenate([self.table, np.zeros_like(self.table)])
        for position, view in enumerate(self._views):
            known = [self._attributes[name] for name in view.attributes(key) if name in self._attributes]
            if known:  # most keys of a new note are pairs that training never saw
                self.table[row, position] = self._state[known].sum(axis=0)
        return row


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
    spans = tuple(_span(mention, decoded) for mention in decode_tags(decoded.tags, words.offsets))
    return Recognition(spans, Uncertainty(len(words), float(entropies.sum()), float(entropies.max()), log_probability))


def _entropies(marginals: Array) -> NDArray[np.float64]:
    """Entropy in nats of each row of probabilities, shape (words,)."""
    logs = np.log(marginals, out=np.zeros_like(marginals), where=marginals > 0)
    entropies: NDArray[np.float64] = np.maximum(0.0, -(marginals * logs).sum(axis=1))
    return entropies


def _span(mention: TaggedSpan, decoded: Decoded) -> Span:
    tags = decoded.tags[mention.first_token : mention.end_token]
    inside = TAGS.index(f"I-{mention.label}")
    confidence = decoded.posterior.path_probability(mention.first_token, tags, inside)
    return Span(mention.start, mention.end, mention.label, round(confidence, _DECIMALS))
