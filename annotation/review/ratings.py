"""What reviewers' ratings say: by question and specialty, how far reviewers agree, and what goes with them.

Intervals are by bootstrap over notes, since the ratings of one note are not independent.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median

import numpy as np

from annotation.review.questionnaire import SCALE, Question
from corpus.documents import JsonObject, to_json
from corpus.scoring.intervals import LEVEL, RESAMPLES, percentile_interval
from corpus.scoring.kappa import Figure, ordinal_alphas
from corpus.scoring.tallies import FloatArray
from corpus.store.ratings import Rating, Writer

GATES = ("european_portuguese", "longest_copy_words", "copied_share", "nearest_containment")
"""Figures that the gates of generation leave in a note's provenance."""
FEWEST_NOTES = 10
"""Notes from which a rank correlation is worked out."""


@dataclass(frozen=True, slots=True)
class ReviewedNote:
    """A note of the review; `figures` are those of the gates, for generated notes."""

    id: str
    writer: Writer
    specialty: str
    figures: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Summary:
    """Ratings together: how many of 1, 2, 3, 4 and 5, their mean and their median (None of none)."""

    counts: tuple[int, ...]
    mean: float | None
    median: float | None

    @classmethod
    def of(cls, values: Sequence[int]) -> "Summary":
        """The summary of some ratings."""
        counts = Counter(values)
        if not values:
            return cls((0,) * len(SCALE), None, None)
        return cls(tuple(counts[value] for value in SCALE), fmean(values), float(median(values)))

    def to_json(self) -> JsonObject:
        """The figures; the distribution by value."""
        distribution: JsonObject = {str(value): count for value, count in zip(SCALE, self.counts, strict=True)}
        return {"ratings": sum(self.counts), "distribution": distribution, "mean": self.mean, "median": self.median}


@dataclass(frozen=True, slots=True)
class Correlation:
    """Spearman's rho of notes' mean rating and a gate's figure, and how often chance alone gives as much (p)."""

    rho: float
    p: float
    notes: int


@dataclass(frozen=True, slots=True)
class QuestionReview:
    """The answers to one question; specialties are those of generated notes.

    `difference` is the mean of generated minus that of physician-written notes. `alpha` is Krippendorff's, ordinal,
    over the `shared` notes that two people or more rated. `gates` has only figures that vary over enough notes.
    """

    question: Question
    generated: Summary
    specialties: Mapping[str, Summary]
    physician: Summary
    difference: Figure
    alpha: Figure
    shared: int
    gates: Mapping[str, Correlation]

    def to_json(self) -> JsonObject:
        """The figures as JSON values."""
        return {
            "id": self.question.id,
            "question": self.question.question,
            "generated": self.generated.to_json(),
            "specialties": {name: summary.to_json() for name, summary in self.specialties.items()},
            "physician": self.physician.to_json(),
            "generated_minus_physician": to_json(self.difference),
            "alpha": {**to_json(self.alpha), "notes": self.shared},
            "gates": {
                name: {"spearman": found.rho, "p": found.p, "notes": found.notes} for name, found in self.gates.items()
            },
        }


@dataclass(frozen=True, slots=True)
class Review:
    """The whole review: rated and sampled notes by writer, notes by reviewer, and the questions."""

    rated: Mapping[Writer, int]
    sampled: Mapping[Writer, int]
    reviewers: Mapping[str, int]
    questions: tuple[QuestionReview, ...]

    def to_json(self) -> JsonObject:
        """The figures as JSON values."""
        return {
            "rated": {str(writer): count for writer, count in self.rated.items()},
            "sampled": {str(writer): count for writer, count in self.sampled.items()},
            "reviewers": dict(self.reviewers),
            "level": LEVEL,
            "questions": [question.to_json() for question in self.questions],
        }


