"""The generator learns from the learner: a quota from what the recogniser gets wrong.

By hand, a crf is cross-validated on the notes to train on; in a round, what the current model made of the validation
notes is counted. Both count alike and differ in what a note not seen there means. Of the notes to train on, the model
has not met it, so it may be bad. Of the validation notes, which hold few lineages and so few specialties, it means
nothing: what is seen little is taken to be as bad as the rest.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from corpus.documents import JsonObject, optional
from corpus.labels import Label
from corpus.note import Role
from corpus.scoring.mistakes import Mention, Outcome, compare_notes
from corpus.scoring.scores import PairedNotes, ScoredNote
from corpus.workspace import Workspace
from ernotes.models.out_of_fold import out_of_fold
from generation.briefs.brief import AllergyState
from generation.briefs.knowledge import ClinicalKnowledge
from generation.briefs.quota import ErrorRate, Quota, against_all, quota_by_errors

LEAST_NOTES = 10
"""With fewer validation notes a round's notes are spread evenly."""
STEADIED_BY_MENTIONS = 20
"""What the errors of a specialty's mentions are mixed with: so many more (three notes' or so), as bad as all."""
STEADIED_BY_NOTES = 5
"""The same for the notes of an allergy state."""
STEADIED_BY_ERRORS = 10
"""The same for boundary errors among the errors of usual medication: as many errors of another kind."""

_ALLERGIES = (Label.ALLERGY, Label.NO_ALLERGY)


@dataclass(frozen=True, slots=True)
class ErrorShare:
    """Of a specialty's mentions or an allergy state's notes: how many were wrong, of how many, and the weight of it."""

    wrong: int
    seen: int
    weight: float

    def to_json(self) -> JsonObject:
        """The figures, the weight to four places."""
        return {"wrong": self.wrong, "seen": self.seen, "weight": round(self.weight, 4)}


@dataclass(frozen=True, slots=True)
class SharedOut:
    """How the notes to write were shared out, and why; without errors to go by, `source` is "even", and that is all.

    `notes` are those that the errors were counted in, `long_regimens` is the share of briefs with long regimens.
    """

    source: str
    reason: str
    notes: int | None = optional()
    without_specialty: int | None = optional()
    specialties: Mapping[str, ErrorShare] | None = optional()
    allergies: Mapping[str, ErrorShare] | None = optional()
    long_regimens: float | None = optional()


@dataclass(frozen=True, slots=True)
class LearningQuota:
    """The quota, and how it came about."""

    quota: Quota
    shared_out: SharedOut


@dataclass(frozen=True, slots=True)
class LearnersErrors:
    """What came out wrong, by what a brief can ask for."""

    notes: int
    specialties: dict[str, ErrorRate]
    """By mentions: of those found and those missed or made up, how many are not right. Notes without one are not in."""
    allergies: dict[AllergyState, ErrorRate]
    """By notes: in how many the allergies are not all right."""
    regimens: ErrorRate
    """By errors of usual medication: how many are boundary errors."""
    without_specialty: int


def quota_like_errors(workspace: Workspace, knowledge: ClinicalKnowledge) -> LearningQuota:
    """The configured quota, weighted by what a crf gets wrong on the train and exemplar notes (5-fold, by lineage).

    - A specialty weighs as much as its mentions may be wrong (see ErrorRate): those with few notes weigh more. Only
      notes whose provenance names a specialty tell of it; imported ones do not, as a rule.
    - An allergy state weighs as much as its notes may be wrong in their allergies.
    - The share of boundary errors among the errors of usual medication is the share of briefs with long regimens.

    Validation and test notes have no part in it. Raises ModelError where there are too few notes.
    """
    unseen = out_of_fold(workspace)
    errors = count_errors(
        [ScoredNote(note.id, note.spans, unseen.found[note.id]) for note in unseen.notes],
        _specialties(workspace, Role.TRAIN, Role.EXEMPLAR),
    )
    quota = quota_by_errors(
        configured_quota(workspace),
        {name: errors.specialties.get(name, ErrorRate()).at_most for name in knowledge.specialties},
        {state: errors.allergies.get(state, ErrorRate()).at_most for state in AllergyState},
        errors.regimens.share,
        knowledge,
    )
    return _learnt("cross-validation", f"{errors.notes} cross-validated notes", errors, quota)


