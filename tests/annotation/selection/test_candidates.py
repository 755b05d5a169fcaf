"""What a candidate's doubts come to."""

import pytest

from corpus.labels import Label
from corpus.note import Span
from tests.annotation.selection.candidates import candidate

ONE, OTHER, THIRD = Span(0, 1, Label.MEDICATION), Span(4, 6, Label.MEDICATION), Span(0, 1, Label.ALLERGY)


def test_actions_are_expected_for_what_is_probably_wrong_and_what_is_probably_missed() -> None:
    assert candidate("a", confidences=(0.9, 0.6), missed=0.25).expected_actions == pytest.approx(0.75)


def test_a_mention_without_a_confidence_counts_as_certain() -> None:
    own = candidate("a", confidences=(), missed=0.25)
    assert own.nothing_found
    assert own.expected_actions == 0.25


def test_rarity_is_the_mean_weight_of_what_is_doubted() -> None:
    assert candidate("a", confidences=(0.5,), label=Label.MEDICATION).rarity(3) == 1
    assert candidate("a", confidences=(0.5,), label=Label.NO_ALLERGY).rarity(3) == 3
    assert candidate("a", confidences=(0.5,), label=Label.ALLERGY, missed=0.5).rarity(3) == 2
    assert candidate("a", confidences=(1.0,), label=Label.ALLERGY).rarity(3) == 1


def test_recognisers_that_find_the_same_or_nothing_agree() -> None:
    assert candidate("a", confidences=(0.5,), committee=((ONE,), (ONE,))).disagreement == 0
    assert candidate("a", confidences=(), committee=((), ())).disagreement == 0


def test_disagreement_is_one_less_the_mean_f1_of_the_pairs() -> None:
    """The three pairs have F1 2/3, 0 (the label differs) and 0."""
    assert candidate("a", confidences=(0.5,), committee=((ONE, OTHER), (THIRD,))).disagreement == pytest.approx(7 / 9)
