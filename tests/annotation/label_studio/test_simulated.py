"""The demo's annotator on a real server."""

from annotation.corrections import SIMULATED
from annotation.label_studio.client import Client
from annotation.label_studio.server import Address
from annotation.label_studio.simulated import annotate, corrected_result
from annotation.label_studio.tasks import Prediction, region
from corpus.labels import Label
from corpus.note import AuthorKind, Span
from tests.annotation.conftest import ODD_SPANS, Desk, pool_note

DRUG, ALLERGY, DIAGNOSIS = ODD_SPANS


def test_a_correction_takes_the_fewest_actions() -> None:
    shown = [region(DRUG), region(Span(50, 65, Label.DIAGNOSIS)), region(Span(0, 3, Label.DIAGNOSIS))]
    result = corrected_result(Prediction(id=1, result=shown), "x" * 97, ODD_SPANS)
    places = [(item["origin"], item["value"]["start"], item["value"]["labels"]) for item in result]
    assert places == [
        ("prediction", 20, [Label.MEDICATION]),
        ("prediction-changed", 55, [Label.ALLERGY]),
        ("manual", 78, [Label.DIAGNOSIS]),
    ]
    assert result[1]["id"] == shown[1]["id"]


def test_it_corrects_each_untouched_task_once_under_a_name_that_says_simulated(
    desk: Desk, second_user: Address
) -> None:
    first, second, unknown, by_hand = notes = [pool_note(number) for number in range(4)]
    for note in notes:
        desk.store.notes.add(note)
        desk.say(note, [Span(50, 65, Label.ALLERGY), DRUG])
    desk.push()
    desk.submit(by_hand, [])
    truth = {first.id: ODD_SPANS, second.id: ODD_SPANS, by_hand.id: ODD_SPANS}
    client = Client(second_user, timeout_seconds=60)
    report = annotate(client, desk.project, truth.get)
    assert (report.submitted, report.without_truth) == (2, 1)
    assert report.actions == {"kept": 2, "changed": 2, "added": 2, "deleted": 0}
    assert annotate(client, desk.project, truth.get).submitted == 0
    client.close()
    desk.pull()
    assert [span.place for span in desk.said(first) or ()] == [span.place for span in ODD_SPANS]
    said = desk.store.spans.latest(first.id, AuthorKind.HUMAN)
    assert said is not None
    assert said.author.name == SIMULATED
    assert "simulated" in said.author.name
    assert said.detail["lead_time_seconds"] > 0
    assert said.detail["pre_annotated_by"] == "m1"
    assert desk.said(unknown) is None
    assert desk.said(by_hand) == ()
