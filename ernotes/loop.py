"""Rounds: the same steps as the single commands, each durable, so that a killed loop goes on where it was."""

from collections.abc import Callable, Mapping
from typing import Any

from corpus.workspace import Workspace
from ernotes import steps
from ernotes.console import say
from ernotes.result import Result

LAST_STEP = "report"

Step = Callable[[Workspace, int], Result]


def run_rounds(workspace: Workspace, count: int, *, simulated: bool) -> Result:
    """Run `count` rounds more; a loop that was killed first runs what was left of its rounds, and no more.

    So the command that was killed, run again, ends where the first would have ended.
    """
    done = _rounds_done(workspace)
    goal = workspace.store.rounds.goal()
    if goal is None or goal <= done:
        goal = done + count
        workspace.store.rounds.set_goal(goal)
    else:
        say(f"going on with the loop that was to end with round {goal}")
    last: dict[str, Any] = {}
    for number in range(done + 1, goal + 1):
        last = run_round(workspace, number, simulated=simulated)
    return Result({"rounds_done": goal, "last_round": last}, _closing(workspace, goal, last))


def run_round(workspace: Workspace, number: int, *, simulated: bool) -> dict[str, Any]:
    """What each step of the round gave, by step; steps that are done already are not done again."""
    rounds = workspace.store.rounds
    with steps.desk_of(workspace) as desk:
        correct = steps.correct_simulated if simulated else steps.wait_for_annotators
        plan: Mapping[str, Callable[[], Result]] = {
            "model": lambda: steps.ensure_model(workspace),
            "generate": lambda: steps.generate_round(workspace, number),
            "preannotate": lambda: steps.preannotate(workspace),
            "push": lambda: steps.push(workspace, desk),
            "correct": lambda: correct(workspace, desk),
            "pull": lambda: steps.pull(workspace, desk),
            "train": lambda: steps.train(workspace),
            "evaluate": lambda: steps.evaluate_round(workspace, number),
            LAST_STEP: lambda: steps.report(workspace, number),
        }
        for name, step in plan.items():
            if name in rounds.steps(number):
                continue
            say(f"round {number}: {name}")
            result = step()
            rounds.finish_step(number, name, result.document)
            say("\n".join(f"  {line}" for line in result.text.splitlines()))
    return rounds.steps(number)


def _rounds_done(workspace: Workspace) -> int:
    rounds = workspace.store.rounds
    done = 0
    for number in rounds.numbers():
        if LAST_STEP in rounds.steps(number):
            done = number
    return done
