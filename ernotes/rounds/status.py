"""What a workspace holds, for `status`: read in well under a second, so nothing heavy is imported here."""

from collections.abc import Mapping
from typing import Any

from annotation.corrections import SIMULATED, correction_ledger, format_ledger
from corpus.note import AuthorKind, Role, Sensitivity
from corpus.workspace import Workspace, loop_runs
from ernotes.console import program
from ernotes.rounds.told import format_outlook, format_verdict


def overview(workspace: Workspace) -> dict[str, Any]:
    """The state of the workspace as JSON values."""
    store = workspace.store
    roles = {
        str(role): {
            "notes": count,
            "fictional": store.notes.count_by_sensitivity(role).get(Sensitivity.FICTIONAL, 0),
            "annotated": len(store.spans.gold(role)) if count else 0,
        }
        for role, count in store.notes.count_by_role().items()
    }
    current = store.models.current()
    scores = store.scores.all()
    rounds = {number: store.rounds.steps(number) for number in store.rounds.numbers()}
    ledger = correction_ledger(store)
    return {
        "workspace": str(workspace.folder),
        "offline": workspace.config.endpoint.is_embedded,
        "notes": roles,
        "briefs": store.batches.outcomes(),
        "authors": store.spans.count_by_kind(),
        "simulated_annotator": SIMULATED in store.spans.author_names(AuthorKind.HUMAN),
        "current_model": None
        if current is None
        else {"version": current.version, "base": current.base, "trained_on": len(current.trained_on)},
        "models": len(store.models.all()),
        "test_looks": store.scores.looks(Role.TEST),
        "scores": [
            {
                "model": record.model_version,
                "role": str(record.role),
                "round": record.round,
                "micro_f1": record.document["exact"]["micro"]["f1"],
                "macro_f1": record.document["exact"]["macro"]["f1"],
                "fictional": record.document.get("fictional", False),
            }
            for record in scores
        ],
        "rounds": {str(number): sorted(steps) for number, steps in rounds.items()},
        "last_judged": _last(rounds, "judge"),
        "outlook": _last(rounds, "outlook"),
        "waiting_for_correction": waiting(workspace),
        "corrections": ledger.to_json(),
        "next": next_step(workspace),
    }


def waiting(workspace: Workspace) -> int:
    """How many pool notes are tasks in Label Studio already."""
    return workspace.store.tasks.count(Role.POOL)


def next_step(workspace: Workspace) -> str:
    """The command that would take the workspace on."""
    store = workspace.store
    ernotes = program(workspace.folder)
    counts = store.notes.count_by_role()
    unfinished = [number for number in store.rounds.numbers() if "report" not in store.rounds.steps(number)]
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
    gold = workspace.store.spans.gold(Role.TRAIN, Role.EXEMPLAR).keys()
    return not any(gold <= set(model.trained_on) for model in models)


def _last(rounds: Mapping[int, Mapping[str, Any]], step: str) -> dict[str, Any] | None:
    """What the step gave in the last round that has done it, with the round's number."""
    done = [{"round": number, **steps[step]} for number, steps in rounds.items() if step in steps]
    return done[-1] if done else None


def format_overview(document: dict[str, Any]) -> str:
    """The state of the workspace as lines for a terminal."""
    offline = " (offline: notes are written by rule, not by an LLM)" if document["offline"] else ""
    lines = [f"workspace {document['workspace']}{offline}", "", "role        notes  annotated"]
    for role, counts in document["notes"].items():
        fictional = f"  ({counts['fictional']} fictional)" if counts["fictional"] else ""
        lines.append(f"{role:<10} {counts['notes']:>6} {counts['annotated']:>10}{fictional}")
    if document["briefs"]:
        lines += ["", "briefs: " + ", ".join(f"{count} {state}" for state, count in document["briefs"].items())]
    if document["authors"]:
        said = ", ".join(f"{count} {kind}" for kind, count in document["authors"].items())
        simulated = " (the SIMULATED annotator's count as human)" if document["simulated_annotator"] else ""
        lines.append(f"span sets: {said}{simulated}")
    model = document["current_model"]
    if model:
        lines += ["", f"current model: {model['version']} (trained on {model['trained_on']} notes)"]
    for score in document["scores"][-5:]:
        fictional = ", fictional notes" if score["fictional"] else ""
        where = f"round {score['round']}, " if score["round"] else ""
        lines.append(
            f"  {where}{score['model']} on {score['role']}{fictional}: "
            f"exact F1 micro {score['micro_f1']:.3f}, macro {score['macro_f1']:.3f}"
        )
    lines.append(f"looks at the test notes so far: {document['test_looks']}")
    if judged := document["last_judged"]:
        lines += ["", f"verdict of round {judged['round']}:", *(f"  {line}" for line in format_verdict(judged))]
    if outlook := document["outlook"]:
        lines += ["", f"outlook after round {outlook['round']}:", *(f"  {line}" for line in format_outlook(outlook))]
    if document["waiting_for_correction"]:
        lines.append(f"pushed, and not corrected as far as we pulled: {document['waiting_for_correction']}")
    if document["corrections"]["rounds"]:
        lines += ["", "corrections:", *format_ledger(document["corrections"])]
    for item in document["corrections"]["quarantined"]:
        lines.append(f"  quarantined: note {item['note']}, by {item['annotator']}: region {item['reason']}")
    lines += ["", f"next: {document['next']}"]
    return "\n".join(lines)
