import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings

from corpus.errors import FormatError
from corpus.formats import FileNote, SetAside, read_brat, read_notes_file, write_brat
from corpus.labels import Label
from corpus.note import Span
from tests.corpus.formats.odd_notes import files

TEXT = "# HTA\r\n- AAS 100 mg\r\nNega alergias."
NOTE = FileNote(
    "João/../x", TEXT, (Span(9, 19, Label.MEDICATION, codes={"ATC": "B01AC06"}), Span(26, 34, Label.NO_ALLERGY))
)
CUT = "line ends at the ends of spans"
BLANK = "spans of line ends alone"
ODD_CODES = "codes that are empty or hold white space"


def write(folder: Path, **files: str) -> Path:
    for name, content in files.items():
        (folder / name.replace("_", ".")).write_bytes(content.encode())
    return folder


def test_a_note_is_two_files_named_by_number_whatever_its_doc_id(tmp_path: Path) -> None:
    assert not write_brat(tmp_path / "out", [NOTE]).counts
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        *("annotation.conf", "doc-ids.json", "note-000001.ann", "note-000001.txt", "visual.conf")
    ]
    assert (tmp_path / "out" / "note-000001.txt").read_bytes() == TEXT.encode()
    assert (tmp_path / "out" / "note-000001.ann").read_bytes().decode() == (
        "T1\tMedicacao_Habitual 9 19\tAAS 100 mg\n"
        "N1\tReference T1 ATC:B01AC06\tAAS 100 mg\n"
        "T2\tAlergias_medicamentosas 26 34\talergias\n"
        "A2\tPolaridade T2 Negativa\n"
    )
    assert json.loads((tmp_path / "out" / "doc-ids.json").read_bytes()) == {"note-000001": "João/../x"}
    (back,) = read_brat(tmp_path / "out").notes
    assert back == NOTE
    assert back.spans[0].codes == {"ATC": "B01AC06"}


@settings(max_examples=20)
@given(files.filter(bool))
def test_what_is_written_reads_back_but_for_what_was_named(
    tmp_path_factory: pytest.TempPathFactory, notes: list[FileNote]
) -> None:
    path = tmp_path_factory.getbasetemp() / "round.zip"
    dropped = write_brat(path, notes)
    back = read_brat(path)
    assert back.messages == []
    assert list(back.notes) == [without_confidence(note) for note in notes]
    codes = sum(len(span.codes) for note in notes for span in note.spans if shortened(note.text, span))
    assert sum(len(span.codes) for note in back.notes for span in note.spans) == codes - dropped.counts[ODD_CODES]
    assert len(dropped.messages) == dropped.counts[CUT] + dropped.counts[BLANK]


def without_confidence(note: FileNote) -> FileNote:
    return replace(note, spans=tuple(short for span in note.spans if (short := shortened(note.text, span))))


def shortened(text: str, span: Span) -> Span | None:
    """The span without its confidence and the line ends at its ends; None where nothing is left."""
    words = text[span.start : span.end]
    start, end = span.end - len(words.lstrip("\r\n")), span.start + len(words.rstrip("\r\n"))
    return Span(start, end, span.label) if start < end else None


def test_a_mention_over_a_line_end_is_written_in_a_piece_a_line(tmp_path: Path) -> None:
    note = FileNote(1, "AAS\r\n100 mg", (Span(0, 11, Label.MEDICATION),))
    write_brat(tmp_path / "out", [note])
    line = (tmp_path / "out" / "note-000001.ann").read_bytes()
    assert line == b"T1\tMedicacao_Habitual 0 3;5 11\tAAS 100 mg\n"
    assert read_brat(tmp_path / "out").notes == (note,)


def test_what_brat_cannot_hold_is_counted_and_strict_refuses_it(tmp_path: Path) -> None:
    spans = (Span(5, 8, Label.DIAGNOSIS, 0.5, {"ICD10": ""}), Span(5, 7, Label.DIAGNOSIS))
    note = FileNote(7, TEXT, spans, (SetAside(1, "odd"),))
    assert write_brat(tmp_path / "out", [note]).counts == {
        "confidences": 1,
        "annotations set aside": 1,
        "line ends at the ends of spans": 1,
        "codes that are empty or hold white space": 1,
        "spans of line ends alone": 1,
    }
    with pytest.raises(FormatError, match="cannot hold confidences"):
        write_brat(tmp_path / "strict", [note], strict=True)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_folder_that_holds_something_is_never_written_over(tmp_path: Path) -> None:
    write(tmp_path, a_ann="T1\tDiagnostico 0 3\tdor\n", a_txt="dor")
    with pytest.raises(FormatError, match="it is there already"):
        write_brat(tmp_path, [NOTE])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.ann", "a.txt"]


