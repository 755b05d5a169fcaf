"""Rounds: the same steps as the single commands, each durable, so that a killed loop goes on where it was."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from annotation.label_studio.client import Client
from corpus.documents import by_field, to_json
from corpus.note import Role
from corpus.workspace import Workspace
from ernotes.console import program, say
from ernotes.desk import round_trip
from ernotes.desk.waiting import wait_for_annotators
from ernotes.llm.writing import generate_round
from ernotes.models.evaluation import evaluate
from ernotes.models.findings import Preannotated, preannotate
from ernotes.models.training import TrainedModel, ensure_model, train
from ernotes.pages.report import report
from ernotes.result import Result
from ernotes.rounds import outlook, selection, verdict
from ernotes.rounds.told import format_outlook, format_verdict
from training.card import CardWords

LAST_STEP = "report"


Tell = Callable[[object, Path], str]
"""Puts a step's outcome into words; the workspace's folder is for the commands that they name."""


@dataclass(frozen=True, slots=True)
class TrainedInRound(TrainedModel):
    """The round's model, and the version of the one that it may take over from."""

    incumbent: str | None = None


def run_rounds(workspace: Workspace, count: int, *, simulated: bool, tell: Tell) -> Result:
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
    steps = rounds.steps(goal)
    return Result({"round": goal, "steps": steps}, _closing(workspace, steps))


def run_round(workspace: Workspace, client: Client, number: int, *, simulated: bool, tell: Tell) -> None:
    """Run the round's steps; those that are done already are not done again."""
    correct = round_trip.correct_simulated if simulated else wait_for_annotators

    def told(outcome: object) -> str:
        return outcome.text if isinstance(outcome, Result) else tell(outcome, workspace.folder)

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
        "evaluate": lambda: _evaluate(workspace, number, told),
        "outlook": lambda: outlook.outlook(workspace, number),
        LAST_STEP: lambda: report(workspace, number),
    }
    done = workspace.store.rounds.steps(number)
    for name, step in plan.items():
        if name in done:
            continue
        say(f"round {number}: {name}")
        outcome = step()
        document = outcome.document if isinstance(outcome, Result) else to_json(outcome)
        workspace.store.rounds.finish_step(number, name, document)
        say("\n".join(f"  {line}" for line in told(outcome).splitlines()))


def rounds_done(workspace: Workspace) -> int:
    """The number of the last round that is finished, 0 before the first."""
    rounds = workspace.store.rounds
    return max((number for number in rounds.numbers() if LAST_STEP in rounds.steps(number)), default=0)


def _preannotate(workspace: Workspace) -> Result | Preannotated:
    if workspace.store.models.current() is None:
        return Result({"notes": 0}, "no model yet: the notes go out without pre-annotations")
    return preannotate(workspace)


def _train(workspace: Workspace, words: CardWords) -> TrainedInRound:
    incumbent = _current(workspace)
    trained = train(workspace, promote=False, words=words)
    return TrainedInRound(**by_field(trained), incumbent=incumbent)


def _judge(workspace: Workspace, number: int) -> Result:
    """The verdict on the round's model against the current one; a killed run may have promoted it already."""
    trained = workspace.store.rounds.steps(number)["train"]
    candidate, incumbent = trained["model"], _current(workspace)
    if incumbent == candidate:
        incumbent = trained.get("incumbent", candidate)
    return verdict.judge(workspace, candidate, incumbent)


def _current(workspace: Workspace) -> str | None:
    model = workspace.store.models.current()
    return model.version if model else None


def _evaluate(workspace: Workspace, number: int, told: Callable[[object], str]) -> Result:
    """The round's model, promoted or not, on the validation notes, if there are any, and on the test notes."""
    version = workspace.store.rounds.steps(number)["train"]["model"]
    scored = {}
    texts = []
    for role in (Role.VALIDATION, Role.TEST):
        if workspace.store.spans.gold(role):
            result = evaluate(workspace, role, version=version, round_number=number)
            scored[str(role)] = to_json(result)
            texts.append(told(result))
    return Result(scored, "\n\n".join(texts) or "no test or validation notes: nothing to measure by")


def _closing(workspace: Workspace, steps: Mapping[str, Any]) -> str:
    """What came of a round, where to look after it, and what to run next."""
    ernotes = program(workspace.folder)
    commands = {
        f"{ernotes} status": "what the workspace holds",
        f"{ernotes} loop --rounds 1": "the next round: says where to correct new notes by hand, and waits",
    }
    if workspace.config.label_studio.kind == "own":
        commands[f"{ernotes} label-studio"] = "look at what was corrected, in the browser"
    if not steps["judge"]["promoted"]:
        commands[f"{ernotes} promote {steps['judge']['candidate']}"] = "take the round's model all the same"
    width = max(map(len, commands))
    model = workspace.store.models.current()
    return "\n".join(
        [
            "",
            *format_verdict(steps["judge"]),
            *format_outlook(steps["outlook"]),
            "",
            f"the report is         {steps[LAST_STEP]['report']}  (open it in a browser)",
            *([f"the current model is  {workspace.models / model.version}"] if model else []),
            "",
            "next:",
            *(f"  {command:<{width}}  {purpose}" for command, purpose in commands.items()),
        ]
    )
