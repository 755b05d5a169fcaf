"""The report of a round or of a model: what the store knows, gathered for the page."""

from dataclasses import dataclass
from pathlib import Path

from annotation.agreement import measure_agreement, shared_notes
from annotation.corrections import SIMULATED, Work, correction_ledger, corrections
from corpus.config.settings import Language
from corpus.documents import aside, from_json
from corpus.note import AuthorKind, Role, Sensitivity
from corpus.scoring.scores import keep_most_confident_diagnosis
from corpus.store import Store
from corpus.store.models import Model
from corpus.store.schema import now
from corpus.store.scores import ScoreRecord
from corpus.workspace import Workspace
from ernotes.models.looks import LookSetting
from ernotes.models.prediction import current_model_folder
from ernotes.models.round_models import model_of_round, round_of_model
from ernotes.pages.page import translatable, write_page
from ernotes.pages.report_page import AuditWork, ComparedNote, Holding, ReportData, render_report
from ernotes.pages.shown import ShownScore
from ernotes.pages.shown_steps import ShownSelection, ShownSteps
from training.calibration import Calibration

FICTIONAL = translatable("Scored on fictional notes: written for this project, by no physician")
OFFLINE = translatable("Generated notes were written offline by rule: not an LLM's work")
ONE_LINEAGE = translatable("All validation notes come from one exemplar: what they show may not hold for others")
SIMULATED_ANNOTATOR = translatable("Corrections by a simulated annotator, who knows what the briefs asked for")


@dataclass(frozen=True, slots=True)
class Reported:
    """The page that was written, of which model and round, in which language; `scored` where it shows a score."""

    report: str
    model: str
    round: int | None
    language: Language
    scored: bool = aside(True)


def report(workspace: Workspace, round_number: int | None = None, language: Language | None = None) -> Reported:
    """Write the page of a round, or of the current model, with the round that trained it last if one did.

    It shows the model's latest test score (the validation score where there is none) with the predictions that were
    scored. Raises WorkspaceError for a round that has not trained a model yet.
    """
    language = language or workspace.config.report.language
    number, version = _round_and_model(workspace, round_number)
    data = gather(workspace, number, version)
    name = f"round-{round_number:03d}" if round_number is not None else version
    path = workspace.reports / f"{name}.html" if language == "en" else workspace.reports / f"{name}.{language}.html"
    write_page(render_report(data, language), path)
    return Reported(str(path), version, number, language, scored=data.score is not None)


def gather(workspace: Workspace, number: int | None, version: str) -> ReportData:
    """What the page of a model shows, and of the round that trained it."""
    store = workspace.store
    record = _latest_score(workspace, number, version)
    model = store.models.get(version)
    steps = _steps(store, number)
    shared = shared_notes(store)
    return ReportData(
        made_at=now(),
        round=number,
        model_version=version,
        base=model.base if model else "",
        score=from_json(ShownScore, record.document) if record else None,
        history=[look for look in store.scores.all() if look.role in (Role.VALIDATION, Role.TEST)],
        notes=_compared(workspace, version, record),
        steps=steps,
        calibration=_calibration(model),
        corrections=correction_ledger(store),
        audit=_audit(store, steps.select),
        agreement=measure_agreement(shared) if shared else None,
        holdings=_holdings(workspace),
        looks=store.scores.looks(Role.TEST),
        notices=notices(workspace, record),
        program=_program(workspace.folder),
        next_steps=_next_steps(workspace, number, steps, record),
    )


def _steps(store: Store, number: int | None) -> ShownSteps:
    """What the steps of the round have stored; a step that stored nothing is taken for one that is not done."""
    stored = {} if number is None else store.rounds.steps(number)
    return from_json(ShownSteps, {name: document for name, document in stored.items() if document})


def _calibration(model: Model | None) -> Calibration | None:
    found = model.figures.get("calibration") if model else None
    return from_json(Calibration, found) if found else None


def notices(workspace: Workspace, record: ScoreRecord | None) -> list[str]:
    """What a reader must know before any figure."""
    found = [FICTIONAL] if record and from_json(LookSetting, record.document).fictional else []
    validation = list(workspace.store.notes.by_role(Role.VALIDATION))
    if len(validation) > 1 and len({note.lineage or note.id for note in validation}) == 1:
        found.append(ONE_LINEAGE)
    return found + origins(workspace)


