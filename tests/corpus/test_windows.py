from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.windows import average_windows, cut_windows


@pytest.mark.parametrize(
    ("n_tokens", "windows"),
    [
        (0, []),
        (1, [(0, 1)]),
        (3, [(0, 3)]),
        (10, [(0, 10)]),
        (11, [(0, 10), (7, 11)]),
        (17, [(0, 10), (7, 17)]),
        (18, [(0, 10), (7, 17), (14, 18)]),
    ],
)
def test_windows_step_by_their_size_less_the_overlap_and_end_with_the_note(
    n_tokens: int, windows: list[tuple[int, int]]
) -> None:
    assert cut_windows(n_tokens, size=10, overlap=3) == windows


@pytest.mark.parametrize("overlap", [-1, 10, 11])
def test_an_overlap_that_leaves_no_step_is_refused(overlap: int) -> None:
    with pytest.raises(ValueError, match="cannot share"):
        cut_windows(20, size=10, overlap=overlap)


@given(st.integers(0, 400), st.integers(1, 60), st.data())
def test_windows_cover_every_token_and_neighbours_share_exactly_the_overlap(
    n_tokens: int, size: int, data: st.DataObject
) -> None:
    overlap = data.draw(st.integers(0, size - 1))
    windows = cut_windows(n_tokens, size, overlap)
    assert {token for start, end in windows for token in range(start, end)} == set(range(n_tokens))
    assert all(end - start == size for start, end in windows[:-1])
    assert all(0 < end - start <= size for start, end in windows)
    assert all(before[1] - after[0] == overlap for before, after in pairwise(windows))


def test_a_token_gets_the_mean_of_the_windows_that_saw_it() -> None:
    first = np.array([[1.0, 0.0], [3.0, 2.0]])
    second = np.array([[5.0, 4.0], [7.0, 6.0]])
    averaged = average_windows([(0, 2), (1, 3)], [first, second], 3)
    assert averaged.tolist() == [[1.0, 0.0], [4.0, 3.0], [7.0, 6.0]]


def test_a_note_without_tokens_has_nine_columns_and_no_rows() -> None:
    assert average_windows([], [], 0).shape == (0, 9)


def test_windows_that_leave_out_a_token_are_refused() -> None:
    with pytest.raises(ValueError, match="leave out"):
        average_windows([(0, 2)], [np.zeros((2, 9))], 3)


def test_scores_that_do_not_fit_their_window_are_refused() -> None:
    with pytest.raises(ValueError, match="shape"):
        average_windows([(0, 3)], [np.zeros((2, 9))], 3)


@given(st.integers(1, 80), st.integers(1, 20), st.data())
def test_windows_of_one_truth_average_to_that_truth(n_tokens: int, size: int, data: st.DataObject) -> None:
    truth = np.arange(n_tokens * 9, dtype=np.float64).reshape(n_tokens, 9)
    windows = cut_windows(n_tokens, size, data.draw(st.integers(0, size - 1)))
    averaged = average_windows(windows, [truth[start:end] for start, end in windows], n_tokens)
    np.testing.assert_allclose(averaged, truth)
