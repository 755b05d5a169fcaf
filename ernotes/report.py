"""The report: one HTML page that needs no network, no script and no other file.

Everything that comes from notes, models and people is escaped; the page's policy forbids it to load or run anything.
"""

import os
import re
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from corpus.errors import FormatError
from corpus.labels import Label
from corpus.mistakes import ERRORS, Mention, Outcome, compare_spans
from corpus.note import Span
from corpus.store.ledger import ScoreRecord
from ernotes.curve import learning_curves, work_curves
from ernotes.marks import SHORT_NAMES, Piece, mark_lines, visible
from ernotes.page import page_environment
from ernotes.reliability import measure_reliability


@dataclass(frozen=True, slots=True)
class ComparedNote:
    """One note with its gold spans and its predictions as they were scored (so cut to one Diagnóstico by `top1`)."""

    id: str
    title: str
    text: str
    gold: tuple[Span, ...]
    predicted: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class ReportData:
    """What a report shows. `score` is contract 3's document, of which an early one lacks intervals, errors and leakage;
    `history` holds earlier looks, oldest first; `calibration` is what training says of the model's confidences,
    `corrections` the correction ledger.

    `facts` are (name, value) lines, such as the number of test notes and how often they were looked at; `notices`
    are warnings shown before anything else, such as that the notes are fictional.
    """

    title: str
    made_at: str
    round: int | None
    model_version: str
    base: str
    score: Mapping[str, Any] | None
    history: Sequence[ScoreRecord]
    notes: Sequence[ComparedNote]
    calibration: Mapping[str, Any] | None = None
    corrections: Mapping[str, Any] | None = None
    facts: Sequence[tuple[str, str]] = ()
    notices: Sequence[str] = ()


def render_report(data: ReportData) -> str:
    """The page as HTML."""
    environment = page_environment("en")
    notes = [_NoteView(note) for note in data.notes]
    return environment.get_template("report.html.j2").render(
        data=data,
        work_curves=work_curves(data.corrections) if data.corrections else [],
        curves=learning_curves(data.history),
        unplaced_looks=sum(record.round is None for record in data.history),
        notes=notes,
        titles={note.id: note.title for note in data.notes},
        totals=sum((note.counts for note in notes), Counter()),
        reliability=measure_reliability(mention for note in notes for mention in note.mentions),
        with_errors=sum(note.errors > 0 for note in notes),
        labels=[_LabelView(label) for label in Label],
        label_views={str(label): _LabelView(label) for label in Label},
        errors=ERRORS,
    )


def write_report(data: ReportData, path: Path) -> None:
    """Write the page: the whole file or, if anything fails, nothing. It is readable by its owner alone."""
    # A text from outside may hold half of a surrogate pair, which UTF-8 cannot say.
    page = render_report(data).encode("utf-8", "replace")
    temporary: Path | None = None
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        temporary = Path(name)
        with os.fdopen(handle, "wb") as stream:
            stream.write(page)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise FormatError(f"cannot write {path}: {error.strerror}") from None


@dataclass(frozen=True, slots=True)
class _LabelView:
    """A label as the page shows it: its short name, and the class that colours it."""

    label: Label

    @property
    def short(self) -> str:
        return SHORT_NAMES[self.label]

    @property
    def css(self) -> str:
        return _css_name(self.label.name)

    @property
    def words(self) -> str:
        return self.label.entity + (f" ({self.label.polarity})" if self.label.polarity else "")


@dataclass(frozen=True)
class _NoteView:
    """A note as the page shows it."""

    note: ComparedNote

    @cached_property
    def mentions(self) -> list[Mention]:
        return compare_spans(self.note.gold, self.note.predicted)

    @cached_property
    def lines(self) -> list[list[Piece]]:
        return mark_lines(self.note.text, self.mentions)

    @cached_property
    def counts(self) -> Counter[Outcome]:
        return Counter(mention.outcome for mention in self.mentions)

    @property
    def errors(self) -> int:
        return sum(self.counts[outcome] for outcome in ERRORS)

    def slice(self, span: Span) -> str:
        """The span's words on one line."""
        return " ".join(visible(self.note.text[span.start : span.end]).split())

    def piece_classes(self, piece: Piece) -> str:
        """The classes that draw a piece's bars: g or p for the band, its lane, then the label, `begins` or `ends`."""
        names = ["differs"] if piece.differs else []
        for mark in piece.marks:
            bar = f"{mark.band[0]}{mark.lane}"
            names.append(f"{bar}-{_LabelView(mark.label).css}")
            names += [f"{bar}-begins"] * mark.begins + [f"{bar}-ends"] * mark.ends
        return " ".join(names)


def _css_name(words: str) -> str:
    """The words as the name of a class."""
    return re.sub(r"[ _]", "-", words.lower())
