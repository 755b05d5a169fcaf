"""Whether a round's model takes over: it is compared with the current one on the same notes, none of them a test note.

The rule leans towards the new model, which has learnt from more: it takes over unless it is worse (paired permutation
test at 5 %) or calls more allergies denied, or denials allergies, than the current one. A person can decide otherwise.

Notes that were chosen because the current model doubted them are harder for it than others, so a comparison on them is
kind to the new one. One lineage in ten of them becomes validation data; cross-validation scores none of them. The
validation notes are kind to transformers, whose best epoch was chosen by them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from corpus.errors import ModelError
from corpus.note import Role
from corpus.recognition import Annotated
from corpus.scoring.mistakes import Outcome, count_mistakes
from corpus.scoring.scores import PairedNotes, ScoredNote
from corpus.scoring.significance import ALPHA, Comparison, Verdict, compare_models
from corpus.workspace import Workspace
from ernotes.console import say
from ernotes.models.findings import compare_stored
from ernotes.models.out_of_fold import out_of_fold
from inference.manifest import read_manifest
from training.job import CRF


class PromotionReason(StrEnum):
    """Why a candidate is promoted, or is not."""

    FIRST = "first"
    SAME = "same model"
    NOT_WORSE = "not worse"
    WORSE = "worse"
    MORE_FLIPS = "more polarity flips"
    TOO_FEW = "too few notes to judge by"

    @property
    def promotes(self) -> bool:
        """Whether the candidate becomes the current model."""
        return self not in (PromotionReason.WORSE, PromotionReason.MORE_FLIPS)


@dataclass(frozen=True, slots=True)
class Trial:
    """What two models find in the same notes, in one order; `by` says how they came by what they find."""

    by: str
    ours: Sequence[ScoredNote]
    theirs: Sequence[ScoredNote]


@dataclass(frozen=True, slots=True)
class Flips:
    """How many allergies each of the two called denied, or denials allergies."""

    candidate: int
    incumbent: int


@dataclass(frozen=True, slots=True)
class Judgement:
    """The comparison of a trial, with the polarity flips of the candidate and of the incumbent."""

    by: str
    comparison: Comparison
    flips: Flips

    @property
    def reason(self) -> PromotionReason:
        """Why the candidate is promoted (NOT_WORSE), or is not."""
        if self.comparison.micro.verdict is Verdict.WORSE:
            return PromotionReason.WORSE
        return PromotionReason.MORE_FLIPS if self.flips.candidate > self.flips.incumbent else PromotionReason.NOT_WORSE


@dataclass(frozen=True, slots=True)
class RoundVerdict:
    """What is said of a round's model against the incumbent, on what grounds, and whether it became the current one."""

    verdict: str
    by: str | None
    candidate: str
    incumbent: str | None
    notes: int
    comparison: Comparison | None
    flips: Flips | None
    promoted: bool
    reason: PromotionReason


def judge(workspace: Workspace, candidate: str, incumbent: str | None) -> RoundVerdict:
    """Promote the round's model unless it does worse than the incumbent; what comes back says why and on what grounds.

    Both are versions; there is no incumbent before the first model. Run again after a kill, it comes to the same.
    """
    judgement = None
    if incumbent is None:
        reason = PromotionReason.FIRST
    elif incumbent == candidate:
        reason = PromotionReason.SAME
    else:
        trial = find_trial(workspace, candidate, incumbent)
        judgement = None if trial is None else weigh(trial)
        reason = PromotionReason.TOO_FEW if judgement is None else judgement.reason
    if reason.promotes:
        workspace.store.models.promote(candidate)
    return RoundVerdict(
        _verdict(incumbent, judgement),
        judgement.by if judgement else None,
        candidate,
        incumbent,
        judgement.comparison.notes if judgement else 0,
        judgement.comparison if judgement else None,
        judgement.flips if judgement else None,
        reason.promotes,
        reason,
    )


def _verdict(incumbent: str | None, judgement: Judgement | None) -> str:
    if judgement is not None:
        return str(judgement.comparison.micro.verdict)
    return "first" if incumbent is None else "not judged"


def find_trial(workspace: Workspace, candidate: str, incumbent: str) -> Trial | None:
    """What the two are compared on, as `[loop] judge_by` says; None where no notes could tell them apart."""
    config = workspace.config.loop
    validation = _enough(workspace.store.spans.annotated(Role.VALIDATION))
    learnt = [] if config.judge_by == "validation" else _enough(_learnt_by_both(workspace, candidate, incumbent))
    too_few = _mentions(validation) < min(config.judge_mentions, _mentions(learnt))
    if learnt and (too_few or config.judge_by == "cross-validation"):
        trial = _cross_validated(workspace, learnt, candidate, incumbent)
        if trial is not None:
            return trial
    if not validation:
        return None
    ours, theirs = (compare_stored(workspace, validation, version) for version in (candidate, incumbent))
    return Trial("validation", ours, theirs)


def weigh(trial: Trial) -> Judgement:
    """The comparison, each note's predictions cut to one Diagnóstico as `score` does."""
    ours, theirs = PairedNotes(trial.ours), PairedNotes(trial.theirs)
    flips = (count_mistakes(notes).of(Outcome.POLARITY_FLIP) for notes in (ours, theirs))
    return Judgement(trial.by, compare_models(ours, theirs), Flips(*flips))


def _enough(notes: Sequence[Annotated]) -> Sequence[Annotated]:
    """The notes, or none where even a model that is better in every one of them could not be shown to be so.

    Swapping two models on n notes gives 2^n orders, of which two are as far apart as the best.
    """
    return notes if _mentions(notes) and 2.0 ** (1 - len(notes)) <= ALPHA else []


def _mentions(notes: Iterable[Annotated]) -> int:
    return sum(len(note.spans) for note in notes)


def _learnt_by_both(workspace: Workspace, candidate: str, incumbent: str) -> list[Annotated]:
    """The notes that both learnt from; none where not both are a crf, of one recipe.

    They were annotated before the incumbent was trained, so none of them was chosen because it doubted them.
    """
    models = [workspace.store.models.get(version) for version in (candidate, incumbent)]
    if any(model is None or model.base != CRF for model in models):
        return []
    recipes = [dict(read_manifest(workspace.models / version).recipe) for version in (candidate, incumbent)]
    for recipe in recipes:
        recipe.pop("temperature", None)  # follows from the notes
        recipe.pop("seed", None)  # changes nothing
    if recipes[0] != recipes[1]:
        return []
    learnt = set.intersection(*(set(model.trained_on) for model in models if model))
    silver = workspace.config.training.silver
    notes = workspace.store.spans.annotated(Role.TRAIN, Role.EXEMPLAR, silver=silver)
    return [note for note in notes if note.id in learnt]


def _cross_validated(workspace: Workspace, notes: Sequence[Annotated], candidate: str, incumbent: str) -> Trial | None:
    """What crfs trained as the two were, but without a note's own fold, find in it; None where folds cannot be made.

    It is the notes learnt from that are compared so, not the two models themselves.
    """
    both = []
    for version in (candidate, incumbent):
        model = workspace.store.models.get(version)
        try:
            unseen = out_of_fold(workspace, learn_from=frozenset(model.trained_on if model else ()))
        except ModelError as error:
            say(f"not judged by cross-validation: {error}")
            return None
        both.append([ScoredNote(note.id, note.spans, unseen.found[note.id]) for note in notes])
    return Trial("cross-validation", *both)
