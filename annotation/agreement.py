"""How far several annotators of the same notes agree: span F1 of each pair, Cohen's kappa, Krippendorff's alpha.

Span F1 is the same whichever of a pair stands as gold. Kappa (Cohen 1960) and alpha (Krippendorff 2011, "Computing
Krippendorff's alpha-reliability", nominal) are of tokens: words and marks, each with the label of the mention that it
belongs to, or none. All three come from counts that add up over notes, so that one bootstrap serves them all.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from corpus.documents import JsonObject, to_json
from corpus.labels import Label
from corpus.note import AuthorKind, Role, Span
from corpus.scoring.intervals import LEVEL, RESAMPLES, percentile_interval, resampled_rates
from corpus.scoring.kappa import TOKEN_VALUES, Figure, cohen_kappas, confusion, krippendorff_alphas, token_values
from corpus.scoring.scores import RELAXED_IOU, PairedNotes, ScoredNote
from corpus.scoring.tallies import LABELS, MICRO, FloatArray, IntArray, rates, tally_notes
from corpus.store import Store

Measure = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True, slots=True)
class SharedNote:
    """A note that several people annotated, and what each of them says of it now."""

    id: str
    text: str
    said: Mapping[str, tuple[Span, ...]]


@dataclass(frozen=True, slots=True)
class Figures:
    """One measure for each label (of kappa and alpha: the label against all else), and for all labels together."""

    per_label: Mapping[Label, Figure]
    all: Figure


@dataclass(frozen=True, slots=True)
class PairAgreement:
    """How far two annotators agree on the notes that both annotated."""

    annotators: tuple[str, str]
    notes: int
    exact: Figures
    relaxed: Figures
    kappa: Figures


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far all annotators agree; F1 is that of all pairs' spans together.

    `annotators` has how many shared notes each of them annotated.
    """

    annotators: Mapping[str, int]
    notes: int
    tokens: int
    pairs: tuple[PairAgreement, ...]
    exact: Figures
    relaxed: Figures
    alpha: Figures

    def to_json(self) -> JsonObject:
        """The figures of all, then of each pair."""
        return {
            "annotators": dict(self.annotators),
            "notes": self.notes,
            "tokens": self.tokens,
            "relaxed_iou": RELAXED_IOU,
            "level": LEVEL,
            "exact": to_json(self.exact),
            "relaxed": to_json(self.relaxed),
            "alpha": to_json(self.alpha),
            "pairs": [to_json(pair) for pair in self.pairs],
        }


def shared_notes(store: Store) -> list[SharedNote]:
    """The notes that at least two people have annotated, in order of arrival; what was withdrawn does not count."""
    said: dict[str, dict[str, tuple[Span, ...]]] = {}
    for name in store.spans.author_names(AuthorKind.HUMAN):
        for note_id, spans in store.spans.of_author(AuthorKind.HUMAN, name).items():
            if spans.spans is not None:
                said.setdefault(note_id, {})[name] = spans.spans
    shared = [note_id for note_id in store.notes.ids(*Role) if len(said.get(note_id, ())) > 1]
    return [SharedNote(note.id, note.text, said[note.id]) for note in store.notes.many(shared)]


