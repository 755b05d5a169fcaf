"""Notes read, written, scored, and handed to other libraries and back."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.errors import FormatError
from corpus.formats.dropped import Dropped
from corpus.formats.file_note import FileNote, NotesFile
from corpus.scoring.scores import DiagnosisRule, Score

if TYPE_CHECKING:
    from datasets import Dataset
    from spacy.language import Language
    from spacy.tokens import Doc

    from ernotes.files.formats import Format

Notes = NotesFile | Iterable[FileNote]


def read_notes(path: str | Path, *, file_format: "Format | str | None" = None, strict: bool = False) -> NotesFile:
    """The notes of a file, in the format that its path means or that is named; each span has its `text`.

    An annotation that cannot be used is set aside with its reason, or, if `strict`, the file is refused. Raises
    FormatError for a file of another format.

        >>> import ernotes
        >>> notes = ernotes.read_notes("gold.json")
        >>> [span.text for span in list(notes)[0].spans][0]
        'insulina degludec 24 U ao deitar'
    """
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

    return write_file(Path(path), _format(file_format) or guess_format(Path(path)), listed(notes), strict=strict)


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


def to_dataset(notes: Notes) -> "Dataset":
    """The notes as a `datasets.Dataset`: doc_id, doc_id_type, text, and spans (null where nobody annotated).

    >>> import ernotes
    >>> ernotes.to_dataset(ernotes.read_notes("gold.json")).column_names
    ['doc_id', 'doc_id_type', 'text', 'spans']
    """
    from corpus.formats.tables import dataset_of

    return dataset_of(listed(notes))


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


def listed(notes: Notes) -> list[FileNote]:
    """The notes as a list; raises FormatError for what is none, such as a path where notes are meant."""
    if isinstance(notes, str | Path):
        raise FormatError(f"notes are meant, not a path: read_notes({str(notes)!r}) reads them")
    found = list(notes)
    for note in found:
        if not isinstance(note, FileNote):
            raise FormatError(f"a FileNote is meant, not a {type(note).__name__}")
    return found


def _notes_of(source: str | Path | Notes) -> list[FileNote]:
    return list(read_notes(source)) if isinstance(source, str | Path) else listed(source)


def _format(name: "Format | str | None") -> "Format | None":
    from ernotes.files.formats import Format

    try:
        return None if name is None else Format(name)
    except ValueError:
        raise FormatError(f"there is no format {name!r}; the formats are {', '.join(Format)}") from None
