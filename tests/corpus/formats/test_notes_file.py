import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from corpus.errors import FormatError, SpanError
from corpus.formats import FileNote, NotesFile, SetAside, read_notes_file, write_notes_file
from corpus.labels import Label
from corpus.note import Span
from tests.corpus.formats.odd_notes import files

TEXT = "# HTA\r\n- AAS 100 mg\r\nNega alergias."
DRUG = {"begin": 9, "end": 19, "label": "Medicação Habitual"}
DENIAL = {"begin": 26, "end": 34, "label": "Alergias medicamentosas", "Polaridade": "Negativa"}


def write_json(folder: Path, document: Any) -> Path:
    path = folder / "notes.json"
    path.write_bytes(json.dumps(document).encode())
    return path


def read_one(folder: Path, *annotations: Any) -> FileNote:
    path = write_json(folder, [{"doc_id": 1, "text": TEXT, "annotations": list(annotations)}])
    return read_notes_file(path).notes[0]


def test_a_notes_file_reads_as_notes_with_their_spans_in_the_files_order(tmp_path: Path) -> None:
    note = read_one(tmp_path, DENIAL, DRUG)
    assert note == FileNote(1, TEXT, (Span(26, 34, Label.NO_ALLERGY), Span(9, 19, Label.MEDICATION)))
    assert [TEXT[span.start : span.end] for span in note.spans] == ["alergias", "AAS 100 mg"]


def test_confidence_and_codes_are_read_and_null_means_absent(tmp_path: Path) -> None:
    note = read_one(tmp_path, DRUG | {"confidence": 1, "ATC": "B01AC06", "ICD10": None, "SNOMEDCT": "7947003"})
    assert note.spans[0].confidence == 1.0
    assert note.spans[0].codes == {"ATC": "B01AC06", "SNOMEDCT": "7947003"}


def test_a_byte_order_mark_is_allowed(tmp_path: Path) -> None:
    path = tmp_path / "notes.json"
    path.write_bytes('\ufeff[{"doc_id": "a", "text": "dor"}]'.encode())
    assert read_notes_file(path).notes == (FileNote("a", "dor", annotated=False),)


def test_an_integer_and_a_string_are_two_doc_ids(tmp_path: Path) -> None:
    path = write_json(tmp_path, [{"doc_id": 1, "text": "a"}, {"doc_id": "1", "text": "b"}])
    assert [note.doc_id for note in read_notes_file(path).notes] == [1, "1"]


@pytest.mark.parametrize(
    ("annotation", "reason"),
    [
        ({"begin": 9, "end": 19}, "no label"),
        (DRUG | {"label": None}, "no label"),
        (DRUG | {"label": ""}, "no label"),
        (DRUG | {"label": "Medicação"}, "unknown label"),
        (DRUG | {"label": ["Diagnóstico"]}, "unknown label"),
        ({"begin": 9, "label": "Diagnóstico"}, "no offsets"),
        (DRUG | {"begin": None}, "no offsets"),
        (DRUG | {"begin": "9"}, "offsets are no integers"),
        (DRUG | {"begin": 9.0}, "offsets are no integers"),
        (DRUG | {"begin": True}, "offsets are no integers"),
        (DRUG | {"begin": -1}, "offsets out of range"),
        (DRUG | {"end": len(TEXT) + 1}, "offsets out of range"),
        (DRUG | {"end": 9}, "empty or reversed"),
        (DRUG | {"end": 3}, "empty or reversed"),
        (DRUG | {"label": "Alergias medicamentosas"}, "no polarity"),
        (DENIAL | {"Polaridade": None}, "no polarity"),
        (DENIAL | {"Polaridade": "Talvez"}, "unknown polarity"),
        (DRUG | {"Polaridade": "Positiva"}, "polarity on an entity that has none"),
        (DRUG | {"confidence": 1.5}, "confidence is no number from 0 to 1"),
        (DRUG | {"confidence": "alta"}, "confidence is no number from 0 to 1"),
        (DRUG | {"ATC": 7}, "code is no string"),
        ("AAS", "not an object"),
    ],
)
def test_an_annotation_that_cannot_be_used_is_set_aside_with_its_reason(
    tmp_path: Path, annotation: Any, reason: str
) -> None:
    note = read_one(tmp_path, DRUG, annotation)
    assert note.spans == (Span(9, 19, Label.MEDICATION),)
    assert note.set_aside == (SetAside(annotation, reason, 1),)


