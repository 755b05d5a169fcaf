"""What a round says of the next notes, and when it says that one may stop."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from corpus.config.file import render_config
from corpus.config.settings import Config, StoppingConfig
from corpus.documents import from_json, to_json
from corpus.labels import Label
from corpus.note import Author, AuthorKind, Note, Role, Span
from corpus.workspace import Workspace, make_workspace, open_workspace
from ernotes.cli.told.rounds import tell_outlook
from ernotes.cli.told.status import outlook_lines
from ernotes.models.round_steps import Outlook
from ernotes.rounds.outlook import StoppingReason, outlook

TEXT = "Medicado com aspirina e ramipril, alérgico a penicilina. Nota número"
ASPIRIN, RAMIPRIL = Span(13, 21, Label.MEDICATION), Span(24, 32, Label.MEDICATION)
PENICILLIN = Span(45, 55, Label.ALLERGY)
ALL = (ASPIRIN, RAMIPRIL, PENICILLIN)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """Ten validation notes and two of the pool; a model's word is stored by `model`, so that none has to be run."""
    stopping = StoppingConfig(stable_rounds=2)
    make_workspace(tmp_path / "w", render_config(Config(stopping=stopping)))
    with open_workspace(tmp_path / "w", write=True) as opened:
        for number in range(12):
            role = Role.POOL if number < 2 else Role.VALIDATION
            note = Note("made up", number, f"{TEXT} {number}.", role)
            opened.store.notes.add(note)
            if role is Role.VALIDATION:
                opened.store.spans.add(note.id, Author(AuthorKind.HUMAN, "ana"), ALL)
        yield opened


def add_round(
    workspace: Workspace, number: int, version: str, trained_on: int, found: Sequence[Sequence[Span]], base: str = "crf"
) -> None:
    """A round whose model found these spans in the notes, taken in turn."""
    (workspace.models / version).mkdir(exist_ok=True)
    workspace.store.models.add(version, base, [f"t{one}" for one in range(trained_on)], {})
    for place, note in enumerate(workspace.store.notes.by_role(Role.POOL, Role.VALIDATION)):
        workspace.store.spans.add(note.id, Author(AuthorKind.MODEL, version), found[place % len(found)])
    workspace.store.rounds.finish_step(number, "train", {"model": version})


def end_round(workspace: Workspace, number: int) -> dict[str, Any]:
    document: dict[str, Any] = to_json(outlook(workspace, number))
    workspace.store.rounds.finish_step(number, "outlook", document)
    return document


def test_a_curve_that_rises_says_what_more_notes_would_bring(workspace: Workspace) -> None:
    add_round(workspace, 1, "one", 40, [(ASPIRIN,)])
    add_round(workspace, 2, "two", 80, [(ASPIRIN, RAMIPRIL)])
    document: Any = to_json(outlook(workspace, 2))
    # of 30 mentions 10 are found, then 20; nothing is made up
    points = document["curve"]["points"]
    assert [(point["notes"], point["f1"]) for point in points] == [(40, 0.5), (80, 0.8)]
    # every note is like every other, so the bootstrap sees no spread, and a mention of 30 is left
    assert [point["se"] for point in points] == pytest.approx([1 / 30, 1 / 30])
    low, high = document["curve"]["interval"]
    assert 0 <= low < document["curve"]["gain"] < high < 0.2
    assert (document["curve"]["more_notes"], document["curve"]["scored"]) == (50, 10)
    assert document["curve"]["measured"][0] < low < high < document["curve"]["measured"][1]
    assert (document["stop"], document["reason"]) == (False, StoppingReason.GAIN)
    assert document["stability"]["notes"] == 12
    assert document["stability"]["against"] == "one"
    assert 0 < document["stability"]["kappa"] < 1


def test_one_may_stop_when_nothing_changes_for_the_rounds_that_the_configuration_asks_for(workspace: Workspace) -> None:
    add_round(workspace, 1, "one", 400, [ALL])
    assert end_round(workspace, 1)["reason"] == StoppingReason.FEW_MODELS
    add_round(workspace, 2, "two", 440, [ALL])
    second = end_round(workspace, 2)
    assert second["stability"] == {"notes": 12, "kappa": 1.0, "against": "one"}
    assert (second["stop"], second["reason"]) == (False, StoppingReason.TOO_SHORT)
    add_round(workspace, 3, "three", 480, [ALL])
    third = end_round(workspace, 3)
    assert (third["stop"], third["reason"]) == (True, StoppingReason.STOP)


