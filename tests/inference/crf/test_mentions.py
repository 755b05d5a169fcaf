"""Mentions: the best set that does not overlap, each worth its probability above what its label asks."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.labels import TAG_IDS, TAGS, Label
from inference.crf.chain import posteriors
from inference.crf.mentions import PossibleMention, choose, possible_mentions

DRUG, DIAGNOSIS = Label.MEDICATION, Label.DIAGNOSIS
CANDIDATE = st.builds(
    lambda first, length, label, probability: PossibleMention(first, first + length, label, probability),
    st.integers(0, 8),
    st.integers(1, 4),
    st.sampled_from(Label),
    st.floats(0.05, 1),
)


def _worth(mentions: tuple[PossibleMention, ...] | list[PossibleMention]) -> float:
    """0.25 is what a diagnosis asks, 0.35 every other label."""
    return sum(mention.probability - (0.25 if mention.label is DIAGNOSIS else 0.35) for mention in mentions)


def _apart(mentions: tuple[PossibleMention, ...] | list[PossibleMention]) -> bool:
    return all(one.end <= other.first or other.end <= one.first for one, other in combinations(mentions, 2))


@given(st.lists(CANDIDATE, max_size=8))
def test_what_is_chosen_is_worth_most_of_all_that_do_not_overlap(found: list[PossibleMention]) -> None:
    chosen = choose(found)
    sets = (some for size in range(len(found) + 1) for some in combinations(found, size))
    assert _apart(chosen)
    assert chosen == sorted(chosen, key=lambda mention: mention.first)
    assert _worth(chosen) == pytest.approx(max(_worth(some) for some in sets if _apart(some)))


def test_a_diagnosis_needs_less_than_a_drug() -> None:
    diagnosis, drug = PossibleMention(0, 2, DIAGNOSIS, 0.3), PossibleMention(4, 6, DRUG, 0.3)
    assert choose([diagnosis, drug]) == [diagnosis]


def test_two_mentions_side_by_side_beat_a_longer_one_that_is_likelier_than_either() -> None:
    whole, left, right = (
        PossibleMention(0, 4, DRUG, 0.7),
        PossibleMention(0, 2, DRUG, 0.6),
        PossibleMention(2, 4, DRUG, 0.6),
    )
    assert choose([whole, left, right]) == [left, right]


def test_candidates_are_all_mentions_with_their_probabilities() -> None:
    states = np.full((3, len(TAGS)), -50.0)
    states[:, TAG_IDS["O"]] = 0
    states[0, TAG_IDS[f"B-{DRUG}"]] = np.log(3)
    states[1, TAG_IDS[f"I-{DRUG}"]] = 0
    transition = np.zeros((len(TAGS), len(TAGS)))
    transition[TAG_IDS["O"], TAG_IDS[f"I-{DRUG}"]] = -np.inf
    found = {mention[:3]: mention.probability for mention in possible_mentions(posteriors([states], transition)[0])}
    assert found == pytest.approx({(0, 1, DRUG): 3 / 7, (0, 2, DRUG): 3 / 7})
