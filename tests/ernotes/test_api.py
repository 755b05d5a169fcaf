"""The library: its names, its examples, and what it does with what people hand it."""

import doctest
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

import ernotes
from corpus.formats import write_notes_file
from ernotes import FileNote, Label, Span
from tests.corpus.formats.odd_notes import files
from tests.ernotes.conftest import Run
from tests.made_up import NOTES

NAMES = [
    "ErNotesError",
    "FileNote",
    "Format",
    "Label",
    "LoadedRecogniser",
    "Note",
    "NotesFile",
    "Role",
    "Score",
    "Span",
    "Workspace",
    "__version__",
    "from_dataset",
    "from_spacy",
    "generate",
    "init_workspace",
    "load",
    "open_workspace",
    "read_notes",
    "score",
    "to_dataset",
    "to_spacy",
    "train",
    "train_on",
    "write_notes",
]
TEXT = "🫀 Medicação habitual:\r\n- Ramipril 5 mg id\r\n\r\nNega alergias medicamentosas."


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, ernotes_command: Run, program: str) -> Path:
    """A folder with an offline workspace `round`, whose crf is trained, and its test notes in `gold.json`."""
    folder = tmp_path_factory.mktemp("library")
    for command in (["init", "--offline"], ["train"], ["export", folder / "gold.json", "--role", "test"]):
        assert ernotes_command("-w", folder / "round", *command).status == 0
    return folder


@pytest.fixture(scope="module")
def ernotes_command(request: pytest.FixtureRequest) -> Run:
    run: Run = request.getfixturevalue("ernotes")
    return run


@pytest.fixture
def here(made: Path) -> Iterator[Path]:
    """The same folder as the current one, as the examples have it."""
    before = Path.cwd()
    os.chdir(made)
    yield made
    os.chdir(before)


def test_the_names_are_these() -> None:
    assert ernotes.__all__ == NAMES
    assert set(NAMES) <= set(dir(ernotes))
    assert all(getattr(ernotes, name) is not None for name in NAMES)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = ernotes.nothing


def test_each_name_is_documented_with_an_example() -> None:
    finder = doctest.DocTestFinder(recurse=False)
    for name in set(NAMES) - {"__version__"}:
        assert [test for test in finder.find(getattr(ernotes, name), name) if test.examples], name


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"__version__"}))
def test_the_example_of_a_name_says_what_happens(name: str, here: Path) -> None:
    said: list[str] = []
    for test in doctest.DocTestFinder(recurse=False).find(getattr(ernotes, name), name, globs={}):
        doctest.DocTestRunner(verbose=False).run(test, out=said.append)
    assert not said, "".join(said)


def test_importing_loads_nothing_heavy() -> None:
    code = "import sys, ernotes; print([m for m in ('torch', 'transformers', 'numpy', 'pydantic') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_loading_a_crf_loads_neither_torch_nor_transformers(here: Path) -> None:
    code = "import sys, ernotes; ernotes.load('round')('Nada.'); print({'torch', 'transformers'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_a_text_a_list_and_an_iterator_are_read_alike(here: Path) -> None:
    recognise = ernotes.load(here / "round")
    spans = recognise(TEXT)
    assert spans
    assert all(span.text == TEXT[span.start : span.end] and span.confidence is not None for span in spans)
    assert recognise([TEXT, "Nada."])[0] == recognise((TEXT,))[0] == spans
    asked: list[int] = []

    def texts() -> Iterator[str]:
        for number in range(10_000):
            asked.append(number)
            yield TEXT

    lazily = recognise(texts())
    assert asked == []
    assert next(lazily) == spans
    assert len(asked) < 1_000


def test_a_string_is_one_text_also_where_several_are_meant(here: Path) -> None:
    recognise = ernotes.load("round")
    assert len(list(recognise.recognise(TEXT))) == 1
    with pytest.raises(ernotes.ErNotesError, match="read_notes"):
        ernotes.write_notes("out.json", "gold.json")  # type: ignore[arg-type]  # what is refused
    with pytest.raises(ernotes.ErNotesError, match="a FileNote is meant, not a str"):
        ernotes.train_on([TEXT], "models/none")  # type: ignore[list-item]  # what is refused


def test_what_a_span_holds_is_not_shown_when_it_is_printed(here: Path) -> None:
    assert "ramipril" not in repr(ernotes.load("round")(TEXT))


def test_an_unknown_format_role_or_model_is_one_clear_error(here: Path) -> None:
    with pytest.raises(ernotes.ErNotesError, match=r"no format 'xml'; the formats are notes, jsonl"):
        ernotes.read_notes("gold.json", file_format="xml")
    with ernotes.open_workspace("round") as workspace, pytest.raises(ernotes.ErNotesError, match="no role 'teste'"):
        list(workspace.notes("teste"))
    with pytest.raises(ernotes.ErNotesError, match="is no model folder"):
        ernotes.load("nothing")
    (here / "empty").mkdir(exist_ok=True)
    ernotes.init_workspace("empty")
    with pytest.raises(ernotes.ErNotesError, match="there is no model yet"):
        ernotes.load("empty")


@pytest.mark.parametrize("name", ["notes.json", "notes.jsonl", "notes.conll", "notes.zip", "notes.parquet", "saved"])
def test_each_format_is_written_and_read_back(name: str, here: Path, tmp_path: Path) -> None:
    notes = ernotes.read_notes("gold.json")
    file_format = "datasets" if name == "saved" else None
    assert not ernotes.write_notes(str(tmp_path / name), notes, file_format=file_format).counts
    again = ernotes.read_notes(tmp_path / name, file_format=file_format)
    assert sorted(again, key=lambda note: str(note.doc_id)) == sorted(notes, key=lambda note: str(note.doc_id))


