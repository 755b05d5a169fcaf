"""Words: what is one, and that their places are right."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.crf.words import find_words

NOTE_TEXT = st.text(st.sampled_from("aãÉç09 .,:/+-_()#»µ\t\r\n\x85\u2028\x00\ud800e\u0301"), max_size=60)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Ácido fólico 5mg, 12/12h", ("Ácido", "fólico", "5mg", ",", "12/12h")),
        ("Insulina 40+20; 1+0+1", ("Insulina", "40+20", ";", "1+0+1")),
        ("a 10/02/2023, 14:30", ("a", "10/02/2023", ",", "14:30")),
        ("2.5 mg ao pequeno-almoço", ("2.5", "mg", "ao", "pequeno-almoço")),
        ("# HTA\r\n-IRC (est. 3)", ("#", "HTA", "-", "IRC", "(", "est", ".", "3", ")")),
        ("beta-bloqueante - anti-TNF, 5-ASA", ("beta-bloqueante", "-", "anti-TNF", ",", "5", "-", "ASA")),
        (" \r\n\t ", ()),
        ("", ()),
    ],
)
def test_doses_dates_and_compounds_are_one_word_and_signs_stand_alone(text: str, words: tuple[str, ...]) -> None:
    assert find_words(text).texts == words


def test_every_kind_of_line_end_ends_a_line_and_blank_lines_are_lines() -> None:
    words = find_words("um dois\r\n\r\ntrês\nquatro\rcinco")
    assert words.lines == ((0, 2), (2, 2), (2, 3), (3, 4), (4, 5))


@given(NOTE_TEXT)
def test_offsets_slice_the_word_out_of_the_text(text: str) -> None:
    words = find_words(text)
    assert [text[start:end] for start, end in words.offsets] == list(words.texts)


@given(NOTE_TEXT)
def test_words_follow_one_another_without_overlap_and_hold_no_white_space(text: str) -> None:
    words = find_words(text)
    places = [place for offset in words.offsets for place in offset]
    assert places == sorted(places)
    assert all(word and not any(sign.isspace() for sign in word) for word in words.texts)


@given(NOTE_TEXT)
def test_what_lies_between_words_is_white_space(text: str) -> None:
    words = find_words(text)
    edges = zip((0, *words.ends), (*words.starts, len(text)), strict=True)
    assert all(not text[begin:end].strip() for begin, end in edges)


@given(NOTE_TEXT)
def test_lines_cover_the_words_in_order(text: str) -> None:
    words = find_words(text)
    assert [index for first, end in words.lines for index in range(first, end)] == list(range(len(words)))
