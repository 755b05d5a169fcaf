"""Rounds: the same steps as the single commands, each durable, so that a killed loop goes on where it was."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from annotation.label_studio.client import Client
from corpus.documents import JsonObject, by_field, from_json, to_json
from corpus.note import Role
from corpus.workspace import Workspace
from ernotes.console import say
from ernotes.desk import round_trip
from ernotes.desk.waiting import wait_for_annotators
from ernotes.llm.writing import generate_round
from ernotes.models.evaluation import Evaluation, evaluate
from ernotes.models.findings import Preannotated, preannotate
from ernotes.models.round_steps import JudgeStep, Outlook, ReportStep, TrainStep
from ernotes.models.training import TrainedModel, ensure_model, train
from ernotes.pages.report import report
from ernotes.rounds import outlook, selection, verdict
from training.card import CardWords

LAST_STEP = "report"

Tell = Callable[[object, Path], str]
"""Puts a step's outcome into words; the workspace's folder is for the commands that they name."""


@dataclass(frozen=True, slots=True)
class NotPreannotated:
    """No pool note has a pre-annotation, since there is no model yet."""

    notes: int = 0


@dataclass(frozen=True, slots=True)
class TrainedInRound(TrainedModel):
    """The round's model, and the version of the one that it may take over from."""

    incumbent: str | None = None


@dataclass(frozen=True, slots=True)
class Incumbent:
    """What a TrainedInRound stored of the model that its own may take over from."""

    incumbent: str | None


@dataclass(frozen=True, slots=True)
class EvaluatedInRound:
    """The scores of the round's model, by the role of the notes."""

    scores: Mapping[Role, Evaluation]

    def to_json(self) -> JsonObject:
        """The score documents by role."""
        return {str(role): to_json(evaluation) for role, evaluation in self.scores.items()}


@dataclass(frozen=True, slots=True)
class LoopEnd:
    """What came of a loop: its last round, all that the steps of that one stored, and what is said of it."""

    round: int
    steps: Mapping[str, JsonObject]
    judged: JudgeStep
    outlook: Outlook
    report: str
    current_model: Path | None
    own_server: bool

    def to_json(self) -> JsonObject:
        """The round and its steps."""
        return {"round": self.round, "steps": {**self.steps}}


def run_rounds(workspace: Workspace, count: int, *, simulated: bool, tell: Tell) -> LoopEnd:
    """Run `count` rounds more; a loop that was killed first runs what was left of its rounds, and no more.

    So the command that was killed, run again, ends where the first would have ended. `tell` puts into words what each
    step gave.
    """
    rounds = workspace.store.rounds
    done, goal = rounds_done(workspace), rounds.goal()
    if goal is None or goal <= done:
        goal = done + count
        rounds.set_goal(goal)
    else:
        say(f"going on with the loop that was to end with round {goal}")
    with round_trip.open_desk(workspace) as client:
        for number in range(done + 1, goal + 1):
            run_round(workspace, client, number, simulated=simulated, tell=tell)
    return _end(workspace, goal)


def run_round(workspace: Workspace, client: Client, number: int, *, simulated: bool, tell: Tell) -> None:
    """Run the round's steps; those that are done already are not done again."""
    correct = round_trip.correct_simulated if simulated else wait_for_annotators

    def told(outcome: object) -> str:
        return tell(outcome, workspace.folder)

    words = CardWords(told, told)
    plan: Mapping[str, Callable[[], object]] = {
        "model": lambda: ensure_model(workspace, words),
        "generate": lambda: generate_round(workspace, number, lambda outcome: say(told(outcome))),
        "preannotate": lambda: _preannotate(workspace),
        "select": lambda: selection.select_notes(workspace, workspace.config.selection),
        "push": lambda: round_trip.push(workspace, client),
        "correct": lambda: correct(workspace, client),
        "pull": lambda: round_trip.pull(workspace, client),
        "train": lambda: _train(workspace, words),
        "judge": lambda: _judge(workspace, number),
        "evaluate": lambda: _evaluate(workspace, number),
        "outlook": lambda: outlook.outlook(workspace, number),
        LAST_STEP: lambda: report(workspace, number),
    }
    done = workspace.store.rounds.steps(number)
    for name, step in plan.items():
        if name in done:
            continue
        say(f"round {number}: {name}")
        outcome = step()
        workspace.store.rounds.finish_step(number, name, to_json(outcome))
        say("\n".join(f"  {line}" for line in told(outcome).splitlines()))


def rounds_done(workspace: Workspace) -> int:
    """The number of the last round that is finished, 0 before the first."""
    rounds = workspace.store.rounds
    return max((number for number in rounds.numbers() if LAST_STEP in rounds.steps(number)), default=0)


def _preannotate(workspace: Workspace) -> Preannotated | NotPreannotated:
    return NotPreannotated() if workspace.store.models.current() is None else preannotate(workspace)


def _train(workspace: Workspace, words: CardWords) -> TrainedInRound:
    incumbent = _current(workspace)
    trained = train(workspace, promote=False, words=words)
    return TrainedInRound(**by_field(trained), incumbent=incumbent)


def _judge(workspace: Workspace, number: int) -> verdict.RoundVerdict:
    """The verdict on the round's model against the current one; a killed run may have promoted it already."""
    trained = workspace.store.rounds.steps(number)["train"]
    candidate, incumbent = from_json(TrainStep, trained).model, _current(workspace)
    if incumbent == candidate and "incumbent" in trained:  # the first rounds ever run did not say it
        incumbent = from_json(Incumbent, trained).incumbent
    return verdict.judge(workspace, candidate, incumbent)


def _current(workspace: Workspace) -> str | None:
    model = workspace.store.models.current()
    return model.version if model else None


def _evaluate(workspace: Workspace, number: int) -> EvaluatedInRound:
    """The round's model, promoted or not, on the validation notes, if there are any, and on the test notes."""
    version = from_json(TrainStep, workspace.store.rounds.steps(number)["train"]).model
    return EvaluatedInRound(
        {
            role: evaluate(workspace, role, version=version, round_number=number)
            for role in (Role.VALIDATION, Role.TEST)
            if workspace.store.spans.gold_ids(role)
        }
    )


def _end(workspace: Workspace, number: int) -> LoopEnd:
    steps, model = workspace.store.rounds.steps(number), workspace.store.models.current()
    return LoopEnd(
        number,
        steps,
        from_json(JudgeStep, steps["judge"]),
        from_json(Outlook, steps["outlook"]),
        from_json(ReportStep, steps[LAST_STEP]).report,
        workspace.models / model.version if model else None,
        workspace.config.label_studio.kind == "own",
    )
