"""The questions of the review, ours and a team's own, and the page that asks them."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from annotation.review.questionnaire import read_questionnaire, review_config
from corpus.errors import ConfigError

QUESTION = '[[questions]]\nid = "clareza"\nquestion = "Clara?"\nlowest = "não"\nhighest = "sim"\n'


def test_ours_asks_six_questions_on_five_points_all_required_with_keys_that_differ() -> None:
    questionnaire = read_questionnaire(None)
    assert questionnaire.ids == ["historia", "medicacao", "evolucao", "diagnostico", "alergias", "semelhanca"]
    view = ElementTree.fromstring(review_config(questionnaire))
    choices = list(view.iter("Choices"))
    assert [item.get("name") for item in choices] == questionnaire.ids
    assert {(item.get("choice"), item.get("required")) for item in choices} == {("single-radio", "true")}
    assert all([choice.get("value") for choice in item] == ["1", "2", "3", "4", "5"] for item in choices)
    keys = [choice.get("hotkey") for choice in view.iter("Choice")]
    assert len(set(keys)) == 30
    shown = [header.get("value") for header in view.iter("Header")]
    assert all(f"1: {item.lowest} · 5: {item.highest}" in shown for item in questionnaire.questions)


def test_a_team_words_its_own_and_questions_beyond_the_sixth_have_no_keys(tmp_path: Path) -> None:
    more = "".join(QUESTION.replace("clareza", f"q{number}") for number in range(7))
    (tmp_path / "review.toml").write_text(f'introduction = "Leia <tudo>."\n{more}', "utf-8")
    view = ElementTree.fromstring(review_config(read_questionnaire(tmp_path / "review.toml")))
    *six, seventh = view.iter("Choices")
    assert all(choice.get("hotkey") for item in six for choice in item)
    assert [choice.get("hotkey") for choice in seventh] == [None] * 5


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("questions = [", "is not TOML"),
        ('introduction = "x"\nquestions = []', "questions: Tuple should have at least 1 item"),
        (f'introduction = "x"\n{QUESTION}{QUESTION}', "two questions have one id"),
        (f'introduction = "x"\n{QUESTION.replace("clareza", "text")}', "the id 'text' is the note's"),
        (f'introduction = "x"\n{QUESTION.replace("clareza", "História")}', "questions.0.id: "),
        (f'introduction = "$x"\n{QUESTION}', "introduction: "),
        (f'introduction = "x"\n{QUESTION}scale = 7', "questions.0.scale: Extra inputs"),
    ],
)
def test_a_slip_in_the_file_is_named_in_one_line(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "review.toml").write_text(text, "utf-8")
    with pytest.raises(ConfigError) as caught:
        read_questionnaire(tmp_path / "review.toml")
    assert str(tmp_path / "review.toml") in str(caught.value)
    assert problem in str(caught.value)
