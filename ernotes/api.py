"""The verbs of `import ernotes`: load, read, write, score, train, generate, and to and from other libraries.

Paths are strings or `Path`. Where several texts or notes are meant, a string is never read letter by letter. What
goes wrong is an ErNotesError with one line that says what to do. What a function needs is loaded when it is called.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal, overload

from corpus.config.file import CONFIG_NAME
from corpus.errors import FormatError
from corpus.formats.dropped import Dropped
from corpus.formats.file_note import FileNote, NotesFile
from corpus.note import Note, Span
from corpus.recognition import Annotated, Recogniser, Recognition
from corpus.scoring.scores import DiagnosisRule, Score
from corpus.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    from datasets import Dataset
    from spacy.language import Language
    from spacy.tokens import Doc

    from ernotes.files.formats import Format

Notes = NotesFile | Iterable[FileNote]


class LoadedRecogniser:
    """A trained recogniser, called with a text or with several.

    >>> import ernotes
    >>> recognise = ernotes.load("round")
    >>> spans = recognise("Medicado com ramipril 5 mg id.")  # one text: a list of spans
    >>> both = recognise(["Sem alergias.", "Nega alergias."])  # several: a list of such lists
    >>> lazily = recognise(text for text in ["Sem alergias."])  # an iterator: one, read as it is asked
    >>> len(both), len(next(lazily)) >= 0
    (2, True)
    """

    def __init__(self, recogniser: Recogniser) -> None:
        """Use `load`."""
        self._recogniser = recogniser

    @property
    def version(self) -> str:
        """The model's name."""
        return self._recogniser.version

    @overload
    def __call__(self, texts: str) -> list[Span]: ...
    @overload
    def __call__(self, texts: list[str] | tuple[str, ...]) -> list[list[Span]]: ...
    @overload
    def __call__(self, texts: Iterator[str]) -> Iterator[list[Span]]: ...
    def __call__(self, texts: str | Iterable[str]) -> list[Span] | list[list[Span]] | Iterator[list[Span]]:
        """The spans of a text in text order, each with its `confidence` in [0, 1] and its `text`.

        A list or tuple of texts gives a list of such lists, an iterator another one, which reads it lazily.
        """
        if isinstance(texts, str):
            return next(self._found([texts]))
        found = self._found(texts)
        return list(found) if isinstance(texts, list | tuple) else found

    def recognise(self, texts: Iterable[str]) -> Iterator[Recognition]:
        """Spans and uncertainty of each text, in the order given; what `ernotes preannotate` stores."""
        return self._recogniser.recognise([texts] if isinstance(texts, str) else texts)

    def _found(self, texts: Iterable[str]) -> Iterator[list[Span]]:
        ahead = deque[str]()  # what the recogniser has read and not answered yet

        def noted() -> Iterator[str]:
            for text in texts:
                ahead.append(text)
                yield text

        for recognition in self._recogniser.recognise(noted()):
            text = ahead.popleft()
            yield [span.within(text) for span in recognition.spans]


def load(where: str | Path, *, decode: Literal["viterbi", "argmax"] | None = None) -> LoadedRecogniser:
    r"""The recogniser in a model's folder, or the current one of a workspace.

    `decode` is how a transformer's tags are chosen: the best valid sequence (the default) or each word's best tag.
    Raises ModelError where there is no model that can be loaded.

        >>> import ernotes
        >>> recognise = ernotes.load("round")
        >>> for span in recognise("Medicação habitual:\n- Ramipril 5 mg id\n\nNega alergias medicamentosas."):
        ...     print(span.start, span.end, span.label, span.text)
        22 38 Medicação Habitual Ramipril 5 mg id
        45 68 Alergias medicamentosas__Negativa alergias medicamentosas
    """
    from inference.load import load_recogniser
    from inference.transformer.decode import Method

    folder = Path(where)
    if (folder / CONFIG_NAME).is_file():
        from ernotes.models.prediction import current_model_folder

        with open_workspace(folder) as workspace:
            folder = current_model_folder(workspace)
    return LoadedRecogniser(load_recogniser(folder, decode=Method(decode) if decode else None))


