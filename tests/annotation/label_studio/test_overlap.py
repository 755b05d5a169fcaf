"""Several people are asked for the same notes, on a real server."""

import httpx
import pytest

from annotation.agreement import shared_notes
from annotation.label_studio.overlap import ask_for_overlap
from annotation.label_studio.project import Project
from annotation.label_studio.second_look import second_title
from annotation.label_studio.server import Address
from annotation.label_studio.tasks import region
from corpus.errors import DeskError
from corpus.note import Role
from tests.annotation.conftest import ODD_SPANS, Desk, pool_note

DRUG, ALLERGY, _ = ODD_SPANS


def offered(address: Address, project: Project) -> str | None:
    """The note that the server would show this user next."""
    answer = httpx.get(
        f"{address.url}/api/projects/{project.id}/next",
        headers={"Authorization": f"Token {address.token}"},
        timeout=60,
    )
    return str(answer.json()["data"]["doc_id"]) if answer.status_code == httpx.codes.OK else None


def test_a_note_asked_of_two_is_offered_to_a_second_person_and_to_no_third(desk: Desk, second_user: Address) -> None:
    for number in range(2):
        desk.store.notes.add(pool_note(number))
    desk.push()
    chosen, other = (desk.store.notes.get(note_id) for note_id in sorted(desk.store.notes.ids(Role.POOL)))
    for note in (chosen, other):
        desk.submit(note, [region(DRUG)])
    project = desk.project
    assert offered(second_user, project) is None
    asked = ask_for_overlap(desk.client, desk.store, project, 1, 2)
    assert (asked.notes, asked.missing) == ((chosen.id,), 0)
    assert ask_for_overlap(desk.client, desk.store, project, 1, 2) == asked
    assert offered(second_user, project) == chosen.id
    httpx.post(
        f"{second_user.url}/api/tasks/{desk.task(chosen).id}/annotations/",
        json={"result": [region(DRUG), region(ALLERGY)], "lead_time": 1},
        headers={"Authorization": f"Token {second_user.token}"},
        timeout=60,
    ).raise_for_status()
    assert offered(second_user, project) is None
    desk.pull()
    (shared,) = shared_notes(desk.store)
    assert (shared.id, sorted(len(spans) for spans in shared.said.values())) == (chosen.id, [1, 2])
    assert desk.store.tasks.overlap() == {chosen.id: 2}
    desk.client.delete_task(desk.task(chosen).id)
    with pytest.raises(DeskError, match="is gone from Label Studio; push again"):
        ask_for_overlap(desk.client, desk.store, project, 1, 2)


def test_a_long_title_leaves_room_for_what_the_project_is() -> None:
    assert second_title("ernotes") == "ernotes adjudication"
    assert second_title("x" * 50) == f"{'x' * 37} adjudication"
