"""The exemplar firewall: which notes a prompt may show, to whom, and which of them it shows."""

import random
from collections.abc import Sequence

from corpus.errors import PrivacyError, WorkspaceError
from corpus.note import Note, Role, Sensitivity
from generation.endpoint import is_near


def check_exemplars(exemplars: Sequence[Note], base_url: str, *, allow_patient_text: bool) -> None:
    """Nothing, if all of these notes may be shown to the endpoint.

    Raises WorkspaceError for a note that is no exemplar (the test set is sealed), and PrivacyError for a patient's
    note where the endpoint is neither on this machine or network nor allowed by name.
    """
    for note in exemplars:
        if note.role is not Role.EXEMPLAR:
            raise WorkspaceError(f"note {note.id} has role {note.role}; only a note with role exemplar enters a prompt")
    patients = [note for note in exemplars if note.sensitivity is Sensitivity.PATIENT]
    if patients and not allow_patient_text and not is_near(base_url):
        raise PrivacyError(
            f"{len(patients)} exemplars (the first is note {patients[0].id}) are marked 'patient' and the endpoint is "
            "not on this machine; set endpoint.allow_patient_text = true in ernotes.toml if it may see them"
        )


def choose_exemplars(exemplars: Sequence[Note], specialty: str, count: int, seed: str) -> list[Note]:
    """Up to `count` exemplars, of the same specialty where there is one; the same seed chooses the same."""
    fitting = [note for note in exemplars if note.provenance.get("specialty") == specialty] or exemplars
    return random.Random(seed).sample(fitting, min(count, len(fitting)))
