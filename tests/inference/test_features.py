"""Features: one key a word in every column, and nothing CRFsuite could not store."""

from hypothesis import given
from hypothesis import strategies as st

from inference.features import COLUMNS, attributes, describe
from inference.forms import normal_form, shape
from inference.lexicon import Lexicon
from inference.words import split_words

EMPTY = Lexicon({})
NOTE_TEXT = st.text(st.sampled_from("aãÉç09 .,:/+-_()#»µ\t\r\n\x00\ud800e\u0301;semalergia"), max_size=80)


@given(NOTE_TEXT)
def test_every_column_has_one_key_a_word(text: str) -> None:
    words = split_words(text)
    columns = describe(words, EMPTY)
    assert list(columns) == list(COLUMNS)
    assert {len(keys) for keys in columns.values()} == {len(words)}


@given(NOTE_TEXT)
def test_attributes_can_be_stored_and_no_two_columns_share_one(text: str) -> None:
    owners: dict[str, str] = {}
    for column, keys in describe(split_words(text), EMPTY).items():
        for attribute in (attribute for key in keys for attribute in attributes(column, key)):
            assert "\0" not in attribute
            attribute.encode("utf-8")
            assert owners.setdefault(attribute, column) == column


def test_accents_case_and_figures_make_no_difference_to_the_normal_form() -> None:
    assert normal_form("MEDICAÇÃO") == normal_form("medicacao") == "medicacao"
    assert normal_form("12/12h") == normal_form("8/8H") == "0/0h"


def test_the_shape_keeps_case_figures_and_signs() -> None:
    assert [shape(word) for word in ("HTA", "Dieta", "mg", "2.5mg", "B12", ":")] == ["AA", "Aa", "a", "0.0a", "A0", ":"]


def test_words_of_other_lines_are_not_neighbours() -> None:
    columns = describe(split_words("um\r\ndois"), EMPTY)
    assert columns["w+1"][0] != "dois"
    assert columns["w-1"][1] != "um"


def test_a_full_stop_ends_what_a_negation_reaches() -> None:
    words = split_words("Nega febre. Alergia a sulfa")
    negated = [key[1] for key in describe(words, EMPTY)["cues"]]  # type: ignore[index]
    assert dict(zip(words.texts, negated, strict=True)) == {
        "Nega": False, "febre": True, ".": True, "Alergia": False, "a": False, "sulfa": False,
    }  # fmt: skip