def origins(workspace: Workspace) -> list[str]:
    """What a reader must know of where notes and corrections come from."""
    found = [OFFLINE] if workspace.config.endpoint.is_embedded else []
    if SIMULATED in workspace.store.spans.author_names(AuthorKind.HUMAN):
        found.append(SIMULATED_ANNOTATOR)
    return found


def _round_and_model(workspace: Workspace, round_number: int | None) -> tuple[int | None, str]:
    """The round asked for and its model, or the current model and the last round that trained it, None if none did."""
    if round_number is not None:
        return round_number, model_of_round(workspace, round_number)
    version = current_model_folder(workspace).name
    return round_of_model(workspace, version), version


def _latest_score(workspace: Workspace, number: int | None, version: str) -> ScoreRecord | None:
    """The model's last look at the test notes, in this round if there was one; without any, at the validation notes."""
    looks = [record for record in workspace.store.scores.all() if record.model_version == version]
    for role in (Role.TEST, Role.VALIDATION):
        of_role = [record for record in looks if record.role is role]
        if of_role:
            return ([record for record in of_role if record.round == number] or of_role)[-1]
    return None


def _compared(workspace: Workspace, version: str, record: ScoreRecord | None) -> list[ComparedNote]:
    """The scored notes with the predictions that `evaluate` stored, cut as the score cut them."""
    store = workspace.store
    predicted = store.spans.of_author(AuthorKind.MODEL, version)
    top1 = record is None or from_json(LookSetting, record.document).diagnosis == "top1"
    notes = [note for note in store.spans.annotated(record.role if record else Role.TEST) if note.id in predicted]
    titles = [str(note.doc_id) for note in store.notes.many([note.id for note in notes])]
    compared = []
    for note, title in zip(notes, titles, strict=True):
        spans = predicted[note.id].spans or ()
        kept = tuple(keep_most_confident_diagnosis(spans)) if top1 else spans
        compared.append(ComparedNote(note.id, title, note.text, note.spans, kept))
    return compared


def _holdings(workspace: Workspace) -> list[Holding]:
    notes = workspace.store.notes
    return [
        Holding(role, count, notes.count_by_sensitivity(role).get(Sensitivity.FICTIONAL, 0))
        for role, count in notes.count_by_role().items()
    ]


def _audit(store: Store, selected: ShownSelection | None) -> AuditWork | None:
    """What correcting a round's audit took, and the notes chosen by the strategy; None until some of both came back."""
    if selected is None or not selected.audit_notes:
        return None
    audit, others = Work(), Work()
    for one in corrections(store):
        if one.note_id in selected.notes:
            (audit if one.note_id in selected.audit_notes else others).add(one.work)
    if not audit.mentions or not others.mentions:
        return None
    return AuditWork(audit, others)


def _next_steps(
    workspace: Workspace, number: int | None, steps: ShownSteps, record: ScoreRecord | None
) -> list[tuple[str, str]]:
    """Commands that take the workspace on, in order, each with what it is for."""
    program = _program(workspace.folder)
    counts = workspace.store.notes.count_by_role()
    found = []
    if record is None:
        found.append(("evaluate", translatable("scores the model on the test notes")))
    if not counts[Role.TEST]:
        found.append(("import FILE --role test", translatable("brings physicians' notes to measure on")))
    if steps.judge and steps.judge.reason == "too few notes to judge by":
        found.append(("import FILE --role validation", translatable("brings annotated notes to judge by")))
    if counts[Role.TRAIN]:
        found.append(("label-errors", translatable("lists annotations that may be wrong, for a second look")))
    if steps.outlook and steps.outlook.stop:
        found.append(("models", translatable("lists the models: the corrections have probably done their work")))
    else:
        found.append(("loop --rounds 1", translatable("runs the next round, and waits for corrections")))
    if number is not None and number > 1:
        found.append((f"report --compare {number - 1} {number}", translatable("sets this round beside the one before")))
    return [(f"{program} {command}", purpose) for command, purpose in found]


def _program(folder: Path) -> str:
    return f"ernotes -w {folder}"
