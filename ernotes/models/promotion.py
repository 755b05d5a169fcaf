"""Every model that was trained here, and a person's word on which of them is current."""

from typing import Any

from corpus.errors import ModelError
from corpus.note import Role
from corpus.workspace import Workspace
from ernotes.console import program
from ernotes.result import Result

VALIDATION, TEST = str(Role.VALIDATION), str(Role.TEST)


def list_models(workspace: Workspace) -> Result:
    """The models, oldest first: what each was trained on, how it scored last, what its round's judge said of it."""
    store = workspace.store
    current = store.models.current()
    judged = _judged(workspace)
    latest = {(record.model_version, record.role): record.document for record in store.scores.all()}
    models: list[dict[str, Any]] = []
    for model in store.models.all():
        scored = {role: latest.get((model.version, role)) for role in (Role.VALIDATION, Role.TEST)}
        models.append(
            {
                "version": model.version,
                "base": model.base,
                "trained_on": len(model.trained_on),
                "added_at": model.added_at,
                "current": current is not None and model.version == current.version,
                **{str(role): found["exact"]["micro"]["f1"] if found else None for role, found in scored.items()},
                **judged.get(model.version, {"round": None, "verdict": None, "promoted": None, "reason": None}),
            }
        )
    text = "\n".join(_lines(models)) if models else f"no model yet; make one with: {program(workspace.folder)} train"
    return Result({"models": models, "test_looks": store.scores.looks(Role.TEST)}, text)


def promote(workspace: Workspace, version: str) -> Result:
    """Make a model the current one, whatever a judge said of it; says what it replaces and how to go back.

    Raises ModelError where there is no such model.
    """
    models = workspace.store.models
    before = models.current()
    if models.get(version) is None or not (workspace.models / version).is_dir():
        raise ModelError(f"there is no model {version!r} here; 'ernotes models' lists them")
    document = {"model": version, "replaced": before.version if before and before.version != version else None}
    if before is not None and before.version == version:
        return Result(document, f"{version} is the current model already")
    models.promote(version)
    lines = [f"{version} is the current model now; open notes show its spans after preannotate and push"]
    if before is not None:
        lines.append(f"it replaced {before.version}; to go back: {program(workspace.folder)} promote {before.version}")
    return Result(document, "\n".join(lines))


def _judged(workspace: Workspace) -> dict[str, dict[str, Any]]:
    """By version, the last round that it was judged in, and what came of it."""
    rounds = workspace.store.rounds
    found = {}
    for number in rounds.numbers():
        judge = rounds.steps(number).get("judge")
        if judge is not None:
            said = {key: judge[key] for key in ("verdict", "promoted", "reason")}
            found[judge["candidate"]] = {"round": number, **said}
    return found


def _lines(models: list[dict[str, Any]]) -> list[str]:
    width = max(len(model["version"]) for model in models)
    lines = [f"  {'model':<{width}}  round  notes  validation   test  verdict"]
    for model in models:
        mark = "*" if model["current"] else " "
        f1 = [f"{model[role]:.3f}" if model[role] is not None else "-" for role in (VALIDATION, TEST)]
        lines.append(
            f"{mark} {model['version']:<{width}}  {model['round'] or '-':>5}  {model['trained_on']:>5}  "
            f"{f1[0]:>10}  {f1[1]:>5}  {_said(model)}".rstrip()
        )
    return [*lines, "* is current; exact micro F1 of the latest look, each on the notes that were there then"]


def _said(model: dict[str, Any]) -> str:
    if model["verdict"] is None:
        return ""
    return f"{model['verdict']}" + ("" if model["promoted"] else f", not promoted: {model['reason']}")