def test_an_offset_at_the_very_end_of_the_text_is_in_range(tmp_path: Path) -> None:
    assert read_one(tmp_path, DRUG | {"end": len(TEXT)}).spans[0].end == len(TEXT)


def test_overlapping_and_equal_annotations_are_kept(tmp_path: Path) -> None:
    note = read_one(tmp_path, DRUG, DRUG | {"end": 12}, DRUG)
    assert [(span.start, span.end) for span in note.spans] == [(9, 19), (9, 12), (9, 19)]


def test_what_was_set_aside_is_counted_and_named_without_the_notes_words(tmp_path: Path) -> None:
    path = write_json(
        tmp_path,
        [
            {"doc_id": 1, "text": TEXT, "annotations": [DRUG, DRUG | {"label": None}]},
            {"doc_id": "b", "text": TEXT, "annotations": [DENIAL | {"Polaridade": None}, DRUG | {"label": ""}]},
        ],
    )
    file = read_notes_file(path)
    assert file.set_aside_by_reason == {"no label": 2, "no polarity": 1}
    assert file.messages == [
        "note 1: annotation 1 set aside: no label",
        "note 'b': annotation 0 set aside: no polarity",
        "note 'b': annotation 1 set aside: no label",
    ]


def test_keys_that_the_format_does_not_know_are_counted(tmp_path: Path) -> None:
    annotations = [DRUG | {"id": 4}, DRUG | {"id": 5}, {"id": 6}]
    path = write_json(tmp_path, [{"doc_id": 1, "text": TEXT, "ward": "A", "annotations": annotations}])
    file = read_notes_file(path)
    assert file.unknown_keys == {"id": 2, "ward": 1}
    assert "key 'id' is not known and was not read (2 times)" in file.messages


def test_strict_refuses_a_file_with_an_unusable_annotation_and_names_it(tmp_path: Path) -> None:
    path = write_json(tmp_path, [{"doc_id": 7, "text": TEXT, "annotations": [DRUG, DRUG | {"label": None}]}])
    with pytest.raises(FormatError, match="note 7: annotation 1 set aside: no label"):
        read_notes_file(path, strict=True)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not JSON: Expecting value"),
        (b"segredo", "is not JSON"),
        (b'[{"doc_id": NaN, "text": "segredo"}]', "is not JSON: NaN is no finite number"),
        (b'[{"doc_id": 1, "text": "segredo", "x": 1e999}]', "is not JSON: 1e999 is no finite number"),
        (b"[" * 100_000, "is not JSON"),
        (b'["\xff"]', "is not UTF-8: invalid start byte at byte 2"),
        (b'{"doc_id": 1, "text": "segredo"}', "should hold a list of notes"),
        (b'["segredo"]', "item 0 is not an object"),
        (b'[{"doc_id": 1, "text": "a"}, {"doc_id": 2}]', "item 1: text is missing"),
        (b'[{"text": "segredo"}]', "item 0: doc_id is missing"),
        (b'[{"doc_id": 1, "text": 5}]', "item 0: text is not a string"),
        (b'[{"doc_id": 1, "text": "segredo\\u0000"}]', "item 0: text is not a string without NUL"),
        (b'[{"doc_id": 1, "text": "segredo\\ud800"}]', "item 0: text is not a string without NUL or lone surrogates"),
        (b'[{"doc_id": true, "text": "segredo"}]', "item 0: doc_id is not an integer or a string"),
        (b'[{"doc_id": 1.0, "text": "segredo"}]', "item 0: doc_id is not an integer or a string"),
        (b'[{"doc_id": null, "text": "segredo"}]', "item 0: doc_id is not an integer or a string"),
        (b'[{"doc_id": "\\udfff", "text": "segredo"}]', "item 0: doc_id is not an integer or a string"),
        (b'[{"doc_id": 1, "text": "segredo", "annotations": {}}]', "item 0: annotations is not a list"),
        (b'[{"doc_id": 1, "text": "a"}, {"doc_id": 1, "text": "b"}]', "item 1: doc_id 1 is there twice"),
    ],
)
def test_a_file_that_is_no_notes_file_is_refused_in_one_line_without_its_words(
    tmp_path: Path, content: bytes, message: str
) -> None:
    path = tmp_path / "notes.json"
    path.write_bytes(content)
    with pytest.raises(FormatError) as caught:
        read_notes_file(path)
    line = str(caught.value)
    assert line.startswith(str(path))
    assert message in line
    assert "\n" not in line
    assert "segredo" not in line


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"absent\.json does not exist"):
        read_notes_file(tmp_path / "absent.json")
    with pytest.raises(FormatError, match=r"cannot read .*: Is a directory"):
        read_notes_file(tmp_path)