def test_predictions_that_change_are_no_reason_to_stop_though_the_score_stays(workspace: Workspace) -> None:
    for number in range(1, 4):
        found = [(ASPIRIN, PENICILLIN), (RAMIPRIL, PENICILLIN)]
        add_round(workspace, number, f"model {number}", 2000 * number, found if number % 2 else found[::-1])
    document: Any = to_json(outlook(workspace, 3))
    assert document["curve"]["interval"][1] < 0.01
    assert (document["stop"], document["reason"]) == (False, StoppingReason.CHANGING)


def test_what_is_not_known_is_said_and_nothing_made_up(workspace: Workspace) -> None:
    add_round(workspace, 1, "one", 40, [ALL])
    add_round(workspace, 2, "two", 80, [ALL])
    for note_id in workspace.store.notes.ids(Role.VALIDATION)[:3]:
        workspace.store.notes.set_role(note_id, Role.TRAIN)
    result = outlook(workspace, 2)
    assert to_json(result) == {"stability": None, "curve": None, "stop": False, "reason": StoppingReason.FEW_NOTES}
    assert (
        tell_outlook(result, workspace.folder) == "not known yet what more notes would bring: too few validation notes"
    )


def test_models_of_another_base_and_the_same_model_again_tell_nothing(workspace: Workspace) -> None:
    add_round(workspace, 1, "a crf", 40, [ALL])
    add_round(workspace, 2, "a bert", 80, [ALL], base="bert")
    assert outlook(workspace, 2).reason == StoppingReason.FEW_MODELS
    add_round(workspace, 3, "more bert", 90, [ALL], base="bert")
    add_round(workspace, 4, "more bert", 90, [ALL], base="bert")
    document: Any = to_json(outlook(workspace, 4))
    assert document["stability"] is None
    assert [point["notes"] for point in document["curve"]["points"]] == [80, 90]


def test_notes_that_a_model_learnt_from_neither_compare_nor_score_it(workspace: Workspace) -> None:
    add_round(workspace, 1, "one", 40, [ALL])
    ids = workspace.store.notes.ids(Role.POOL, Role.VALIDATION)
    (workspace.models / "two").mkdir()
    workspace.store.models.add("two", "crf", [f"t{one}" for one in range(50)] + [ids[0], ids[11]], {})
    for note_id in ids:
        workspace.store.spans.add(note_id, Author(AuthorKind.MODEL, "two"), ALL)
    workspace.store.rounds.finish_step(2, "train", {"model": "two"})
    document: Any = to_json(outlook(workspace, 2))
    assert document["stability"]["notes"] == 10
    assert document["reason"] == StoppingReason.FEW_NOTES  # nine validation notes are left


def test_test_notes_have_no_part_in_it(workspace: Workspace) -> None:
    add_round(workspace, 1, "one", 40, [(ASPIRIN,)])
    add_round(workspace, 2, "two", 80, [ALL])
    before = outlook(workspace, 2)
    sealed = Note("made up", "sealed", "Uma nota que ninguém vê.", Role.TEST)
    workspace.store.notes.add(sealed)
    workspace.store.spans.add(sealed.id, Author(AuthorKind.IMPORT, "file"), ())
    assert outlook(workspace, 2) == before
    assert [said.author.kind for said in workspace.store.spans.history(sealed.id)] == [AuthorKind.IMPORT]


def test_the_outlook_reads_as_two_figures_and_a_reason() -> None:
    document = {
        "stability": {"notes": 61, "kappa": 0.9512, "against": "crf-0123456789"},
        "curve": {
            "points": [],
            "more_notes": 50,
            "gain": 0.0123,
            "interval": [0.0004, 0.0312],
            "measured": [-0.0081, 0.0402],
            "scored": 28,
        },
        "stop": False,
        "reason": StoppingReason.GAIN,
    }
    assert outlook_lines(from_json(Outlook, document)) == [
        "another 50 notes would probably bring +0.012 micro F1 (80 %: 0.000 to 0.031)",
        "the 28 validation notes would then show -0.008 to +0.040 (80 %)",
        "agreement with crf-0123456789: kappa 0.951 over the tokens of 61 notes",
        "more notes may still bring something",
    ]


def test_status_can_format_an_outlook_without_numpy() -> None:
    check = "import sys, ernotes.rounds.outlook; assert not {'numpy', 'pycrfsuite', 'torch'} & sys.modules.keys()"
    subprocess.run([sys.executable, "-c", check], check=True)
