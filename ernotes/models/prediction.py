"""Notes file in, notes file out: `predict` and `score`, which need no workspace."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.documents import by_field
from corpus.errors import FormatError, ModelError
from corpus.formats import FileNote, read_notes_file, write_notes_file
from corpus.scoring.scores import DiagnosisRule, PairedNotes, join_notes
from ernotes.console import bar
from ernotes.models.measuring import MeasuredFiles, measure, measure_against

if TYPE_CHECKING:
    from corpus.workspace import Workspace


@dataclass(frozen=True, slots=True)
class PredictedFile:
    """How many notes were annotated, and the file that holds them."""

    notes: int
    file: str


def predict_file(
    folder: Path, file: Path, output: Path, model: Path | None, decode: str | None = None
) -> PredictedFile:
    """Annotate the notes of a file, by the model in a folder or by the workspace's current one, into another file."""
    from inference.load import load_recogniser
    from inference.transformer.decode import Method

    notes = read_notes_file(file).notes
    if not output.resolve().parent.is_dir():
        raise FormatError(f"cannot write {output}: its folder does not exist")
    if model is None:
        from corpus.workspace import open_workspace  # its store, which a model's folder needs not

        with open_workspace(folder, write=False) as workspace:
            model = current_model_folder(workspace)
    recogniser = load_recogniser(model, decode=Method(decode) if decode else None)
    predicted = []
    with bar(len(notes), "predict") as advance:
        for note, recognition in zip(notes, recogniser.recognise(note.text for note in notes), strict=True):
            predicted.append(FileNote(note.doc_id, note.text, recognition.spans))
            advance(1)
    write_notes_file(output, predicted)
    return PredictedFile(len(predicted), str(output))


def current_model_folder(workspace: "Workspace") -> Path:
    """The folder of the workspace's current model; raises ModelError when there is none."""
    current = workspace.store.models.current()
    if current is None:
        raise ModelError("there is no model yet; run 'ernotes train' first")
    return workspace.models / current.version


def score_files(gold: Path, predicted: Path, diagnosis: DiagnosisRule, against: Path | None = None) -> MeasuredFiles:
    """The score of the spans of one notes file against another's, joined by doc_id; against a third's, if given."""
    notes = read_notes_file(gold).notes
    if not notes:
        raise FormatError(f"{gold} holds no notes to score by")
    found = read_notes_file(predicted).notes
    pairs = PairedNotes(join_notes(notes, found), diagnosis=diagnosis)
    comparison = None
    if against is not None:
        others = join_notes(notes, read_notes_file(against).notes)
        comparison = measure_against(pairs, others, diagnosis, str(against))
    return MeasuredFiles(
        **by_field(measure(pairs, diagnosis)),
        notes_without_prediction=len(notes) - len(found) or None,
        comparison=comparison,
        predicted=str(predicted),
    )