def test_a_note_cannot_hold_a_span_beyond_its_text() -> None:
    with pytest.raises(SpanError, match="note 3: span"):
        FileNote(3, "dor", (Span(0, 4, Label.DIAGNOSIS),))


def test_a_note_is_written_as_the_format_says(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    spans = (
        Span(9, 19, Label.MEDICATION, codes={"ATC": "B01AC06"}),
        Span(26, 34, Label.NO_ALLERGY, confidence=0.5),
    )
    write_notes_file(path, [FileNote("ã", TEXT, spans)])
    assert path.read_bytes().decode() == (
        '[\n{"doc_id": "ã", "text": "# HTA\\r\\n- AAS 100 mg\\r\\nNega alergias.", "annotations": ['
        '{"begin": 9, "end": 19, "label": "Medicação Habitual", "ATC": "B01AC06"}, '
        '{"begin": 26, "end": 34, "label": "Alergias medicamentosas", '
        '"Polaridade": "Negativa", "confidence": 0.5}]}\n]\n'
    )


def test_what_was_set_aside_is_written_in_its_place_as_it_came(tmp_path: Path) -> None:
    odd = [{"begin": 0, "label": None, "why": [1, "\ud800"]}, DRUG, "x", DENIAL]
    note = read_one(tmp_path, *odd)
    write_notes_file(tmp_path / "out.json", [note])
    assert json.loads((tmp_path / "out.json").read_bytes())[0]["annotations"] == odd


def test_what_was_set_aside_without_a_place_is_written_last(tmp_path: Path) -> None:
    write_notes_file(tmp_path / "out.json", [FileNote(1, TEXT, (Span(0, 1, Label.DIAGNOSIS),), (SetAside(7, "odd"),))])
    assert json.loads((tmp_path / "out.json").read_bytes())[0]["annotations"][1] == 7


def test_no_notes_make_an_empty_list(tmp_path: Path) -> None:
    write_notes_file(tmp_path / "out.json", [])
    assert read_notes_file(tmp_path / "out.json") == NotesFile(())


def test_a_write_that_fails_half_way_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    def broken() -> Iterator[FileNote]:
        yield FileNote(1, "dor")
        raise SpanError("no more")

    path = tmp_path / "out.json"
    path.write_text("old")
    with pytest.raises(SpanError):
        write_notes_file(path, broken())
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"cannot write .*: No such file or directory"):
        write_notes_file(tmp_path / "absent" / "out.json", [])
    with pytest.raises(FormatError, match="no plain file"):
        write_notes_file(tmp_path, [])


def test_a_written_file_is_its_owners_alone_and_a_link_to_it_stays(tmp_path: Path) -> None:
    target, link = tmp_path / "real.json", tmp_path / "link.json"
    target.write_text("old")
    link.symlink_to(target)
    write_notes_file(link, [])
    assert link.is_symlink()
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


@given(files)
def test_whatever_is_written_reads_back_to_the_letter(
    tmp_path_factory: pytest.TempPathFactory, notes: list[FileNote]
) -> None:
    path = tmp_path_factory.getbasetemp() / "round.json"
    write_notes_file(path, notes)
    back = read_notes_file(path)
    assert list(back.notes) == notes
    assert back.messages == []
    assert [span.codes for note in back.notes for span in note.spans] == [s.codes for note in notes for s in note.spans]


@pytest.mark.parametrize("name", ["train", "val", "train-with-codes", "val-with-codes"])
def test_the_er_ner_files_come_back_to_the_letter(er_ner_dir: Path, tmp_path: Path, name: str) -> None:
    path = er_ner_dir / f"{name}.json"
    file = read_notes_file(path)
    write_notes_file(tmp_path / "out.json", file.notes)
    assert read_notes_file(tmp_path / "out.json") == file

    original, written = (json.loads(which.read_bytes()) for which in (path, tmp_path / "out.json"))
    for item in original:
        for index, annotation in enumerate(item["annotations"]):
            if annotation["label"]:
                item["annotations"][index] = {key: value for key, value in annotation.items() if value is not None}
    assert written == original


def test_the_odd_annotation_of_er_ner_is_named_and_stays(er_ner_dir: Path) -> None:
    file = read_notes_file(er_ner_dir / "train.json")
    assert file.set_aside_by_reason == {"no label": 1}
    (aside,) = (aside for note in file.notes for aside in note.set_aside)
    assert aside.annotation["label"] is None
    assert sum(len(note.spans) for note in file.notes) == 1492
