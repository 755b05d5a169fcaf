"""Whether successive models still change their minds: their agreement on notes that neither of them learnt from.

The first half of the stopping rule: when the predictions of one model after another stay the same, more of the same
notes teach it little ("stabilizing predictions": Bloodgood & Vijay-Shanker 2009, "A Method for Stopping Active Learning
Based on Stabilizing Predictions and the Need for User-Adjustable Stopping"). It asks for no annotation.

Their stop set is fixed and large. Here it is the pool, or a draw of it that stays the same as long as its notes are
there; and, since a pool is often corrected to the last note, the validation notes, which stay and whose gold is not
looked at. Notes that one of the models learnt from would agree because both have learnt, and are left out.
"""

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np

from corpus.note import AuthorKind, Note, Role, Span
from corpus.scoring.kappa import cohen_kappas, confusion, token_values
from corpus.workspace import Workspace
from ernotes.models.findings import preannotate_with
from ernotes.models.round_steps import Stability

MOST_POOL_NOTES = 500
"""Notes of a larger pool that two models are compared on: for kappa more are of no use, and a transformer is slow."""


def measure_stability(workspace: Workspace, version: str, before: str, least_notes: int) -> Stability | None:
    """The agreement of two models; None with too few notes, or where neither finds anything.

    What a model has not said yet of a note it says now, and the store keeps it.
    """
    notes = stop_set(workspace, (version, before))
    if len(notes) < least_notes:
        return None
    found = []
    for one in (version, before):
        preannotate_with(workspace, one, notes)
        said = workspace.store.spans.of_author(AuthorKind.MODEL, one)
        found.append({note.id: said[note.id].spans or () for note in notes})
    kappa = token_kappa(notes, *found)
    return None if kappa is None else Stability(len(notes), kappa, before)


def stop_set(workspace: Workspace, versions: Sequence[str], most: int = MOST_POOL_NOTES) -> list[Note]:
    """The pool's notes, of many always the same, and the validation notes; none that the models learnt from."""
    store = workspace.store
    learnt = {note_id for version in versions if (model := store.models.get(version)) for note_id in model.trained_on}
    pool = sorted(store.notes.ids(Role.POOL), key=lambda note_id: hashlib.sha256(note_id.encode()).digest())
    ids = [*pool[:most], *store.notes.ids(Role.VALIDATION)]
    return store.notes.many([note_id for note_id in ids if note_id not in learnt])


def token_kappa(
    notes: Sequence[Note], one: Mapping[str, Sequence[Span]], other: Mapping[str, Sequence[Span]]
) -> float | None:
    """Cohen's kappa between two sets of spans of the notes, by note id, over tokens; None where both found nothing."""
    said = [[token_values(note.text, spans[note.id]) for note in notes] for spans in (one, other)]
    kappa = float(cohen_kappas(confusion(*map(np.concatenate, said)).astype(np.float64)))
    return None if np.isnan(kappa) else kappa
