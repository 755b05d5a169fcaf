"""Inference in the chain, against sums over every sequence of tags."""

from itertools import pairwise, product
from math import exp, isclose, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from inference.crf.chain import Array, posteriors

TAGS = 3
SCORE = st.floats(-4, 4, width=32)
STATES = st.integers(1, 5).flatmap(lambda length: arrays(np.float64, (length, TAGS), elements=SCORE))
TRANSITION = arrays(np.float64, (TAGS, TAGS), elements=SCORE)


def _score(states: Array, transition: Array, tags: tuple[int, ...]) -> float:
    return sum(float(states[word, tag]) for word, tag in enumerate(tags)) + sum(
        float(transition[before, after]) for before, after in pairwise(tags)
    )


@given(st.lists(STATES, min_size=1, max_size=4), TRANSITION)
def test_probabilities_of_tags_and_sequences_are_those_of_full_enumeration(
    batch: list[Array], transition: Array
) -> None:
    for states, posterior in zip(batch, posteriors(batch, transition), strict=True):
        paths = {tags: _score(states, transition, tags) for tags in product(range(TAGS), repeat=len(states))}
        total = sum(map(exp, paths.values()))
        assert isclose(posterior.log_partition, log(total), abs_tol=1e-9)
        for tags, score in paths.items():
            assert isclose(posterior.log_probability(tags), score - log(total), abs_tol=1e-9)
        for word, tag in product(range(len(states)), range(TAGS)):
            share = sum(exp(score) for tags, score in paths.items() if tags[word] == tag) / total
            assert posterior.marginals[word, tag] == pytest.approx(share, abs=1e-9)


@given(STATES, TRANSITION, st.data())
def test_the_probability_of_a_stretch_is_that_of_full_enumeration(
    states: Array, transition: Array, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(states) - 1))
    paths = {tags: exp(_score(states, transition, tags)) for tags in product(range(TAGS), repeat=len(states))}
    found = dict(posteriors([states], transition)[0].stretches(start, 1, 2, least=0.0))
    for end in range(start + 1, len(states) + 1):
        stretch = (1, *[2] * (end - start - 1))
        wanted = sum(
            weight for tags, weight in paths.items() if tags[start:end] == stretch and tags[end : end + 1] != (2,)
        )
        assert found[end] == pytest.approx(wanted / sum(paths.values()), abs=1e-9)


@given(STATES, TRANSITION, st.floats(0.01, 0.9))
def test_no_stretch_that_is_probable_enough_is_left_out(states: Array, transition: Array, least: float) -> None:
    (posterior,) = posteriors([states], transition)
    everything = dict(posterior.stretches(0, 1, 2, least=0.0))
    wanted = {end: probability for end, probability in everything.items() if probability >= least}
    assert dict(posterior.stretches(0, 1, 2, least)) == wanted


def test_steps_that_cannot_be_have_no_probability() -> None:
    transition = np.array([[0.0, -np.inf], [0.0, 0.0]])
    states = np.array([[1.0, -np.inf], [0.0, 9.0]])
    (posterior,) = posteriors([states], transition)
    assert posterior.marginals.tolist() == [[1.0, 0.0], [1.0, 0.0]]


def test_scores_of_any_size_neither_overflow_nor_vanish() -> None:
    states = np.tile([2000.0, 1999.0], (3000, 1))
    (posterior,) = posteriors([states], np.zeros((2, 2)))
    assert posterior.log_partition == pytest.approx(3000 * (2000 + log(1 + exp(-1))))
