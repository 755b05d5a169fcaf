"""Places where a recogniser contradicts the gold, ranked; its probabilities are given by hand."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.config.file import render_config
from corpus.config.settings import Config
from corpus.documents import to_json
from corpus.labels import Label
from corpus.note import Author, AuthorKind, Span
from corpus.recognition import Annotated
from corpus.workspace import Workspace, make_workspace, open_workspace
from ernotes.cli import ernotes as program
from ernotes.cli.told.label_errors import tell_label_errors
from ernotes.models.label_errors import Place, label_errors, rank_places
from tests.ernotes.doubted import DENIED, DRUG, PENICILLIN, PNEUMONIA, TEXT, WITH_DOSE, imported, say_the_same, sure


def ranked(gold: list[Span], possible: list[Span]) -> list[Place]:
    return rank_places([Annotated("n", TEXT, tuple(gold))], {"n": possible})


def test_a_mention_is_doubted_by_its_own_probability_and_that_of_what_overlaps_it() -> None:
    places = ranked([DRUG, DENIED], [sure(DRUG, 0.2), sure(WITH_DOSE, 0.7), sure(PENICILLIN, 0.9), sure(DENIED, 0.1)])
    assert [(place.kind, place.marked, place.instead) for place in places] == [
        ("label", DENIED, sure(PENICILLIN, 0.9)),
        ("boundary", DRUG, sure(WITH_DOSE, 0.7)),
    ]
    assert [place.doubt for place in places] == pytest.approx([0.9, 0.75])
    assert (places[1].start, places[1].end) == (5, 18)


def test_a_mention_that_nothing_contradicts_is_doubted_half_at_most() -> None:
    (needless,) = ranked([PNEUMONIA], [])
    assert (needless.kind, needless.instead, needless.doubt) == ("needless", None, 0.5)
    (confirmed,) = ranked([PNEUMONIA], [sure(PNEUMONIA, 0.96)])
    assert confirmed.doubt == pytest.approx(0.02)


def test_what_may_be_an_unmarked_mention_is_one_place_however_many_ways_there_are_to_mark_it() -> None:
    places = ranked([PNEUMONIA], [sure(PNEUMONIA, 1), sure(DRUG, 0.3), sure(WITH_DOSE, 0.6), sure(PENICILLIN, 0.5)])
    missing = [(place.instead, place.doubt) for place in places if place.kind == "missing"]
    assert missing == [(sure(WITH_DOSE, 0.6), 0.6), (sure(PENICILLIN, 0.5), 0.5)]


def test_where_gold_marks_a_label_unevenly_a_confident_recogniser_proves_less() -> None:
    marked = [sure(PNEUMONIA, 0.9), sure(DRUG, 0.9)]
    # of sixty diagnoses that it is sure of gold has half; of sixty drugs all but one
    notes = [Annotated(str(n), TEXT, (DRUG, PNEUMONIA) if n % 2 else (DRUG,)) for n in range(59)]
    notes.append(Annotated("slip", TEXT, (PNEUMONIA,)))
    places = rank_places(notes, dict.fromkeys((note.id for note in notes), marked))
    first, *others = [place for place in places if place.kind == "missing"]
    assert (first.note_id, first.instead) == ("slip", sure(DRUG, 0.9))
    assert first.doubt == pytest.approx(59 / 60)
    assert {(place.instead, place.doubt) for place in others} == {(sure(PNEUMONIA, 0.9), 0.5)}


some_spans = st.lists(
    st.builds(
        lambda start, length, label, confidence: Span(start, start + length, label, confidence),
        st.integers(0, 30),
        st.integers(1, 8),
        st.sampled_from(Label),
        st.floats(0.05, 1),
    ),
    max_size=12,
    unique_by=lambda span: span.place,
)


@given(some_spans, some_spans)
def test_every_mention_is_one_place_and_the_others_touch_none(gold: list[Span], possible: list[Span]) -> None:
    places = ranked(gold, possible)
    assert sorted(place.marked.place for place in places if place.marked) == sorted(span.place for span in gold)
    free = [place.instead for place in places if place.marked is None]
    for number, span in enumerate(free):
        assert span is not None
        for other in [*gold, *free[:number]]:
            assert other is not None
            assert span.end <= other.start or other.end <= span.start
    assert [place.doubt for place in places] == sorted((place.doubt for place in places), reverse=True)
    assert all(0 <= place.doubt <= 1 for place in places)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    make_workspace(tmp_path, render_config(Config()))
    with open_workspace(tmp_path, write=False) as opened:
        yield opened


def test_the_most_doubted_places_are_listed_with_words_only_where_asked_for(workspace: Workspace) -> None:
    for number in range(3):
        imported(workspace.store, number, WITH_DOSE, PENICILLIN, PNEUMONIA)
    odd = imported(workspace.store, 3, DRUG, DENIED, PNEUMONIA)
    result = label_errors(workspace, 150, predict=say_the_same)
    document: Any = to_json(result)
    assert (document["notes"], document["settled"], document["doubted"]) == (4, 0, 2)
    assert [(item["note"], item["kind"], item["doubt"]) for item in document["listed"]] == [
        (odd, "label", 0.95),
        (odd, "boundary", 0.85),
    ]
    assert document["listed"][0]["gold"] == {"start": 30, "end": 40, "label": "Alergias medicamentosas__Negativa"}
    assert document["listed"][0]["recogniser"]["label"] == "Alergias medicamentosas__Positiva"
    assert [item["doc_id"] for item in document["listed"]] == [3, 3]
    text = tell_label_errors(result, workspace.folder)
    assert text.splitlines()[2] == "  --show-text shows their words"
    assert "penicilina" not in f"{document} {text}"
    shown = label_errors(workspace, 1, with_text=True, predict=say_the_same)
    assert tell_label_errors(shown, workspace.folder).splitlines() == [
        "2 doubted places in 4 notes; the most doubted 1:",
        "  4 notes are few to learn from: many of these may be the recogniser's own errors",
        "  0.95 label    note 3 'penicilina': Alergias medicamentosas__Negativa 30-40; "
        "the recogniser: Alergias medicamentosas__Positiva 30-40",
    ]


def test_what_a_person_has_settled_is_not_doubted_again(workspace: Workspace) -> None:
    odd = [imported(workspace.store, number, DRUG) for number in range(2)]
    workspace.store.spans.add(odd[0], Author(AuthorKind.ADJUDICATION, "chefe"), [DRUG])
    result = label_errors(workspace, 150, predict=say_the_same)
    document: Any = to_json(result)
    assert (document["settled"], {item["note"] for item in document["listed"]}) == (1, {odd[1]})
    assert "3 doubted places in 1 notes, 1 adjudicated ones left out; the most doubted 3:" in tell_label_errors(
        result, workspace.folder
    )


def test_the_command_cross_validates_and_lists(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(2):
        imported(workspace.store, number, WITH_DOSE, PENICILLIN, PNEUMONIA)
    words = ["-w", str(workspace.folder), "label-errors"]
    program([*words, "--top", "3", "--json"], standalone_mode=False)
    document = json.loads(capsys.readouterr().out)
    assert document["notes"] == 2
    assert len(document["listed"]) == min(3, document["doubted"])
    with pytest.raises(click.UsageError, match="either --push or --show-text"):
        program([*words, "--push", "--show-text"], standalone_mode=False)
