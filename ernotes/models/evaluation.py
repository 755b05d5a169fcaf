"""Scoring the workspace's recognisers on gold."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from corpus.documents import by_field, optional, to_json
from corpus.errors import WorkspaceError
from corpus.note import Role, Sensitivity
from corpus.recognition import Annotated
from corpus.scoring.leakage import Leakage
from corpus.scoring.scores import DiagnosisRule, PairedNotes, Scored
from corpus.scoring.tables import ScoreTable
from corpus.workspace import Workspace
from ernotes.models.findings import compare, compare_stored, decoded_by
from ernotes.models.measuring import (
    Compared,
    KnownInTraining,
    Measured,
    MeasuredLlm,
    measure,
    measure_against,
    measure_training,
)
from ernotes.models.prediction import current_model_folder

Beside = Callable[[Workspace, Sequence[Annotated], Scored, DiagnosisRule], tuple[MeasuredLlm, Compared]]
"""Measures an LLM on the notes that a model was scored on: `ernotes.llm.annotating.measure_llm`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation(Measured):
    """A model's score on the notes of a role; what training knew of them is left out for a model that is not here.

    `exemplars_scored` are the ids of notes that an LLM was shown. `looks` counts how often the role's notes were
    scored, this time included; the store's record of a look is without it.
    """

    seen: ScoreTable | None = optional()
    unseen: ScoreTable | None = optional()
    leakage: Leakage | None = optional()
    exemplars_scored: Sequence[str] | None = optional()
    llm: MeasuredLlm | None = optional()
    comparison: Compared | None = optional()
    model: str
    role: Role
    fictional: bool
    trained_on: int | None
    looks: int | None = optional()

    @property
    def known(self) -> KnownInTraining | None:
        """What training knew of the notes; None for a model that is not here."""
        if self.seen is None or self.unseen is None or self.leakage is None:
            return None
        return KnownInTraining(self.seen, self.unseen, self.leakage, self.exemplars_scored)


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
) -> Evaluation:
    """Score a model on the gold of a role, against another model or the LLM if asked, and record the look.

    What another way to `decode` than the model's own finds is kept under a name of its own, "VERSION:argmax".
    """
    store = workspace.store
    folder = current_model_folder(workspace) if version is None else workspace.models / version
    notes = store.spans.annotated(role)
    if not notes:
        raise WorkspaceError(f"no annotated note has role {role}; import some with --role {role}")
    others = compare_stored(workspace, notes, against) if against is not None else []
    name = decoded_by(folder.name, decode)
    pairs = PairedNotes(compare(workspace, notes, folder.name, decode), diagnosis=diagnosis)
    model = store.models.get(folder.name)
    measured = by_field(measure(pairs, diagnosis))
    if model is not None:
        measured |= by_field(measure_training(store, notes, pairs, model.trained_on, diagnosis))
    llm, comparison = beside(workspace, notes, pairs, diagnosis) if beside is not None else (None, None)
    if against is not None:
        comparison = measure_against(pairs, others, diagnosis, against)
    evaluation = Evaluation(
        **measured,
        llm=llm,
        comparison=comparison,
        model=name,
        role=role,
        fictional=store.notes.count_by_sensitivity(role).keys() == {Sensitivity.FICTIONAL},
        trained_on=len(model.trained_on) if model else None,
    )
    store.scores.add(name, role, to_json(evaluation), round_number)
    return replace(evaluation, looks=store.scores.looks(role))
