"""What a report shows, for the tests of pages: a round with something to say in every section."""

from dataclasses import replace
from typing import Any

from annotation.agreement import SharedNote, measure_agreement
from annotation.corrections import Ledger, work_of
from corpus.documents import from_json, to_json
from corpus.labels import Label
from corpus.note import Role, Span
from corpus.recognition import Annotated
from corpus.scoring.intervals import bootstrap_intervals
from corpus.scoring.leakage import find_leakage
from corpus.scoring.mistakes import count_mistakes
from corpus.scoring.novelty import score_by_novelty, surfaces
from corpus.scoring.scores import ScoredNote, score_notes
from corpus.scoring.significance import compare_models
from corpus.store.scores import ScoreRecord
from ernotes.pages.report import FICTIONAL, OFFLINE, SIMULATED_ANNOTATOR
from ernotes.pages.report_page import AuditWork, ComparedNote, Holding, ReportData
from ernotes.pages.shown import ShownScore
from ernotes.pages.shown_steps import ShownSteps
from training.calibration import Calibration

HOSTILE = "<script>alert(1)</script>"

TEXT = (
    "# HTA, nega alergias medicamentosas\r\n"
    "- AAS 100 mg ao almoço, Eliquis\r\n"
    f"- {HOSTILE} \U0001f9ea\x00\r\n"
    "\r\n"
    "Dx: enfarte agudo do miocárdio\r\ncom supra de ST, dor"
)


def span(words: str, label: Label, confidence: float | None = None) -> Span:
    start = TEXT.index(words)
    return Span(start, start + len(words), label, confidence)


GOLD = (
    span("alergias medicamentosas", Label.NO_ALLERGY),
    span("AAS 100 mg ao almoço", Label.MEDICATION),
    span("100 mg", Label.MEDICATION),
    span("Eliquis", Label.MEDICATION),
    span("enfarte agudo do miocárdio\r\ncom supra de ST", Label.DIAGNOSIS),
)
PREDICTED = (
    span("alergias medicamentosas", Label.ALLERGY, 0.61),
    span("AAS 100 mg", Label.MEDICATION, 0.9),
    span("Eliquis", Label.MEDICATION, 0.97),
    span(HOSTILE, Label.MEDICATION, 0.2),
    span("enfarte agudo do miocárdio\r\ncom supra de ST", Label.DIAGNOSIS, 0.8),
)
NOTE = ComparedNote("n1", "Nota 1", TEXT, GOLD, PREDICTED)
QUIET = ComparedNote("n2", "Nota 2", "Sem queixas.\n", (), ())


def look(round_number: int | None, micro: float, macro: float, trained_on: int | None = None) -> ScoreRecord:
    document: dict[str, Any] = {"exact": {"micro": {"f1": micro}, "macro": {"f1": macro}}}
    if trained_on is not None:
        document["trained_on"] = trained_on
    return ScoreRecord("crf-1", Role.TEST, round_number, document, "2026-03-02T14:05:00Z")


def plain_data() -> ReportData:
    """A scored model of the second round, of which nothing else is known."""
    return ReportData(
        made_at="2026-03-02T14:05:00Z",
        round=2,
        model_version="crf-1",
        base="crf",
        score=from_json(
            ShownScore, to_json(score_notes([ScoredNote("n1", GOLD, PREDICTED), ScoredNote("n2", (), ())]))
        ),
        history=[look(0, 0.5, 0.25, 8), look(1, 0.61, 0.52, 48), look(2, 0.7, 0.75, 88)],
        notes=[NOTE, QUIET],
        holdings=[Holding(Role.TEST, 2, 1)],
        looks=3,
        notices=["The notes are fictional."],
    )


def measured_data() -> ReportData:
    """The same with all that `evaluate --against` says; n2 is a copy of a training note that n1 was an example of."""
    scored = [ScoredNote("n1", GOLD, PREDICTED), ScoredNote("n2", (), ()), ScoredNote("n3", GOLD[:1], GOLD[:1])]
    notes = [Annotated("n1", TEXT, GOLD), Annotated("n2", QUIET.text, ())]
    copied, other = Annotated(HOSTILE, QUIET.text, ()), Annotated("t2", "Eliquis", (Span(0, 7, Label.MEDICATION),))
    seen, unseen = score_by_novelty(scored[:2], {"n1": TEXT, "n2": QUIET.text}, surfaces([other]))
    others = [ScoredNote(note.id, note.gold, note.gold) for note in scored]
    document = {
        **score_notes(scored[:2]).to_json(),
        "intervals": bootstrap_intervals(scored).to_json(),
        "errors": count_mistakes(scored[:2]).to_json(),
        "seen": seen.to_json(),
        "unseen": unseen.to_json(),
        "leakage": find_leakage(notes, [copied, other], (), {copied.id: ["n1"]}).to_json(),
        "comparison": {"against": f"crf-0{HOSTILE}", **compare_models(scored, others).to_json()},
    }
    calibration = Calibration(temperature=1.6, spans=210, error_before=0.06, error_after=0.009)
    return replace(plain_data(), score=from_json(ShownScore, document), calibration=calibration)


