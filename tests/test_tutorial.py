"""The notes of the tutorial: what it has its reader correct, and what it takes in for those who only read."""

from corpus.formats import read_brat, read_notes_file
from corpus.labels import Label
from tests.manual import DOCS

FOLDER = DOCS / "tutorial"


def test_what_was_corrected_is_what_there_is_to_correct_with_every_label_in_it() -> None:
    corrected = read_notes_file(FOLDER / "corrected.json", strict=True).notes
    notes = read_brat(FOLDER / "notes").notes
    assert [(note.doc_id, note.text) for note in corrected] == [(note.doc_id, note.text) for note in notes]
    assert {span.label for note in corrected for span in note.spans} == set(Label)


def test_no_note_of_the_tutorial_is_there_twice() -> None:
    notes = [
        *read_brat(FOLDER / "notes").notes,
        *read_brat(FOLDER / "more").notes,
        *read_notes_file(FOLDER / "test.json", strict=True).notes,
    ]
    assert len({note.text for note in notes}) == len(notes) == 23
