"""There and back on a real Label Studio server."""

from datetime import timedelta

import httpx
import pytest

from annotation.label_studio.client import Client
from annotation.label_studio.project import ensure_project
from annotation.label_studio.push import push
from annotation.label_studio.server import Address
from annotation.label_studio.tasks import prove, region
from corpus.errors import DeskError
from corpus.labels import Label
from corpus.note import Author, AuthorKind, Note, Role, Span
from tests.annotation.conftest import ODD_SPANS, ODD_TEXT, Desk, pool_note


def test_a_note_with_odd_characters_goes_there_and_back_to_the_letter(desk: Desk, odd_note: Note) -> None:
    report = desk.push()
    assert (report.created, report.refused) == (1, {})
    task = desk.task(odd_note)
    assert task.data["text"] == odd_note.text
    shown = task.predictions[0]
    desk.submit(odd_note, shown.result, lead_time=12.5, parent_prediction=shown.id)
    assert desk.pull().corrected == 1
    assert [span.place for span in desk.said(odd_note) or ()] == [span.place for span in ODD_SPANS]
    latest = desk.store.spans.latest(odd_note.id, AuthorKind.HUMAN)
    assert latest is not None
    assert latest.author.name == "annotator@ernotes.local"
    assert latest.detail["lead_time_seconds"] == 12.5
    assert (latest.detail["parent_prediction"], latest.detail["pre_annotated_by"]) == (shown.id, "m1")
    assert desk.store.notes.get(odd_note.id).role in (Role.TRAIN, Role.VALIDATION)


def test_pushing_again_doubles_nothing(desk: Desk, odd_note: Note) -> None:
    desk.push()
    report = desk.push()
    assert (report.created, report.unchanged) == (0, 1)
    (task,) = desk.tasks()
    assert len(task.predictions) == 1


def test_what_a_killed_push_left_on_the_server_is_adopted(desk: Desk, odd_note: Note) -> None:
    desk.push()
    key = desk.client.address.project(desk.project.id)
    before = desk.store.tasks.of_project(key)
    desk.store.tasks.forget(key, [odd_note.id])
    report = desk.push()
    assert (report.created, report.adopted) == (0, 1)
    assert desk.store.tasks.of_project(key) == before


def test_a_task_deleted_on_the_server_is_pushed_again(desk: Desk, odd_note: Note) -> None:
    desk.push()
    desk.client.delete_task(desk.task(odd_note).id)
    assert desk.push().created == 1
    assert len(desk.tasks()) == 1


def test_a_double_that_nobody_touched_is_removed_and_the_corrected_one_stays(desk: Desk, odd_note: Note) -> None:
    desk.push()
    data = desk.task(odd_note).data
    project = desk.project.id
    (double,) = desk.client.sdk.projects.import_tasks(
        project, request=[{"data": data}], return_task_ids=True
    ).model_dump()["task_ids"]
    desk.client.sdk.annotations.create(id=double, result=[])
    assert desk.push().doubles_removed == 1
    assert [task.id for task in desk.tasks()] == [double]


def test_a_newer_model_replaces_what_is_shown_and_leaves_begun_and_finished_tasks_alone(
    desk: Desk, second_user: Address
) -> None:
    untouched, corrected, begun = notes = [pool_note(number) for number in range(3)]
    for note in notes:
        desk.store.notes.add(note)
        desk.say(note, ODD_SPANS)
        desk.say(note, ODD_SPANS[:1], "m2")
    desk.push("m1")
    desk.submit(corrected, [])
    draft = {"result": [region(ODD_SPANS[0])], "lead_time": 1, "project": desk.project.id}
    httpx.post(
        f"{second_user.url}/api/tasks/{desk.task(begun).id}/drafts?project={desk.project.id}",
        json=draft,
        headers={"Authorization": f"Token {second_user.token}"},
        timeout=60,
    ).raise_for_status()
    report = desk.push("m2")
    assert (report.created, report.upgraded, report.left_alone) == (0, 1, 2)
    assert desk.project.model_version == "m2"
    versions = [[item.model_version for item in desk.task(note).predictions] for note in notes]
    assert versions == [["m1", "m2"], ["m1"], ["m1"]]
    again = desk.push("m2")
    assert (again.upgraded, again.unchanged, again.left_alone) == (0, 1, 2)
    assert len(desk.task(untouched).predictions) == 2


def test_what_an_llm_found_is_shown_as_a_models_is(desk: Desk) -> None:
    note = pool_note(1)
    desk.store.notes.add(note)
    desk.say(note, ODD_SPANS)
    unsure = [Span(span.start, span.end, span.label) for span in ODD_SPANS[:2]]
    desk.store.spans.add(note.id, Author(AuthorKind.LLM, "org/llm@1a2b"), unsure)
    desk.push()
    report = push(
        desk.client, desk.store, desk.project, [note.id], "org/llm@1a2b", lambda _: None, AuthorKind.LLM
    )  # fmt: skip
    assert (report.upgraded, desk.project.model_version) == (1, "org/llm@1a2b")
    shown = next(item for item in desk.task(note).predictions if item.model_version == "org/llm@1a2b")
    assert [span.place for span in prove(shown.result, note.text).spans] == [span.place for span in unsure]


def test_a_note_that_label_studio_cannot_hold_is_named_and_the_others_go(desk: Desk, odd_note: Note) -> None:
    bad = pool_note(2, "a\0b")
    desk.store.notes.add(bad)
    report = desk.push()
    assert report.created == 1
    assert list(report.refused) == [bad.id]