def read_notes(path: str | Path, *, file_format: "Format | str | None" = None, strict: bool = False) -> NotesFile:
    """The notes of a file, in the format that its path means or that is named; each span has its `text`.

    An annotation that cannot be used is set aside with its reason, or, if `strict`, the file is refused. Raises
    FormatError for a file of another format.

        >>> import ernotes
        >>> notes = ernotes.read_notes("gold.json")
        >>> [span.text for span in list(notes)[0].spans][0]
        'insulina degludec 24 U ao deitar'
    """
    from dataclasses import replace

    from ernotes.files.formats import guess_format, read_file

    file = read_file(Path(path), _format(file_format) or guess_format(Path(path)), strict=strict)
    notes = (replace(note, spans=tuple(span.within(note.text) for span in note.spans)) for note in file)
    return replace(file, notes=tuple(notes))


def write_notes(
    path: str | Path, notes: Notes, *, file_format: "Format | str | None" = None, strict: bool = False
) -> Dropped:
    """Write notes to a file, whole or not at all, in the format that its path means or that is named.

    Gives what the format cannot hold, counted; `strict` refuses to leave that out (FormatError).

        >>> import ernotes
        >>> dropped = ernotes.write_notes("gold.conll", ernotes.read_notes("gold.json"))
        >>> dict(dropped.counts)
        {}
    """
    from ernotes.files.formats import guess_format, write_file

    return write_file(Path(path), _format(file_format) or guess_format(Path(path)), _notes(notes), strict=strict)


def score(
    gold: str | Path | Notes,
    predicted: str | Path | Notes,
    *,
    diagnosis: DiagnosisRule = "top1",
    relaxed_iou: float = 0.5,
) -> Score:
    """How the spans of `predicted` compare with those of `gold`: files (by path) or notes, joined by `doc_id`.

    Of each note's predictions the most confident Diagnóstico counts, or with `diagnosis="all"` all of them. A gold note
    without prediction counts as found nothing. Raises FormatError for a predicted note without gold or with another
    text.

        >>> import ernotes
        >>> recognise = ernotes.load("round")
        >>> gold = ernotes.read_notes("gold.json")
        >>> predicted = [ernotes.FileNote(note.doc_id, note.text, tuple(recognise(note.text))) for note in gold]
        >>> 0 < ernotes.score(gold, predicted).exact.micro.f1 <= 1
        True
    """
    from corpus.scoring.scores import join_notes, score_notes

    pairs = join_notes(_notes_of(gold), _notes_of(predicted))
    return score_notes(pairs, diagnosis=diagnosis, relaxed_iou=relaxed_iou)


def train_on(
    notes: Notes,
    folder: str | Path,
    *,
    base: str = "crf",
    validation: Notes = (),
    seed: int = 1,
) -> LoadedRecogniser:
    """A recogniser trained on annotated notes, written to a new folder with its card.

    `base` is `crf` (nothing is downloaded), `compact`, or a Hugging Face name or folder, which need `validation` to
    choose their best epoch by. Notes that nobody annotated are passed over. Raises ModelError where there is nothing to
    train on, the base cannot be loaded, or the folder is there already.

        >>> import ernotes
        >>> recognise = ernotes.train_on(ernotes.read_notes("gold.json"), "models/ours")
        >>> recognise.version
        'ours'
    """
    from corpus.config.training import TrainingConfig
    from training.run import train_recogniser

    trained = train_recogniser(
        base, _annotated(notes), _annotated(validation), Path(folder), TrainingConfig(), seed, _keep_silent
    )
    return load(trained.folder)


def train(workspace: Workspace, *, base: str | None = None, seed: int | None = None) -> LoadedRecogniser:
    """Train on the workspace's gold and make the model current, as `ernotes train` does; open it with `write=True`.

    >>> import ernotes
    >>> with ernotes.open_workspace("round", write=True) as workspace:
    ...     recognise = ernotes.train(workspace)
    ...     workspace.store.models.current().version == recognise.version
    True
    """
    from ernotes.models.prediction import current_model_folder
    from ernotes.models.training import train as run

    run(workspace, base=base, seed=seed)
    return load(current_model_folder(workspace))


