"""Scoring the workspace's recognisers on gold."""

from collections.abc import Callable, Sequence

from corpus.errors import WorkspaceError
from corpus.note import Role, Sensitivity
from corpus.recognition import Annotated
from corpus.scoring.scores import DiagnosisRule, ScoredNote
from corpus.workspace import Workspace
from ernotes.models.findings import compare, compare_stored, decoded_by
from ernotes.models.measuring import join_results, measure, measure_against, measure_training
from ernotes.models.prediction import current_model_folder
from ernotes.result import Result

Beside = Callable[[Workspace, Sequence[Annotated], Sequence[ScoredNote], DiagnosisRule], Result]
"""Measures something else on the notes that a model was scored on: `ernotes.llm.annotating.measure_llm`."""

FICTIONAL_NOTICE = "fictional notes: written for this project, by no physician"


def evaluate(
    workspace: Workspace,
    role: Role = Role.TEST,
    *,
    version: str | None = None,
    diagnosis: DiagnosisRule = "top1",
    against: str | None = None,
    decode: str | None = None,
    beside: Beside | None = None,
    round_number: int | None = None,
) -> Result:
    """Score a model on the gold of a role, against another model if asked, and record that it was looked at.

    `beside` may measure something else on the same notes (the LLM); what it gives stands in the document too.
    What another way to `decode` than the model's own finds is kept under a name of its own, "VERSION:argmax".
    """
    store = workspace.store
    folder = current_model_folder(workspace) if version is None else workspace.models / version
    notes = store.spans.annotated(role)
    if not notes:
        raise WorkspaceError(f"no annotated note has role {role}; import some with --role {role}")
    others = compare_stored(workspace, notes, against) if against is not None else []
    name = decoded_by(folder.name, decode)
    pairs = compare(workspace, notes, folder.name, decode)
    fictional = store.notes.count_by_sensitivity(role).keys() == {Sensitivity.FICTIONAL}
    model = store.models.get(folder.name)
    results = [measure(pairs, diagnosis)]
    if model is not None:
        results.append(measure_training(store, notes, pairs, model.trained_on, diagnosis))
    if against is not None:
        results.append(measure_against(pairs, others, diagnosis, against))
    if beside is not None:
        results.append(beside(workspace, notes, pairs, diagnosis))
    measured = join_results(results)
    document = dict(measured.document) | {
        "model": name,
        "role": str(role),
        "notes": len(notes),
        "fictional": fictional,
        "trained_on": len(model.trained_on) if model else None,
    }
    store.scores.add(name, role, document, round_number)
    looks = store.scores.looks(role)
    title = f"{name} on {len(notes)} {role} notes" + (f" ({FICTIONAL_NOTICE})" if fictional else "")
    counted = f"\nlooks at the {role} notes so far: {looks}"
    return Result(document | {"looks": looks}, f"{title}\n{measured.text}{counted}")