def test_pulling_again_changes_nothing(desk: Desk, odd_note: Note) -> None:
    desk.push()
    desk.submit(odd_note, [region(ODD_SPANS[0])])
    desk.pull()
    history = desk.store.spans.history(odd_note.id)
    assert desk.pull().corrected == 0
    assert desk.store.spans.history(odd_note.id) == history


def test_a_pull_reads_only_what_changed_since_the_last(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = notes = [pool_note(number) for number in range(2)]
    for note in notes:
        desk.store.notes.add(note)
    desk.push()
    desk.submit(first, [])
    assert desk.pull().tasks == 2
    monkeypatch.setattr("annotation.label_studio.pull.OVERLAP", timedelta(0))
    assert desk.pull().tasks == 0
    desk.submit(second, [])
    assert desk.pull().tasks == 1


def test_an_edit_is_picked_up_and_the_first_answer_stays_in_the_history(desk: Desk, odd_note: Note) -> None:
    desk.push()
    annotation = desk.submit(odd_note, [region(ODD_SPANS[0])])
    desk.pull()
    desk.client.sdk.annotations.update(annotation, result=[region(ODD_SPANS[1])])
    assert desk.pull().corrected == 1
    assert [span.place for span in desk.said(odd_note) or ()] == [ODD_SPANS[1].place]
    human = [said for said in desk.store.spans.history(odd_note.id) if said.author.kind is AuthorKind.HUMAN]
    assert [len(said.spans or ()) for said in human] == [1, 1]


def test_a_deleted_annotation_is_withdrawn(desk: Desk, odd_note: Note) -> None:
    desk.push()
    annotation = desk.submit(odd_note, [region(ODD_SPANS[0])])
    desk.pull()
    desk.client.sdk.annotations.delete(annotation)
    report = desk.pull()
    assert (report.corrected, report.withdrawn) == (0, 1)
    assert desk.said(odd_note) is None
    assert (desk.pull().withdrawn, desk.store.spans.gold(*Role)) == (0, {})


def test_a_skipped_task_says_nothing_of_the_note(desk: Desk, odd_note: Note) -> None:
    desk.push()
    desk.submit(odd_note, [], was_cancelled=True)
    report = desk.pull()
    assert (report.corrected, report.skipped) == (0, 1)
    assert desk.store.notes.get(odd_note.id).role is Role.POOL
    assert desk.task(odd_note).is_touched


def test_a_region_that_cannot_be_proved_is_named_and_the_rest_comes_in(desk: Desk, odd_note: Note) -> None:
    desk.push()
    beyond = region(Span(0, 9999, Label.DIAGNOSIS), origin="manual")
    with_space = region(Span(19, 42, Label.MEDICATION), origin="manual")
    annotation = desk.submit(odd_note, [with_space, beyond])
    report = desk.pull()
    assert [(item.note_id, item.annotation_id) for item in report.quarantined] == [(odd_note.id, annotation)]
    assert report.trimmed == 1
    assert desk.said(odd_note) == (Span(20, 40, Label.MEDICATION),)
    latest = desk.store.spans.latest(odd_note.id, AuthorKind.HUMAN)
    assert latest is not None
    assert latest.detail["quarantined"][0]["region"]["value"]["end"] == 9999


def test_an_annotation_of_a_text_that_was_changed_on_the_server_is_quarantined_whole(
    desk: Desk, odd_note: Note
) -> None:
    desk.push()
    task = desk.task(odd_note)
    desk.client.sdk.tasks.update(str(task.id), data={**task.data, "text": ODD_TEXT.replace("\r\n", "\n")})
    desk.submit(odd_note, [region(ODD_SPANS[0])])
    report = desk.pull()
    assert (report.corrected, len(report.quarantined)) == (0, 1)
    assert desk.said(odd_note) is None


def test_tasks_of_somebody_else_are_counted_and_left(desk: Desk, odd_note: Note) -> None:
    desk.push()
    desk.client.sdk.projects.import_tasks(desk.project.id, request=[{"data": {"text": "outro"}}])
    assert desk.pull().foreign == 1
    assert desk.push().created == 0
    assert len(desk.tasks()) == 2


def test_a_project_with_other_labels_is_refused(desk: Desk) -> None:
    config = '<View><Labels name="x" toName="text"><Label value="A"/></Labels><Text name="text" value="$text"/></View>'
    desk.client.sdk.projects.create(title=desk.title, label_config=config)
    with pytest.raises(DeskError, match="without our labels"):
        ensure_project(desk.client, desk.title)


def test_the_guideline_is_ours_until_a_team_gives_its_own_and_stays_as_the_server_has_it(desk: Desk) -> None:
    def shown() -> str:
        return str(desk.client.sdk.projects.get(desk.project.id).expert_instruction)

    assert "Guia de anotação" in shown()
    desk.client.sdk.projects.update(desk.project.id, expert_instruction="<p>mudada no servidor</p>")
    assert shown() == "<p>mudada no servidor</p>"
    ensure_project(desk.client, desk.title, "<p>a da equipa</p>")
    assert shown() == "<p>a da equipa</p>"


def test_a_refused_token_is_one_clear_line_without_the_token(label_studio: Address) -> None:
    client = Client(Address(label_studio.url, "0" * 40), timeout_seconds=30)
    with pytest.raises(DeskError, match="refuses the token") as caught:
        ensure_project(client, "ernotes")
    assert "0" * 40 not in str(caught.value)
    assert "\n" not in str(caught.value)
    client.close()
