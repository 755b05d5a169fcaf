"""The embedded recogniser: a linear-chain CRF over the words of a note, with no download and no GPU."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from corpus.errors import ModelError
from corpus.labels import OUTSIDE, TAG_IDS, TAGS, Label
from corpus.note import Span
from corpus.recognition import Recognition, Uncertainty
from corpus.tags import start_mask, transition_mask
from inference.crf.chain import Array, Posterior, posteriors
from inference.crf.crfsuite import Weights, read_weights
from inference.crf.features import Describer, Stream
from inference.crf.ids import Ids
from inference.crf.lexicon import LEXICON_NAME, Lexicon
from inference.crf.mentions import PossibleMention, choose, possible_mentions
from inference.crf.spelling import FEATURES, VIEWS, View
from inference.crf.words import Words, find_words
from inference.manifest import read_manifest

MODEL_NAME = "model.crfsuite"
_NOTES_AT_ONCE = 32
_REMEMBERED_KEYS = 100_000
_REMEMBERED_IDS = 500_000
_DECIMALS = 6
# Of a confidence; far beyond these, the sums depend on which notes share a batch.
_NOTHING = Recognition((), Uncertainty.of((), 0.0, 0.0))
_BEGINNINGS = [TAG_IDS[f"B-{label}"] for label in Label]


class CrfRecogniser:
    """Spans by the probability of each whole mention (`inference.crf.mentions`); a `corpus.recognition.Recogniser`.

    A span's confidence is the model's probability that a mention of this label has exactly this start and end (the
    probability of its tags and of not going on, by forward-backward over the sequences that are valid BIO, before a
    bracket at its end is evened out); no product or minimum of word probabilities stands in for it.
    """

    def __init__(self, weights: Weights, lexicon: Lexicon, version: str) -> None:
        self._version = version
        self._transition, self._start = _grammar(weights)
        self._scorer = _Scorer(weights, lexicon)

    @classmethod
    def load(cls, folder: Path, version: str) -> Self:
        """The recogniser that `training.crf.train.train_crf` wrote; raises ModelError where the folder holds none."""
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
        for words, posterior in self._read(texts):
            yield _recognition(words, posterior) if posterior else _NOTHING

    def possible(self, texts: Iterable[str]) -> Iterator[tuple[Span, ...]]:
        """For each text, all spans that are not improbable, overlapping ones included."""
        for words, posterior in self._read(texts):
            yield _spans(words, list(possible_mentions(posterior))) if posterior else ()

    def _read(self, texts: Iterable[str]) -> Iterator[tuple[Words, Posterior | None]]:
        """Each text's words, and their posterior where there are any."""
        remaining = iter(texts)
        while batch := list(islice(remaining, _NOTES_AT_ONCE)):
            notes = [find_words(text) for text in batch]
            states = [self._states(words) for words in notes if len(words)]
            found = iter(posteriors(states, self._transition) if states else ())
            yield from ((words, next(found) if len(words) else None) for words in notes)

    def _states(self, words: Words) -> Array:
        states = self._scorer.scores(words)
        states[0] += self._start
        return states