def measure_review(
    notes: Sequence[ReviewedNote],
    ratings: Iterable[Rating],
    questions: Iterable[Question],
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Review:
    """The figures of the ratings of these notes, with seeded intervals; answers to other questions do not count."""
    asked = {question.id: question for question in questions}
    values: dict[str, dict[str, list[int]]] = {name: {} for name in asked}
    people: dict[str, set[str]] = {}
    for rating in ratings:
        if rating.question in values:
            values[rating.question].setdefault(rating.note_id, []).append(rating.value)
            people.setdefault(rating.annotator, set()).add(rating.note_id)
    rated = set().union(*people.values())
    return Review(
        {writer: sum(note.id in rated for note in notes if note.writer is writer) for writer in Writer},
        {writer: sum(note.writer is writer for note in notes) for writer in Writer},
        {name: len(people[name]) for name in sorted(people)},
        tuple(_question_review(question, notes, values[name], resamples, seed) for name, question in asked.items()),
    )


def coincidences(values: Sequence[int]) -> FloatArray:
    """The coincidence matrix of one note's ratings, shape (5, 5): each ordered pair of m ratings adds 1 / (m - 1)."""
    counts = np.array([values.count(value) for value in SCALE], np.float64)
    pairs: FloatArray = (np.outer(counts, counts) - np.diag(counts)) / (len(values) - 1)
    return pairs


def _question_review(
    question: Question, notes: Sequence[ReviewedNote], values: Mapping[str, list[int]], resamples: int, seed: int
) -> QuestionReview:
    of_writer = {writer: [note for note in notes if note.writer is writer and note.id in values] for writer in Writer}
    generated, physician = of_writer[Writer.GENERATED], of_writer[Writer.PHYSICIAN]
    shared = [values[note.id] for note in notes if len(values.get(note.id, ())) > 1]
    specialties = sorted({note.specialty for note in generated})
    return QuestionReview(
        question,
        _summary(generated, values),
        {name: _summary([note for note in generated if note.specialty == name], values) for name in specialties},
        _summary(physician, values),
        _difference([values[note.id] for note in generated], [values[note.id] for note in physician], resamples, seed),
        _alpha(shared, resamples, seed),
        len(shared),
        _correlations(generated, values),
    )


def _summary(notes: Iterable[ReviewedNote], values: Mapping[str, Sequence[int]]) -> Summary:
    return Summary.of([value for note in notes for value in values[note.id]])


def _difference(one: Sequence[Sequence[int]], other: Sequence[Sequence[int]], resamples: int, seed: int) -> Figure:
    """The difference of two groups' mean ratings; there is no interval where a group has fewer than two notes."""
    if not one or not other:
        return Figure(None, None)
    rng = np.random.default_rng(seed)
    sums, samples = [], []
    for group in (one, other):
        parts = np.array([(sum(values), len(values)) for values in group], np.float64)
        whole, drawn = parts.sum(axis=0), _weights(len(group), resamples, rng) @ parts
        sums.append(whole[0] / whole[1])
        samples.append(drawn[:, 0] / drawn[:, 1])
    interval = percentile_interval(samples[0] - samples[1]) if min(len(one), len(other)) > 1 else None
    return Figure(float(sums[0] - sums[1]), interval)


def _alpha(shared: Sequence[Sequence[int]], resamples: int, seed: int) -> Figure:
    if not shared:
        return Figure(None, None)
    tables = np.array([coincidences(values) for values in shared])
    alpha = float(ordinal_alphas(tables.sum(axis=0)))
    weights = _weights(len(shared), resamples, np.random.default_rng(seed))
    samples = ordinal_alphas(np.tensordot(weights, tables, axes=1))
    interval = percentile_interval(samples) if len(shared) > 1 else None
    return Figure(None if np.isnan(alpha) else alpha, interval)


def _weights(notes: int, resamples: int, rng: np.random.Generator) -> FloatArray:
    """How often each note is drawn in each resample, shape (resamples, notes)."""
    return rng.multinomial(notes, np.full(notes, 1 / notes), resamples).astype(np.float64)


def _correlations(notes: Sequence[ReviewedNote], values: Mapping[str, Sequence[int]]) -> dict[str, Correlation]:
    """How each gate's figure goes with the notes' mean rating, where either varies over enough notes."""
    from scipy.stats import spearmanr  # takes a second to import

    found = {}
    for gate in GATES:
        pairs = [(float(note.figures[gate]), fmean(values[note.id])) for note in notes if gate in note.figures]
        if len(pairs) < FEWEST_NOTES or any(len(set(column)) < 2 for column in zip(*pairs, strict=True)):
            continue
        result = spearmanr(pairs)
        found[gate] = Correlation(float(result.statistic), float(result.pvalue), len(pairs))
    return found
