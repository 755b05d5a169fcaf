"""What a round ends with: what more notes would probably bring, and whether one may stop.

`status` shows what the step has stored, so nothing heavy is imported before `outlook` is called.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from corpus.config.settings import StoppingConfig
from corpus.note import Role
from corpus.recognition import Annotated
from corpus.store.models import Model
from corpus.workspace import Workspace
from ernotes.models.round_steps import (
    BeginningStep,
    CurvePoint,
    Outlook,
    OutlookCurve,
    Stability,
    TrainStep,
    read_step,
)

if TYPE_CHECKING:
    from corpus.scoring.tallies import IntArray

STEP = "outlook"


class StoppingReason(StrEnum):
    """Why one may stop, or why not."""

    STOP = "predictions are stable, and more notes would bring little: you may stop"
    GAIN = "more notes may still bring something"
    CHANGING = "predictions still change from one round to the next"
    TOO_SHORT = "predictions have not been stable for enough rounds"
    NOT_COMPARED = "not known yet whether predictions are stable: no new model, or too few notes to compare it on"
    FEW_NOTES = "not known yet what more notes would bring: too few validation notes"
    FEW_MODELS = "not known yet what more notes would bring: no two models that learnt from more and more notes"


@dataclass(frozen=True, slots=True)
class EarlierOutlook:
    """What an earlier round's outlook said of stability."""

    stability: Stability | None = None


def outlook(workspace: Workspace, number: int) -> Outlook:
    """The outlook at the end of a round, from the models of the rounds so far; test notes have no part in it.

    `stop` is true where predictions were stable in the last `stopping.stable_rounds` and the upper end of the gain's
    interval is less than `stopping.gain`. What models have not said yet of pool and validation notes is worked out and
    stored.
    """
    from ernotes.rounds.stability import measure_stability  # numpy and the recognisers, which status does without

    config = workspace.config.stopping
    models = _models(workspace, number)
    stability = None
    if len(models) > 1 and models[-1].version not in (model.version for model in models[:-1]):
        stability = measure_stability(workspace, models[-1].version, models[-2].version, config.least_notes)
    found = _curve(workspace, models, config)
    kappas = [*_earlier_kappas(workspace, number), stability.kappa if stability else None]
    if isinstance(found, StoppingReason):
        return Outlook(stability, None, stop=False, reason=str(found))
    reason = _reason(found.interval[1], kappas[-config.stable_rounds :], config)
    return Outlook(stability, found, stop=reason is StoppingReason.STOP, reason=str(reason))


def _models(workspace: Workspace, number: int) -> list[Model]:
    """The models of the rounds so far in order, the one that round 1 began with first; those of the last one's base."""
    store = workspace.store
    steps = [store.rounds.steps(one) for one in range(1, number + 1)]
    began = read_step(steps[0], "model", BeginningStep)
    versions = [began.model] if began and began.model else []
    versions += [trained.model for step in steps if (trained := read_step(step, "train", TrainStep))]
    models = [model for version in versions if (model := store.models.get(version))]
    return [model for model in models if model.base == models[-1].base and (workspace.models / model.version).exists()]


def _earlier_kappas(workspace: Workspace, number: int) -> list[float | None]:
    """How far each earlier round's model agreed with the one before it; None where that is not known."""
    rounds = workspace.store.rounds
    earlier = [read_step(rounds.steps(one), STEP, EarlierOutlook) for one in range(1, number)]
    return [said.stability.kappa if said and said.stability else None for said in earlier]


def _curve(workspace: Workspace, models: Sequence[Model], config: StoppingConfig) -> OutlookCurve | StoppingReason:
    """The measured curve and the gain that it promises; the reason where there is none.

    Every model is scored on the validation notes of today, so that all points share their notes.
    """
    from corpus.scoring.extrapolation import expected_gain, measure_curve

    learnt = {note_id for model in models for note_id in model.trained_on}
    notes = [note for note in workspace.store.spans.annotated(Role.VALIDATION) if note.id not in learnt]
    if len(notes) < config.least_notes or not any(note.spans for note in notes):
        return StoppingReason.FEW_NOTES
    sized = {len(model.trained_on): model for model in models}  # of several models of a size the latest
    if len(sized) < 2:
        return StoppingReason.FEW_MODELS
    sizes = sorted(sized)
    measured = measure_curve(sizes, _tallies(workspace, [sized[size] for size in sizes], notes))
    gain = expected_gain(measured, config.more_notes)
    points = zip(measured.notes, measured.f1, measured.standard_errors, strict=True)
    return OutlookCurve(
        tuple(CurvePoint(size, float(f1), float(se)) for size, f1, se in points),
        config.more_notes,
        gain.median,
        (gain.interval.low, gain.interval.high),
        (gain.measured.low, gain.measured.high),
        len(notes),
    )


def _tallies(workspace: Workspace, models: Sequence[Model], notes: Sequence[Annotated]) -> "IntArray":
    """The exact tallies of each model in each note, shape (notes, models, labels, 3), one Diagnóstico a note."""
    import numpy as np

    from corpus.scoring.scores import PairedNotes
    from corpus.scoring.tallies import tally_notes
    from ernotes.models.findings import compare_stored

    scored = [compare_stored(workspace, notes, model.version) for model in models]
    return np.stack([tally_notes(PairedNotes(of_model), 1.0) for of_model in scored], 1)


def _reason(most: float, kappas: Sequence[float | None], config: StoppingConfig) -> StoppingReason:
    """Why (not) to stop, by the most that more notes may bring and the agreement of the last rounds, latest last."""
    if most >= config.gain:
        return StoppingReason.GAIN
    if kappas[-1] is None:
        return StoppingReason.NOT_COMPARED
    if kappas[-1] < config.kappa:
        return StoppingReason.CHANGING
    stable = [kappa is not None and kappa >= config.kappa for kappa in kappas]
    return StoppingReason.STOP if len(stable) == config.stable_rounds and all(stable) else StoppingReason.TOO_SHORT