class _Scorer:
    """Scores of the tags at each word: the weights of what its views show added up, remembered for each key."""

    def __init__(self, weights: Weights, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._state = _in_tag_order(weights)
        self._rows: dict[str, dict[str, int]] = {view.name: {} for view in VIEWS}
        for attribute, row in weights.attributes.items():
            view_name, _, seen = attribute.partition(":")
            self._rows[view_name][seen] = row
        self._forget()

    def _forget(self) -> None:
        self._ids = Ids()
        self._describer = Describer(self._lexicon, self._ids)
        self._sums = {
            name: _Sums([(view, self._rows[view.name]) for view in VIEWS if view.stream == name], self._state)
            for name in dict.fromkeys(view.stream for view in VIEWS)
        }

    def scores(self, words: Words) -> Array:
        """State scores of a note that has words, shape (words, tags)."""
        if len(self._ids) > _REMEMBERED_IDS or any(len(sums) > _REMEMBERED_KEYS for sums in self._sums.values()):
            self._forget()
        total = np.zeros((len(words), len(TAGS)))
        streams = self._describer.streams(words)
        for name, sums in self._sums.items():
            sums.add_to(total, streams[name], self._ids)
        return total


class _Sums:
    """For the keys of one stream, their row in a table of summed weights, shape (rows, views, tags).

    Each view comes with the rows of `state` that its attributes have.
    """

    def __init__(self, views: Sequence[tuple[View, Mapping[str, int]]], state: Array) -> None:
        self._views = views
        self._state = np.concatenate([state, np.zeros((1, len(TAGS)))])
        self._rows: dict[int, int] = {}
        self._table: Array = np.zeros((len(views), 1024, len(TAGS)))

    def __len__(self) -> int:
        return len(self._rows)

    def add_to(self, total: Array, stream: Stream, ids: Ids) -> None:
        """Adds what each word sees of the stream to its scores, shape (words, tags)."""
        keys, places = np.unique(stream.keys, return_inverse=True)
        distinct = keys.tolist()
        known = list(map(self._rows.get, distinct))
        if None in known:
            new = [key for key, row in zip(distinct, known, strict=True) if row is None]
            self._remember(new, [stream.shown(key, ids) for key in new])
            known = list(map(self._rows.get, distinct))
        rows = np.array(known, dtype=np.intp)[places]
        for table, (view, _) in zip(self._table, self._views, strict=True):
            total += table.take(rows.take(stream.at + view.distance), axis=0)

    def _remember(self, keys: Sequence[int], shown: Sequence[tuple[object, ...]]) -> None:
        """Sums the weights of new keys, all in one go: numpy's cost is by the call."""
        first, end = len(self._rows), len(self._rows) + len(keys)
        while end > self._table.shape[1]:
            self._table = np.concatenate([self._table, np.zeros_like(self._table)], axis=1)
        starts: list[int] = []
        ids: list[int] = []
        nothing = len(self._state) - 1
        spelled = {spell: [spell(key) for key in shown] for spell in {view.spell for view, _ in self._views}}
        for view, known in self._views:
            for seen in spelled[view.spell]:
                starts.append(len(ids))
                ids.append(nothing)  # a sum of no weights would be one of the next key's
                ids += [known[attribute] for attribute in seen if attribute in known]
        sums = np.add.reduceat(self._state[ids], starts)
        self._table[:, first:end] = sums.reshape(len(self._views), len(keys), len(TAGS))
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


def _recognition(words: Words, posterior: Posterior) -> Recognition:
    chosen = choose(possible_mentions(posterior))
    marginals = posterior.marginals
    tags = _tags(chosen, len(words))
    begins = marginals[:, _BEGINNINGS].sum(axis=1)
    missed = float(begins[np.array(tags) == TAG_IDS[OUTSIDE]].sum())
    uncertainty = Uncertainty.of(_entropies(marginals).tolist(), posterior.log_probability(tags), missed)
    return Recognition(_spans(words, chosen), uncertainty)


def _tags(mentions: Iterable[PossibleMention], length: int) -> list[int]:
    tags = [TAG_IDS[OUTSIDE]] * length
    for first, end, label, _ in mentions:
        tags[first:end] = [TAG_IDS[f"B-{label}"], *[TAG_IDS[f"I-{label}"]] * (end - first - 1)]
    return tags


def _entropies(marginals: Array) -> NDArray[np.float64]:
    """Entropy in nats of each row of probabilities, shape (words,)."""
    logs = np.log(marginals, out=np.zeros_like(marginals), where=marginals > 0)
    entropies: NDArray[np.float64] = np.maximum(0.0, -(marginals * logs).sum(axis=1))
    return entropies


def _spans(words: Words, mentions: Sequence[PossibleMention]) -> tuple[Span, ...]:
    begins = {mention.first for mention in mentions}
    return tuple(
        Span(
            words.starts[first], words.ends[closed(first, end, begins, words) - 1], label, round(probability, _DECIMALS)
        )
        for first, end, label, probability in mentions
    )


def closed(first: int, end: int, begins: Container[int], words: Words) -> int:
    """The word after a mention's last once a bracket at its end has its partner inside.

    Tags know nothing of pairs: a closing bracket that follows is taken in if the mention opened it (and no other
    mention begins there), and a last word that closes what the mention never opened is left out.
    """
    texts = words.texts[first:end]
    opened, closed = texts.count("("), texts.count(")")
    if texts[-1] == ")" and closed > opened and len(texts) > 1:
        return end - 1
    if opened > closed and words.texts[end : end + 1] == (")",) and end not in begins:
        return end + 1
    return end
