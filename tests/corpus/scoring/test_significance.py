import json
import random
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.labels import Label
from corpus.note import Span
from corpus.scoring.scores import ScoredNote, score_notes
from corpus.scoring.significance import (
    DETECTABLE_IN_STANDARD_ERRORS,
    Difference,
    Verdict,
    compare_models,
)
from tests.corpus.scoring.scored import noisy_notes, scored_notes, shuffled

MED = Label.MEDICATION
GOLD = [Span(0, 5, MED), Span(10, 15, MED)]


def notes_with(*found: int) -> list[ScoredNote]:
    """Notes of two drugs each, of which so many are found."""
    return [ScoredNote(index, GOLD, GOLD[:count]) for index, count in enumerate(found)]


def test_the_detectable_difference_is_280_standard_errors() -> None:
    assert pytest.approx(1.960 + 0.842, abs=1e-3) == DETECTABLE_IN_STANDARD_ERRORS


def test_the_difference_is_that_of_the_two_scores() -> None:
    ours, theirs = notes_with(2, 2, 1, 0), notes_with(1, 2, 0, 0)
    found = compare_models(ours, theirs)
    # 5 of 8 found, none invented: F1 10/13; 3 of 8: F1 6/11.
    assert found.micro.value == found.macro.value == pytest.approx(10 / 13 - 6 / 11)


def test_p_is_the_share_of_swaps_that_differ_as_much() -> None:
    # The models differ on three notes, always the same way: of the eight ways to swap them, two differ as much.
    found = compare_models(notes_with(2, 2, 2, 1), notes_with(1, 1, 1, 1))
    assert found.micro.p_value == pytest.approx(2 / 8, abs=0.02)


def test_p_agrees_with_all_the_swaps_there_are() -> None:
    ours, theirs = notes_with(2, 0, 1, 2, 2, 0), notes_with(0, 1, 1, 1, 0, 0)

    def f1_difference(one: list[ScoredNote], other: list[ScoredNote]) -> float:
        return abs(score_notes(one).exact.micro.f1 - score_notes(other).exact.micro.f1)

    observed = f1_difference(ours, theirs)
    as_large = 0
    for swaps in product((False, True), repeat=6):
        one = [theirs[index] if swap else ours[index] for index, swap in enumerate(swaps)]
        other = [ours[index] if swap else theirs[index] for index, swap in enumerate(swaps)]
        as_large += f1_difference(one, other) >= observed - 1e-12
    assert compare_models(ours, theirs).micro.p_value == pytest.approx(as_large / 2**6, abs=0.02)


def test_one_that_is_better_on_every_note_is_better_and_the_other_worse() -> None:
    ours, theirs = notes_with(*[2] * 12), notes_with(*[1] * 11, 0)
    better, worse = compare_models(ours, theirs).micro, compare_models(theirs, ours).micro
    assert (better.verdict, worse.verdict) == (Verdict.BETTER, Verdict.WORSE)
    assert better.value == -worse.value
    assert better.interval is not None
    assert better.interval.low > 0


@pytest.mark.parametrize("notes", [[], notes_with(1), notes_with(2, 0, 1, 1)])
def test_equal_predictions_are_indistinguishable_and_tell_nothing_else(notes: list[ScoredNote]) -> None:
    assert compare_models(notes, notes).micro == Difference(0.0, None, 1.0, None)
    assert compare_models(notes, notes).micro.verdict is Verdict.INDISTINGUISHABLE


def test_one_note_alone_shows_a_difference_but_not_how_sure_it_is() -> None:
    assert compare_models(notes_with(2), notes_with(1)).micro == Difference(1 - 2 / 3, None, 1.0, None)


def test_lists_of_other_notes_are_refused() -> None:
    with pytest.raises(ValueError, match="same notes"):
        compare_models(notes_with(1, 2), notes_with(1))
    with pytest.raises(ValueError, match="same gold"):
        compare_models(notes_with(1), [ScoredNote(0, GOLD[:1], [])])


@given(scored_notes, st.data(), st.integers(0, 1000))
def test_no_order_of_notes_or_spans_changes_the_comparison(
    notes: list[ScoredNote], data: st.DataObject, seed: int
) -> None:
    others = [ScoredNote(note.id, note.gold, data.draw(st.permutations(note.gold))[:2]) for note in notes]
    order = shuffled(notes, seed)
    again = [ScoredNote(note.id, note.gold, others[int(note.id)].predicted[::-1]) for note in order]
    assert compare_models(notes, others, draws=50, resamples=50) == compare_models(order, again, draws=50, resamples=50)


def test_two_models_are_told_apart_with_the_same_p_whichever_is_asked_about() -> None:
    models = two_models(random.Random(19), 30, ours=0.8, theirs=0.7)
    one, other = compare_models(*models), compare_models(*models[::-1])
    assert (one.micro.p_value, one.macro.p_value) == (other.micro.p_value, other.macro.p_value)
    assert one.micro.p_value < 1


def two_models(
    rng: random.Random, notes: int, *, ours: float, theirs: float
) -> tuple[list[ScoredNote], list[ScoredNote]]:
    """Two models that find the drugs of the same notes with these probabilities."""
    gold = [note.gold for note in noisy_notes(rng, notes, found=1, invented=0)]

    def found(rate: float) -> list[ScoredNote]:
        return [
            ScoredNote(index, spans, [span for span in spans if rng.random() < rate])
            for index, spans in enumerate(gold)
        ]

    return found(ours), found(theirs)


def test_a_seed_gives_the_same_comparison() -> None:
    models = two_models(random.Random(3), 30, ours=0.8, theirs=0.7)
    first, again, other = (compare_models(*models, seed=seed, draws=500) for seed in (1, 1, 2))
    assert first == again
    assert first.micro.interval != other.micro.interval


@pytest.mark.slow
def test_of_two_equal_models_about_5_in_100_pairs_are_told_apart() -> None:
    rng = random.Random(13)
    apart = sum(
        compare_models(*two_models(rng, 40, ours=0.8, theirs=0.8), draws=400, resamples=20).micro.verdict
        is not Verdict.INDISTINGUISHABLE
        for _ in range(300)
    )
    assert 0.02 <= apart / 300 <= 0.08


@pytest.mark.slow
def test_a_detectable_difference_is_found_in_about_80_of_100_sets_of_notes() -> None:
    rng = random.Random(17)
    found = [compare_models(*two_models(rng, 60, ours=0.9, theirs=0.79), draws=400).micro for _ in range(200)]
    least = [difference.detectable for difference in found if difference.detectable is not None]
    mean_difference = sum(difference.value for difference in found) / 200
    power = sum(difference.verdict is Verdict.BETTER for difference in found) / 200
    # The rates are chosen so that the true difference is about the smallest one that 60 such notes can show.
    assert sum(least) / 200 == pytest.approx(mean_difference, rel=0.15)
    assert 0.70 <= power <= 0.90


def test_the_document_says_the_verdict() -> None:
    found = compare_models(notes_with(*[2] * 12), notes_with(*[1] * 11, 0), seed=4)
    document = found.to_json()
    assert json.loads(json.dumps(document)) == document
    assert document["verdict"] == document["micro"]["verdict"] == "better"
    assert (document["notes"], document["draws"], document["resamples"], document["seed"]) == (12, 10_000, 2_000, 4)
