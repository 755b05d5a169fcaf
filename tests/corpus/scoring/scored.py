"""Scored notes for the tests of what is worked out from them."""

import random

from hypothesis import strategies as st

from corpus.labels import Label
from corpus.note import Span
from corpus.scoring.scores import ScoredNote

_spans = st.lists(
    st.builds(
        lambda start, length, label, confidence: Span(start, start + length, label, confidence),
        st.integers(0, 30),
        st.integers(1, 12),
        st.sampled_from(Label),
        st.none() | st.floats(0, 1),
    ),
    max_size=8,
)
scored_notes = st.lists(st.tuples(_spans, _spans), max_size=5).map(
    lambda cases: [ScoredNote(index, gold, predicted) for index, (gold, predicted) in enumerate(cases)]
)
"""Up to five notes whose spans may overlap in every way."""


def shuffled(notes: list[ScoredNote], seed: int) -> list[ScoredNote]:
    """The same notes with the same spans in another order."""
    rng = random.Random(seed)
    return [
        ScoredNote(note.id, rng.sample(note.gold, len(note.gold)), rng.sample(note.predicted, len(note.predicted)))
        for note in rng.sample(notes, len(notes))
    ]


def noisy_notes(rng: random.Random, notes: int, *, found: float, invented: float) -> list[ScoredNote]:
    """Notes of 1 to 4 drugs, each found with probability `found`; with probability `invented` one more is predicted."""
    made = []
    for index in range(notes):
        gold = [Span(10 * place, 10 * place + 5, Label.MEDICATION) for place in range(rng.randint(1, 4))]
        predicted = [span for span in gold if rng.random() < found]
        if rng.random() < invented:
            predicted.append(Span(900, 905, Label.MEDICATION))
        made.append(ScoredNote(index, gold, predicted))
    return made
