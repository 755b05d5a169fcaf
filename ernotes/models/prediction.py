"""Notes file in, notes file out: `predict` and `score`, which need no workspace."""

from pathlib import Path

from corpus.errors import FormatError, ModelError
from corpus.formats import FileNote, read_notes_file, write_notes_file
from corpus.scoring.scores import DiagnosisRule, join_notes
from corpus.workspace import Workspace, open_workspace
from ernotes.console import bar
from ernotes.models.measuring import join_results, measure, measure_against
from ernotes.result import Result


def predict_file(folder: Path, file: Path, output: Path, model: Path | None, decode: str | None = None) -> int:
    """How many notes were annotated; by the model in a folder, or by the workspace's current one."""
    from inference.load import load_recogniser
    from inference.transformer.decode import Method

    notes = read_notes_file(file).notes
    if not output.resolve().parent.is_dir():
        raise FormatError(f"cannot write {output}: its folder does not exist")
    if model is None:
        with open_workspace(folder, write=False) as workspace:
            model = current_model_folder(workspace)
    recogniser = load_recogniser(model, decode=Method(decode) if decode else None)
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


def score_files(gold: Path, predicted: Path, diagnosis: DiagnosisRule, against: Path | None = None) -> Result:
    """The score of the spans of one notes file against another's, joined by doc_id; against a third's, if given."""
    notes = read_notes_file(gold).notes
    if not notes:
        raise FormatError(f"{gold} holds no notes to score by")
    found = read_notes_file(predicted).notes
    pairs = join_notes(notes, found)
    results = [measure(pairs, diagnosis)]
    if len(found) < len(notes):
        missing = len(notes) - len(found)
        note = f"{missing} of {len(notes)} gold notes have no prediction in {predicted}: they count as found nothing"
        results.append(Result({"notes_without_prediction": missing}, note))
    if against is not None:
        others = join_notes(notes, read_notes_file(against).notes)
        results.append(measure_against(pairs, others, diagnosis, str(against)))
    return join_results(results)
