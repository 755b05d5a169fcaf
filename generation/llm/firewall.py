"""The firewall: which notes a prompt may show, to whom, and which exemplars it shows."""

from collections.abc import Collection, Iterable, Sequence
from urllib.parse import urlsplit

from corpus.errors import PrivacyError, WorkspaceError
from corpus.note import Note, Role, Sensitivity
from generation.llm.endpoint import is_near


def check_exemplars(
    exemplars: Sequence[Note],
    base_url: str,
    *,
    allow_patient_text: Collection[str] = (),
    allow_test_exemplars: bool = False,
) -> None:
    """Nothing, if all of these notes may be shown to the endpoint.

    Raises WorkspaceError for a note that is no exemplar (the test set is sealed, unless `allow_test_exemplars` breaks
    the seal), and PrivacyError for a patient's note where the endpoint is neither on this machine or network nor one
    of the allowed hosts.
    """
    roles = {Role.EXEMPLAR, Role.TEST} if allow_test_exemplars else {Role.EXEMPLAR}
    for note in exemplars:
        if note.role not in roles:
            raise WorkspaceError(f"note {note.id} has role {note.role}; only a note with role exemplar enters a prompt")
    check_patients(exemplars, base_url, allow_patient_text=allow_patient_text)


def check_patients(notes: Iterable[Note], base_url: str, *, allow_patient_text: Collection[str] = ()) -> None:
    """Nothing, if none of the notes is a patient's or the endpoint may see those; raises PrivacyError otherwise."""
    patients = [note for note in notes if note.sensitivity is Sensitivity.PATIENT]
    host = urlsplit(base_url).hostname or ""
    if patients and host not in allow_patient_text and not is_near(base_url):
        raise PrivacyError(
            f"{len(patients)} notes for prompts (the first is {patients[0].id}) are marked 'patient' and {host} is "
            f'another machine; set endpoint.allow_patient_text = ["{host}"] in ernotes.toml if it may see them'
        )
