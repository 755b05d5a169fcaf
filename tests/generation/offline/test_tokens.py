from hypothesis import given
from hypothesis import strategies as st

from generation.offline.tokens import count_tokens, cut_to_tokens, pieces


def test_words_numbers_and_marks_count_one_each() -> None:
    assert count_tokens("# HTA, 12/12h\n") == 6


def test_a_text_is_cut_after_its_last_allowed_token() -> None:
    assert cut_to_tokens("# HTA, 12/12h", 3) == "# HTA,"
    assert cut_to_tokens("# HTA\n", 2) == "# HTA\n"


@given(st.text(), st.integers(1, 30))
def test_a_cut_text_has_at_most_the_tokens_allowed_and_begins_the_text(text: str, limit: int) -> None:
    cut = cut_to_tokens(text, limit)
    assert text.startswith(cut)
    assert count_tokens(cut) == min(limit, count_tokens(text))


@given(st.text())
def test_pieces_join_to_the_text(text: str) -> None:
    assert "".join(pieces(text)) == text
