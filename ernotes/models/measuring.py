"""What `score` and `evaluate` measure of predictions: the tables, how sure they are, the errors, what training knew."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpus.documents import JsonObject, aside, optional, to_json
from corpus.note import Role
from corpus.recognition import Annotated
from corpus.scoring.intervals import Intervals, bootstrap_intervals
from corpus.scoring.leakage import Leakage, find_leakage
from corpus.scoring.mistakes import Mistakes, count_mistakes
from corpus.scoring.novelty import score_by_novelty, surfaces
from corpus.scoring.scores import DiagnosisRule, PairedNotes, Score, Scored
from corpus.scoring.significance import Comparison, compare_models
from corpus.scoring.tables import ScoreTable

if TYPE_CHECKING:
    from corpus.store import Store  # SQLAlchemy, which `score` does without


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The score document: contract 3's tables, with intervals and errors."""

    exact: ScoreTable
    relaxed: ScoreTable
    relaxed_iou: float
    diagnosis: DiagnosisRule
    notes: int
    diagnoses_cut: int
    intervals: Intervals
    errors: Mistakes

    @property
    def score(self) -> Score:
        """The tables alone."""
        return Score(self.exact, self.relaxed, self.relaxed_iou, self.diagnosis, self.notes, self.diagnoses_cut)


@dataclass(frozen=True, slots=True)
class Compared:
    """The verdict on predictions against another's on the same notes."""

    against: str
    comparison: Comparison

    def to_json(self) -> JsonObject:
        """The comparison's document, which begins with whom it is with."""
        return {"against": self.against, **to_json(self.comparison)}


@dataclass(frozen=True, slots=True)
class KnownInTraining:
    """What a model's training notes and the exemplars knew of the notes that it was scored on.

    `exemplars_scored` are the ids of those that an LLM was shown, whatever was trained on; None where there are none.
    """

    seen: ScoreTable
    unseen: ScoreTable
    leakage: Leakage
    exemplars_scored: Sequence[str] | None = optional()


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredFiles(Measured):
    """The score of a notes file against another; `notes_without_prediction` is None where all have one."""

    notes_without_prediction: int | None = optional()
    comparison: Compared | None = optional()
    predicted: str = aside("")


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredLlm(Measured):
    """An LLM's score; `set_aside` counts what it named that is not its note's, by reason, `unparsable` are note ids."""

    model: str
    set_aside: Mapping[str, int]
    unparsable: Sequence[str]
    offline: bool


def measure(notes: Scored, diagnosis: DiagnosisRule) -> Measured:
    """The score document of predictions; `diagnosis` is for notes that are not paired yet, here and below."""
    paired = _paired(notes, diagnosis)
    score = paired.score
    return Measured(
        exact=score.exact,
        relaxed=score.relaxed,
        relaxed_iou=score.relaxed_iou,
        diagnosis=score.diagnosis,
        notes=score.notes,
        diagnoses_cut=score.diagnoses_cut,
        intervals=bootstrap_intervals(paired),
        errors=count_mistakes(paired),
    )


def measure_against(notes: Scored, others: Scored, diagnosis: DiagnosisRule, against: str) -> Compared:
    """The verdict on the predictions against another's on the same notes, in the same order."""
    return Compared(against, compare_models(_paired(notes, diagnosis), _paired(others, diagnosis)))


def measure_training(
    store: "Store",
    notes: Sequence[Annotated],
    scored: Scored,
    trained_on: Sequence[str],
    diagnosis: DiagnosisRule,
) -> KnownInTraining:
    """What a model's training notes and the exemplars knew of the notes."""
    trained, exemplars, examples = known_notes(store, set(trained_on))
    texts: Mapping[int | str, str] = {note.id: note.text for note in notes}
    seen, unseen = score_by_novelty(_paired(scored, diagnosis), texts, surfaces(trained))
    leakage = find_leakage(notes, trained, exemplars, examples)
    both = sorted(map(str, _shown_to_an_llm(store) & texts.keys()))
    return KnownInTraining(seen, unseen, leakage, both or None)


def _paired(notes: Scored, diagnosis: DiagnosisRule) -> PairedNotes:
    return notes if isinstance(notes, PairedNotes) else PairedNotes(notes, diagnosis=diagnosis)


def _shown_to_an_llm(store: "Store") -> set[int | str]:
    return {shown for note in store.notes.by_role() for shown in note.provenance.get("exemplars", ())}


def known_notes(
    store: "Store", trained_on: set[str]
) -> tuple[list[Annotated], list[Annotated], dict[str, Sequence[str]]]:
    """The training notes, the exemplars, and by training note the ids of those that the LLM was shown for it."""
    gold = store.spans.gold(Role.TRAIN, Role.EXEMPLAR, silver=True)
    trained, exemplars, examples = [], [], {}
    for note in store.notes.by_role(Role.TRAIN, Role.EXEMPLAR):
        spans = gold[note.id].spans if note.id in gold else None
        annotated = Annotated(note.id, note.text, spans or ())
        if note.role is Role.EXEMPLAR:
            exemplars.append(annotated)
        if note.id in trained_on:
            trained.append(annotated)
            examples[note.id] = note.provenance.get("exemplars", ())
    return trained, exemplars, examples