def quota_of_round(workspace: Workspace, knowledge: ClinicalKnowledge, number: int) -> LearningQuota:
    """The configured quota, from round 2 on weighted by what the current model got wrong in the validation notes.

    It is the configured one, and the document says why, in round 1, where `loop.like_errors` is off, and where
    validation cannot tell: too few notes, no model, no error. Test notes have no part in it.
    """
    configured = configured_quota(workspace)
    model = workspace.store.models.current()
    if number < 2:
        return _even(configured, "this is the first round")
    if not workspace.config.loop.like_errors:
        return _even(configured, "loop.like_errors is off")
    notes = workspace.store.spans.annotated(Role.VALIDATION)
    if model is None:
        return _even(configured, "there is no model yet")
    if len(notes) < LEAST_NOTES:
        return _even(configured, f"{len(notes)} validation notes are too few to tell what the model gets wrong")
    from ernotes.models.findings import compare_stored  # the recogniser is loaded where it has not seen these notes yet

    found = compare_stored(workspace, notes, model.version)
    errors = count_errors(found, _specialties(workspace, Role.VALIDATION))
    specialties = against_all(errors.specialties, STEADIED_BY_MENTIONS)
    allergies = against_all(errors.allergies, STEADIED_BY_NOTES)
    long_regimens = errors.regimens.drawn_to(0, STEADIED_BY_ERRORS)
    if not (specialties or allergies or long_regimens):
        return _even(configured, f"{model.version} got nothing wrong in {len(notes)} validation notes")
    quota = quota_by_errors(configured, specialties, allergies, long_regimens, knowledge)
    return _learnt("validation", f"{len(notes)} validation notes, by {model.version}", errors, quota)


def configured_quota(workspace: Workspace) -> Quota:
    """The quota of `[generation]`, which says nothing of errors."""
    config = workspace.config.generation
    return Quota(config.specialties, config.allergies)


def count_errors(notes: Sequence[ScoredNote], specialties: Mapping[int | str, str]) -> LearnersErrors:
    """The errors in the notes' predictions; `specialties` has each note's specialty, or '', by note id."""
    mentions: dict[str, list[Mention]] = defaultdict(list)
    allergies: dict[AllergyState, list[bool]] = defaultdict(list)
    for note, compared in zip(notes, compare_notes(PairedNotes(notes)), strict=True):
        mentions[specialties[note.id]] += compared
        allergies[_state(note)].append(_any_wrong(one for one in compared if one.label in _ALLERGIES))
    drugs = [one for several in mentions.values() for one in several if one.label is Label.MEDICATION]
    wrong = [one for one in drugs if one.outcome is not Outcome.CORRECT]
    boundaries = sum(one.outcome is Outcome.BOUNDARY for one in wrong)
    return LearnersErrors(
        len(notes),
        {
            name: ErrorRate(sum(one.outcome is not Outcome.CORRECT for one in several), len(several))
            for name, several in mentions.items()
            if name
        },
        {state: ErrorRate(sum(outcomes), len(outcomes)) for state, outcomes in allergies.items()},
        ErrorRate(boundaries, len(wrong)),
        sum(not specialties[note.id] for note in notes),
    )


def _state(note: ScoredNote) -> AllergyState:
    """What the note's gold says of allergies; one that affirms one and denies others affirms."""
    labels = {span.label for span in note.gold}
    if Label.ALLERGY in labels:
        return AllergyState.AFFIRMED
    return AllergyState.DENIED if Label.NO_ALLERGY in labels else AllergyState.UNMENTIONED


def _any_wrong(mentions: Iterable[Mention]) -> bool:
    return any(one.outcome is not Outcome.CORRECT for one in mentions)


def _specialties(workspace: Workspace, *roles: Role) -> dict[int | str, str]:
    """The specialty that each note's provenance names, or '', by note id."""
    return {note.id: str(note.provenance.get("specialty", "")) for note in workspace.store.notes.by_role(*roles)}


def _even(configured: Quota, why: str) -> LearningQuota:
    return LearningQuota(configured, SharedOut("even", why))


def _learnt(source: str, where: str, errors: LearnersErrors, quota: Quota) -> LearningQuota:
    """The quota with what it rests on, `where` in words."""
    allergies = {str(state): rate for state, rate in errors.allergies.items()}
    shared_out = SharedOut(
        source=source,
        reason=f"errors in {where}",
        notes=errors.notes,
        without_specialty=errors.without_specialty,
        specialties=_shares(errors.specialties, quota.specialties),
        allergies=_shares(allergies, quota.allergies),
        long_regimens=quota.long_regimens,
    )
    return LearningQuota(quota, shared_out)


def _shares(rates: Mapping[str, ErrorRate], weights: Mapping[str, float]) -> dict[str, ErrorShare]:
    found = {}
    for name, weight in weights.items():
        rate = rates.get(name, ErrorRate())
        found[name] = ErrorShare(rate.wrong, rate.seen, weight)
    return found
