"""Every model that was trained here, and a person's word on which of them is current."""

from collections.abc import Sequence
from dataclasses import dataclass

from corpus.documents import aside, from_json
from corpus.errors import ModelError
from corpus.note import Role
from corpus.scoring.scores import Score
from corpus.store.models import Model
from corpus.workspace import Workspace
from ernotes.models.round_steps import JudgeStep, read_step


@dataclass(frozen=True, slots=True)
class ListedModel:
    """A model: what it was trained on, how it scored last (exact micro F1), and what its round's judge said of it."""

    version: str
    base: str
    trained_on: int
    added_at: str
    current: bool
    validation: float | None
    test: float | None
    round: int | None
    verdict: str | None
    promoted: bool | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class ListedModels:
    """The models of a workspace, oldest first."""

    models: Sequence[ListedModel]
    test_looks: int


@dataclass(frozen=True, slots=True)
class Promoted:
    """The model that is current now, and the one that it replaced."""

    model: str
    replaced: str | None
    was_current: bool = aside(False)


def list_models(workspace: Workspace) -> ListedModels:
    """The models, oldest first: what each was trained on, how it scored last, what its round's judge said of it."""
    store = workspace.store
    current = store.models.current()
    judged = _judged(workspace)
    latest = {(record.model_version, record.role): record.document for record in store.scores.all()}

    def scored(model: Model, role: Role) -> float | None:
        found = latest.get((model.version, role))
        return from_json(Score, found).exact.micro.f1 if found else None

    models = []
    for model in store.models.all():
        number, last = judged.get(model.version, (None, None))
        models.append(
            ListedModel(
                model.version,
                model.base,
                len(model.trained_on),
                model.added_at,
                current is not None and model.version == current.version,
                scored(model, Role.VALIDATION),
                scored(model, Role.TEST),
                number,
                last.verdict if last else None,
                last.promoted if last else None,
                last.reason if last else None,
            )
        )
    return ListedModels(models, store.scores.looks(Role.TEST))


def promote(workspace: Workspace, version: str) -> Promoted:
    """Make a model the current one, whatever a judge said of it.

    Raises ModelError where there is no such model.
    """
    models = workspace.store.models
    before = models.current()
    if models.get(version) is None or not (workspace.models / version).is_dir():
        raise ModelError(f"there is no model {version!r} here; 'ernotes models' lists them")
    if before is not None and before.version == version:
        return Promoted(version, None, was_current=True)
    models.promote(version)
    return Promoted(version, before.version if before else None)


def _judged(workspace: Workspace) -> dict[str, tuple[int, JudgeStep]]:
    """By version, the last round that it was judged in, and what came of it."""
    found = {}
    for number, steps in workspace.store.rounds.all_steps().items():
        judged = read_step(steps, "judge", JudgeStep)
        if judged is not None:
            found[judged.candidate] = (number, judged)
    return found
