"""Label Studio's JSON export as a file, and on a real server."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings

from annotation.label_studio.exported import TEXT_CHANGED, read_label_studio, write_label_studio
from corpus.errors import FormatError
from corpus.formats import FileNote, NotesFile, SetAside, read_notes_file
from corpus.labels import Label
from corpus.note import Span, text_hash
from tests.annotation.conftest import ODD_SPANS, ODD_TEXT, Desk
from tests.corpus.formats.odd_notes import files

TEXT = "# HTA\r\n- AAS 100 mg\r\nNega alergias."


def region(start: int, end: int, *labels: str, origin: str = "manual") -> dict[str, Any]:
    value = {"start": start, "end": end, "text": "?", "labels": list(labels)}
    return {"id": "Xy", "from_name": "label", "to_name": "text", "type": "labels", "origin": origin, "value": value}


def answer(day: int, *regions: Any, **fields: Any) -> dict[str, Any]:
    moment = f"2026-05-{day:02}T10:00:00.5Z"
    return {
        "id": day,
        "completed_by": 1,
        "result": list(regions),
        "updated_at": moment,
        "was_cancelled": False,
    } | fields


def read(folder: Path, *tasks: Any) -> NotesFile:
    path = folder / "export.json"
    path.write_text(json.dumps(tasks))
    return read_label_studio(path)


def test_a_servers_export_is_read_region_by_region(tmp_path: Path) -> None:
    drug, denial = region(9, 20, "Medicação Habitual"), region(26, 34, "Alergias medicamentosas__Negativa")
    odd = region(0, 3, "Drug")
    task = {
        "id": 12,
        "data": {"text": TEXT},
        "annotations": [answer(3, denial, drug, odd)],
        "predictions": [{"id": 1, "result": [region(0, 5, "Diagnóstico")]}],
        "drafts": [],
        "meta": {},
    }
    file = read(tmp_path, task)
    assert file.notes == (
        FileNote(
            12,
            TEXT,
            (Span(9, 19, Label.MEDICATION), Span(26, 34, Label.NO_ALLERGY)),
            (SetAside(odd, "region has no label of the scheme, or several"),),
        ),
    )
    assert file.remarks == {"pre-annotations, not read": 1, "regions that lost white space at their ends": 1}


def test_of_several_annotations_the_ground_truth_counts_else_the_latest_and_skipped_ones_do_not(tmp_path: Path) -> None:
    early, late = region(9, 12, "Medicação Habitual"), region(9, 19, "Medicação Habitual")
    file = read(
        tmp_path,
        {"data": {"text": TEXT, "doc_id": "a"}, "annotations": [answer(4, late), answer(3, early)]},
        {"data": {"text": TEXT, "doc_id": "b"}, "annotations": [answer(4, late), answer(3, early, ground_truth=True)]},
        {"data": {"text": TEXT, "doc_id": "c"}, "annotations": [answer(4, late, was_cancelled=True)]},
        {"data": {"text": TEXT, "doc_id": "ab12", "source_doc_id": 7}, "annotations": []},
    )
    assert [(note.doc_id, [span.end for span in note.spans], note.annotated) for note in file.notes] == [
        ("a", [19], True),
        ("b", [12], True),
        ("c", [], False),
        (7, [], False),
    ]
    assert file.remarks == {
        "annotations of tasks that have a later one or a ground truth, not read": 2,
        "skipped annotations, not read": 1,
    }


def test_no_region_counts_where_the_text_is_not_the_one_that_was_pushed(tmp_path: Path) -> None:
    data = {"text": TEXT.replace("\r\n", "\n"), "doc_id": 1, "sha256": text_hash(TEXT)}
    (note,) = read(tmp_path, {"data": data, "annotations": [answer(3, region(7, 17, "Medicação Habitual"))]}).notes
    assert (note.spans, note.annotated) == ((), False)
    assert [aside.reason for aside in note.set_aside] == [TEXT_CHANGED]


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"text": "segredo"}, "should hold a list of tasks"),
        ([{"text": "segredo", "label": []}], r"task 0: data is not as in Label Studio's JSON export"),
        (["segredo"], r"task 0: it is not as in Label Studio's JSON export"),
        ([{"data": {"note": "segredo"}}], "task 0: its data have no text"),
        ([{"data": {"text": 5}}], "task 0: text is not a string"),
        ([{"data": {"text": "segredo"}, "annotations": [{"result": 1}]}], r"task 0: annotations\.0\.result is not as"),
        (
            [{"data": {"text": "a", "doc_id": 1}}, {"data": {"text": "b", "doc_id": 1}}],
            "task 1: doc_id 1 is there twice",
        ),
    ],
)
def test_a_file_that_is_no_export_is_refused_in_one_line(tmp_path: Path, document: Any, message: str) -> None:
    path = tmp_path / "export.json"
    path.write_text(json.dumps(document))
    with pytest.raises(FormatError, match=message) as caught:
        read_label_studio(path)
    assert "segredo" not in str(caught.value)
    assert "\n" not in str(caught.value)


@settings(max_examples=20)
@given(files)
def test_what_is_written_reads_back_or_is_set_aside(
    tmp_path_factory: pytest.TempPathFactory, notes: list[FileNote]
) -> None:
    path = tmp_path_factory.getbasetemp() / "round.json"
    dropped = write_label_studio(path, notes)
    back = read_label_studio(path)
    assert [(note.doc_id, note.text) for note in back.notes] == [(note.doc_id, note.text) for note in notes]
    for note, again in zip(notes, back.notes, strict=True):
        assert Counter(span.place for span in again.spans) <= Counter(span.place for span in note.spans)
        assert len(again.spans) + len(again.set_aside) == len(note.spans)
    assert dropped.counts["codes"] == sum(len(span.codes) for note in notes for span in note.spans)


def test_strict_writes_nothing_where_a_confidence_would_be_left_out(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"cannot hold confidences \(1\)"):
        write_label_studio(
            tmp_path / "out.json", [FileNote(1, TEXT, (Span(9, 19, Label.MEDICATION, 0.5),))], strict=True
        )
    assert list(tmp_path.iterdir()) == []


def test_er_ner_comes_back(er_ner_dir: Path, tmp_path: Path) -> None:
    notes = read_notes_file(er_ner_dir / "train.json").notes
    assert write_label_studio(tmp_path / "out.json", notes).counts == {"annotations set aside": 1}
    back = read_label_studio(tmp_path / "out.json")
    assert back.set_aside_by_reason == {}
    for note, again in zip(notes, back.notes, strict=True):
        assert (again.doc_id, again.text) == (note.doc_id, note.text)
        assert list(again.spans) == sorted(note.spans, key=lambda span: span.place)


def test_a_real_server_takes_what_is_written_and_its_export_reads_back(desk: Desk, tmp_path: Path) -> None:
    spans = tuple(Span(span.start, span.end, span.label) for span in ODD_SPANS)
    notes = [FileNote(7, ODD_TEXT, spans), FileNote("7", f"{ODD_TEXT}!"), FileNote(8, "dor", annotated=False)]
    write_label_studio(tmp_path / "out.json", notes)
    project = desk.project.id
    desk.client.sdk.projects.import_tasks(id=project, request=json.loads((tmp_path / "out.json").read_bytes()))
    address = desk.client.address
    exported = httpx.get(
        f"{address.url}/api/projects/{project}/export",
        params={"exportType": "JSON", "download_all_tasks": "true"},
        headers={"Authorization": f"Token {address.token}"},
        timeout=60,
        trust_env=False,
    )
    (tmp_path / "export.json").write_bytes(exported.raise_for_status().content)
    file = read_label_studio(tmp_path / "export.json")
    assert sorted(file.notes, key=lambda note: note.text) == sorted(notes, key=lambda note: note.text)
    assert file.messages == []
