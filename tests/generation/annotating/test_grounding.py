"""Words and their order as offsets."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from corpus.labels import Label
from corpus.note import Span
from generation.annotating.entities import Entity, Unusable
from generation.annotating.grounding import Grounded, ground

TEXT = (
    "Hipertensão. Fez paracetamol no SU.\r\n"
    "MEDICAÇÃO:\r\n- Ramipril 5 mg id\r\n- Paracetamol 1 g SOS\r\n- Ramipril 5 mg\r\n"
    "Alergia a paracetamol. Internado por hipertensão."
)


def drug(words: str) -> Entity:
    return Entity(Label.MEDICATION, words)


def found(grounded: Grounded, text: str = TEXT) -> list[tuple[int, str]]:
    return [(span.start, text[span.start : span.end]) for span in grounded.spans]


def test_words_are_found_whatever_their_case_accents_and_line_ends() -> None:
    grounded = ground([drug("RAMIPRIL 5 mg\nid"), Entity(Label.DIAGNOSIS, "internado por hipertensao")], TEXT)
    assert grounded.spans == (Span(51, 67, Label.MEDICATION), Span(132, 157, Label.DIAGNOSIS))
    assert found(grounded) == [(51, "Ramipril 5 mg id"), (132, "Internado por hipertensão")]


def test_the_same_words_given_twice_are_two_mentions_and_a_third_is_counted() -> None:
    text = "Alergias: nega alergias. Sem alergias."
    grounded = ground([Entity(Label.NO_ALLERGY, "alergias")] * 4, text)
    assert found(grounded, text) == [(0, "Alergias"), (15, "alergias"), (29, "alergias")]
    assert grounded.ungrounded == Counter({Unusable.REPEATED: 1})


def test_words_that_stand_several_times_follow_the_entity_before_them() -> None:
    grounded = ground([drug("Paracetamol 1 g SOS"), Entity(Label.ALLERGY, "paracetamol")], TEXT)
    assert found(grounded) == [(71, "Paracetamol 1 g SOS"), (119, "paracetamol")]


def test_words_that_stand_once_are_placed_first_whatever_the_order_of_the_answer() -> None:
    entities = [drug("Ramipril 5 mg"), drug("Ramipril 5 mg id")]
    assert found(ground(entities, TEXT)) == [(51, "Ramipril 5 mg id"), (94, "Ramipril 5 mg")]


def test_an_answer_out_of_order_takes_the_first_free_place() -> None:
    entities = [Entity(Label.DIAGNOSIS, "Internado por hipertensão"), drug("Ramipril 5 mg")]
    assert found(ground(entities, TEXT))[0] == (51, "Ramipril 5 mg")


def test_of_two_that_overlap_the_longer_stands_and_the_other_is_counted() -> None:
    text = "- Ramipril 5 mg id"
    grounded = ground([drug("Ramipril 5 mg"), drug("Ramipril 5 mg id"), drug("ramipril 5 mg id")], text)
    assert found(grounded, text) == [(2, "Ramipril 5 mg id")]
    assert grounded.ungrounded == Counter({Unusable.OVERLAP: 1, Unusable.REPEATED: 1})


def test_what_is_not_in_the_note_is_counted_and_a_part_of_a_word_is_not_in_it() -> None:
    grounded = ground([drug("Bisoprolol"), drug("Rami"), drug("5 mg"), drug("")], TEXT)
    assert found(grounded) == [(60, "5 mg")]
    assert grounded.ungrounded == Counter({Unusable.ABSENT: 3})


@given(
    st.lists(st.sampled_from(["a b", "a", "b", "b a", "A B A", "c"])), st.sampled_from(["", "a b a b", "b A b, á b"])
)
def test_every_entity_is_a_span_or_counted_and_no_spans_overlap(words: list[str], text: str) -> None:
    grounded = ground([drug(word) for word in words], text)
    assert len(grounded.spans) + grounded.ungrounded.total() == len(words)
    ends = [0, *(span.end for span in grounded.spans)]
    assert all(end <= span.start for end, span in zip(ends, grounded.spans, strict=False))
