import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.text.signatures import Resemblance, SignatureIndex, sign
from corpus.text.similarity import word_ngrams

WORDS = [f"palavra{number}" for number in range(2000)]


def text(begin: int, end: int) -> str:
    """Words of which no two are equal, so that what two texts share follows from their ranges."""
    return " ".join(WORDS[begin:end])


def nearest(index: SignatureIndex, wanted: str, but_for: str = "") -> Resemblance | None:
    return index.nearest(sign(word_ngrams(wanted)), but_for)


def test_a_text_is_nearest_to_itself_whatever_its_line_ends_and_case() -> None:
    index = SignatureIndex([("a", text(0, 300)), ("b", text(500, 800))])
    assert nearest(index, text(0, 300)) == Resemblance("a", 1.0)
    assert nearest(index, text(500, 800).upper().replace(" ", "\r\n")) == Resemblance("b", 1.0)


def test_what_shares_nothing_resembles_nothing() -> None:
    index = SignatureIndex([("a", text(0, 300)), ("empty", "")])
    assert nearest(index, text(1000, 1300)) is None
    assert nearest(index, "") is None
    assert nearest(SignatureIndex(), text(0, 300)) is None


@pytest.mark.parametrize(
    ("known", "new", "containment"),
    [
        ((0, 307), (150, 457), 0.5),  # 150 of 300 8-grams
        ((0, 307), (75, 382), 0.75),
        ((0, 307), (0, 907), 1.0),  # the whole text, in one three times as long
        ((0, 907), (0, 307), 1.0),
        ((0, 307), (225, 532), 0.25),
    ],
)
def test_the_estimate_is_near_the_containment(known: tuple[int, int], new: tuple[int, int], containment: float) -> None:
    found = nearest(SignatureIndex([("known", text(*known))]), text(*new))
    assert found is not None
    assert found.containment == pytest.approx(containment, abs=0.15)


@pytest.mark.parametrize(("begin", "is_near"), [(60, True), (100, True), (200, False), (250, False)])
def test_near_duplicates_share_half_of_the_shorter(begin: int, is_near: bool) -> None:
    found = nearest(SignatureIndex([("known", text(0, 307))]), text(begin, begin + 307))
    assert found is not None
    assert found.is_near is is_near


def test_a_text_may_be_left_out_of_the_comparison() -> None:
    index = SignatureIndex([("twin", text(0, 300)), ("other", text(250, 550))])
    found = nearest(index, text(0, 300), but_for="twin")
    assert found is not None
    assert found.id == "other"
    assert nearest(index, text(0, 300), but_for="unknown") == Resemblance("twin", 1.0)


def test_what_is_added_is_found_beyond_the_first_block() -> None:
    index = SignatureIndex()
    for number in range(2100):
        index.add(str(number), sign(frozenset([(f"n{number}",)])))
    for number in (0, 2047, 2048, 2099):
        assert index.nearest(sign(frozenset([(f"n{number}",)]))) == Resemblance(str(number), 1.0)


@settings(max_examples=30)
@given(st.lists(st.text(), max_size=5), st.text())
def test_any_text_can_be_signed_and_finds_itself(texts: list[str], wanted: str) -> None:
    index = SignatureIndex(enumerate_ids([*texts, wanted]))
    found = nearest(index, wanted)
    if word_ngrams(wanted):
        assert found is not None
        assert found.containment == 1.0
    else:
        assert found is None


def enumerate_ids(texts: list[str]) -> list[tuple[str, str]]:
    return [(str(number), written) for number, written in enumerate(texts)]
