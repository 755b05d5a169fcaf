"""Import and export in every format: through the store in this process, and as commands."""

import json
from pathlib import Path
from typing import Any

import pytest

from corpus.errors import FormatError
from corpus.note import Role, Sensitivity
from corpus.workspace import make_workspace, open_workspace
from ernotes.cli.notes import FORMATS
from ernotes.files.exchange import export_notes, import_notes
from ernotes.files.formats import Format, guess_format
from tests.ernotes.conftest import Run

TEXT = "# HTA 🫀\r\n- Ramipril 5 mg id\r\nSem alergias medicamentosas.\r\nInternado por pneumonia."
NOTES: list[dict[str, Any]] = [
    {
        "doc_id": 1,
        "text": TEXT,
        "annotations": [
            {"begin": 11, "end": 27, "label": "Medicação Habitual"},
            {"begin": 33, "end": 56, "label": "Alergias medicamentosas", "Polaridade": "Negativa"},
            {"begin": 73, "end": 82, "label": "Diagnóstico"},
        ],
    },
    {"doc_id": "1", "text": "Nega alergias.\r", "annotations": []},
]
PATHS = {
    Format.NOTES: "out.json",
    Format.JSONL: "out.jsonl",
    Format.CONLL: "out.conll",
    Format.BRAT: "out.zip",
    Format.LABEL_STUDIO: "tasks.json",
    Format.DATASETS: "out.parquet",
}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "in.json").write_text(json.dumps(NOTES), "utf-8")
    return tmp_path / "in.json"


def test_the_example_is_annotated_right() -> None:
    slices = [TEXT[item["begin"] : item["end"]] for item in NOTES[0]["annotations"]]
    assert slices == ["Ramipril 5 mg id", "alergias medicamentosas", "pneumonia"]


def test_the_command_offers_every_format_and_the_old_name_of_the_notes_file() -> None:
    assert (*Format, "er-ner") == FORMATS


def test_a_path_means_the_format_that_its_name_or_folder_says_else_a_notes_file(tmp_path: Path) -> None:
    guessed = {name: guess_format(tmp_path / name) for name in (*PATHS.values(), "OUT.JSONL", "notes", "notes.txt")}
    assert guessed == {name: kind for kind, name in PATHS.items()} | {
        "tasks.json": Format.NOTES,
        "OUT.JSONL": Format.JSONL,
        "notes": Format.NOTES,
        "notes.txt": Format.NOTES,
    }
    with pytest.raises(FormatError, match="is a folder; say which kind with --format brat or datasets"):
        guess_format(tmp_path)
    (tmp_path / "a.txt").write_text("dor")
    assert guess_format(tmp_path) is Format.BRAT
    (tmp_path / "dataset_info.json").write_text("{}")
    assert guess_format(tmp_path) is Format.DATASETS


@pytest.mark.parametrize("kind", list(Format))
def test_notes_that_leave_in_a_format_come_into_another_workspace_as_they_were(
    tmp_path: Path, source: Path, kind: Format
) -> None:
    path = tmp_path / PATHS[kind]
    for name in ("one", "two"):
        make_workspace(tmp_path / name, "")
    settings = {"source": "team", "sensitivity": Sensitivity.FICTIONAL}
    with open_workspace(tmp_path / "one", write=True) as one:
        import_notes(one.store, source, Role.TRAIN, **settings)
        exported = export_notes(one.store, path, Role.TRAIN, file_format=kind, strict=True)
    assert (exported.notes, exported.format, exported.dropped) == (2, kind, {})
    with open_workspace(tmp_path / "two", write=True) as two:
        result = import_notes(two.store, path, Role.TRAIN, file_format=kind, **settings)
        again = import_notes(two.store, path, Role.TRAIN, file_format=kind, **settings)
        export_notes(two.store, tmp_path / "back.json", Role.TRAIN)
    assert (result.new, result.spans, result.messages) == (2, 3, [])
    assert (again.new, again.known) == (0, 2)
    assert json.loads((tmp_path / "back.json").read_bytes()) == NOTES


@pytest.mark.parametrize("kind", [kind for kind in Format if kind not in (Format.BRAT, Format.DATASETS)])
def test_a_file_of_another_format_brings_nothing_in(tmp_path: Path, kind: Format) -> None:
    make_workspace(tmp_path / "w", "")
    (tmp_path / "in").write_text("segredo\n")
    with open_workspace(tmp_path / "w", write=True) as workspace:
        with pytest.raises(FormatError, match="in"):
            import_notes(
                workspace.store,
                tmp_path / "in",
                Role.TRAIN,
                source="x",
                sensitivity=Sensitivity.PATIENT,
                file_format=kind,
            )
        assert workspace.store.notes.ids(*Role) == []


def test_export_says_what_a_format_cannot_hold_and_strict_refuses(tmp_path: Path, source: Path, ernotes: Run) -> None:
    sure = NOTES[0]["annotations"][0] | {"confidence": 0.5, "ATC": "C09AA05"}
    cut = {"begin": 74, "end": 82, "label": "Diagnóstico"}
    source.write_text(json.dumps([NOTES[0] | {"annotations": [sure, cut]}]), "utf-8")
    assert ernotes("-w", tmp_path / "w", "init").status == 0
    assert ernotes("-w", tmp_path / "w", "import", source, "--role", "train", "--format", "er-ner").status == 0
    arguments = ("-w", tmp_path / "w", "export", tmp_path / "out.conll", "--role", "train")
    refused = ernotes(*arguments, "--strict")
    assert (refused.status, (tmp_path / "out.conll").exists()) == (1, False)
    assert "cannot hold confidences (1), codes (1), spans that begin or end inside a token (1)" in refused.last_line
    done = ernotes(*arguments)
    assert done.status == 0
    assert "conll cannot hold, so left out: confidences (1), codes (1), spans that begin" in done.out
    assert "note 1: span [74, 82): spans that begin or end inside a token" in done.err


def test_a_brat_folder_goes_out_and_comes_in_by_command(tmp_path: Path, source: Path, ernotes: Run) -> None:
    for name in ("w", "v"):
        assert ernotes("-w", tmp_path / name, "init").status == 0
    assert ernotes("-w", tmp_path / "w", "import", source, "--role", "train").status == 0
    out = ernotes("-w", tmp_path / "w", "export", tmp_path / "brat", "--role", "train", "--format", "brat", "--json")
    assert out.document["format"] == "brat"
    assert (tmp_path / "brat" / "note-000001.txt").read_bytes() == TEXT.encode()
    again = ernotes("-w", tmp_path / "w", "export", tmp_path / "brat", "--role", "train", "--format", "brat")
    assert (again.status, "it is there already" in again.last_line) == (1, True)
    came = ernotes("-w", tmp_path / "v", "import", tmp_path / "brat", "--role", "train", "--json")
    assert (came.document["new"], came.document["spans"], came.document["set_aside"]) == (2, 3, {})
