import re
import unicodedata
from itertools import pairwise
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.formats import read_notes_file
from corpus.text.folding import FoldedText, find_pattern, find_phrase, fold


def found(text: str, phrase: str) -> list[str]:
    return [text[start:end] for start, end in find_phrase(text, phrase)]


@pytest.mark.parametrize(
    ("text", "phrase", "expected"),
    [
        ("med: AAS 100 mg id", "AAS 100 mg", ["AAS 100 mg"]),
        ("Pneumonia Adquirida", "pneumonia adquirida", ["Pneumonia Adquirida"]),
        ("PENICILINA, penicilina", "Penicilina", ["PENICILINA", "penicilina"]),
        ("insuficiência cardíaca", "insuficiencia cardiaca", ["insuficiência cardíaca"]),
        ("insuficiencia cardiaca", "insuficiência cardíaca", ["insuficiencia cardiaca"]),
        ("colecistite\r\naguda", "colecistite aguda", ["colecistite\r\naguda"]),
        ("colecistite \t\u00a0aguda", " colecistite\naguda\n", ["colecistite \t\u00a0aguda"]),
        ("síndrome d\u2019água", "sindrome d'agua", ["síndrome d\u2019água"]),
        ("beta\u2011bloqueante \u2013 sim", "beta-bloqueante - sim", ["beta\u2011bloqueante \u2013 sim"]),
        ("\u201cbrufen\u201d", '"brufen"', ["\u201cbrufen\u201d"]),
        ("fluo\u00adxetina", "fluoxetina", ["fluo\u00adxetina"]),
        ("50 \u00b5g e 75 \u03bcg", "50 ug", ["50 \u00b5g"]),
        ("\ufb01brilhação", "fibrilhacao", ["\ufb01brilhação"]),
        ("1/2 cp ou ½ cp", "1/2 cp", ["1/2 cp", "½ cp"]),
        ("Straße", "strasse", ["Straße"]),
    ],
)
def test_a_phrase_is_found_whatever_its_case_accents_white_space_and_signs(
    text: str, phrase: str, expected: list[str]
) -> None:
    assert found(text, phrase) == expected


def test_offsets_are_those_of_the_original_text() -> None:
    assert find_phrase("# HTA\r\n\r\n- Ácido  fólico 5 mg", "acido folico 5 mg") == [(11, 29)]


def test_decomposed_accents_count_as_the_characters_that_they_are() -> None:
    text = unicodedata.normalize("NFD", "é alérgico à Ácido")
    assert find_phrase(text, "alérgico") == [(3, 12)]
    assert find_phrase(text, "à") == [(13, 15)]
    assert find_phrase(unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", "alérgico")) == [(2, 10)]


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("gaast", "aas"),
        ("AAS100", "AAS"),
        ("bisoprolol 2,5 mg", "5 mg"),
        ("bisoprolol 2.5 mg", "2"),
        ("½ cp", "1"),
        ("Straße", "stras"),
        ("açúcar", "acu"),
        ("", "aas"),
    ],
)
def test_a_part_of_a_word_a_number_or_a_character_is_not_found(text: str, phrase: str) -> None:
    assert find_phrase(text, phrase) == []


@pytest.mark.parametrize("phrase", ["", " \r\n", "\u0301", "\u200b"])
def test_a_phrase_without_content_is_nowhere(phrase: str) -> None:
    assert find_phrase("dor \u0301 \u200b", phrase) == []


def test_a_sign_at_the_end_of_a_sentence_does_not_hold_a_number() -> None:
    assert found("AAS 100. 2 por dia, 5.", "2 por dia") == ["2 por dia"]
    assert found("AAS 100, 5 dias.", "AAS 100") == ["AAS 100"]


def test_a_phrase_that_begins_and_ends_with_signs_needs_no_border() -> None:
    assert found("HTA(controlada)DM", "(controlada)") == ["(controlada)"]


def test_occurrences_do_not_overlap() -> None:
    assert find_phrase("sim sim sim", "sim sim") == [(0, 7)]


def test_a_place_that_is_no_whole_word_does_not_hide_the_next() -> None:
    assert find_phrase("xa a a", "a a") == [(3, 6)]


def test_folding_maps_each_character_to_its_origin() -> None:
    assert fold("Á \r\n\u00adß½") == ("a ss1/2", [0, 1, 5, 5, 6, 6, 6])


words = st.text("aáàAÁeéçbß½ﬁ19.,-'´\u2019\u0301\u0327\u00ad\u200b \r\n\u00a0", max_size=30)


@given(words | st.text(max_size=30), words | st.text(max_size=6))
def test_what_is_found_lies_in_the_text_in_order_and_folds_to_the_phrase(text: str, phrase: str) -> None:
    places = find_phrase(text, phrase)
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert all(before[1] <= after[0] for before, after in pairwise(places))
    assert all(fold(text[start:end])[0].strip() == fold(phrase)[0].strip() for start, end in places)


@given(words | st.text(max_size=30))
def test_folding_keeps_an_offset_for_each_character_in_order(text: str) -> None:
    folded, offsets = fold(text)
    assert len(folded) == len(offsets)
    assert offsets == sorted(offsets)
    assert all(0 <= offset < len(text) for offset in offsets)
    assert "  " not in folded


@given(words | st.text(max_size=30), st.integers(0, 30), st.integers(0, 30))
def test_a_part_of_a_folded_text_is_as_if_it_were_folded_by_itself(text: str, start: int, end: int) -> None:
    assert FoldedText.of(text).part(start, end) == fold(text[start:end])[0]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("IC ou ICC; DIC", [(0, 2), (6, 9)]),
        ("ic\u0301 1", [(0, 3)]),
        ("nada", []),
    ],
)
def test_a_pattern_matches_whole_words_of_the_folded_text(text: str, places: list[tuple[int, int]]) -> None:
    assert find_pattern(text, re.compile("icc|ic")) == places


def test_a_pattern_that_matches_nothing_at_all_is_nowhere() -> None:
    assert find_pattern("a b", re.compile("x*")) == []


@given(
    st.text("abcáéç19", min_size=1, max_size=8),
    st.sampled_from(["", "dor ", "(", "- ", "á\r\n"]),
    st.sampled_from(["", ".", " mg", ")", "\r\n"]),
    st.sampled_from(["NFC", "NFD"]),
)
def test_a_word_between_borders_is_always_found(
    word: str, before: str, after: str, form: Literal["NFC", "NFD"]
) -> None:
    before, word, after = (unicodedata.normalize(form, part) for part in (before, word, after))
    assert (len(before), len(before) + len(word)) in find_phrase(before + word + after, word.upper())


def test_every_er_ner_mention_is_found_where_it_stands(er_ner_dir: Path) -> None:
    for note in read_notes_file(er_ner_dir / "val.json").notes:
        for span in note.spans:
            mention = note.text[span.start : span.end]
            start = span.start + len(mention) - len(mention.lstrip())
            place = (start, start + len(mention.strip()))
            assert place in find_phrase(note.text, mention.swapcase()), (note.doc_id, span.start)