def test_label_studio_is_written_and_read_back(here: Path, tmp_path: Path) -> None:
    notes = ernotes.read_notes("gold.json")
    ernotes.write_notes(tmp_path / "ls.json", notes, file_format=ernotes.Format.LABEL_STUDIO)
    assert ernotes.read_notes(tmp_path / "ls.json", file_format="label-studio").notes == notes.notes


def test_notes_are_scored_as_files_are(here: Path) -> None:
    gold = ernotes.read_notes("gold.json")
    found = [FileNote(note.doc_id, note.text, note.spans[1:]) for note in gold]
    ernotes.write_notes("found.json", found)
    score = ernotes.score(gold, found)
    assert score == ernotes.score(Path("gold.json"), "found.json")
    assert score.exact.micro.fn == len(gold)
    with pytest.raises(ernotes.ErNotesError, match="not in gold"):
        ernotes.score([], found)


def test_training_on_notes_writes_a_folder_and_never_over_one(tmp_path: Path) -> None:
    notes = [FileNote(note.id, note.text, note.spans) for note in NOTES]
    recognise = ernotes.train_on(notes, tmp_path / "ours")
    assert recognise.version == "ours"
    assert (tmp_path / "ours" / "README.md").is_file()
    assert {span.label for note in NOTES for span in recognise(note.text)} == set(Label)
    with pytest.raises(ernotes.ErNotesError, match="never written over"):
        ernotes.train_on(notes, tmp_path / "ours")
    with pytest.raises(ernotes.ErNotesError, match="no training notes"):
        ernotes.train_on([FileNote(1, "Nada.", annotated=False)], tmp_path / "none")


ODD = FileNote(
    7,
    "- Ramipril 5mg/dia \r\n\r\n  Alergia:penicilina👩🏽‍⚕️ (choque)\tNFD: reac\u0327a\u0303o ",
    (
        Span(2, 10, Label.MEDICATION, 0.5, {"ATC": "C09AA05"}),  # cuts "5mg/dia" off
        Span(11, 19, Label.MEDICATION),  # ends after a space
        Span(24, 34, Label.NO_ALLERGY),  # begins with a space
        Span(33, 43, Label.ALLERGY, 1.0),  # overlaps, and begins inside a token
    ),
)


@pytest.mark.parametrize("note", [ODD, FileNote("empty", ""), FileNote(0, " \r\n ", annotated=False)])
def test_a_note_is_the_same_after_spacy(note: FileNote) -> None:
    pytest.importorskip("spacy", reason="SPACY NOT FOUND: install ernotes[spacy] to run this test")
    doc = ernotes.to_spacy(note)
    assert doc.text == note.text
    again = ernotes.from_spacy(doc)
    assert again == note
    assert [(span.confidence, span.codes) for span in again.spans] == [(s.confidence, s.codes) for s in note.spans]


@pytest.mark.slow
@given(files)
@settings(max_examples=30)
def test_any_note_is_the_same_after_spacy(notes: list[FileNote]) -> None:
    pytest.importorskip("spacy", reason="SPACY NOT FOUND: install ernotes[spacy] to run this test")
    for note in notes:
        plain = replace(note, set_aside=())
        assert ernotes.from_spacy(ernotes.to_spacy(plain)) == plain


def test_without_spacy_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "spacy", None)
    with pytest.raises(ernotes.ErNotesError, match=r"pip install 'ernotes\[spacy\]'"):
        ernotes.to_spacy(ODD)


def test_entities_that_spacy_found_are_read(here: Path) -> None:
    spacy = pytest.importorskip("spacy", reason="SPACY NOT FOUND: install ernotes[spacy] to run this test")
    nlp: Any = spacy.blank("pt")
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": str(Label.DIAGNOSIS), "pattern": "pneumonia"}])
    note = ernotes.from_spacy(nlp("Internado por pneumonia."), doc_id="n1")
    assert note == FileNote("n1", "Internado por pneumonia.", (Span(14, 23, Label.DIAGNOSIS),))
    with pytest.raises(ernotes.ErNotesError, match="give one"):
        ernotes.from_spacy(nlp("Internado."))
    ruler.add_patterns([{"label": "DISEASE", "pattern": "asma"}])
    with pytest.raises(ernotes.ErNotesError, match="no label 'DISEASE'"):
        ernotes.from_spacy(nlp("Tem asma."), doc_id=1)


def test_a_dataset_of_other_columns_is_refused() -> None:
    from datasets import Dataset

    with pytest.raises(ernotes.ErNotesError, match="the dataset has no columns doc_id, text and spans"):
        ernotes.from_dataset(Dataset.from_dict({"tokens": [["Toma"]]}))


def test_a_workspace_gives_its_notes_and_gold_by_role(tmp_path: Path) -> None:
    folder = ernotes.init_workspace(str(tmp_path / "w"), offline=True)
    with ernotes.open_workspace(folder) as workspace:
        assert [note.role for note in workspace.notes("exemplar")] == ["exemplar"] * 8
        assert len(list(workspace.notes())) == len(workspace.gold()) == 16
        assert workspace.gold(ernotes.Role.POOL) == []


def test_a_file_of_notes_written_by_the_ground_is_read(tmp_path: Path) -> None:
    write_notes_file(tmp_path / "n.json", [ODD])
    (note,) = ernotes.read_notes(tmp_path / "n.json")
    assert note == ODD
    assert [span.text for span in note.spans] == [ODD.text[span.start : span.end] for span in ODD.spans]
