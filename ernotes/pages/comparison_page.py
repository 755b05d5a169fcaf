"""`report --compare`: the page that sets two rounds, or two models, side by side."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from corpus.config.settings import Language
from corpus.documents import from_json, to_json
from corpus.labels import Label
from corpus.note import Role, Span
from corpus.scoring.mistakes import ERRORS, Outcome
from corpus.store.schema import now
from corpus.workspace import Workspace
from ernotes.pages.comparison import Change, Side, SideBySide, find_side, find_trials
from ernotes.pages.page import page_environment, translations, write_page
from ernotes.pages.report import notices
from ernotes.pages.report_page import ComparedNote, LabelView, NoteView
from ernotes.pages.shown import ShownComparison, ShownIntervals, ShownScore

AROUND = 60
"""How many characters of a note are shown on either side of a mention, and up to the end of the word there."""


@dataclass(frozen=True, slots=True)
class ComparedSides:
    """The page that was written, in which language, and what it shows: the two sides, and both on each role's notes."""

    report: str
    language: Language
    a: Side
    b: Side
    roles: Mapping[Role, SideBySide]


def compare_sides(workspace: Workspace, first: str, second: str, language: Language | None = None) -> ComparedSides:
    """Write the page of the second round or model beside the first; each is a round's number or a model's version.

    Raises WorkspaceError where there is no such round or model, or where they were not scored on the same notes.
    """
    language = language or workspace.config.report.language
    a, b = find_side(workspace, first), find_side(workspace, second)
    trials = find_trials(workspace, a, b)
    path = workspace.reports / f"compare-{a.file_name}-{b.file_name}{'' if language == 'en' else f'.{language}'}.html"
    last = [look for look in workspace.store.scores.all(trials[0].role) if look.model_version == b.version][-1]
    write_page(render_comparison(a, b, trials, notices(workspace, last), now(), language), path)
    return ComparedSides(str(path), language, a, b, {trial.role: trial for trial in trials})


def render_comparison(
    a: Side, b: Side, trials: Sequence[SideBySide], warnings: Sequence[str], made_at: str, language: Language = "en"
) -> str:
    """The page as HTML."""
    say = translations(language).gettext
    return (
        page_environment(language)
        .get_template("compare.html.j2")
        .render(
            a=a,
            b=b,
            trials=[_ShownTrial.of(trial, say) for trial in trials],
            notices=warnings,
            made_at=made_at,
            outcomes=[*ERRORS, Outcome.CORRECT],
            label_views={str(label): LabelView(label) for label in Label},
        )
    )


@dataclass(frozen=True, slots=True)
class _Passage:
    """A change as the page shows it: the mention with some words around it."""

    change: Change
    say: Callable[[str], str]

    @property
    def title(self) -> str:
        return self.change.title

    @property
    def outcome(self) -> Outcome:
        return self.change.wrong.outcome

    @property
    def view(self) -> NoteView:
        text, wrong = self.change.text, self.change.wrong
        spans = [span for span in (wrong.gold, wrong.predicted) if span is not None]
        start, end = passage_around(text, wrong.start, max(span.end for span in spans))
        gold, predicted = (_moved(span, start) for span in (wrong.gold, wrong.predicted))
        return NoteView(ComparedNote(self.change.note_id, self.title, text[start:end], gold, predicted), self.say)


@dataclass(frozen=True, slots=True)
class _ShownTrial:
    """The two on the notes of a role, as the page shows them."""

    role: Role
    left_out: int
    begun_from: Mapping[str, int]
    before: ShownScore
    after: ShownScore
    comparison: ShownComparison
    differences: ShownIntervals
    lost: Sequence[_Passage]
    gained: Sequence[_Passage]

    @classmethod
    def of(cls, trial: SideBySide, say: Callable[[str], str]) -> Self:
        return cls(
            trial.role,
            trial.left_out,
            trial.begun_from,
            from_json(ShownScore, to_json(trial.before)),
            from_json(ShownScore, to_json(trial.after)),
            from_json(ShownComparison, to_json(trial.comparison)),
            from_json(ShownIntervals, to_json(trial.differences)),
            [_Passage(change, say) for change in trial.lost],
            [_Passage(change, say) for change in trial.gained],
        )


def passage_around(text: str, start: int, end: int, around: int = AROUND) -> tuple[int, int]:
    """Where a passage of whole words begins and ends: text[start:end] and about `around` characters each way."""
    begins, ends = max(0, start - around), min(len(text), end + around)
    while begins > 0 and not text[begins - 1].isspace():
        begins -= 1
    while ends < len(text) and not text[ends].isspace():
        ends += 1
    while begins < start and text[begins].isspace():
        begins += 1
    while ends > end and text[ends - 1].isspace():
        ends -= 1
    return begins, ends


def _moved(span: Span | None, by: int) -> tuple[Span, ...]:
    return () if span is None else (Span(span.start - by, span.end - by, span.label, span.confidence),)