def generate(workspace: Workspace, notes: int, *, pairs: bool = False, budget: float | None = None) -> list[Note]:
    """Have the LLM of the workspace write notes, as `ernotes generate` does; gives those that came in.

    A batch that was cut short is finished first. With `pairs` each note is asked for twice, its allergy affirmed and
    denied; `budget` is what they may cost at most. Raises EndpointError and ConfigError.

        >>> import ernotes
        >>> with ernotes.open_workspace("round", write=True) as workspace:
        ...     written = ernotes.generate(workspace, 2)
        >>> [str(note.role) for note in written]
        ['pool', 'pool']
    """
    from ernotes.llm.writing import Order
    from ernotes.llm.writing import generate as run

    before = {note.id for note in workspace.notes()}
    run(workspace, Order(notes, pairs=pairs, budget=budget))
    return [note for note in workspace.notes() if note.id not in before]


def init_workspace(folder: str | Path, *, offline: bool = False) -> Path:
    """Make a workspace, or leave the one that is there as it is; `offline` needs no LLM, hub or GPU, as `ernotes init`.

    >>> import ernotes
    >>> ernotes.init_workspace("another", offline=True).name
    'another'
    """
    from ernotes.files.initialise import initialise

    initialise(Path(folder), offline=offline)
    return Path(folder)


def to_dataset(notes: Notes) -> "Dataset":
    """The notes as a `datasets.Dataset`: doc_id, doc_id_type, text, and spans (null where nobody annotated).

    >>> import ernotes
    >>> ernotes.to_dataset(ernotes.read_notes("gold.json")).column_names
    ['doc_id', 'doc_id_type', 'text', 'spans']
    """
    from corpus.formats.tables import dataset_of

    return dataset_of(_notes(notes))


def from_dataset(dataset: "Dataset") -> NotesFile:
    """The notes of a `datasets.Dataset` with the columns of `to_dataset`; raises FormatError for other columns.

    >>> import ernotes
    >>> notes = ernotes.read_notes("gold.json")
    >>> ernotes.from_dataset(ernotes.to_dataset(notes)).notes == notes.notes
    True
    """
    from corpus.formats.tables import notes_of_rows

    return notes_of_rows(list(dataset), "the dataset")


def to_spacy(note: FileNote, nlp: "Language | None" = None) -> "Doc":
    """The note as a spaCy `Doc`: its text to the letter, its spans in `doc.spans["ernotes"]`.

    Tokens are those of `nlp` (of `spacy.blank("pt")` by default), cut where a mention begins or ends within one. Spans
    that do not overlap are in `doc.ents` too. Needs spaCy: `pip install 'ernotes[spacy]'`.

        >>> import ernotes
        >>> doc = ernotes.to_spacy(list(ernotes.read_notes("gold.json"))[0])
        >>> doc.ents[0].label_, doc.ents[0].text
        ('Medicação Habitual', 'insulina degludec 24 U ao deitar')
    """
    from ernotes.files.spacy_doc import doc_of

    return doc_of(note, nlp)


def from_spacy(doc: "Doc", doc_id: int | str | None = None) -> FileNote:
    """The note of a spaCy `Doc`: the spans in `doc.spans["ernotes"]` or, without that, its entities.

    `doc_id` is the one that `to_spacy` left in the Doc, unless another is given. Raises LabelError for an entity that
    has no label of the scheme.

        >>> import ernotes
        >>> note = list(ernotes.read_notes("gold.json"))[0]
        >>> ernotes.from_spacy(ernotes.to_spacy(note)) == note
        True
    """
    from ernotes.files.spacy_doc import note_of

    return note_of(doc, doc_id)


def _format(name: "Format | str | None") -> "Format | None":
    from ernotes.files.formats import Format

    try:
        return None if name is None else Format(name)
    except ValueError:
        raise FormatError(f"there is no format {name!r}; the formats are {', '.join(Format)}") from None


def _notes_of(source: str | Path | Notes) -> list[FileNote]:
    return list(read_notes(source)) if isinstance(source, str | Path) else _notes(source)


def _notes(notes: Notes) -> list[FileNote]:
    """The notes as a list; raises FormatError for what is none, such as a path where notes are meant."""
    if isinstance(notes, str | Path):
        raise FormatError(f"notes are meant, not a path: read_notes({str(notes)!r}) reads them")
    found = list(notes)
    for note in found:
        if not isinstance(note, FileNote):
            raise FormatError(f"a FileNote is meant, not a {type(note).__name__}")
    return found


def _annotated(notes: Notes) -> list[Annotated]:
    return [Annotated(str(note.doc_id), note.text, note.spans) for note in _notes(notes) if note.annotated]


def _keep_silent(_line: str) -> None:
    pass
