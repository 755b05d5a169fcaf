"""Features: one key a word in every column, and nothing CRFsuite could not store."""

from hypothesis import given
from hypothesis import strategies as st

from inference.features import EDGE, REACH, describe
from inference.forms import normal_form, shape
from inference.gazetteer import word_kind
from inference.lexicon import Lexicon
from inference.spelling import VIEWS
from inference.words import split_words

EMPTY = Lexicon({})
NOTE_TEXT = st.text(st.sampled_from("aãÉç09 .,:/+-_()#»µ\t\r\n\x00\ud800e\u0301;semalergia"), max_size=80)


@given(NOTE_TEXT)
def test_every_view_sees_one_key_a_word(text: str) -> None:
    words = split_words(text)
    streams = describe(words, EMPTY)
    for view in VIEWS:
        stream = streams[view.stream]
        assert stream.at.shape == (len(words),)
        assert all(0 <= place + view.distance < len(stream.keys) for place in stream.at.tolist())


@given(NOTE_TEXT)
def test_the_word_stream_holds_each_word_at_its_place(text: str) -> None:
    words = split_words(text)
    stream = describe(words, EMPTY)["word"]
    assert [stream.keys[place] for place in stream.at] == [
        (word, normal_form(word), "", word_kind(normal_form(word))) for word in words.texts
    ]


@given(NOTE_TEXT)
def test_attributes_can_be_stored_and_no_two_views_share_one(text: str) -> None:
    owners: dict[str, str] = {}
    streams = describe(split_words(text), EMPTY)
    for view in VIEWS:
        for attribute in (attribute for key in streams[view.stream].keys for attribute in view.attributes(key)):
            assert "\0" not in attribute
            attribute.encode("utf-8")
            assert owners.setdefault(attribute, view.name) == view.name


def test_accents_case_and_figures_make_no_difference_to_the_normal_form() -> None:
    assert normal_form("MEDICAÇÃO") == normal_form("medicacao") == "medicacao"
    assert normal_form("12/12h") == normal_form("8/8H") == "0/0h"


def test_the_shape_keeps_case_figures_and_signs() -> None:
    assert [shape(word) for word in ("HTA", "Dieta", "mg", "2.5mg", "B12", ":")] == ["AA", "Aa", "a", "0.0a", "A0", ":"]


def test_words_of_other_lines_are_not_neighbours() -> None:
    stream = describe(split_words("um\r\ndois"), EMPTY)["word"]
    first, second = stream.at.tolist()
    seen = {stream.keys[first + distance] for distance in range(1, REACH + 1)}
    assert seen == {stream.keys[second - distance] for distance in range(1, REACH + 1)} == {(EDGE, EDGE, EDGE, EDGE)}


def test_a_full_stop_ends_what_a_negation_reaches() -> None:
    words = split_words("Nega febre. Alergia a sulfa")
    spelled = [
        next(view for view in VIEWS if view.name == "cues").attributes(key)
        for key in describe(words, EMPTY)["cues"].keys
    ]
    negated = ["cues:n=1" in attributes for attributes in spelled]
    assert list(zip(words.texts, negated, strict=True)) == [
        ("Nega", False), ("febre", True), (".", True), ("Alergia", False), ("a", False), ("sulfa", False),
    ]  # fmt: skip
