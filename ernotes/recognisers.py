"""Training, evaluating and using the workspace's recognisers."""

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from typing import Any

from corpus.config.training import TrainingConfig
from corpus.errors import ModelError, WorkspaceError
from corpus.note import Author, AuthorKind, Note, Role, Sensitivity
from corpus.recognition import Annotated
from corpus.scoring.leakage import Leakage, find_leakage, format_leakage
from corpus.scoring.scores import Diagnosis, ScoredNote
from corpus.workspace import Workspace
from ernotes.console import bar, say
from ernotes.measuring import join_results, known_notes, measure, measure_against, measure_training
from ernotes.prediction import current_model_folder
from ernotes.result import Result
from inference.load import load_recogniser
from inference.transformer.decode import Method

Beside = Callable[[Workspace, Sequence[Annotated], Sequence[ScoredNote], Diagnosis], Result]
"""Measures something else on the notes that a model was scored on: `ernotes.llm_annotation.measure_llm`."""

FICTIONAL_NOTICE = "fictional notes: written for this project, by no physician"


def train(
    workspace: Workspace, *, base: str | None = None, seed: int | None = None, seeds: int = 1, promote: bool = True
) -> Result:
    """Train on the gold of the train and exemplar notes; of several seeds keep the best, and make it current.

    Without `promote` the current model stays: the judge of a round decides. A model's version follows from its base,
    seeds, recipe and notes: the same again is not trained twice. Of the processes that `accelerate launch` starts, the
    main one writes to the workspace.
    """
    from corpus.machine.processes import is_main_process
    from training.card import About
    from training.run import train_recogniser
    from training.transformer.resuming import run_folder

    store, config = workspace.store, workspace.config.training
    base, seed = base or config.base, config.seed if seed is None else seed
    notes = store.spans.annotated(Role.TRAIN, Role.EXEMPLAR, silver=config.silver)
    validation = store.spans.annotated(Role.VALIDATION, silver=config.silver)
    version = model_version(base, seed, config, notes, validation, seeds)
    folder = workspace.models / version
    known = store.models.get(version)
    if known is None:
        if not folder.exists():
            about = About(about_data(workspace), format_leakage(leakage_of(workspace, notes, validation)))
            progress = say if is_main_process() else _keep_silent
            trained = train_recogniser(
                base, notes, validation, folder, config, seed, progress, about=about, seeds=seeds
            )
            figures = dict(trained.figures)
        else:
            figures = {}  # a run was killed between writing the model and recording it
            shutil.rmtree(run_folder(folder), ignore_errors=True)
        if is_main_process():
            store.models.add(version, base, [note.id for note in notes], figures)
    if is_main_process() and promote:
        store.models.promote(version)
    again = " was trained already" if known else ""
    now_current = "; it is the current model" if promote else ""
    document = {"model": version, "base": base, "seed": seed, "trained_on": len(notes), "validation": len(validation)}
    return Result(
        document | {"figures": dict(known.figures if known else figures)},
        f"model {version}{again}{now_current} ({len(notes)} training notes, {len(validation)} to validate)",
    )


def model_version(
    base: str,
    seed: int,
    config: TrainingConfig,
    notes: Sequence[Annotated],
    validation: Sequence[Annotated],
    seeds: int = 1,
) -> str:
    """A name that follows from all that the model does: its base and ten hex digits of the rest."""
    parts: list[Any] = [base, seed, config.model_dump(mode="json", exclude={"base", "seed"})]
    parts += [[[note.id, [span.place for span in note.spans]] for note in group] for group in (notes, validation)]
    if seeds > 1:
        parts.append({"seeds": seeds})
    digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
    return f"{re.sub(r'[^A-Za-z0-9._-]+', '-', base).strip('-.')[-60:]}-{digest[:10]}"


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


def ensure_model(workspace: Workspace) -> Result:
    """For round 0: where there is no model yet, a crf trained on the exemplars (and what is annotated besides)."""
    current = workspace.store.models.current()
    if current is not None:
        return Result({"model": current.version, "trained": False}, f"pre-annotating with {current.version}")
    if not workspace.store.spans.annotated(Role.TRAIN, Role.EXEMPLAR):
        return Result({"model": None, "trained": False}, "no annotated note yet: the first notes go out bare")
    result = train(workspace, base="crf")
    return Result({"model": result.document["model"], "trained": True}, result.text)


def preannotate(workspace: Workspace) -> Result:
    """The current model's spans for every pool note that has none of this model's."""
    version = current_model_folder(workspace).name
    notes, mentions = preannotate_with(workspace, version, workspace.store.notes.by_role(Role.POOL))
    workspace.store.models.set_preannotator(Author(AuthorKind.MODEL, version))
    return Result(
        {"model": version, "notes": notes, "mentions": mentions},
        f"{notes} pool notes pre-annotated by {version}: {mentions} mentions",
    )


def preannotate_with(workspace: Workspace, version: str, candidates: Iterable[Note]) -> tuple[int, int]:
    """Store a model's spans and uncertainty for the notes that have none of its: how many notes and mentions."""
    author = Author(AuthorKind.MODEL, version)
    known = workspace.store.spans.of_author(author.kind, author.name)
    notes = [note for note in candidates if note.id not in known]
    if not notes:
        return 0, 0
    mentions = 0
    with bar(len(notes), "pre-annotate") as advance:
        recogniser = load_recogniser(workspace.models / version, version)
        found = recogniser.recognise(note.text for note in notes)
        for note, recognition in zip(notes, found, strict=True):
            uncertainty = recognition.uncertainty
            workspace.store.spans.add(note.id, author, recognition.spans, detail={"uncertainty": asdict(uncertainty)})
            mentions += len(recognition.spans)
            advance(1)
    return len(notes), mentions


def evaluate(
    workspace: Workspace,
    role: Role = Role.TEST,
    *,
    version: str | None = None,
    diagnosis: Diagnosis = "top1",
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
    name = _decoded_by(folder.name, decode)
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


def compare(
    workspace: Workspace, notes: Sequence[Annotated], version: str, decode: str | None = None
) -> list[ScoredNote]:
    """The notes' gold beside what the model finds in them, which is stored, so that a report needs no second look."""
    folder = workspace.models / version
    if not folder.exists():
        raise ModelError(f"there is no model {version!r} in {workspace.models}")
    recogniser = load_recogniser(folder, version, Method(decode) if decode else None)
    author = Author(AuthorKind.MODEL, _decoded_by(version, decode))
    found = recogniser.recognise(note.text for note in notes)
    with bar(len(notes), "evaluate") as advance:
        pairs = []
        for note, recognition in zip(notes, found, strict=True):
            workspace.store.spans.add(note.id, author, recognition.spans)
            pairs.append(ScoredNote(note.id, note.spans, recognition.spans))
            advance(1)
    return pairs


def _decoded_by(version: str, decode: str | None) -> str:
    return f"{version}:{decode}" if decode == Method.ARGMAX else version


def compare_stored(workspace: Workspace, notes: Sequence[Annotated], version: str) -> list[ScoredNote]:
    """`compare`, of what the model found at an earlier look if it was shown all of these notes then."""
    stored = workspace.store.spans.of_author(AuthorKind.MODEL, version)
    if not all(note.id in stored for note in notes):
        return compare(workspace, notes, version)
    return [ScoredNote(note.id, note.spans, stored[note.id].spans or ()) for note in notes]
