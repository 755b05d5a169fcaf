from pathlib import Path

import pytest
from hypothesis import given, settings

from corpus.errors import FormatError
from corpus.formats import FileNote, SetAside, read_jsonl, write_jsonl
from corpus.labels import Label
from corpus.note import Span
from tests.corpus.formats.odd_notes import files


@settings(max_examples=20)
@given(files)
def test_whatever_is_written_reads_back_to_the_letter(
    tmp_path_factory: pytest.TempPathFactory, notes: list[FileNote]
) -> None:
    path = tmp_path_factory.getbasetemp() / "round.jsonl"
    write_jsonl(path, notes)
    back = read_jsonl(path)
    assert list(back.notes) == notes
    assert [span.codes for note in back.notes for span in note.spans] == [s.codes for note in notes for s in note.spans]
    assert len(path.read_bytes().decode().splitlines()) == len(notes)


def test_a_note_is_one_line_with_what_was_set_aside_in_its_place(tmp_path: Path) -> None:
    path = tmp_path / "notes.jsonl"
    write_jsonl(path, [FileNote(7, "dor\u2028", (Span(0, 3, Label.MEDICATION),), (SetAside({"x": 1}, "no label", 0),))])
    assert path.read_bytes().decode() == (
        '{"doc_id": 7, "text": "dor\\u2028", "annotations": ['
        '{"x": 1}, {"begin": 0, "end": 3, "label": "Medicação Habitual"}]}\n'
    )


def test_windows_line_ends_between_the_notes_and_blank_lines_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "notes.jsonl"
    path.write_bytes(b'{"doc_id": 1, "text": "a\\r\\nb"}\r\n\r\n{"doc_id": "1", "text": "c", "ward": 2}\r\n')
    file = read_jsonl(path)
    assert [(note.doc_id, note.text) for note in file.notes] == [(1, "a\r\nb"), ("1", "c")]
    assert file.unknown_keys == {"ward": 1}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"doc_id": 1, "text": "a"}\n[1]\n', "line 2 is not an object"),
        (b'{"doc_id": 1, "text": "segredo"', "line 1 is not JSON"),
        (b'{"doc_id": 1, "text": "a"}\n{"doc_id": 1, "text": "b"}\n', "line 2: doc_id 1 is there twice"),
    ],
)
def test_a_line_that_is_no_note_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "notes.jsonl"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=message) as caught:
        read_jsonl(path)
    assert "segredo" not in str(caught.value)
