"""The report as HTML, of what report.py gathered. How a page is made safe and complete stands in page.py."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from annotation.agreement import Agreement
from annotation.corrections import Ledger, Work
from corpus.config.settings import Language
from corpus.labels import Label
from corpus.note import Role, Span
from corpus.scoring.mistakes import ERRORS, Mention, Outcome, compare_spans
from corpus.store.scores import ScoreRecord
from ernotes.pages.learning_curves import learning_curves, work_curves
from ernotes.pages.marks import SHORT_NAMES, Piece, mark_lines, visible
from ernotes.pages.page import css_name, page_environment, translations
from ernotes.pages.reliability import measure_reliability
from ernotes.pages.shown import ShownScore
from ernotes.pages.shown_steps import ShownSteps
from training.calibration import Calibration


@dataclass(frozen=True, slots=True)
class ComparedNote:
    """One note with its gold spans and its predictions as they were scored (so cut to one Diagnóstico by `top1`)."""

    id: str
    title: str
    text: str
    gold: tuple[Span, ...]
    predicted: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Holding:
    """How many notes of a role there are, and how many of them are fictional."""

    role: Role
    notes: int
    fictional: int


@dataclass(frozen=True, slots=True)
class AuditWork:
    """What the notes of a round took that were drawn by chance, and what the others did."""

    audit: Work
    others: Work


@dataclass(frozen=True, slots=True)
class ReportData:
    """What a report shows; `history` holds earlier looks, oldest first.

    A model that no round made has no `steps`. `calibration` is what training says of the model's confidences,
    `agreement` that of several annotators. `notices` are warnings shown before anything else; `next_steps` are
    (command, purpose). Notices and purposes are English that the catalogue knows.
    """

    made_at: str
    round: int | None
    model_version: str
    base: str
    score: ShownScore | None
    history: Sequence[ScoreRecord]
    notes: Sequence[ComparedNote]
    steps: ShownSteps = field(default_factory=ShownSteps)
    calibration: Calibration | None = None
    corrections: Ledger | None = None
    audit: AuditWork | None = None
    agreement: Agreement | None = None
    holdings: Sequence[Holding] = ()
    looks: int = 0
    notices: Sequence[str] = ()
    program: str = "ernotes"
    next_steps: Sequence[tuple[str, str]] = ()


def render_report(data: ReportData, language: Language = "en") -> str:
    """The page as HTML."""
    say = translations(language).gettext
    notes = [NoteView(note, say) for note in data.notes]
    return (
        page_environment(language)
        .get_template("report.html.j2")
        .render(
            data=data,
            curves=learning_curves(data.history),
            work_curves=work_curves(data.corrections) if data.corrections else [],
            unplaced_looks=sum(record.round is None for record in data.history),
            notes=notes,
            titles={note.id: note.title for note in data.notes},
            totals=sum((note.counts for note in notes), Counter()),
            reliability=measure_reliability(mention for note in notes for mention in note.mentions),
            with_errors=sum(note.errors > 0 for note in notes),
            labels=[LabelView(label) for label in Label],
            label_views={str(label): LabelView(label) for label in Label},
            errors=ERRORS,
        )
    )


@dataclass(frozen=True, slots=True)
class LabelView:
    """A label as the page shows it: its short name, and the class that colours it."""

    label: Label

    @property
    def short(self) -> str:
        return SHORT_NAMES[self.label]

    @property
    def css(self) -> str:
        return css_name(self.label.name)

    @property
    def words(self) -> str:
        return self.label.entity + (f" ({self.label.polarity})" if self.label.polarity else "")


@dataclass(frozen=True)
class NoteView:
    """A note as the page shows it; `say` translates what its marks say of themselves."""

    note: ComparedNote
    say: Callable[[str], str]

    @cached_property
    def mentions(self) -> list[Mention]:
        return compare_spans(self.note.gold, self.note.predicted)

    @cached_property
    def lines(self) -> list[list[Piece]]:
        return mark_lines(self.note.text, self.mentions, self.say)

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
            names.append(f"{bar}-{LabelView(mark.label).css}")
            names += [f"{bar}-begins"] * mark.begins + [f"{bar}-ends"] * mark.ends
        return " ".join(names)
