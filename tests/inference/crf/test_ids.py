"""Ids: one a value, and the values back from what is packed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import ModelError
from inference.crf import ids as module
from inference.crf.ids import SMALL, Ids, packed

WORDS = st.lists(st.text(max_size=2), min_size=1, max_size=20)


def test_equal_values_share_an_id_and_small_numbers_are_their_own() -> None:
    ids = Ids()
    assert ids.of("ferro") == ids.of("ferro") != ids.of("sulfa")
    assert [ids.of(number) for number in range(SMALL)] == list(range(SMALL))
    assert ids.values(ids.of("sulfa"), 1) == "sulfa"


@given(WORDS, st.integers(2, 3))
def test_what_is_packed_comes_back_in_order(words: list[str], width: int) -> None:
    ids = Ids()
    column = np.array([ids.of(word) for word in words], dtype=np.int64)
    keys = packed(*[np.roll(column, place) for place in range(width)])
    wanted = [tuple(words[(number - place) % len(words)] for place in range(width)) for number in range(len(words))]
    assert [ids.values(key, width) for key in keys.tolist()] == wanted


@given(WORDS)
def test_joint_ids_stand_for_the_values_together(words: list[str]) -> None:
    ids = Ids()
    column = np.array([ids.of(word) for word in words], dtype=np.int64)
    number = np.arange(len(words)) % SMALL
    pairs = [ids.values(one, 1) for one in ids.pair(column, column[::-1]).tolist()]
    assert pairs == list(zip(words, reversed(words), strict=True))
    numbered = [ids.values(one, 1) for one in ids.with_small(column, number, number).tolist()]
    assert numbered == [(word, place % SMALL, place % SMALL) for place, word in enumerate(words)]


def test_more_values_than_a_key_can_hold_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_ID_BITS", 5)
    ids = Ids()
    for number in range(SMALL, 32):
        ids.of(f"word {number}")
    with pytest.raises(ModelError, match="cut it into parts"):
        ids.of("one more")
