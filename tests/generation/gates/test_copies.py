import pytest

from corpus.note import Note, Role
from corpus.text.similarity import split_words
from generation.gates.copies import CEILING, FLOOR, Copying, ExemplarPassages


def words(letter: str, count: int) -> str:
    """So many different words of one kind."""
    return " ".join(f"{letter}{number}" for number in range(count))


def exemplar(number: int, text: str, lineage: str = "") -> Note:
    return Note("s", number, text, Role.EXEMPLAR, lineage=lineage)


def measure(passages: ExemplarPassages, text: str) -> Copying:
    return passages.measure(split_words(text))


def test_the_longest_run_and_the_share_are_counted_in_folded_words() -> None:
    passages = ExemplarPassages([exemplar(1, f"Início. {words('a', 30)} fim")])
    text = f"{words('x', 8)} {words('A', 10).replace(' ', chr(13) + chr(10))} {words('y', 9)}"
    # 27 words, 20 runs of eight, of which three lie within the ten copied words
    assert measure(passages, text) == Copying(longest_words=10, share=3 / 20)


def test_a_run_ends_where_the_exemplar_goes_on_otherwise() -> None:
    first, second = words("a", 12), words("b", 9)
    passages = ExemplarPassages([exemplar(1, f"{first} {words('x', 5)} {second}")])
    assert measure(passages, f"{first} {second}").longest_words == 12


def test_two_exemplars_copied_in_turn_count_each_for_itself() -> None:
    passages = ExemplarPassages([exemplar(1, words("a", 30)), exemplar(2, words("b", 30))])
    copied = measure(passages, f"{words('a', 15)} {words('b', 11)}")
    assert copied == Copying(longest_words=15, share=8 / 19)


def test_below_eight_words_nothing_is_copied() -> None:
    passages = ExemplarPassages([exemplar(1, words("a", 30)), exemplar(2, "a0 a1 a2"), exemplar(3, "")])
    assert measure(passages, f"{words('a', 7)} {words('x', 20)}") == Copying(0, 0.0)
    assert measure(passages, "") == Copying(0, 0.0)
    assert measure(ExemplarPassages([]), words("a", 30)) == Copying(0, 0.0)


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_exemplars_that_share_nothing_leave_the_limit_at_its_floor(count: int) -> None:
    passages = ExemplarPassages([exemplar(number, words(f"n{number}x", 50)) for number in range(count)])
    assert passages.limit == FLOOR


def test_the_limit_is_what_pairs_of_exemplars_share() -> None:
    line = words("linha", 30)
    pair = [exemplar(number, f"{line} {words(f'n{number}x', 77)}") for number in range(2)]
    # 100 runs of eight in each, of which 23 are of the thirty words
    assert ExemplarPassages(pair).limit == Copying(longest_words=30, share=0.23)


def test_one_pair_in_a_hundred_does_not_set_the_limit() -> None:
    line = words("linha", 30)
    alone = [exemplar(number, words(f"n{number}x", 50)) for number in range(15)]
    pair = [exemplar(number, f"{line} {words(f'n{number}x', 77)}") for number in (15, 16)]
    # 17 exemplars make 272 ordered pairs, two of which share the line
    assert ExemplarPassages([*alone, *pair]).limit == FLOOR
    assert ExemplarPassages([*alone[:3], *pair]).limit == Copying(longest_words=30, share=0.23)


def test_exemplars_of_one_lineage_do_not_raise_the_limit() -> None:
    line = words("linha", 30)
    pair = [exemplar(number, f"{line} {words(f'n{number}x', 77)}", lineage="one") for number in range(2)]
    assert ExemplarPassages(pair).limit == FLOOR


def test_nearly_equal_exemplars_raise_the_limit_no_further_than_its_ceiling() -> None:
    pair = [exemplar(number, f"{words('a', 200)} n{number}") for number in range(2)]
    assert ExemplarPassages(pair).limit == CEILING
