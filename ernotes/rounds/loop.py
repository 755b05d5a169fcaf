"""Rounds: the same steps as the single commands, each durable, so that a killed loop goes on where it was."""

from collections.abc import Callable, Mapping
from typing import Any

from annotation.label_studio.client import Client
from corpus.note import Role
from corpus.workspace import Workspace
from ernotes.console import program, say
from ernotes.desk import round_trip
from ernotes.desk.waiting import wait_for_annotators
from ernotes.llm.writing import generate_round
from ernotes.models.evaluation import evaluate
from ernotes.models.findings import preannotate
from ernotes.models.training import ensure_model, train
from ernotes.pages.report import report
from ernotes.result import Result
from ernotes.rounds import outlook, selection, verdict
from ernotes.rounds.told import format_outlook, format_verdict

LAST_STEP = "report"


def run_rounds(workspace: Workspace, count: int, *, simulated: bool) -> Result:
    """Run `count` rounds more; a loop that was killed first runs what was left of its rounds, and no more.

    So the command that was killed, run again, ends where the first would have ended.
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
            run_round(workspace, client, number, simulated=simulated)
    steps = rounds.steps(goal)
    return Result({"round": goal, "steps": steps}, _closing(workspace, steps))


def run_round(workspace: Workspace, client: Client, number: int, *, simulated: bool) -> None:
    """Run the round's steps; those that are done already are not done again."""
    correct = round_trip.correct_simulated if simulated else wait_for_annotators
    plan: Mapping[str, Callable[[], Result]] = {
        "model": lambda: ensure_model(workspace),
        "generate": lambda: generate_round(workspace, number),
        "preannotate": lambda: _preannotate(workspace),
        "select": lambda: selection.select_notes(workspace, workspace.config.selection),
        "push": lambda: round_trip.push(workspace, client),
        "correct": lambda: correct(workspace, client),
        "pull": lambda: round_trip.pull(workspace, client),
        "train": lambda: _train(workspace),
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
        result = step()
        workspace.store.rounds.finish_step(number, name, result.document)
        say("\n".join(f"  {line}" for line in result.text.splitlines()))


def rounds_done(workspace: Workspace) -> int:
    """The number of the last round that is finished, 0 before the first."""
    rounds = workspace.store.rounds
    return max((number for number in rounds.numbers() if LAST_STEP in rounds.steps(number)), default=0)


def _preannotate(workspace: Workspace) -> Result:
    if workspace.store.models.current() is None:
        return Result({"notes": 0}, "no model yet: the notes go out without pre-annotations")
    return preannotate(workspace)


def _train(workspace: Workspace) -> Result:
    """The round's model, and the version of the one that it may take over from."""
    incumbent = _current(workspace)
    trained = train(workspace, promote=False)
    return Result({**trained.document, "incumbent": incumbent}, trained.text)


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


def _evaluate(workspace: Workspace, number: int) -> Result:
    """The round's model, promoted or not, on the validation notes, if there are any, and on the test notes."""
    version = workspace.store.rounds.steps(number)["train"]["model"]
    scored = {}
    texts = []
    for role in (Role.VALIDATION, Role.TEST):
        if workspace.store.spans.gold(role):
            result = evaluate(workspace, role, version=version, round_number=number)
            scored[str(role)] = dict(result.document)
            texts.append(result.text)
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
