"""Notes, the spans in them, and who made the spans."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from corpus.errors import SpanError
from corpus.labels import Label


class Role(StrEnum):
    """What a note may be used for.

    >>> from ernotes import Role
    >>> [str(role) for role in Role]
    ['exemplar', 'train', 'validation', 'test', 'pool']
    """

    EXEMPLAR = "exemplar"
    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"
    POOL = "pool"


class Sensitivity(StrEnum):
    """Whether a note's words may be a patient's."""

    FICTIONAL = "fictional"
    PATIENT = "patient"


class AuthorKind(StrEnum):
    """Who made a set of spans, by kind; gold prefers the earlier of the first three."""

    ADJUDICATION = "adjudication"
    HUMAN = "human"
    IMPORT = "import"
    MODEL = "model"
    LLM = "llm"
    BRIEF = "brief"


@dataclass(frozen=True, slots=True)
class Author:
    """Who made a set of spans: the kind, and a name within it (a model version, an annotator …)."""

    kind: AuthorKind
    name: str


@dataclass(frozen=True, slots=True)
class Span:
    """One mention: note.text[start:end], in characters (code points), end exclusive.

    `confidence` is a probability in [0, 1], or None where nobody gave one. `codes` are the
    terminology codes of the notes file (ICD10, ATC, SNOMEDCT), kept to the letter. `text` are the words themselves,
    where the library gives them; they are a patient's perhaps, so that they are not shown when a span is printed.

        >>> from ernotes import Label, Span
        >>> span = Span(14, 27, Label.MEDICATION)
        >>> "Medicado com: ramipril 5 mg"[span.start : span.end]
        'ramipril 5 mg'
        >>> span == Span(14, 27, Label.MEDICATION, confidence=0.9)
        False
    """

    start: int
    end: int
    label: Label
    confidence: float | None = None
    codes: Mapping[str, str] = field(default_factory=dict, compare=False, hash=False)
    text: str | None = field(default=None, compare=False, hash=False, repr=False)

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise SpanError(f"span [{self.start}, {self.end}) is empty or begins before the note")

    @property
    def place(self) -> tuple[int, int, Label]:
        """Start, end and label: what two equal mentions share, whoever found them."""
        return self.start, self.end, self.label

    def within(self, text: str) -> "Span":
        """The span with its words in this text; raises SpanError where it ends beyond the text."""
        if self.end > len(text):
            raise SpanError(f"span [{self.start}, {self.end}) ends after its text of {len(text)} characters")
        return replace(self, text=text[self.start : self.end])

    def overlap(self, start: int, end: int) -> int:
        """How many characters of [start, end) the mention covers."""
        return max(0, min(self.end, end) - max(self.start, start))


def text_hash(text: str) -> str:
    """SHA-256 of the text in UTF-8, as hex."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Note:
    """One ER admission note exactly as it came, with where it came from.

    `doc_id` is the source's own name for it, int or str as given; `id` is ours. `lineage` is shared by notes
    that come from the same exemplar. `provenance` is JSON: brief, prompt hash, LLM, exemplar ids, checks passed.

        >>> from ernotes import Note, Role
        >>> note = Note("our-file", 7, "Sem alergias.", Role.TRAIN)
        >>> note.id, note.sensitivity
        ('b3d330b209e8f6ea', <Sensitivity.PATIENT: 'patient'>)
    """

    source: str
    doc_id: int | str
    text: str
    role: Role
    sensitivity: Sensitivity = Sensitivity.PATIENT
    lineage: str = ""
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Sixteen hex digits that follow from source, doc_id and text, so that the same note is never two."""
        return hashlib.sha256(f"{self.source}\0{self.doc_id!r}\0{text_hash(self.text)}".encode()).hexdigest()[:16]