def judged(verdict: str = "better", *, promoted: bool = True, reason: str = "not worse") -> dict[str, Any]:
    """The document of the step `judge`."""
    micro = {"difference": 0.031, "interval": [0.002, 0.06], "p": 0.0312, "detectable": 0.041, "verdict": verdict}
    macro = {"difference": -0.01, "interval": None, "p": 1.0, "detectable": None, "verdict": "indistinguishable"}
    comparison = {"verdict": verdict, "micro": micro, "macro": macro, "notes": 31}
    return {
        "verdict": verdict,
        "by": "validation",
        "candidate": "crf-1",
        "incumbent": "crf-0",
        "notes": 31,
        "comparison": comparison,
        "flips": {"candidate": 1, "incumbent": 2},
        "promoted": promoted,
        "reason": reason,
    }


GENERATED: dict[str, Any] = {
    "asked_for": 40,
    "accepted": 37,
    "outcomes": {"accepted": 37, "rejected: lacks from its brief: drug, dose": 2, "rejected: cut off": 1},
    "judged_answers": 45,
    "refused_answers": {"lacks from its brief: drug, dose": 5, "cut off": 3},
    "repaired": 4,
    "bill": {
        "answers": 50,
        "prompt_tokens": 74000,
        "completion_tokens": 18500,
        "cost": 0.74,
        "per_accepted_note": {"prompt_tokens": 2000.0, "completion_tokens": 500.0, "cost": 0.02},
    },
    "offline": False,
    "quota": {
        "source": "validation",
        "notes": 31,
        "specialties": {"Cardiologia": {"wrong": 4, "seen": 40, "weight": 1.25}},
        "allergies": {"afirmada": {"wrong": 1, "seen": 3, "weight": 2.0}},
    },
}
SELECTED: dict[str, Any] = {
    "strategy": "total-entropy",
    "budget": 30,
    "unit": "notes",
    "selected": 30,
    "audit": 3,
    "nothing_found": 2,
    "left_in_pool": 7,
    "expected_seconds": 1500.0,
}
OUTLOOK: dict[str, Any] = {
    "stability": {"notes": 120, "kappa": 0.93, "against": "crf-0"},
    "curve": {
        "points": [{"notes": 48, "f1": 0.61, "se": 0.03}, {"notes": 88, "f1": 0.7, "se": 0.02}],
        "more_notes": 50,
        "gain": 0.021,
        "interval": [0.004, 0.05],
        "measured": [-0.04, 0.06],
        "scored": 40,
    },
    "stop": False,
    "reason": "more notes may still bring something",
}


def whole_data() -> ReportData:
    """A round that says something in every section."""
    measured = measured_data()
    before, after = (Span(0, 7, Label.MEDICATION), Span(9, 12, Label.ALLERGY)), (Span(0, 12, Label.MEDICATION),)
    work = {(number, "ana"): work_of(after, before, seconds=42.0) for number in (1, 2)}
    shared = [
        SharedNote("n1", TEXT, {"ana": GOLD[:1], "rui": GOLD[:1]}),
        SharedNote("n2", TEXT, {"ana": GOLD[3:], "rui": GOLD[4:]}),
    ]
    return replace(
        measured,
        steps=from_json(ShownSteps, {"generate": GENERATED, "select": SELECTED, "judge": judged(), "outlook": OUTLOOK}),
        corrections=Ledger(work, [("n1", "rui", "is there twice")]),
        audit=AuditWork(work_of(GOLD, PREDICTED), work_of(after, before)),
        agreement=measure_agreement(shared, resamples=50),
        holdings=[Holding(role, 2, 1) for role in Role],
        notices=[FICTIONAL, OFFLINE, SIMULATED_ANNOTATOR],
        program="ernotes -w er",
        next_steps=[("ernotes -w er loop --rounds 1", "runs the next round, and waits for corrections")],
    )
