"""Features: one key a word in every column, and nothing CRFsuite could not store."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.crf.features import EDGE, REACH, Describer, Stream
from inference.crf.forms import normal_form, shape
from inference.crf.ids import Ids
from inference.crf.lexicon import Lexicon
from inference.crf.spelling import VIEWS
from inference.crf.words import find_words

EMPTY = Lexicon({})
NOTE_TEXT = st.text(st.sampled_from("aãÉç09 .,:/+-_()#»µ\t\r\n\x00\ud800e\u0301;semalergia"), max_size=80).filter(
    lambda text: len(find_words(text)) > 0
)


def _described(text: str) -> tuple[Mapping[str, Stream], Ids]:
    ids = Ids()
    return Describer(EMPTY, ids).streams(find_words(text)), ids


def _seen(text: str, name: str) -> list[Any]:
    """What the view of this name shows of each word."""
    streams, ids = _described(text)
    view = next(view for view in VIEWS if view.name == name)
    stream = streams[view.stream]
    return [stream.shown(key, ids) for key in stream.keys[stream.at + view.distance].tolist()]


@given(NOTE_TEXT)
def test_every_view_sees_one_key_a_word(text: str) -> None:
    streams, _ = _described(text)
    for view in VIEWS:
        stream = streams[view.stream]
        assert stream.at.shape == (len(find_words(text)),)
        assert all(0 <= place + view.distance < len(stream.keys) for place in stream.at.tolist())


@given(NOTE_TEXT)
def test_the_word_stream_holds_each_word_at_its_place(text: str) -> None:
    assert _seen(text, "w") == [(word, normal_form(word)) for word in find_words(text).texts]


@given(NOTE_TEXT)
def test_attributes_can_be_stored_and_no_two_views_share_one(text: str) -> None:
    owners: dict[str, str] = {}
    for view in VIEWS:
        for attribute in (attribute for key in _seen(text, view.name) for attribute in view.attributes(key)):
            assert "\0" not in attribute
            attribute.encode("utf-8")
            assert owners.setdefault(attribute, view.name) == view.name


def test_accents_case_and_figures_make_no_difference_to_the_normal_form() -> None:
    assert normal_form("MEDICAÇÃO") == normal_form("medicacao") == "medicacao"
    assert normal_form("12/12h") == normal_form("8/8H") == "0/0h"


def test_the_shape_keeps_case_figures_and_signs() -> None:
    assert [shape(word) for word in ("HTA", "Dieta", "mg", "2.5mg", "B12", ":")] == ["AA", "Aa", "a", "0.0a", "A0", ":"]


def test_words_of_other_lines_are_not_neighbours() -> None:
    edge = (EDGE, EDGE)
    assert _seen("um\r\ndois", "w") == [("um", "um"), ("dois", "dois")]
    for distance in range(1, REACH + 1):
        assert _seen("um\r\ndois", f"w+{distance}") == _seen("um\r\ndois", f"w-{distance}") == [edge, edge]


def test_a_full_stop_ends_what_a_negation_reaches() -> None:
    text = "Nega febre. Alergia a sulfa"
    view = next(view for view in VIEWS if view.name == "cues")
    negated = ["cues:n=1" in view.attributes(key) for key in _seen(text, "cues")]
    assert list(zip(find_words(text).texts, negated, strict=True)) == [
        ("Nega", False), ("febre", True), (".", True), ("Alergia", False), ("a", False), ("sulfa", False),
    ]  # fmt: skip


def test_words_are_counted_from_the_last_comma_colon_or_stop() -> None:
    assert [key.since for key in _seen("Alergia: sulfa, ferro\r\nfim", "cues")] == [0, 1, 0, 1, 0, 0]


def test_a_denial_is_shown_at_its_allergy_word() -> None:
    assert [key.denied for key in _seen("Dor\r\nALERGIAS:\r\nnega", "cues")] == ["", "wn", "", ""]


def test_a_line_shows_what_it_and_its_neighbours_hold() -> None:
    keys = _seen("Sem alergias\r\nRamipril 5 mg\r\nBom estado", "line")
    assert [(key.above, key.own, key.below) for key in keys] == [(EDGE, "na", "dm")] * 2 + [("na", "dm", "")] * 3 + [
        ("dm", "", EDGE)
    ] * 2


def test_a_word_knows_of_its_other_places_and_whether_a_drug_list_holds_it() -> None:
    roles = _seen("Toma ferro, mais ferro\r\nMEDICAÇÃO:\r\nferro", "role")
    assert [(role.earlier, role.later, role.elsewhere) for role in roles if role.kind == "drug"] == [
        (0, 2, 1),
        (1, 1, 1),
        (2, 0, 0),
    ]


def test_lines_about_allergies_know_how_many_there_are() -> None:
    roles = _seen("Alergias\r\nDor\r\nAlergias", "role")
    assert [role.others for role in roles] == [2, 0, 4]


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        ("word", {"word": "Ramipril", "form": "ramipril"}),
        ("standing", {"standing": "", "kind": "drug"}),
        ("pair", {"left": "ramipril", "right": "0mg"}),
        ("around", {"left": "-", "right": "0mg"}),
        ("kinds", {"before": "", "own": "drug", "after": "dose", "beyond": EDGE}),
        (
            "line",
            {
                "section": "medication", "heading": "medicacao", "kind": "", "label": "", "bullet": "-",
                "previous_bullet": "", "item": 1, "gap": 0, "first_form": "ramipril", "size": 1, "from_end": 2,
                "outline": "m", "above": "", "own": "dm", "below": "na",
            },
        ),
        ("place", {"section": "medication", "kind": "", "bullet": "-", "offset": 2, "left": 2}),
        ("use", {"form": "ramipril", "section": "medication", "kind": "", "bullet": "-"}),
        ("item", {"kind": "drug", "leads": 1, "section": "medication", "above": "", "own": "dm", "below": "na"}),
        (
            "cues",
            {
                "section": "medication", "negated": False, "allergy": "", "reason": "", "taking": "", "depth": 0,
                "denied": "", "since": 1,
            },
        ),
        (
            "role",
            {
                "standing": "", "kind": "drug", "section": "medication", "bullet": "-", "allergy": "", "taking": "",
                "earlier": 0, "later": 0, "elsewhere": 0, "others": 0,
            },
        ),
    ],
)  # fmt: skip
def test_a_key_has_these_parts_in_this_order(stream: str, expected: dict[str, object]) -> None:
    name = next(view.name for view in VIEWS if view.stream == stream and view.distance == 0)
    ramipril = _seen("MEDICAÇÃO:\r\n- Ramipril 5mg\r\nAlergias: nega", name)[3]
    assert list(ramipril._asdict().items()) == list(expected.items())


def test_a_denied_allergy_has_its_cues_and_its_role_in_this_order() -> None:
    text = "Toma AAS. ALERGIAS: nega alergia a sulfa ("
    assert _seen(text, "cues")[8]._asdict() == {
        "section": "allergy", "negated": True, "allergy": "alergi", "reason": "", "taking": "", "depth": 0,
        "denied": "", "since": 3,
    }  # fmt: skip
    assert _seen(text, "role")[8][4:] == ("alergi", "", 0, 0, 0, 1)
