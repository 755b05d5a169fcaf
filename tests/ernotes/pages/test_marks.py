import re

from hypothesis import given
from hypothesis import strategies as st

from corpus.labels import Label
from corpus.note import Span
from corpus.scoring.mistakes import compare_spans
from ernotes.pages.marks import BANDS, mark_lines

TEXT = "nega alergia\r\n\r\nAAS, Eliquis\rdor\n"


def test_lines_end_at_crlf_cr_or_lf_and_are_never_doubled() -> None:
    assert [[piece.text for piece in line] for line in mark_lines(TEXT, [])] == [
        ["nega alergia"],
        [],
        ["AAS, Eliquis"],
        ["dor"],
    ]


def test_only_the_characters_where_gold_and_prediction_disagree_differ() -> None:
    mentions = compare_spans([Span(16, 28, Label.MEDICATION)], [Span(16, 19, Label.MEDICATION)])
    assert [(piece.text, piece.differs) for line in mark_lines(TEXT, mentions) for piece in line if piece.marks] == [
        ("AAS", False),
        (", Eliquis", True),
    ]


def test_overlapping_spans_of_one_band_lie_in_two_lanes() -> None:
    mentions = compare_spans([Span(16, 25, Label.MEDICATION), Span(21, 28, Label.MEDICATION)], [])
    pieces = [piece for line in mark_lines(TEXT, mentions) for piece in line if piece.marks]
    assert [(piece.text, [mark.lane for mark in piece.marks]) for piece in pieces] == [
        ("AAS, ", [0]),
        ("Eliq", [0, 1]),
        ("uis", [1]),
    ]


def test_a_tag_without_room_says_its_label_alone() -> None:
    mentions = compare_spans([Span(16, 19, Label.MEDICATION), Span(21, 28, Label.MEDICATION)], [])
    assert [piece.tags("gold") for piece in mark_lines(TEXT, mentions)[2]] == ["MED", "", "MED missed"]


@st.composite
def spans(draw: st.DrawFn) -> list[Span]:
    places = st.tuples(st.integers(0, len(TEXT) - 1), st.integers(1, 12), st.sampled_from(Label))
    drawn = draw(st.lists(places, max_size=6))
    return [Span(start, min(start + length, len(TEXT)), label) for start, length, label in drawn]


@given(spans(), spans())
def test_no_span_and_no_character_is_lost_or_doubled(gold: list[Span], predicted: list[Span]) -> None:
    mentions = compare_spans(gold, predicted)
    lines = mark_lines(TEXT, mentions)
    assert "".join(piece.text for line in lines for piece in line) == re.sub(r"[\r\n]", "", TEXT)
    for band, given_spans in zip(BANDS, (gold, predicted), strict=True):
        in_text_order = sorted(given_spans, key=lambda span: (span.start, -span.end, span.label))
        for index, span in enumerate(in_text_order):
            shown = "".join(piece.text for line in lines for piece in line if index in piece.indices(band))
            assert shown == re.sub(r"[\r\n]", "", TEXT[span.start : span.end])
