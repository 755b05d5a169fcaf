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
    from ernotes.api import (
        LoadedRecogniser,
        from_dataset,
        from_spacy,
        generate,
        init_workspace,
        load,
        read_notes,
        score,
        to_dataset,
        to_spacy,
        train,
        train_on,
        write_notes,
    )
    from ernotes.files.formats import Format

    __version__: str

_HOMES = {
    "ErNotesError": "corpus.errors",
    "FileNote": "corpus.formats",
    "Format": "ernotes.files.formats",
    "Label": "corpus.labels",
    "LoadedRecogniser": "ernotes.api",
    "Note": "corpus.note",
    "NotesFile": "corpus.formats",
    "Role": "corpus.note",
    "Score": "corpus.scoring.scores",
    "Span": "corpus.note",
    "Workspace": "corpus.workspace",
    "from_dataset": "ernotes.api",
    "from_spacy": "ernotes.api",
    "generate": "ernotes.api",
    "init_workspace": "ernotes.api",
    "load": "ernotes.api",
    "open_workspace": "corpus.workspace",
    "read_notes": "ernotes.api",
    "score": "ernotes.api",
    "to_dataset": "ernotes.api",
    "to_spacy": "ernotes.api",
    "train": "ernotes.api",
    "train_on": "ernotes.api",
    "write_notes": "ernotes.api",
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
