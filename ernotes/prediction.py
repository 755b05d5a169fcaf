"""Notes file in, notes file out: `predict` and `score`, which need no workspace."""

from pathlib import Path

from corpus.errors import ModelError
from corpus.formats import FileNote, read_notes_file, write_notes_file
from corpus.scoring import Diagnosis, format_table, join_notes, score_notes
from corpus.workspace import Workspace, open_workspace
from ernotes.console import bar
from ernotes.result import Result


def predict_file(folder: Path, file: Path, output: Path, model: Path | None) -> int:
    """How many notes were annotated; by the model in a folder, or by the workspace's current one."""
    from inference.load import load_recogniser

    notes = read_notes_file(file).notes
    if model is None:
        with open_workspace(folder, write=False) as workspace:
            model = current_model_folder(workspace)
    recogniser = load_recogniser(model)
    predicted = []
    with bar(len(notes), "predict") as advance:
        for note, recognition in zip(notes, recogniser.recognise(note.text for note in notes), strict=True):
            predicted.append(FileNote(note.doc_id, note.text, recognition.spans))
            advance(1)
    write_notes_file(output, predicted)
    return len(predicted)


def current_model_folder(workspace: Workspace) -> Path:
    """The folder of the workspace's current model; raises ModelError when there is none."""
    current = workspace.store.models.current()
    if current is None:
        raise ModelError("there is no model yet; run 'ernotes train' first")
    return workspace.models / current.version


def score_files(gold: Path, predicted: Path, diagnosis: Diagnosis) -> Result:
    """The score of the spans of one notes file against another's, joined by doc_id."""
    pairs = join_notes(read_notes_file(gold).notes, read_notes_file(predicted).notes)
    score = score_notes(pairs, diagnosis=diagnosis)
    return Result(score.to_json(), format_table(score))
