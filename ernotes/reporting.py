"""The report of the current model: what the store knows, gathered for the page."""

from annotation.ledger import SIMULATED, correction_ledger
from corpus.note import AuthorKind, Role, Sensitivity
from corpus.scoring import keep_most_confident_diagnosis
from corpus.store.ledger import ScoreRecord
from corpus.store.schema import now
from corpus.workspace import Workspace
from ernotes.prediction import current_model_folder
from ernotes.recognisers import FICTIONAL_NOTICE
from ernotes.report import ComparedNote, ReportData, write_report
from ernotes.result import Result
from ernotes.written import OFFLINE_NOTICE

SIMULATED_NOTICE = "corrections by a simulated annotator, who knows what the briefs asked for"


def report(workspace: Workspace, round_number: int | None = None) -> Result:
    """Write the page of the current model: its latest test score, with the predictions that were scored."""
    version = current_model_folder(workspace).name
    record = _latest_score(workspace, version)
    model = workspace.store.models.get(version)
    name = f"round-{round_number:03d}" if round_number is not None else version
    path = workspace.reports / f"{name}.html"
    data = ReportData(
        title=f"Round {round_number}" if round_number is not None else f"Model {version}",
        made_at=now(),
        round=round_number,
        model_version=version,
        base=model.base if model else "",
        score=record.document if record else None,
        history=workspace.store.scores.all(Role.TEST),
        notes=_compared(workspace, version, record),
        calibration=model.figures.get("calibration") if model else None,
        corrections=correction_ledger(workspace.store).to_json(),
        facts=_facts(workspace),
        notices=notices(workspace, record),
    )
    write_report(data, path)
    scored = "" if record else " (no score of this model yet: run 'ernotes evaluate' first)"
    return Result({"report": str(path), "model": version}, f"report: {path}{scored}")


def notices(workspace: Workspace, record: ScoreRecord | None) -> list[str]:
    """What a reader must know before any figure."""
    found = []
    if record and record.document.get("fictional"):
        found.append(f"Scored on {FICTIONAL_NOTICE}")
    if workspace.config.endpoint.kind == "embedded":
        found.append(f"Generated notes were {OFFLINE_NOTICE}")
    if SIMULATED in workspace.store.spans.author_names(AuthorKind.HUMAN):
        found.append(SIMULATED_NOTICE[0].upper() + SIMULATED_NOTICE[1:])
    return found


def _latest_score(workspace: Workspace, version: str) -> ScoreRecord | None:
    records = [record for record in workspace.store.scores.all(Role.TEST) if record.model_version == version]
    return records[-1] if records else None


def _compared(workspace: Workspace, version: str, record: ScoreRecord | None) -> list[ComparedNote]:
    """The test notes with the predictions that `evaluate` stored, cut as the score cut them."""
    store = workspace.store
    predicted = store.spans.of_author(AuthorKind.MODEL, version)
    top1 = record is None or record.document["diagnosis"] == "top1"
    compared = []
    for note in store.spans.annotated(Role.TEST):
        if note.id not in predicted:
            continue
        spans = predicted[note.id].spans or ()
        title = str(store.notes.get(note.id).doc_id)
        kept = tuple(keep_most_confident_diagnosis(spans)) if top1 else spans
        compared.append(ComparedNote(note.id, title, note.text, note.spans, kept))
    return compared


def _facts(workspace: Workspace) -> list[tuple[str, str]]:
    store = workspace.store
    facts = []
    for role, count in store.notes.count_by_role().items():
        fictional = store.notes.count_by_sensitivity(role).get(Sensitivity.FICTIONAL, 0)
        told = f" ({'all' if fictional == count else fictional} fictional)" if fictional else ""
        facts.append((f"Notes with role {role}", f"{count}{told}"))
    facts.append(("Looks at the test set", str(store.scores.looks(Role.TEST))))
    return facts
