"""What a workspace holds, for `status`: asked for often, so neither numpy nor torch is loaded here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic

from annotation.corrections import SIMULATED, Ledger, correction_ledger
from corpus.documents import JsonObject, from_json
from corpus.note import AuthorKind, Role, Sensitivity
from corpus.store import Store
from corpus.store.scores import ScoreRecord
from corpus.workspace import Workspace, loop_runs
from ernotes.console import program
from ernotes.models.looks import LookF1
from ernotes.models.round_steps import JudgeStep, Outlook, Step


@dataclass(frozen=True, slots=True)
class RoleCount:
    """How many notes of a role there are, how many of them are fictional, and how many annotated."""

    notes: int
    fictional: int
    annotated: int


@dataclass(frozen=True, slots=True)
class CurrentModel:
    """The current model, and how many notes it was trained on."""

    version: str
    base: str
    trained_on: int


@dataclass(frozen=True, slots=True)
class ListedLook:
    """A model's exact F1 at one look at a role's notes; the round is that in which it was taken."""

    model: str
    role: Role
    round: int | None
    micro_f1: float
    macro_f1: float
    fictional: bool


@dataclass(frozen=True, slots=True)
class LastStep(Generic[Step]):
    """What a step said in the last round that has done it, and all that it stored."""

    round: int
    said: Step
    stored: JsonObject

    def to_json(self) -> JsonObject:
        """The round, then all that the step stored."""
        return {"round": self.round, **self.stored}


@dataclass(frozen=True, slots=True)
class Overview:
    """The state of a workspace; looks are the oldest first, and rounds have the names of their finished steps."""

    workspace: str
    offline: bool
    notes: Mapping[Role, RoleCount]
    briefs: Mapping[str, int]
    authors: Mapping[str, int]
    simulated_annotator: bool
    current_model: CurrentModel | None
    models: int
    test_looks: int
    scores: Sequence[ListedLook]
    rounds: Mapping[int, Sequence[str]]
    last_judged: LastStep[JudgeStep] | None
    outlook: LastStep[Outlook] | None
    waiting_for_correction: int
    corrections: Ledger
    next: str


def overview(workspace: Workspace) -> Overview:
    """The state of the workspace."""
    store = workspace.store
    current = store.models.current()
    rounds = store.rounds.all_steps()
    return Overview(
        str(workspace.folder),
        workspace.config.endpoint.is_embedded,
        _roles(store),
        store.batches.outcomes(),
        store.spans.count_by_kind(),
        SIMULATED in store.spans.author_names(AuthorKind.HUMAN),
        None if current is None else CurrentModel(current.version, current.base, len(current.trained_on)),
        len(store.models.all()),
        store.scores.looks(Role.TEST),
        [_look(record) for record in store.scores.all()],
        {number: sorted(steps) for number, steps in rounds.items()},
        _last(rounds, "judge", JudgeStep),
        _last(rounds, "outlook", Outlook),
        waiting(workspace),
        correction_ledger(store),
        next_step(workspace),
    )


def _roles(store: Store) -> dict[Role, RoleCount]:
    annotated = store.spans.count_gold()
    return {
        role: RoleCount(
            count,
            store.notes.count_by_sensitivity(role).get(Sensitivity.FICTIONAL, 0),
            annotated.get(role, 0),
        )
        for role, count in store.notes.count_by_role().items()
    }


def _look(record: ScoreRecord) -> ListedLook:
    said = from_json(LookF1, record.document)
    f1 = said.exact
    return ListedLook(record.model_version, record.role, record.round, f1.micro.f1, f1.macro.f1, said.fictional)


def waiting(workspace: Workspace) -> int:
    """How many pool notes are tasks in Label Studio already."""
    return workspace.store.tasks.count(Role.POOL)


def next_step(workspace: Workspace) -> str:
    """The command that would take the workspace on."""
    store = workspace.store
    ernotes = program(workspace.folder)
    counts = store.notes.count_by_role()
    unfinished = [number for number, steps in store.rounds.all_steps().items() if "report" not in steps]
    if not sum(counts.values()):
        return f"{ernotes} import FILE --role exemplar (or train, test …)"
    if unfinished and loop_runs(workspace.folder):
        return f"wait: a loop runs here, in round {unfinished[-1]}"
    if unfinished:
        return f"{ernotes} loop --rounds 1 (round {unfinished[-1]} is unfinished; this goes on with it)"
    if store.models.current() is None or _unlearnt(workspace):
        return f"{ernotes} train"
    if not counts[Role.POOL]:
        return f"{ernotes} generate --notes N, or {ernotes} loop --rounds 1"
    to_correct = set(store.tasks.to_correct())
    if to_correct - store.tasks.pushed():
        return f"{ernotes} preannotate, then {ernotes} push"
    if to_correct:
        return f"correct in Label Studio, then {ernotes} pull"
    return f"{ernotes} loop --rounds 1, or by hand: preannotate, select, push"


def _unlearnt(workspace: Workspace) -> bool:
    """Whether there are corrections that no model has been trained with, current or not."""
    models = workspace.store.models.all()
    gold = workspace.store.spans.gold_ids(Role.TRAIN, Role.EXEMPLAR)
    return not any(gold <= set(model.trained_on) for model in models)


def _last(rounds: Mapping[int, Mapping[str, JsonObject]], step: str, kind: type[Step]) -> LastStep[Step] | None:
    """What the step gave in the last round that has done it."""
    done = [(number, steps[step]) for number, steps in rounds.items() if step in steps]
    if not done:
        return None
    number, stored = done[-1]
    return LastStep(number, from_json(kind, stored), stored)
