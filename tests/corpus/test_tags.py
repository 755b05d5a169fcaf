import json
import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.labels import TAG_IDS, TAGS, Label
from corpus.note import Span
from corpus.tags import (
    IGNORED,
    TaggedSpan,
    Untaggable,
    decode_tags,
    encode_tags,
    start_mask,
    transition_mask,
    untagged_spans,
    valid_bio,
)
from corpus.windows import cut_windows

O = TAG_IDS["O"]  # noqa: E741 - the tag's own name
B_MED, I_MED = TAG_IDS["B-Medicação Habitual"], TAG_IDS["I-Medicação Habitual"]
B_DIA, I_DIA = TAG_IDS["B-Diagnóstico"], TAG_IDS["I-Diagnóstico"]

# "med aas 100 mg" with its special tokens; "aas" falls into two sub-words.
OFFSETS = [(0, 0), (0, 3), (4, 6), (6, 7), (8, 11), (12, 14), (0, 0)]


def test_every_sub_word_of_a_mention_is_tagged_and_special_tokens_are_ignored() -> None:
    tags = encode_tags(OFFSETS, [Span(4, 14, Label.MEDICATION)])
    assert tags == [IGNORED, O, B_MED, I_MED, I_MED, I_MED, IGNORED]


def test_a_token_belongs_to_a_span_that_shares_one_character_with_it() -> None:
    assert encode_tags([(0, 3), (4, 8), (9, 12)], [Span(2, 5, Label.DIAGNOSIS)]) == [B_DIA, I_DIA, O]


def test_a_span_that_only_touches_a_token_does_not_tag_it() -> None:
    assert encode_tags([(0, 3), (3, 6)], [Span(3, 6, Label.DIAGNOSIS)]) == [O, B_DIA]


def test_neighbouring_mentions_of_one_label_stay_two() -> None:
    spans = [Span(0, 3, Label.MEDICATION), Span(3, 6, Label.MEDICATION)]
    assert encode_tags([(0, 3), (3, 6)], spans) == [B_MED, B_MED]


def test_of_overlapping_spans_the_earlier_is_tagged_and_the_other_is_named() -> None:
    earlier, later = Span(0, 6, Label.MEDICATION), Span(3, 9, Label.DIAGNOSIS)
    offsets = [(0, 3), (3, 6), (6, 9)]
    assert encode_tags(offsets, [later, earlier]) == [B_MED, I_MED, O]
    assert untagged_spans(offsets, [later, earlier]) == [(later, Untaggable.OVERLAP)]


def test_of_spans_that_begin_together_the_longer_is_tagged() -> None:
    shorter, longer = Span(0, 3, Label.MEDICATION), Span(0, 6, Label.DIAGNOSIS)
    assert encode_tags([(0, 3), (3, 6)], [shorter, longer]) == [B_DIA, I_DIA]


def test_two_spans_that_meet_inside_a_token_share_out_the_tokens() -> None:
    spans = [Span(0, 4, Label.MEDICATION), Span(5, 9, Label.DIAGNOSIS)]
    assert encode_tags([(0, 3), (3, 6), (6, 9)], spans) == [B_MED, I_MED, B_DIA]


def test_a_span_without_a_token_of_its_own_is_named() -> None:
    blank, inside = Span(3, 4, Label.DIAGNOSIS), Span(6, 7, Label.DIAGNOSIS)
    spans = [blank, Span(4, 6, Label.MEDICATION), inside]
    assert untagged_spans([(0, 3), (4, 7)], spans) == [(blank, Untaggable.TOKENLESS), (inside, Untaggable.TOKENLESS)]


def test_tags_decode_to_characters_and_tokens() -> None:
    tags = [IGNORED, O, B_MED, I_MED, I_MED, O, IGNORED]
    assert decode_tags(tags, OFFSETS) == [TaggedSpan(4, 11, Label.MEDICATION, 2, 5)]


def test_whatever_a_model_says_of_special_tokens_is_passed_over() -> None:
    assert decode_tags([B_DIA, B_MED, O, O, O, B_MED, I_MED], OFFSETS) == [
        TaggedSpan(0, 3, Label.MEDICATION, 1, 2),
        TaggedSpan(12, 14, Label.MEDICATION, 5, 6),
    ]