def measure_agreement(notes: Sequence[SharedNote], *, resamples: int = RESAMPLES, seed: int = 0) -> Agreement:
    """The agreement on these notes, with intervals by bootstrap over them; without a note, nothing but None."""
    names = sorted({name for note in notes for name in note.said})
    values = [{name: token_values(note.text, spans) for name, spans in note.said.items()} for note in notes]
    tallies = np.zeros((len(notes), 2, len(LABELS), 3), np.int64)
    coincidences = np.zeros((len(notes), TOKEN_VALUES, TOKEN_VALUES))
    pairs = []
    for one, other in combinations(names, 2):
        both = [index for index, note in enumerate(notes) if one in note.said and other in note.said]
        if not both:
            continue
        of_pair = _pair_tallies([notes[index] for index in both], one, other)
        confusions = np.array([confusion(values[index][one], values[index][other]) for index in both])
        tallies[both] += of_pair
        # A token that m people annotated has m - 1 pairs for each of its values.
        partners = np.array([len(notes[index].said) - 1 for index in both])[:, None, None]
        coincidences[both] += (confusions + confusions.swapaxes(1, 2)) / partners
        exact, relaxed = _f1(of_pair, resamples, seed)
        kappa = _chance_corrected(cohen_kappas, confusions.astype(np.float64), resamples, seed)
        pairs.append(PairAgreement((one, other), len(both), exact, relaxed, kappa))
    exact, relaxed = _f1(tallies, resamples, seed)
    return Agreement(
        {name: sum(name in note.said for note in notes) for name in names},
        len(notes),
        sum(len(next(iter(said.values()))) for said in values),
        tuple(pairs),
        exact,
        relaxed,
        _chance_corrected(krippendorff_alphas, coincidences, resamples, seed),
    )


def _pair_tallies(notes: Sequence[SharedNote], one: str, other: str) -> IntArray:
    """The tallies of a pair, exact and relaxed, shape (notes, 2, labels, 3)."""
    scored = PairedNotes((ScoredNote(note.id, note.said[one], note.said[other]) for note in notes), diagnosis="all")
    return np.stack([tally_notes(scored, 1.0), tally_notes(scored, RELAXED_IOU)], axis=1)


def _f1(tallies: IntArray, resamples: int, seed: int) -> tuple[Figures, Figures]:
    """F1, exact and relaxed, of tallies of shape (notes, 2, labels, 3)."""
    whole, samples = rates(tallies.sum(axis=0)), resampled_rates(tallies, resamples, seed)
    exact, relaxed = (_figures(whole[kind, : MICRO + 1, 2], samples[:, kind, : MICRO + 1, 2]) for kind in (0, 1))
    return exact, relaxed


def _chance_corrected(measure: Measure, tables: FloatArray, resamples: int, seed: int) -> Figures:
    """Kappa or alpha of the notes' tables, shape (notes, values, values)."""
    notes = len(tables)
    whole = _by_label(measure, tables.sum(axis=0))
    if notes < 2:
        return _figures(whole, np.full((1, len(whole)), np.nan))
    weights = np.random.default_rng(seed).multinomial(notes, np.full(notes, 1 / notes), resamples)
    sums = (weights @ tables.reshape(notes, -1)).reshape(resamples, TOKEN_VALUES, TOKEN_VALUES)
    return _figures(whole, _by_label(measure, sums))


def _by_label(measure: Measure, tables: FloatArray) -> FloatArray:
    """The measure for each label against all else, then for all: shape (…, values, values) to (…, labels + 1)."""
    return np.stack(
        [*(measure(_against_rest(tables, value)) for value in range(1, TOKEN_VALUES)), measure(tables)], axis=-1
    )


def _against_rest(tables: FloatArray, value: int) -> FloatArray:
    """The tables with all other values as one, shape (…, values, values) to (…, 2, 2)."""
    both = tables[..., value, value]
    one = tables[..., value, :].sum(axis=-1) - both
    other = tables[..., :, value].sum(axis=-1) - both
    neither = tables.sum(axis=(-2, -1)) - both - one - other
    return np.stack([np.stack([both, one], axis=-1), np.stack([other, neither], axis=-1)], axis=-2)


def _figures(whole: FloatArray, samples: FloatArray) -> Figures:
    """Figures of shape (labels + 1,) with the intervals of their resamples, shape (resamples, labels + 1)."""
    figures = [
        Figure(None if np.isnan(value) else float(value), percentile_interval(samples[:, index]))
        for index, value in enumerate(whole)
    ]
    return Figures(dict(zip(LABELS, figures, strict=False)), figures[-1])
