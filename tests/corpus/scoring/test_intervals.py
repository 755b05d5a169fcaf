import json
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.labels import Label
from corpus.note import Span
from corpus.scoring.intervals import (
    Interval,
    bootstrap_differences,
    bootstrap_intervals,
    percentile_interval,
    resampled_rates,
)
from corpus.scoring.scores import ScoredNote, score_notes
from corpus.scoring.significance import compare_models
from corpus.scoring.tallies import MICRO, tally_notes
from tests.corpus.scoring.scored import noisy_notes, scored_notes, shuffled

MED, DIA = Label.MEDICATION, Label.DIAGNOSIS
HIT = ScoredNote("hit", [Span(0, 5, MED)], [Span(0, 5, MED)])
MISS = ScoredNote("miss", [Span(0, 5, MED)], [])
HALF = ScoredNote("half", [Span(0, 10, MED)], [Span(0, 5, MED)])


def test_an_interval_holds_the_middle_of_its_values() -> None:
    assert percentile_interval(np.arange(1001) / 1000) == Interval(pytest.approx(0.025), pytest.approx(0.975))


def test_resamples_of_a_hit_and_a_miss_are_those_of_two_tosses() -> None:
    # Two notes drawn of two: both hits (1/4), one of each (1/2), both misses (1/4).
    recall = resampled_rates(tally_notes([HIT, MISS], 1.0), 4000, seed=1)[:, MICRO, 1]
    values, times = np.unique(recall, return_counts=True)
    assert values.tolist() == [0, 0.5, 1]
    assert (times / 4000).tolist() == pytest.approx([0.25, 0.5, 0.25], abs=0.03)


def test_exact_and_relaxed_have_intervals_of_their_own() -> None:
    found = bootstrap_intervals([HIT, HALF, MISS] * 4)
    assert found.exact.micro.f1 is not None
    assert found.relaxed.micro.f1 is not None
    assert found.exact.micro.f1.low < found.relaxed.micro.f1.low
    assert found.exact.micro.f1.high < found.relaxed.micro.f1.high


def test_resamples_without_a_label_do_not_count_for_it() -> None:
    # The diagnosis stands in two notes of six, found in one: a resample has none of these in 9 of 100 cases.
    notes = [ScoredNote(name, [Span(0, 5, DIA)], found) for name, found in (("a", [Span(0, 5, DIA)]), ("b", []))]
    rates = resampled_rates(tally_notes([*notes, *[MISS] * 4], 1.0), 2000, seed=1)[:, list(Label).index(DIA), 1]
    assert np.isnan(rates).mean() == pytest.approx((4 / 6) ** 6, abs=0.02)
    assert percentile_interval(rates) == Interval(0, 1)


@pytest.mark.parametrize("notes", [[], [MISS], [HIT] * 5, [ScoredNote("empty", [], [])] * 3])
def test_where_notes_cannot_tell_there_is_no_interval(notes: list[ScoredNote]) -> None:
    found = bootstrap_intervals(notes)
    assert found.exact.micro.f1 is found.relaxed.macro.recall is None
    assert found.to_json()["exact"]["micro"] == {"precision": None, "recall": None, "f1": None}


@given(scored_notes, st.integers(0, 1000))
def test_no_order_of_notes_or_spans_changes_an_interval(notes: list[ScoredNote], seed: int) -> None:
    one, other = (bootstrap_intervals(given, resamples=20) for given in (notes, shuffled(notes, seed)))
    assert one == other


def test_differences_are_of_the_two_on_the_same_resampled_notes() -> None:
    # Of the four ways to draw two of two notes, in one they are alike, in one ours has F1 1 and theirs 0.
    ours, theirs = [HIT, ScoredNote("other", HIT.gold, HIT.gold)], [HIT, ScoredNote("other", HIT.gold, [])]
    found = bootstrap_differences(ours, theirs)
    assert found.exact.micro.f1 == found.relaxed.per_label[MED].recall == Interval(0, 1)
    assert found.exact.micro.f1 == compare_models(ours, theirs).micro.interval
    assert bootstrap_differences(theirs, ours).exact.micro.f1 == Interval(-1, 0)
    assert bootstrap_differences(ours, ours).exact.micro.f1 is None
    assert found.exact.per_label[DIA].f1 is None


def test_a_label_that_one_alone_predicts_counts_as_0_for_the_other() -> None:
    ours = [HIT, ScoredNote("other", HIT.gold, [*HIT.gold, Span(9, 12, DIA)])]
    theirs = [HIT, ScoredNote("other", HIT.gold, HIT.gold)]
    found = bootstrap_differences(ours, theirs)
    # Ours found no diagnosis that is there, and theirs none at all: both have a precision of 0.
    assert found.exact.per_label[DIA].precision is None
    assert found.exact.macro.f1 == Interval(-0.5, 0)


def test_a_seed_gives_the_same_intervals_and_another_seed_others() -> None:
    notes = noisy_notes(random.Random(5), 40, found=0.7, invented=0.3)
    assert bootstrap_intervals(notes, seed=3) == bootstrap_intervals(notes, seed=3)
    assert bootstrap_intervals(notes, seed=3).exact.micro != bootstrap_intervals(notes, seed=4).exact.micro


@pytest.mark.slow
def test_about_95_of_100_intervals_hold_the_true_f1() -> None:
    # With f of the drugs found and v invented a note of 2.5 drugs: F1 = 2f / (1 + f + v / 2.5).
    truth = 2 * 0.8 / (1 + 0.8 + 0.5 / 2.5)
    rng = random.Random(7)
    covered = 0
    for _ in range(300):
        found = bootstrap_intervals(noisy_notes(rng, 60, found=0.8, invented=0.5), resamples=300).exact.micro.f1
        assert found is not None
        covered += found.low <= truth <= found.high
    assert 0.90 <= covered / 300 <= 0.98


def test_the_document_is_laid_out_as_the_score_is() -> None:
    notes = [HIT, MISS, HALF]
    document = bootstrap_intervals(notes, seed=2).to_json()
    assert json.loads(json.dumps(document)) == document
    assert (document["level"], document["resamples"], document["seed"]) == (0.95, 2000, 2)
    score = score_notes(notes).to_json()
    for table in ("exact", "relaxed"):
        assert document[table].keys() == score[table].keys()
        assert document[table]["per_label"].keys() == score[table]["per_label"].keys()
    low, high = document["exact"]["micro"]["f1"]
    assert low <= score["exact"]["micro"]["f1"] <= high
    assert document["exact"]["per_label"]["Diagnóstico"] == {"precision": None, "recall": None, "f1": None}
