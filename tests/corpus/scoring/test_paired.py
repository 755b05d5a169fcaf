import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.labels import Label
from corpus.note import Span
from corpus.scoring.intervals import bootstrap_intervals
from corpus.scoring.matching import pair_spans
from corpus.scoring.mistakes import compare_notes, compare_spans, count_mistakes
from corpus.scoring.scores import PairedNotes, ScoredNote, cut_diagnoses, score_notes
from tests.corpus.scoring.scored import scored_notes


@given(scored_notes, st.sampled_from([0.3, 0.5, 0.7, 1.0]))
def test_notes_paired_once_give_the_figures_of_notes_paired_each_time(
    notes: list[ScoredNote], relaxed_iou: float
) -> None:
    paired = PairedNotes(notes, relaxed_iou=relaxed_iou)
    kept = [cut_diagnoses(note, "top1") for note in notes]
    assert paired.score == score_notes(notes, relaxed_iou=relaxed_iou)
    assert bootstrap_intervals(paired, resamples=9) == bootstrap_intervals(kept, relaxed_iou=relaxed_iou, resamples=9)
    assert count_mistakes(paired) == count_mistakes(kept)
    assert list(compare_notes(paired)) == [compare_spans(note.gold, note.predicted) for note in kept]


@given(scored_notes, st.sampled_from([0.5, 0.6, 0.8, 1.0]))
def test_the_pairs_of_a_higher_iou_are_among_those_of_a_lower_one(notes: list[ScoredNote], least: float) -> None:
    pairs = PairedNotes(notes, diagnosis="all").pairs(least)
    assert pairs == [pair_spans(note.gold, note.predicted, least) for note in notes]


def test_a_smaller_iou_than_the_notes_are_paired_from_is_refused() -> None:
    paired = PairedNotes([ScoredNote("a", [Span(0, 9, Label.DIAGNOSIS)], [])])
    with pytest.raises(ValueError, match=r"from an IoU of 0\.5, not of 0\.2"):
        paired.pairs(0.2)
