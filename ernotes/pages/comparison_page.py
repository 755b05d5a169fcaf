"""`report --compare`: the page that sets two rounds, or two models, side by side."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from corpus.config.settings import Language
from corpus.labels import Label
from corpus.note import Span
from corpus.scoring.mistakes import ERRORS, Outcome
from corpus.store.schema import now
from corpus.workspace import Workspace
from ernotes.pages.comparison import Change, Side, Trial, find_side, find_trials
from ernotes.pages.page import page_environment, translations, write_page
from ernotes.pages.report import notices
from ernotes.pages.report_page import ComparedNote, LabelView, NoteView
from ernotes.result import Result

AROUND = 60
"""How many characters of a note are shown on either side of a mention, and up to the end of the word there."""


def compare_sides(workspace: Workspace, first: str, second: str, language: Language | None = None) -> Result:
    """Write the page of the second round or model beside the first; each is a round's number or a model's version.

    Raises WorkspaceError where there is no such round or model, or where they were not scored on the same notes.
    """
    language = language or workspace.config.report.language
    a, b = find_side(workspace, first), find_side(workspace, second)
    trials = find_trials(workspace, a, b)
    path = workspace.reports / f"compare-{a.file_name}-{b.file_name}{'' if language == 'en' else f'.{language}'}.html"
    last = [look for look in workspace.store.scores.all(trials[0].role) if look.model_version == b.version][-1]
    write_page(render_comparison(a, b, trials, notices(workspace, last), now(), language), path)
    document = {
        "report": str(path),
        "language": language,
        "a": a.to_json(),
        "b": b.to_json(),
        "roles": {str(trial.role): trial.to_json() for trial in trials},
    }
    return Result(document, "\n".join([*_told(b, trials), f"report: {path}"]))


def render_comparison(
    a: Side, b: Side, trials: Sequence[Trial], warnings: Sequence[str], made_at: str, language: Language = "en"
) -> str:
    """The page as HTML."""
    say = translations(language).gettext
    passages = {
        trial.role: tuple([_Passage(change, say) for change in found] for found in (trial.lost, trial.gained))
        for trial in trials
    }
    return (
        page_environment(language)
        .get_template("compare.html.j2")
        .render(
            a=a,
            b=b,
            trials=trials,
            passages=passages,
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


def _told(b: Side, trials: Sequence[Trial]) -> list[str]:
    lines: list[str] = []
    for trial in trials:
        lines += [f"on {trial.notes} {trial.role} notes, {b.version} is {trial.text}"]
        lines += [f"  mentions put right: {_counted(trial.gained)}; lost: {_counted(trial.lost)}"]
    return lines


def _counted(changes: Sequence[Change]) -> str:
    flips = sum(change.wrong.outcome is Outcome.POLARITY_FLIP for change in changes)
    return f"{len(changes)}, of which polarity flips: {flips}"