def test_a_folder_of_another_tool_is_read_by_its_names(tmp_path: Path) -> None:
    write(
        tmp_path,
        a_txt="😀 AAS, Xarelto; alergia a penicilina",
        a_ann="T1\tMedicação_Habitual 2 5\tAAS\r\nT3\tDrug 7 14\tXarelto\r\n"
        "R1\tTreats Arg1:T1 Arg2:T3\t\r\n#1\tAnnotatorNotes T1\tver\r\nA1\tNegation T3\r\n*\tEquiv T1 T3\r\n",
        b_txt="sem anotações",
    )
    (tmp_path / "below").mkdir()
    write(tmp_path / "below", c_txt="dor", c_ann="T9\tdiagnostico 0 3\n")
    file = read_brat(tmp_path)
    assert [(note.doc_id, note.annotated) for note in file.notes] == [("a", True), ("b", False), ("below/c", True)]
    assert file.notes[0].spans == (Span(2, 5, Label.MEDICATION),)
    assert file.notes[0].set_aside == (SetAside({"begin": 7, "end": 14, "label": "Drug"}, "unknown label", 1),)
    assert file.notes[2].spans == (Span(0, 3, Label.DIAGNOSIS),)
    assert file.remarks == {f"lines of kind {kind} that were not read": 1 for kind in "R#A*"}


def test_of_two_codes_that_differ_the_first_counts_and_the_other_is_told(tmp_path: Path) -> None:
    lines = "T1\tDiagnostico 0 3\tdor\nN1\tReference T1 ICD10:R52\tdor\nN2\tReference T1 ICD10:R07\tdor\n"
    write(tmp_path, a_txt="dor", a_ann=lines)
    file = read_brat(tmp_path)
    assert file.notes[0].spans[0].codes == {"ICD10": "R52"}
    assert file.remarks == {"lines that contradict what was said of a mention before, not read": 1}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("T1\tDiagnostico 1 4\tdor", "the words beside it are not those at its offsets"),
        ("T1\tDiagnostico 0 3;8 13\tdor forte", "in pieces that other words part"),
        ("T1\tDiagnostico 0 99\tdor", "offsets out of range"),
        ("T1\tDiagnostico 3 3\t", "empty or reversed"),
        ("T1\tAlergias_medicamentosas 0 3\tdor", "no polarity"),
        ("T1\tAlergias_medicamentosas 0 3\tdor\nA1\tPolaridade T1 Talvez", "unknown polarity"),
    ],
)
def test_a_mention_that_cannot_be_proved_is_set_aside_with_its_reason(tmp_path: Path, line: str, reason: str) -> None:
    write(tmp_path, a_txt="dor tão forte", a_ann=f"{line}\n")
    (note,) = read_brat(tmp_path).notes
    assert note.spans == ()
    assert [aside.reason for aside in note.set_aside] == [reason]
    with pytest.raises(FormatError, match=reason):
        read_brat(tmp_path, strict=True)


def test_a_zip_of_an_exported_folder_keeps_its_doc_ids(tmp_path: Path) -> None:
    write_brat(tmp_path / "out", [FileNote(7, "dor"), FileNote("7", "febre")])
    with zipfile.ZipFile(tmp_path / "out.zip", "w") as archive:
        for path in (tmp_path / "out").iterdir():
            archive.write(path, f"out/{path.name}")
        archive.writestr("__MACOSX/out/._note-000001.txt", "x")
    assert [(note.doc_id, note.text) for note in read_brat(tmp_path / "out.zip").notes] == [(7, "dor"), ("7", "febre")]


def test_what_is_no_brat_folder_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"is no brat folder: it should hold a \.txt for each \.ann"):
        read_brat(tmp_path)
    with pytest.raises(FormatError, match="does not exist"):
        read_brat(tmp_path / "absent")
    (tmp_path / "notes.json").write_text("[]")
    with pytest.raises(FormatError, match=r"neither a folder nor a \.zip"):
        read_brat(tmp_path / "notes.json")
    write(tmp_path, a_txt="dor", a_ann="T1\tDiagnostico 0 3\tdor\nsegredo\n")
    with pytest.raises(FormatError, match=r"a\.ann: line 2 is no line of brat standoff"):
        read_brat(tmp_path)
    write(tmp_path, a_ann="T1\tDiagnostico 0 3\tdor\nT1\tDiagnostico 0 2\tdo\n")
    with pytest.raises(FormatError, match=r"a\.ann: line 2: T1 is there twice"):
        read_brat(tmp_path)
    write(tmp_path, a_ann="", b_ann="")
    with pytest.raises(FormatError, match=r"a \.txt for each \.ann"):
        read_brat(tmp_path)


def test_er_ner_comes_back_but_for_empty_codes(er_ner_dir: Path, tmp_path: Path) -> None:
    notes = read_notes_file(er_ner_dir / "train-with-codes.json").notes
    dropped = write_brat(tmp_path / "out.zip", notes)
    assert dropped.counts == {ODD_CODES: 2984, "annotations set aside": 1}
    back = read_brat(tmp_path / "out.zip").notes
    assert back == tuple(replace(note, set_aside=()) for note in notes)
    for note, again in zip(notes, back, strict=True):
        assert [{key: code for key, code in span.codes.items() if code} for span in note.spans] == [
            span.codes for span in again.spans
        ]
