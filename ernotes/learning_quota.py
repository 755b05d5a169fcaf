"""The generator learns from the learner: a quota from what the recogniser gets wrong in cross-validation."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from corpus.labels import Label
from corpus.mistakes import Mention, Outcome, compare_spans
from corpus.note import Role, Span
from corpus.recognition import Annotated
from corpus.scoring import ScoredNote, cut_diagnoses
from corpus.workspace import Workspace
from ernotes.out_of_fold import out_of_fold
from ernotes.result import Result
from generation.briefs import AllergyState
from generation.knowledge import ClinicalKnowledge
from generation.quota import ErrorRate, Quota, quota_by_errors

_ALLERGIES = (Label.ALLERGY, Label.NO_ALLERGY)


@dataclass(frozen=True, slots=True)
class LearningQuota:
    """The quota, and how it came about."""

    quota: Quota
    result: Result


@dataclass(frozen=True, slots=True)
class LearnersErrors:
    """What came out wrong, by what a brief can ask for."""

    specialties: dict[str, ErrorRate]
    """By mentions: of those found and those missed or made up, how many are not right. Notes without one are not in."""
    allergies: dict[AllergyState, ErrorRate]
    """By notes: in how many the allergies are not all right."""
    long_regimens: float
    """The share of boundary errors among the errors of usual medication."""
    without_specialty: int


def quota_like_errors(workspace: Workspace, knowledge: ClinicalKnowledge) -> LearningQuota:
    """The configured quota, weighted by what a crf gets wrong on the train and exemplar notes (5-fold, by lineage).

    - A specialty weighs as much as its mentions may be wrong (see ErrorRate): those with few notes weigh more. Only
      notes whose provenance names a specialty tell of it; imported ones do not, as a rule.
    - An allergy state weighs as much as its notes may be wrong in their allergies.
    - The share of boundary errors among the errors of usual medication is the share of briefs with long regimens.

    Validation and test notes have no part in it. Raises ModelError where there are too few notes.
    """
    config = workspace.config
    unseen = out_of_fold(workspace)
    notes = unseen.notes
    stored = {note.id: note for note in workspace.store.notes.by_role(Role.TRAIN, Role.EXEMPLAR)}
    specialties = {note.id: str(stored[note.id].provenance.get("specialty", "")) for note in notes}
    errors = count_errors(notes, unseen.found, specialties)
    configured = Quota(config.generation.specialties, config.generation.allergies)
    quota = quota_by_errors(configured, errors.specialties, errors.allergies, errors.long_regimens, knowledge)
    return LearningQuota(quota, _result(len(notes), errors, quota))


def count_errors(
    notes: Sequence[Annotated], found: Mapping[str, tuple[Span, ...]], specialties: Mapping[str, str]
) -> LearnersErrors:
    """The errors in notes of which `found` holds the predictions and `specialties` the specialty, or '', by note id."""
    mentions: dict[str, list[Mention]] = defaultdict(list)
    allergies: dict[AllergyState, list[bool]] = defaultdict(list)
    for note in notes:
        scored = cut_diagnoses(ScoredNote(note.id, note.spans, found[note.id]), "top1")
        compared = compare_spans(scored.gold, scored.predicted)
        mentions[specialties[note.id]] += compared
        allergies[_state(note)].append(_any_wrong(one for one in compared if one.label in _ALLERGIES))
    drugs = [one for several in mentions.values() for one in several if one.label is Label.MEDICATION]
    wrong = [one for one in drugs if one.outcome is not Outcome.CORRECT]
    boundaries = sum(one.outcome is Outcome.BOUNDARY for one in wrong)
    return LearnersErrors(
        {
            name: ErrorRate(sum(one.outcome is not Outcome.CORRECT for one in several), len(several))
            for name, several in mentions.items()
            if name
        },
        {state: ErrorRate(sum(outcomes), len(outcomes)) for state, outcomes in allergies.items()},
        boundaries / len(wrong) if wrong else 0.0,
        sum(not specialties[note.id] for note in notes),
    )


def _state(note: Annotated) -> AllergyState:
    """What the note's gold says of allergies; one that affirms one and denies others affirms."""
    labels = {span.label for span in note.spans}
    if Label.ALLERGY in labels:
        return AllergyState.AFFIRMED
    return AllergyState.DENIED if Label.NO_ALLERGY in labels else AllergyState.UNMENTIONED


def _any_wrong(mentions: Iterable[Mention]) -> bool:
    return any(one.outcome is not Outcome.CORRECT for one in mentions)


def _result(notes: int, errors: LearnersErrors, quota: Quota) -> Result:
    specialties = {name: errors.specialties.get(name, ErrorRate()) for name in quota.specialties}
    allergies = {name: errors.allergies.get(AllergyState(name), ErrorRate()) for name in quota.allergies}
    document = {
        "cross_validated": notes,
        "without_specialty": errors.without_specialty,
        "specialties": _rows(specialties, quota.specialties),
        "allergies": _rows(allergies, quota.allergies),
        "long_regimens": errors.long_regimens,
    }
    lines = [f"quotas from the errors in {notes} cross-validated notes ({errors.without_specialty} without specialty):"]
    for rates, weights, what in ((specialties, quota.specialties, "mentions"), (allergies, quota.allergies, "notes")):
        lines += [
            f"  {weights[name]:.2f}  {name}: {rate.wrong} of {rate.seen} {what} wrong" for name, rate in rates.items()
        ]
    lines.append(f"  {errors.long_regimens:.0%} of briefs with long regimens (boundary errors of usual medication)")
    return Result(document, "\n".join(lines))


def _rows(rates: Mapping[str, ErrorRate], weights: Mapping[str, float]) -> dict[str, dict[str, float]]:
    return {
        name: {"wrong": rate.wrong, "seen": rate.seen, "weight": round(weights[name], 4)}
        for name, rate in rates.items()
    }
