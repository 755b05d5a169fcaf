"""Training the workspace's recognisers."""

import hashlib
import json
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from corpus.config.knobs import overridden
from corpus.config.training import TrainingConfig
from corpus.documents import aside
from corpus.note import Role
from corpus.recognition import Annotated
from corpus.scoring.leakage import Leakage, find_leakage
from corpus.workspace import Workspace
from ernotes.console import say
from ernotes.models.measuring import known_notes
from training.card import About, CardWords


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """A model that was trained, now or (`known`) at an earlier time; `current` where it is the current one since.

    `figures` are those of the training run.
    """

    model: str
    base: str
    seed: int
    trained_on: int
    validation: int
    figures: Mapping[str, object]
    known: bool = aside(False)
    current: bool = aside(False)


@dataclass(frozen=True, slots=True)
class EnsuredModel:
    """The current model, if there can be one; `made` where it had to be trained first."""

    model: str | None
    trained: bool
    made: TrainedModel | None = aside(None)


def train(
    workspace: Workspace,
    *,
    base: str | None = None,
    seed: int | None = None,
    seeds: int = 1,
    promote: bool = True,
    words: CardWords | None = None,
) -> TrainedModel:
    """Train on the gold of the train and exemplar notes; of several seeds keep the best, and make it current.

    Without `promote` the current model stays: the judge of a round decides. A model's version follows from its base,
    seeds, recipe and notes: the same again is not trained twice. Of the processes that `accelerate launch` starts, the
    main one writes to the workspace. Without `words` the model's card says little of its scores, and nothing of leaks.
    """
    from corpus.machine.processes import is_main_process
    from training.run import train_recogniser
    from training.transformer.resuming import run_folder

    store, config = workspace.store, overridden(workspace.config.training, "training", base=base, seed=seed)
    base, seed = config.base, config.seed
    notes = store.spans.annotated(Role.TRAIN, Role.EXEMPLAR, silver=config.silver)
    validation = store.spans.annotated(Role.VALIDATION, silver=config.silver)
    version = model_version(base, seed, config, notes, validation, seeds)
    folder = workspace.models / version
    known = store.models.get(version)
    figures: Mapping[str, JsonValue] = known.figures if known else {}
    if known is None:
        if not folder.exists():
            about = _about(workspace, notes, validation, words)
            progress = say if is_main_process() else _keep_silent
            figures = train_recogniser(
                base, notes, validation, folder, config, seed, progress, about=about, seeds=seeds
            ).figures
        else:  # a run was killed between writing the model and recording it
            shutil.rmtree(run_folder(folder), ignore_errors=True)
        if is_main_process():
            store.models.add(version, base, [note.id for note in notes], figures)
    if is_main_process() and promote:
        store.models.promote(version)
    return TrainedModel(version, base, seed, len(notes), len(validation), figures, known is not None, promote)


def model_version(
    base: str,
    seed: int,
    config: TrainingConfig,
    notes: Sequence[Annotated],
    validation: Sequence[Annotated],
    seeds: int = 1,
) -> str:
    """A name that follows from all that the model does: its base and ten hex digits of the rest."""
    parts: list[object] = [base, seed, config.model_dump(mode="json", exclude={"base", "seed"})]
    parts += [[[note.id, [span.place for span in note.spans]] for note in group] for group in (notes, validation)]
    if seeds > 1:
        parts.append({"seeds": seeds})
    digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
    return f"{re.sub(r'[^A-Za-z0-9._-]+', '-', base).strip('-.')[-60:]}-{digest[:10]}"


def _about(
    workspace: Workspace, notes: Sequence[Annotated], validation: Sequence[Annotated], words: CardWords | None
) -> About:
    """What the model's card says that only the workspace knows."""
    data = about_data(workspace)
    if words is None:
        return About(data)
    return About(data, words.tell_leakage(leakage_of(workspace, notes, validation)), words.tell_scores)


def about_data(workspace: Workspace) -> str:
    """What the model card says of the training notes: how many, and how many of them are fictional."""
    parts = []
    for role in (Role.TRAIN, Role.EXEMPLAR, Role.VALIDATION):
        for sensitivity, count in workspace.store.notes.count_by_sensitivity(role).items():
            parts.append(f"{count} {sensitivity} {role} notes")
    return ", ".join(parts)


def leakage_of(workspace: Workspace, notes: Sequence[Annotated], validation: Sequence[Annotated]) -> Leakage:
    """What the training notes hold of the validation and test notes, and which were written after one of these."""
    _, exemplars, examples = known_notes(workspace.store, {note.id for note in notes})
    scored = [*validation, *workspace.store.spans.annotated(Role.TEST)]
    return find_leakage(scored, notes, exemplars, examples)


def _keep_silent(_line: str) -> None:
    pass


def ensure_model(workspace: Workspace, words: CardWords | None = None) -> EnsuredModel:
    """For round 0: where there is no model yet, a crf trained on the exemplars (and what is annotated besides)."""
    current = workspace.store.models.current()
    if current is not None:
        return EnsuredModel(current.version, trained=False)
    if not workspace.store.spans.annotated(Role.TRAIN, Role.EXEMPLAR):
        return EnsuredModel(None, trained=False)
    made = train(workspace, base="crf", words=words)
    return EnsuredModel(made.model, trained=True, made=made)
