import numpy as np
import pytest
from hypothesis import given

from corpus.labels import Label
from corpus.note import Span
from corpus.scoring.scores import ScoredNote, score_notes
from corpus.scoring.tallies import LABELS, MACRO, MICRO, distinct_rows, rates, sample_sums, tally_notes
from tests.corpus.scoring.scored import scored_notes

MED, DIA, YES, NO = Label.MEDICATION, Label.DIAGNOSIS, Label.ALLERGY, Label.NO_ALLERGY


def test_a_tally_counts_what_was_found_invented_and_missed_of_each_label() -> None:
    note = ScoredNote("a", [Span(0, 9, MED), Span(20, 29, NO)], [Span(0, 9, MED), Span(10, 15, MED), Span(20, 29, YES)])
    (tally,) = tally_notes([note], 1.0)
    assert dict(zip(LABELS, tally.tolist(), strict=True)) == {
        DIA: [0, 0, 0],
        MED: [1, 1, 0],
        YES: [0, 1, 0],
        NO: [0, 0, 1],
    }


def test_rates_of_a_tally_worked_out_by_hand() -> None:
    found = rates(np.array([[0, 0, 0], [3, 1, 2], [0, 2, 0], [0, 0, 0]]))
    assert np.isnan(found[[0, 3]]).all()
    assert found[1].tolist() == pytest.approx([3 / 4, 3 / 5, 6 / 9])
    assert found[2].tolist() == [0, 0, 0]
    assert found[MICRO].tolist() == pytest.approx([3 / 6, 3 / 5, 6 / 11])
    assert found[MACRO].tolist() == pytest.approx([3 / 8, 3 / 10, 3 / 9])


def test_nothing_has_no_rates() -> None:
    assert np.isnan(rates(np.zeros((4, 3)))).all()


@given(scored_notes)
def test_summed_tallies_have_the_rates_of_the_score(notes: list[ScoredNote]) -> None:
    score = score_notes(notes, diagnosis="all")
    for table, least_iou in ((score.exact, 1.0), (score.relaxed, 0.5)):
        found = rates(tally_notes(notes, least_iou).sum(axis=0))
        for row, expected in zip(found, [*table.per_label.values(), table.micro, table.macro], strict=True):
            assert np.nan_to_num(row).tolist() == pytest.approx([expected.precision, expected.recall, expected.f1])


def test_distinct_rows_are_counted_and_in_one_order() -> None:
    kinds, times = distinct_rows(np.array([[2, 0], [1, 5], [2, 0]]))
    assert (kinds.tolist(), times.tolist()) == ([[1, 5], [2, 0]], [1, 2])


def test_samples_drawn_in_blocks_are_all_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("corpus.scoring.tallies.MOST_WEIGHTS", 6)
    sizes = []

    def draw(size: int) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
        sizes.append(size)
        return np.full((size, 2), len(sizes))

    sums = sample_sums(np.array([[1, 10], [2, 20]]), draw, 7)
    assert sizes == [3, 3, 1]
    assert sums[:, 0].tolist() == [3, 3, 3, 6, 6, 6, 9]
