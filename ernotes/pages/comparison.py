"""Two models side by side: what each found in the same notes, what one alone has right, and what each cost.

What is compared was stored when the models were scored, so nothing is recognised anew and no note is looked at again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from annotation.corrections import Work, correction_ledger
from corpus.documents import JsonObject, from_json, to_json
from corpus.errors import WorkspaceError
from corpus.note import AuthorKind, Role
from corpus.recognition import Annotated
from corpus.scoring.intervals import Intervals, bootstrap_differences
from corpus.scoring.mistakes import Mention, Outcome, compare_notes
from corpus.scoring.scores import DiagnosisRule, PairedNotes, Scored, ScoredNote
from corpus.workspace import Workspace
from ernotes.models.looks import LookSetting
from ernotes.models.measuring import Compared, Measured, measure, measure_against
from ernotes.models.round_models import model_of_round, round_of_model
from ernotes.models.round_steps import JudgeStep, Outlook, read_step

COMPARED_ROLES = (Role.VALIDATION, Role.TEST)
"""What is decided goes by the first; the test notes are reported beside it."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: a model, with the round that trained it where one did.

    `judge` and `outlook` are what that round said of it, and `work` is what was corrected in that round, if anything.
    """

    version: str
    base: str
    round: int | None
    trained_on: frozenset[str]
    judge: JudgeStep | None
    outlook: Outlook | None
    work: Work | None

    @property
    def file_name(self) -> str:
        """What stands for it in the name of a file."""
        return self.version if self.round is None else f"round-{self.round:03d}"

    def to_json(self) -> JsonObject:
        """Its figures; null where the round knows none, or where no round trained it."""
        return {
            "model": self.version,
            "base": self.base,
            "round": self.round,
            "trained_on": len(self.trained_on),
            "corrected_notes": self.work.notes if self.work else None,
            "actions_per_100_mentions": self.work.actions_per_100_mentions if self.work else None,
            "seconds_per_note": self.work.seconds_per_note if self.work else None,
            "promoted": self.judge.promoted if self.judge else None,
            "outlook": to_json(self.outlook) if self.outlook else None,
        }


@dataclass(frozen=True, slots=True)
class Change:
    """A mention that one model has right and the other, `wrong`, has not."""

    note_id: str
    title: str
    text: str
    wrong: Mention

    def to_json(self) -> JsonObject:
        """The note, what went wrong, and where; no words of the note."""
        spans = {"gold": self.wrong.gold, "predicted": self.wrong.predicted}
        places: JsonObject = {
            name: [span.start, span.end, str(span.label)] if span else None for name, span in spans.items()
        }
        return {"note": self.note_id, "outcome": str(self.wrong.outcome), **places}


@dataclass(frozen=True, slots=True)
class SideBySide:
    """The two on the same notes: the scores of A (`before`) and B (`after`), and the verdict on B against A.

    `differences` are the intervals of B's figures less A's. `left_out` counts notes with gold that not both were scored
    on; `begun_from` counts, by version, notes whose gold was corrected from what that model had found, in its favour.
    """

    role: Role
    notes: int
    left_out: int
    begun_from: Mapping[str, int]
    before: Measured
    after: Measured
    comparison: Compared
    differences: Intervals
    lost: Sequence[Change]
    """What A has right and B has not, polarity flips first."""
    gained: Sequence[Change]
    """What B has right and A has not, polarity flips first."""

    def to_json(self) -> JsonObject:
        """The figures."""
        return {
            "notes": self.notes,
            "left_out": self.left_out,
            "begun_from": dict(self.begun_from),
            "a": to_json(self.before),
            "b": to_json(self.after),
            "comparison": to_json(self.comparison),
            "differences": to_json(self.differences),
            "lost": [to_json(change) for change in self.lost],
            "gained": [to_json(change) for change in self.gained],
        }


def find_side(workspace: Workspace, name: str) -> Side:
    """The side that a user means by a round's number or a model's version.

    Raises WorkspaceError where there is no such round or model, or where the round has trained none yet.
    """
    store = workspace.store
    number = int(name) if name.isdecimal() else round_of_model(workspace, name)
    version = model_of_round(workspace, int(name)) if name.isdecimal() else name
    model = store.models.get(version)
    if model is None:
        raise WorkspaceError(f"there is no model {version!r} here; 'ernotes models' lists them")
    steps = {} if number is None else store.rounds.steps(number)
    ledger = correction_ledger(store)
    work = ledger.of_round(number) if number is not None and number in ledger.rounds() else None
    judge, outlook = read_step(steps, "judge", JudgeStep), read_step(steps, "outlook", Outlook)
    return Side(version, model.base, number, frozenset(model.trained_on), judge, outlook, work)


def find_trials(workspace: Workspace, a: Side, b: Side) -> list[SideBySide]:
    """The trials of B against A, by role; raises WorkspaceError where they were scored on no note in common."""
    trials = [trial for role in COMPARED_ROLES if (trial := _trial(workspace, role, a.version, b.version))]
    if not trials:
        raise WorkspaceError(
            f"{a.version} and {b.version} were never scored on the same notes; "
            f"run 'ernotes evaluate --role validation --model VERSION' for each"
        )
    return trials


def _trial(workspace: Workspace, role: Role, before: str, after: str) -> SideBySide | None:
    """The two on the notes of a role that both were scored on; None where there are none."""
    store = workspace.store
    scored = {look.model_version for look in store.scores.all(role)}
    found = [store.spans.of_author(AuthorKind.MODEL, version) for version in (before, after)]
    gold = store.spans.annotated(role)
    notes = [note for note in gold if all(note.id in spans for spans in found)]
    if not notes or not {before, after} <= scored:
        return None
    diagnosis = _diagnosis(workspace, role, before, after)
    theirs, ours = (
        PairedNotes(
            (ScoredNote(note.id, note.spans, spans[note.id].spans or ()) for note in notes), diagnosis=diagnosis
        )
        for spans in found
    )
    titles = {note.id: str(note.doc_id) for note in store.notes.many([note.id for note in notes])}
    sources = store.spans.gold(role)
    begun = [sources[note.id].detail.get("pre_annotated_by") for note in notes]
    return SideBySide(
        role,
        len(notes),
        len(gold) - len(notes),
        {version: begun.count(version) for version in (before, after)},
        measure(theirs, diagnosis),
        measure(ours, diagnosis),
        measure_against(ours, theirs, diagnosis, before),
        bootstrap_differences(ours, theirs),
        lost=changes(notes, titles, theirs, ours),
        gained=changes(notes, titles, ours, theirs),
    )


def _diagnosis(workspace: Workspace, role: Role, *versions: str) -> DiagnosisRule:
    """How both were scored; where one was scored so and the other otherwise, the usual way."""
    last = {
        look.model_version: from_json(LookSetting, look.document).diagnosis for look in workspace.store.scores.all(role)
    }
    return "all" if all(last[version] == "all" for version in versions) else "top1"


def changes(notes: Sequence[Annotated], titles: Mapping[str, str], right: Scored, wrong: Scored) -> list[Change]:
    """What `wrong` has wrong and `right` has not, polarity flips first, then in the order of the notes.

    A gold mention counts that the one found exactly and the other did not; a spurious one, that the other alone found.
    """
    found = []
    for note, of_better, of_worse in zip(notes, compare_notes(right), compare_notes(wrong), strict=True):
        mastered = {mention.gold for mention in of_better if mention.outcome is Outcome.CORRECT}
        wrong_too = {m.predicted.place for m in of_better if m.predicted and m.outcome is not Outcome.CORRECT}
        for mention in of_worse:
            if mention.gold is None:
                new = mention.predicted is not None and mention.predicted.place not in wrong_too
            else:
                new = mention.outcome is not Outcome.CORRECT and mention.gold in mastered
            if new:
                found.append(Change(note.id, titles[note.id], note.text, mention))
    return sorted(found, key=lambda change: change.wrong.outcome is not Outcome.POLARITY_FLIP)
