"""Two rounds, or two models, side by side."""

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from corpus.documents import to_json
from corpus.errors import WorkspaceError
from corpus.note import Role
from corpus.recognition import Annotated
from corpus.scoring.scores import ScoredNote
from corpus.workspace import Workspace
from ernotes.cli import ernotes as commands
from ernotes.cli.told.pages import tell_compared
from ernotes.pages.comparison import changes, find_side, find_trials
from ernotes.pages.comparison_page import compare_sides, passage_around
from tests.ernotes.pages.compared import ASPIRIN, DENIED, GOLD, INVENTED, RAMIPRIL, TEXT, two_rounds
from tests.ernotes.pages.reported import HOSTILE


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """Two rounds, and a third that has trained nothing yet; a model that was never scored."""
    with two_rounds(tmp_path_factory.mktemp("compared") / "w") as opened:
        opened.store.rounds.finish_step(3, "generate", {})
        opened.store.models.add("crf-new", "crf", ["t1"], {})
        yield opened


def test_the_second_is_judged_against_the_first_on_the_notes_that_both_were_scored_on(workspace: Workspace) -> None:
    validation, test = find_trials(workspace, find_side(workspace, "1"), find_side(workspace, "2"))
    assert (validation.role, validation.notes, validation.left_out) == (Role.VALIDATION, 8, 1)
    # Of 24 mentions the first finds 9 with 16 predictions, the second 21 with 24.
    assert validation.before.exact.micro.f1 == pytest.approx(0.45)
    assert validation.after.exact.micro.f1 == pytest.approx(0.875)
    micro = validation.comparison.comparison.micro
    assert (micro.verdict, micro.value) == ("better", pytest.approx(0.425))
    found = validation.differences.exact.micro.f1
    assert found is not None
    assert micro.interval is not None
    assert (found.low, found.high) == pytest.approx((micro.interval.low, micro.interval.high))
    assert (test.role, test.comparison.comparison.micro.verdict, test.lost, test.gained) == (
        Role.TEST,
        "indistinguishable",
        [],
        [],
    )


def test_what_each_alone_has_right_is_listed_polarity_flips_first(workspace: Workspace) -> None:
    validation, _ = find_trials(workspace, find_side(workspace, "1"), find_side(workspace, "2"))
    lost = [(change.title, str(change.wrong.outcome)) for change in validation.lost]
    assert lost == [("1", "polarity flip"), ("0", "spurious"), ("0", "missed")]
    outcomes = [str(change.wrong.outcome) for change in validation.gained]
    # In note 0 both take the allergy for a denial; in note 1 the first does not.
    assert outcomes == ["polarity flip"] * 6 + ["missed"] * 8


def test_a_mention_that_both_have_wrong_is_neither_lost_nor_gained() -> None:
    note = Annotated("n", TEXT, GOLD)
    one = ScoredNote("n", GOLD, (ASPIRIN, DENIED, INVENTED))
    other = ScoredNote("n", GOLD, (ASPIRIN, RAMIPRIL, INVENTED))
    [gained] = changes([note], {"n": "7"}, right=[other], wrong=[one])
    assert (gained.title, gained.wrong.gold) == ("7", RAMIPRIL)
    # The one sees the allergy, as a denial; the other does not see it at all: both are wrong.
    assert changes([note], {"n": "7"}, right=[one], wrong=[other]) == []


def test_gold_that_was_corrected_from_what_a_model_found_is_counted_for_it(workspace: Workspace) -> None:
    validation, _ = find_trials(workspace, find_side(workspace, "1"), find_side(workspace, "2"))
    assert validation.begun_from == {"crf-one": 2, "crf-two": 0}


def test_a_side_knows_what_it_took(workspace: Workspace) -> None:
    one = find_side(workspace, "1").to_json()
    # Two notes in 30 seconds each; in each a mention was added and one relabelled, of three.
    assert (one["corrected_notes"], one["seconds_per_note"], one["actions_per_100_mentions"]) == (2, 30.0, 66.7)
    two = find_side(workspace, "crf-two").to_json()
    assert (two["round"], two["trained_on"], two["corrected_notes"], two["promoted"]) == (2, 3, None, True)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("7", r"there is no round 7 here \(rounds begun: 1, 2, 3\)"),
        ("3", "round 3 has trained no model yet"),
        ("crf-three", "there is no model 'crf-three' here"),
    ],
)
def test_a_round_or_model_that_is_not_there_is_one_clear_line(workspace: Workspace, name: str, said: str) -> None:
    with pytest.raises(WorkspaceError, match=said):
        find_side(workspace, name)


def test_models_that_were_scored_on_no_note_in_common_are_not_compared(workspace: Workspace) -> None:
    with pytest.raises(WorkspaceError, match="never scored on the same notes; run 'ernotes evaluate --role validation"):
        find_trials(workspace, find_side(workspace, "1"), find_side(workspace, "crf-new"))


def test_the_command_writes_a_page_and_gives_the_figures(workspace: Workspace) -> None:
    result = compare_sides(workspace, "1", "2")
    document: Any = to_json(result)
    page = Path(result.report)
    assert page == workspace.reports / "compare-round-001-round-002.html"
    html = unescape(page.read_text("utf-8"))
    assert "Round 2 beside Round 1</h1>" in html.replace("\n", "")
    assert "<b>Better</b> than <b>crf-one</b>" in html
    assert document["roles"]["validation"]["lost"][0] == {
        "note": document["roles"]["validation"]["lost"][0]["note"],
        "outcome": "polarity flip",
        "gold": [46, 56, "Alergias medicamentosas__Positiva"],
        "predicted": [46, 56, "Alergias medicamentosas__Negativa"],
    }
    assert json.loads(json.dumps(document)) == document
    assert "aspirina" not in json.dumps(document)
    lines = tell_compared(result, workspace.folder).splitlines()
    assert lines[0] == "on 8 validation notes, crf-two is better than crf-one"
    assert "  mentions put right: 14, of which polarity flips: 6; lost: 3, of which polarity flips: 1" in lines


def test_the_page_is_escaped_and_shows_the_words_around_what_changed(workspace: Workspace) -> None:
    html = Path(compare_sides(workspace, "1", "2", "pt").report).read_text("utf-8")
    assert "<script" not in html
    assert unescape(html).count(HOSTILE) == 17
    lost = html.partition('id="lost-validation"')[2].partition("</ul>")[0]
    assert len(re.findall("<li>", lost)) == 3
    assert "penicilina</mark>" in lost
    assert '<html lang="pt">' in html


def test_compare_and_round_are_not_given_together(tmp_path: Path) -> None:
    ran = CliRunner().invoke(commands, ["-w", str(tmp_path), "report", "--compare", "1", "2", "--round", "1"])
    assert ran.exit_code == 2
    assert "either --round or --compare" in ran.stderr


@given(text=st.text("ab \n", min_size=1), data=st.data())
def test_a_passage_holds_its_mention_and_cuts_no_word(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    begins, ends = passage_around(text, start, end, around=5)
    assert 0 <= begins <= start < end <= ends <= len(text)
    assert begins == 0 or text[begins - 1].isspace() or begins == start
    assert ends == len(text) or text[ends].isspace() or ends == end
