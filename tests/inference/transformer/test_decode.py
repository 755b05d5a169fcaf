"""Tags, spans and uncertainty from logits."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from corpus.labels import TAG_IDS, TAGS, Label
from corpus.tags import IGNORED, valid_bio
from inference.transformer.decode import Method, continues_word, decode

OUT, B_DIAGNOSIS, I_DIAGNOSIS = (TAG_IDS[tag] for tag in ("O", "B-Diagnóstico", "I-Diagnóstico"))
I_MEDICATION = TAG_IDS["I-Medicação Habitual"]


def logits(*rows: dict[int, float]) -> NDArray[np.float64]:
    """One row a token: the logits given, 0 for the other tags."""
    table = np.zeros((len(rows), len(TAGS)))
    for row, scores in zip(table, rows, strict=True):
        for tag, score in scores.items():
            row[tag] = score
    return table


def test_a_mention_is_found_with_the_mean_probability_of_its_tags() -> None:
    # softmax of one logit 3 among eight of 0: e³ / (e³ + 8) = 20.0855 / 28.0855 = 0.71516; of 2: 0.48015
    decoded = decode(
        "tem gripe forte", [(0, 3), (4, 9), (10, 15)], logits({OUT: 5}, {B_DIAGNOSIS: 3}, {I_DIAGNOSIS: 2})
    )
    (span,) = decoded.recognition.spans
    assert (span.start, span.end, span.label) == (4, 15, Label.DIAGNOSIS)
    assert span.confidence == pytest.approx((0.71516 + 0.48015) / 2, abs=1e-4)


def test_viterbi_never_begins_a_mention_with_an_inside_tag() -> None:
    # The best tag of the second token is I- of another label, which may not follow.
    scores = logits({B_DIAGNOSIS: 4}, {I_MEDICATION: 2, I_DIAGNOSIS: 1.5})
    assert decode("gripe forte", [(0, 5), (6, 11)], scores).tags == [B_DIAGNOSIS, I_DIAGNOSIS]


def test_argmax_makes_a_stray_inside_tag_begin_a_mention() -> None:
    scores = logits({OUT: 4}, {I_MEDICATION: 4}, {I_MEDICATION: 4})
    tags = decode("toma aspirina forte", [(0, 4), (5, 13), (14, 19)], scores, Method.ARGMAX).tags
    assert [TAGS[tag] for tag in tags] == ["O", "B-Medicação Habitual", "I-Medicação Habitual"]


@pytest.mark.parametrize("method", list(Method))
def test_no_fragment_of_a_word_comes_out(method: Method) -> None:
    text = "insuficiência respiratória"
    offsets = [(0, 13), (14, 18), (18, 26)]
    # The published code reported "iratória" here: only the last piece looks like a diagnosis.
    spans = decode(text, offsets, logits({OUT: 3}, {OUT: 1}, {B_DIAGNOSIS: 3}), method).recognition.spans
    assert all((span.start, span.end) == (14, 26) for span in spans)


def test_an_empty_note_has_no_spans_and_no_entropy() -> None:
    recognition = decode("", [], np.zeros((0, len(TAGS)))).recognition
    assert recognition.spans == ()
    assert recognition.uncertainty.tokens == 0
    assert recognition.uncertainty.sum_entropy == recognition.uncertainty.sequence_log_probability == 0


def test_tokens_of_white_space_alone_are_passed_over() -> None:
    scores = logits({B_DIAGNOSIS: 4}, {I_MEDICATION: 9}, {I_DIAGNOSIS: 4})
    decoded = decode("gripe  forte", [(0, 5), (6, 6), (7, 12)], scores)
    assert decoded.tags == [B_DIAGNOSIS, IGNORED, I_DIAGNOSIS]
    assert [(span.start, span.end) for span in decoded.recognition.spans] == [(0, 12)]


def test_entropy_is_that_of_the_tags_in_nats() -> None:
    uncertainty = decode("a b", [(0, 1), (2, 3)], logits({}, {OUT: 1000.0})).recognition.uncertainty
    assert uncertainty.max_entropy == pytest.approx(math.log(9))
    assert uncertainty.sum_entropy == pytest.approx(math.log(9))
    assert uncertainty.sequence_log_probability == pytest.approx(-math.log(9))


def test_mentions_are_expected_to_be_missed_where_outside_was_decided_on() -> None:
    """A token for which all nine tags are alike is O, the first of equals, and begins a mention with 4 of 9."""
    uncertainty = decode("a b", [(0, 1), (2, 3)], logits({}, {B_DIAGNOSIS: 5.0})).recognition.uncertainty
    assert uncertainty.expected_missed == pytest.approx(4 / 9)


def test_words_go_on_over_letters_digits_and_combining_marks_but_not_over_signs() -> None:
    text = "500mg/dia o\u0301tica"
    offsets = [(0, 3), (3, 5), (5, 6), (6, 9), (10, 11), (11, 12), (12, 16)]
    assert continues_word(text, offsets).tolist() == [False, True, False, False, False, True, True]


@st.composite
def tokenised_texts(draw: st.DrawFn) -> tuple[str, list[tuple[int, int]]]:
    """A text and tokens that cover its words, cut anywhere inside them."""
    text = draw(st.text("abç1 \r\n,-", max_size=40))
    cuts = draw(st.sets(st.integers(0, len(text))))
    offsets: list[tuple[int, int]] = []
    for at, character in enumerate(text):
        if character.isspace():
            continue
        if offsets and offsets[-1][1] == at and at not in cuts:
            offsets[-1] = (offsets[-1][0], at + 1)
        else:
            offsets.append((at, at + 1))
    return text, offsets


@given(tokenised_texts(), st.integers(0, 2**32 - 1), st.sampled_from(list(Method)))
def test_any_logits_give_valid_tags_and_trimmed_spans_of_whole_words(
    tokenised: tuple[str, list[tuple[int, int]]], seed: int, method: Method
) -> None:
    text, offsets = tokenised
    decoded = decode(text, offsets, np.random.default_rng(seed).normal(0, 3, (len(offsets), len(TAGS))), method)
    assert valid_bio(decoded.tags)
    end_before = 0
    for span in decoded.recognition.spans:
        assert end_before <= span.start
        assert text[span.start : span.end] == text[span.start : span.end].strip()
        assert not text[max(span.start - 1, 0) : span.start + 1].isalnum() or span.start == 0
        assert not text[span.end - 1 : span.end + 1].isalnum() or span.end == len(text)
        assert span.confidence is not None
        assert 0 <= span.confidence <= 1
        end_before = span.end
    assert decoded.recognition.uncertainty.sequence_log_probability <= 0
    assert 0 <= decoded.recognition.uncertainty.max_entropy <= math.log(9) + 1e-9