@pytest.mark.parametrize(
    ("tags", "mentions"),
    [
        ([O, I_MED, I_MED], [TaggedSpan(1, 3, Label.MEDICATION, 1, 3)]),
        (
            [B_MED, I_DIA, I_DIA],
            [TaggedSpan(0, 1, Label.MEDICATION, 0, 1), TaggedSpan(1, 3, Label.DIAGNOSIS, 1, 3)],
        ),
        ([B_MED, B_MED, I_MED], [TaggedSpan(0, 1, Label.MEDICATION, 0, 1), TaggedSpan(1, 3, Label.MEDICATION, 1, 3)]),
    ],
)
def test_an_inside_tag_without_a_mention_begins_one(tags: list[int], mentions: list[TaggedSpan]) -> None:
    assert decode_tags(tags, [(0, 1), (1, 2), (2, 3)]) == mentions


def test_a_mention_that_a_window_cuts_goes_on_inside_at_the_next_windows_first_token() -> None:
    offsets = [(index, index + 1) for index in range(10)]
    tags = encode_tags(offsets, [Span(3, 9, Label.MEDICATION)])
    windows = [tags[start:end] for start, end in cut_windows(10, size=6, overlap=2)]
    assert windows == [[O, O, O, B_MED, I_MED, I_MED], [I_MED, I_MED, I_MED, I_MED, I_MED, O]]


def test_only_an_inside_tag_needs_its_own_label_before_it() -> None:
    assert valid_bio([IGNORED, O, B_MED, I_MED, IGNORED, I_MED, B_DIA, O])
    assert valid_bio([])
    assert not valid_bio([I_MED])
    assert not valid_bio([O, I_MED])
    assert not valid_bio([B_DIA, I_MED])


def test_the_masks_let_through_what_is_valid_and_nothing_else() -> None:
    mask, starts = transition_mask(), start_mask()
    for after, tag in enumerate(TAGS):
        assert starts[after] == (not tag.startswith("I-"))
        for before, tag_before in enumerate(TAGS):
            allowed = not tag.startswith("I-") or tag_before in (tag, "B" + tag[1:])
            assert mask[before][after] == allowed


@st.composite
def tokens_and_spans(draw: st.DrawFn) -> tuple[list[tuple[int, int]], list[Span]]:
    """Tokens with gaps between some, and spans that begin and end with tokens and do not overlap."""
    offsets, position = [], 0
    for gap, length in draw(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 4)), min_size=1, max_size=30)):
        offsets.append((position + gap, position + gap + length))
        position += gap + length
    spans, token = [], 0
    for skip, length, label in draw(
        st.lists(st.tuples(st.integers(0, 3), st.integers(1, 4), st.sampled_from(Label)), max_size=10)
    ):
        first, last = token + skip, token + skip + length - 1
        if last >= len(offsets):
            break
        spans.append(Span(offsets[first][0], offsets[last][1], label))
        token = last + 1
    return offsets, spans


@given(tokens_and_spans())
def test_spans_on_token_borders_come_back_to_the_letter(case: tuple[list[tuple[int, int]], list[Span]]) -> None:
    offsets, spans = case
    tags = encode_tags(offsets, spans)
    assert valid_bio(tags)
    assert [(found.start, found.end, found.label) for found in decode_tags(tags, offsets)] == [
        span.place for span in spans
    ]


@given(
    tokens_and_spans(),
    st.lists(st.tuples(st.integers(0, 100), st.integers(1, 30), st.sampled_from(Label)), max_size=12),
)
def test_every_span_is_tagged_or_named(
    case: tuple[list[tuple[int, int]], list[Span]], places: list[tuple[int, int, Label]]
) -> None:
    offsets, _ = case
    spans = [Span(start, start + length, label) for start, length, label in places]
    tags = encode_tags(offsets, spans)
    assert valid_bio(tags)
    assert len(decode_tags(tags, offsets)) + len(untagged_spans(offsets, spans)) == len(spans)


@given(st.lists(st.integers(0, len(TAGS) - 1), max_size=30))
def test_decoding_never_fails_and_its_tokens_never_overlap(tags: list[int]) -> None:
    mentions = decode_tags(tags, [(token, token + 1) for token in range(len(tags))])
    assert all(before.end_token <= after.first_token for before, after in pairwise(mentions))
    assert sum(mention.end_token - mention.first_token for mention in mentions) == sum(tag != O for tag in tags)


def test_the_er_ner_notes_come_back_from_their_tags(er_ner_dir: Path) -> None:
    for name in ("train.json", "val.json"):
        for note in json.loads((er_ner_dir / name).read_bytes()):
            offsets = [match.span() for match in re.finditer(r"\w+|[^\w\s]", note["text"])]
            spans = [
                Span(item["begin"], item["end"], Label.of(item["label"], item.get("Polaridade")))
                for item in note["annotations"]
                if item["label"]
            ]
            assert untagged_spans(offsets, spans) == [], note["doc_id"]
            assert len(decode_tags(encode_tags(offsets, spans), offsets)) == len(spans), note["doc_id"]
