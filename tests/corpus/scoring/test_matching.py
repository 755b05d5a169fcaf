import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.labels import Label
from corpus.note import Span
from corpus.scoring.matching import iou, pair_spans

MED, YES, NO = Label.MEDICATION, Label.ALLERGY, Label.NO_ALLERGY


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((0, 10), (0, 10), 1.0),
        ((0, 10), (5, 10), 0.5),
        ((0, 6), (3, 9), 1 / 3),
        ((0, 5), (5, 9), 0.0),
        ((0, 2), (7, 9), 0.0),
    ],
)
def test_iou_is_the_shared_over_the_covered_characters(
    one: tuple[int, int], other: tuple[int, int], expected: float
) -> None:
    assert iou(Span(*one, MED), Span(*other, MED)) == iou(Span(*other, MED), Span(*one, MED)) == expected


def test_the_pair_of_greatest_iou_is_taken_first() -> None:
    gold = [Span(0, 10, MED)]
    close, closer = Span(0, 6, MED), Span(0, 9, MED)
    (pair,) = pair_spans(gold, [close, closer], 0.5)
    assert (pair.predicted, pair.iou) == (closer, 0.9)


def test_at_one_place_the_pair_whose_labels_agree_is_taken_first() -> None:
    (pair,) = pair_spans([Span(0, 9, NO)], [Span(0, 9, YES), Span(0, 9, NO)], 1.0)
    assert pair.predicted.label is NO


def test_polarities_are_paired_and_entities_are_not() -> None:
    assert len(pair_spans([Span(0, 9, NO)], [Span(0, 9, YES)], 1.0)) == 1
    assert pair_spans([Span(0, 9, NO)], [Span(0, 9, MED)], 1.0) == []


def test_each_span_is_in_one_pair_at_most() -> None:
    assert len(pair_spans([Span(0, 9, MED)] * 2, [Span(0, 9, MED)] * 3, 0.5)) == 2


def test_a_pair_at_the_threshold_counts_and_one_below_it_does_not() -> None:
    gold = [Span(10, 20, MED)]
    assert len(pair_spans(gold, [Span(0, 20, MED)], 0.5)) == 1
    assert pair_spans(gold, [Span(0, 21, MED)], 0.5) == []


spans = st.lists(
    st.builds(
        lambda start, length, label: Span(start, start + length, label),
        st.integers(0, 30),
        st.integers(1, 12),
        st.sampled_from(Label),
    ),
    max_size=8,
)


@given(spans, spans, st.sampled_from([0.1, 0.3, 0.5, 0.8, 1.0]), st.integers(0, 1000))
def test_the_order_of_the_lists_does_not_count(
    gold: list[Span], predicted: list[Span], least: float, seed: int
) -> None:
    rng = random.Random(seed)
    pairs = pair_spans(gold, predicted, least)
    rng.shuffle(gold)
    rng.shuffle(predicted)
    assert pair_spans(gold, predicted, least) == pairs


@given(spans, spans, st.sampled_from([0.1, 0.3, 0.5, 0.8, 1.0]))
def test_no_pair_that_could_be_taken_is_left(gold: list[Span], predicted: list[Span], least: float) -> None:
    pairs = pair_spans(gold, predicted, least)
    left_gold, left_predicted = list(gold), list(predicted)
    for pair in pairs:
        left_gold.remove(pair.gold)
        left_predicted.remove(pair.predicted)
    assert not [
        (ours, theirs)
        for ours in left_gold
        for theirs in left_predicted
        if ours.label.entity == theirs.label.entity and iou(ours, theirs) >= least
    ]
