"""The most similar note."""

from corpus.recognition import Annotated
from generation.annotating.similar import SimilarNotes

HEART = Annotated("h", "Dor torácica com troponina elevada, síndrome coronária aguda.", ())
LUNG = Annotated("l", "Tosse e expetoração purulenta, pneumonia da base direita.", ())
BLANK = Annotated("b", " … \r\n", ())


def test_the_note_that_shares_most_words_is_the_most_similar_whatever_their_case_and_accents() -> None:
    notes = SimilarNotes([HEART, LUNG])
    assert notes.most_similar("PNEUMONIA com expetoracao") == LUNG
    assert notes.most_similar("Sindrome coronaria aguda") == HEART


def test_a_note_is_not_its_own_example() -> None:
    assert SimilarNotes([HEART, LUNG]).most_similar(LUNG.text, besides="l") == HEART
    assert SimilarNotes([LUNG]).most_similar(LUNG.text, besides="l") is None


def test_of_notes_that_are_equally_unlike_the_first_is_taken() -> None:
    assert SimilarNotes([LUNG, HEART]).most_similar("") == LUNG
    assert SimilarNotes([HEART, LUNG]).most_similar("zzz") == HEART


def test_without_notes_or_words_there_is_none() -> None:
    assert SimilarNotes([]).most_similar("tosse") is None
    assert SimilarNotes([BLANK]).most_similar("tosse") is None
