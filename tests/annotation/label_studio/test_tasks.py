"""Notes as tasks, and annotations as spans, without a server."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.label_studio.tasks import Task as DeskTask
from annotation.label_studio.tasks import Unproved, prediction_document, prove, region, shows_note, task_document
from corpus.errors import DeskError
from corpus.labels import Label
from corpus.note import Note, Role, Span

TEXT = "Alergia a AAS. Bisoprolol 5 mg\r\n"
ODD_PIECES = ["\r\n", "\r", "\n", "\t", " ", "🫀", "👩🏽‍⚕️", "🇵🇹", "a\u0300", "ç", "Dx", "\ufeff", "\u2028", "\u00a0"]


def manual(start: object, end: object, label: object = "Diagnóstico") -> dict[str, Any]:
    return {"type": "labels", "origin": "manual", "value": {"start": start, "end": end, "labels": [label]}}


def note_of(text: str) -> Note:
    return Note("test", 1, text, Role.POOL)


@st.composite
def notes_with_spans(draw: st.DrawFn) -> tuple[Note, list[Span]]:
    text = "".join(draw(st.lists(st.sampled_from(ODD_PIECES) | st.text(max_size=4), min_size=1, max_size=30)))
    text = "".join(c for c in text if c != "\0" and not "\ud800" <= c <= "\udfff") or "x"
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=12)))
    pairs = list(zip(cuts[::2], cuts[1::2], strict=False))
    confidence = st.none() | st.floats(0, 1)
    return note_of(text), [Span(a, b, draw(st.sampled_from(list(Label))), draw(confidence)) for a, b in pairs]


@given(notes_with_spans())
def test_spans_come_back_from_a_task_accepted_as_it_is_to_the_letter(example: tuple[Note, list[Span]]) -> None:
    note, spans = example
    sent = json.loads(json.dumps(task_document(note, spans, "m1")))
    proved = prove(sent["predictions"][0]["result"], sent["data"]["text"])
    assert sent["data"]["text"] == note.text
    assert [span.place for span in proved.spans] == [span.place for span in spans]
    assert (proved.quarantined, proved.trimmed) == ((), 0)


def test_a_task_carries_the_notes_id_and_the_texts_hash() -> None:
    note = note_of("abc")
    assert task_document(note)["data"] == {
        "text": "abc",
        "doc_id": note.id,
        "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "source": "test",
        "source_doc_id": 1,
    }


def test_a_pre_annotation_scores_as_its_least_sure_region() -> None:
    spans = [Span(15, 30, Label.MEDICATION, 0.9), Span(10, 13, Label.ALLERGY, 0.4)]
    document = prediction_document(note_of(TEXT), spans, "m1")
    assert document["score"] == 0.4
    assert [item["score"] for item in document["result"]] == [0.4, 0.9]
    assert prediction_document(note_of(TEXT), [], "m1")["score"] is None


def test_a_region_tells_by_its_id_that_the_model_doubts_it() -> None:
    spans = [Span(0, 7, Label.DIAGNOSIS), Span(10, 13, Label.ALLERGY, 0.49), Span(15, 30, Label.MEDICATION, 0.5)]
    result = prediction_document(note_of(TEXT), spans, "m1", doubtful_below=0.5)["result"]
    assert [item["id"].endswith("-doubt") for item in result] == [False, True, False]
    assert not any(region(span)["id"].endswith("-doubt") for span in spans)


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b"])
def test_what_a_server_cannot_hold_is_refused_by_the_notes_id_and_not_by_its_words(text: str) -> None:
    with pytest.raises(DeskError, match=note_of(text).id) as caught:
        task_document(note_of(text))
    assert "\n" not in str(caught.value)


def test_a_span_beyond_its_note_is_refused() -> None:
    with pytest.raises(DeskError, match="ends beyond"):
        prediction_document(note_of("abc"), [Span(0, 4, Label.DIAGNOSIS)], "m1")


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (manual(-1, 3), Unproved.OFFSETS),
        (manual(3, 3), Unproved.OFFSETS),
        (manual(5, 3), Unproved.OFFSETS),
        (manual(0, 33), Unproved.OFFSETS),
        (manual(0.0, 3), Unproved.OFFSETS),
        (manual(True, 3), Unproved.OFFSETS),
        (manual("0", 3), Unproved.OFFSETS),
        (manual(0, None), Unproved.OFFSETS),
        (manual(0, 3, "Alergias medicamentosas"), Unproved.LABEL),
        (manual(0, 3, ["Diagnóstico"]), Unproved.LABEL),
        ({"type": "labels", "value": {"start": 0, "end": 3}}, Unproved.LABEL),
        ({"type": "textarea", "value": {"text": ["x"]}}, Unproved.MALFORMED),
        ({"type": "labels"}, Unproved.MALFORMED),
        ("region", Unproved.MALFORMED),
        (manual(30, 32), Unproved.BLANK),
    ],
)
def test_a_region_that_cannot_be_proved_is_quarantined_with_its_reason(item: object, reason: Unproved) -> None:
    proved = prove([item, manual(15, 30, "Medicação Habitual")], TEXT)
    assert proved.spans == (Span(15, 30, Label.MEDICATION),)
    assert [(found.reason, found.region) for found in proved.quarantined] == [(reason, item)]


def test_of_two_regions_that_overlap_the_earlier_then_the_longer_stays() -> None:
    proved = prove([manual(17, 25), manual(15, 20), manual(15, 30), manual(15, 30), manual(0, 7)], TEXT)
    assert proved.spans == (Span(0, 7, Label.DIAGNOSIS), Span(15, 30, Label.DIAGNOSIS))
    assert sorted(item.reason.name for item in proved.quarantined) == ["DUPLICATE", "OVERLAP", "OVERLAP"]


def test_white_space_is_trimmed_from_what_was_made_or_changed_by_hand_and_counted() -> None:
    changed = {**manual(14, 32), "origin": "prediction-changed"}
    proved = prove([manual(9, 14 - 1), changed], TEXT)
    assert proved.spans == (Span(10, 13, Label.DIAGNOSIS), Span(15, 30, Label.DIAGNOSIS))
    assert proved.trimmed == 2


def test_a_pre_annotation_that_was_left_as_it_was_keeps_its_white_space() -> None:
    proved = prove([region(Span(14, 31, Label.MEDICATION))], TEXT)
    assert (proved.spans, proved.trimmed) == ((Span(14, 31, Label.MEDICATION),), 0)


def test_a_task_whose_text_was_changed_no_longer_shows_its_note() -> None:
    note = note_of(TEXT)
    data = task_document(note)["data"]
    task = {"id": 1, "updated_at": "2026-01-02T03:04:05Z"}
    assert shows_note(DeskTask(**task, data=data), note)
    assert not shows_note(DeskTask(**task, data={**data, "text": TEXT.replace("\r\n", "\n")}), note)
    assert not shows_note(DeskTask(**task, data={**data, "sha256": ""}), note)
