import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.text.folding import fold
from corpus.text.similarity import Likeness, near_duplicates, share, split_words, word_ngrams


def test_ngrams_are_runs_of_folded_words() -> None:
    assert word_ngrams("Há 2 dias:\r\nDOR, no peito", words=3) == {
        ("ha", "2", "dias"),
        ("2", "dias", "dor"),
        ("dias", "dor", "no"),
        ("dor", "no", "peito"),
    }


def test_a_short_text_is_one_ngram_and_an_empty_one_none() -> None:
    assert word_ngrams("sem dor") == {("sem", "dor")}
    assert word_ngrams(" \r\n…") == frozenset()


@pytest.mark.parametrize(
    ("text", "other", "expected"), [("a b c d", "x b c d", 0.5), ("a b c d", "", 0.0), ("", "a b c", 0.0)]
)
def test_the_share_is_of_the_first_texts_ngrams(text: str, other: str, expected: float) -> None:
    assert share(word_ngrams(text, 3), word_ngrams(other, 3)) == expected


def test_a_note_copied_into_a_longer_one_is_a_near_duplicate_of_it() -> None:
    note = word_ngrams("a b c d e f", 2)
    longer, half, other = (
        word_ngrams(words, 2) for words in ("p q r a b c d e f s t u v w", "a b c d x y z", "f e d c b a")
    )
    assert near_duplicates([note, other], [longer, half, frozenset()]) == [Likeness(0, 0, 1.0), Likeness(0, 1, 0.6)]


texts = st.lists(st.text("ab ", max_size=20), max_size=5)


@given(texts, texts, st.sampled_from([0.2, 0.5, 1.0]))
def test_near_duplicates_are_those_of_the_definition(ones: list[str], others: list[str], least: float) -> None:
    left, right = ([word_ngrams(text, 2) for text in side] for side in (ones, others))
    expected = {
        (one, other)
        for one, mine in enumerate(left)
        for other, theirs in enumerate(right)
        if mine and theirs and len(mine & theirs) / min(len(mine), len(theirs)) >= least
    }
    assert {(pair.one, pair.other) for pair in near_duplicates(left, right, least=least)} == expected


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_words_are_folded_as_alignment_folds_them(text: str) -> None:
    assert split_words(text) == re.findall(r"[^\W_]+", fold(text)[0])


@pytest.mark.parametrize("text", ["3×2 µg e μg", "soro\u00adterapia", "Ĳ ﬁ ½ …", "crônica", "cro\u0302nica", "İ ẞ"])
def test_signs_that_folding_spells_out_are_words_as_in_alignment(text: str) -> None:
    assert split_words(text) == re.findall(r"[^\W_]+", fold(text)[0])
