from dataclasses import replace
from pathlib import Path
from typing import Any

import datasets
import pytest
from hypothesis import given, settings

from corpus.errors import FormatError
from corpus.formats import FileNote, SetAside, read_datasets, read_notes_file, write_datasets
from corpus.labels import Label
from corpus.note import Span
from tests.corpus.formats.odd_notes import files

NOTES = [
    FileNote(7, "# HTA\r\nNega alergias.", (Span(12, 20, Label.NO_ALLERGY, 0.5, {"SNOMEDCT": "716186003"}),)),
    FileNote("7", "dor 😀\u2028", ()),
    FileNote(2**70, "febre", annotated=False),
]


@pytest.mark.parametrize("name", ["out", "out.parquet"])
def test_a_saved_dataset_and_a_parquet_file_give_the_notes_back(tmp_path: Path, name: str) -> None:
    assert not write_datasets(tmp_path / name, NOTES).counts
    back = read_datasets(tmp_path / name)
    assert list(back.notes) == NOTES
    assert back.notes[0].spans[0].codes == {"SNOMEDCT": "716186003"}
    assert back.messages == []
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_the_columns_are_those_that_the_module_names(tmp_path: Path) -> None:
    write_datasets(tmp_path / "out", NOTES[:1])
    (row,) = datasets.load_from_disk(tmp_path / "out")
    assert row == {
        "doc_id": "7",
        "doc_id_type": "int",
        "text": "# HTA\r\nNega alergias.",
        "spans": [
            {
                "start": 12,
                "end": 20,
                "label": "Alergias medicamentosas__Negativa",
                "confidence": 0.5,
                "ICD10": None,
                "ATC": None,
                "SNOMEDCT": "716186003",
            }
        ],
    }


@settings(max_examples=20)
@given(files)
def test_whatever_is_written_reads_back_to_the_letter(
    tmp_path_factory: pytest.TempPathFactory, notes: list[FileNote]
) -> None:
    path = tmp_path_factory.getbasetemp() / "round.parquet"
    assert not write_datasets(path, notes).counts
    back = read_datasets(path)
    assert list(back.notes) == notes
    assert [span.codes for note in back.notes for span in note.spans] == [s.codes for note in notes for s in note.spans]


def test_what_was_set_aside_is_left_out_counted_and_refused_where_strict(tmp_path: Path) -> None:
    note = FileNote(1, "dor", set_aside=(SetAside("x", "odd"),))
    assert write_datasets(tmp_path / "out", [note]).counts == {"annotations set aside": 1}
    with pytest.raises(FormatError, match="cannot hold annotations set aside"):
        write_datasets(tmp_path / "strict", [note], strict=True)
    with pytest.raises(FormatError, match="it is there already"):
        write_datasets(tmp_path / "out", [note])
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_dataset_of_somebody_elses_is_judged_span_by_span(tmp_path: Path) -> None:
    spans = [{"start": 0, "end": 3, "label": "Diagnóstico"}, {"start": 0, "end": 3, "label": "DISO"}]
    rows: list[dict[str, Any]] = [{"doc_id": 4, "text": "dor", "spans": spans, "ward": "A"}]
    datasets.Dataset.from_list(rows).save_to_disk(tmp_path / "theirs")
    file = read_datasets(tmp_path / "theirs")
    assert file.notes[0].spans == (Span(0, 3, Label.DIAGNOSIS),)
    assert file.set_aside_by_reason == {"unknown label": 1}
    assert file.unknown_keys == {"ward": 1}


def test_what_is_no_dataset_of_notes_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "notes.json").write_text("segredo")
    (tmp_path / "folder").mkdir()
    datasets.Dataset.from_list([{"tokens": ["dor"], "ner_tags": [0]}]).save_to_disk(tmp_path / "tokens")
    split = datasets.Dataset.from_list([{"doc_id": 1, "text": "dor", "spans": None}])
    datasets.DatasetDict({"train": split, "test": split}).save_to_disk(tmp_path / "splits")
    for name, message in {
        "absent": "does not exist",
        "notes.json": "no saved dataset and no parquet file",
        "folder": "no saved dataset and no parquet file",
        "tokens": "has no columns doc_id, text and spans",
        "splits": "several splits, train, test; name the folder of one",
    }.items():
        with pytest.raises(FormatError, match=message) as caught:
            read_datasets(tmp_path / name)
        assert "segredo" not in str(caught.value)


def test_er_ner_comes_back_to_the_letter(er_ner_dir: Path, tmp_path: Path) -> None:
    notes = read_notes_file(er_ner_dir / "train-with-codes.json").notes
    assert write_datasets(tmp_path / "out", notes).counts == {"annotations set aside": 1}
    back = read_datasets(tmp_path / "out").notes
    assert back == tuple(replace(note, set_aside=()) for note in notes)
    assert [s.codes for note in back for s in note.spans] == [s.codes for note in notes for s in note.spans]
