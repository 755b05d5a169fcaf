"""The library: what `import ernotes` gives. A name is loaded when it is first asked for, torch by what needs it alone.

    import ernotes

    recognise = ernotes.load("models/crf-0123456789")
    for span in recognise("Medicado com ramipril 5 mg id. Sem alergias medicamentosas."):
        print(span.start, span.end, span.label, span.confidence, span.text)

Below it lie the commands, a round and its verdict, and the report.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from corpus.errors import ErNotesError
    from corpus.formats import FileNote, NotesFile
    from corpus.labels import Label
    from corpus.note import Note, Role, Span
    from corpus.scoring.scores import Score
    from corpus.workspace import Workspace, open_workspace
    from ernotes.api.notes import from_dataset, from_spacy, read_notes, score, to_dataset, to_spacy, write_notes
    from ernotes.api.recognisers import LoadedRecogniser, load, train_on
    from ernotes.api.workspaces import generate, init_workspace, train
    from ernotes.files.formats import Format

    __version__: str

_HOMES = {
    "ErNotesError": "corpus.errors",
    "FileNote": "corpus.formats",
    "Format": "ernotes.files.formats",
    "Label": "corpus.labels",
    "LoadedRecogniser": "ernotes.api.recognisers",
    "Note": "corpus.note",
    "NotesFile": "corpus.formats",
    "Role": "corpus.note",
    "Score": "corpus.scoring.scores",
    "Span": "corpus.note",
    "Workspace": "corpus.workspace",
    "from_dataset": "ernotes.api.notes",
    "from_spacy": "ernotes.api.notes",
    "generate": "ernotes.api.workspaces",
    "init_workspace": "ernotes.api.workspaces",
    "load": "ernotes.api.recognisers",
    "open_workspace": "corpus.workspace",
    "read_notes": "ernotes.api.notes",
    "score": "ernotes.api.notes",
    "to_dataset": "ernotes.api.notes",
    "to_spacy": "ernotes.api.notes",
    "train": "ernotes.api.workspaces",
    "train_on": "ernotes.api.recognisers",
    "write_notes": "ernotes.api.notes",
}
"""Where each public name is defined."""

__all__ = [
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


def __getattr__(name: str) -> Any:
    """The public name, from where it is defined; raises AttributeError for any other."""
    if name == "__version__":
        from importlib.metadata import version

        found: object = version("ernotes")
    elif name in _HOMES:
        found = getattr(import_module(_HOMES[name]), name)
    else:
        raise AttributeError(f"module 'ernotes' has no attribute {name!r}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
