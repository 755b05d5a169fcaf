"""What physicians are asked of each note, on a scale of 1 to 5, and the page that asks it.

Ours is `data/review.toml`; a file `review.toml` in the workspace takes its place.
"""

import tomllib
from importlib import resources
from pathlib import Path
from typing import Annotated, Self
from xml.etree.ElementTree import Element, SubElement, tostring

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from annotation.label_studio.labelling import OBJECT, STYLE
from corpus.errors import ConfigError

FILE_NAME = "review.toml"
SCALE = (1, 2, 3, 4, 5)
KEY_ROWS = ("12345", "qwert", "asdfg", "zxcvb", "67890", "yuiop")
"""Five keys that lie side by side for each question; from the seventh on there are none."""
_QUESTION = "font-size:15px;margin:12px 0 0"
_SMALL = "font-size:13px;font-weight:normal;line-height:1.4;margin:0"

OneLine = Annotated[str, StringConstraints(pattern=r"^[^$\r\n]+$", strip_whitespace=True)]
"""One line; Label Studio would take what follows a `$` for the name of a task's field."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Question(_Section):
    """A question; `lowest` says what 1 means, `highest` what 5 means."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    question: OneLine
    lowest: OneLine
    highest: OneLine


class Questionnaire(_Section):
    """The questions in their order, and what reviewers are told before them."""

    introduction: OneLine
    questions: Annotated[tuple[Question, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _ids_differ(self) -> Self:
        if len(set(self.ids)) < len(self.ids):
            raise ValueError("two questions have one id")
        if OBJECT in self.ids:
            raise ValueError(f"the id {OBJECT!r} is the note's; name the question otherwise")
        return self

    @property
    def ids(self) -> list[str]:
        """The questions' ids in their order."""
        return [question.id for question in self.questions]


def read_questionnaire(own: Path | None) -> Questionnaire:
    """The questions of a workspace's own file, ours where it has none; raises ConfigError for a bad file."""
    path = own or resources.files("annotation").joinpath("data", FILE_NAME)
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise ConfigError(f"{path} cannot be read as text; save it as UTF-8") from None
    try:
        return Questionnaire.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not TOML: {error}") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise ConfigError(f"{path}: {where}: {first['msg'].removeprefix('Value error, ')}") from None


def review_config(questionnaire: Questionnaire) -> str:
    """The labelling configuration as XML: the note on the left, the questions, all required, beside it."""
    view = Element("View")
    SubElement(view, "Style").text = STYLE
    page = SubElement(view, "View", style="display:grid;grid-template-columns:3fr 2fr;gap:24px;align-items:start")
    note = SubElement(page, "View")
    SubElement(note, "Text", name=OBJECT, value="$text", saveTextResult="no")
    panel = SubElement(page, "View", style="position:sticky;top:0")
    SubElement(panel, "Header", value=questionnaire.introduction, size="6", style=_SMALL)
    for number, question in enumerate(questionnaire.questions):
        _ask(panel, question, "".join(KEY_ROWS[number : number + 1]))
    return tostring(view, encoding="unicode")


def _ask(panel: Element, question: Question, keys: str) -> None:
    SubElement(panel, "Header", value=question.question, size="5", style=_QUESTION)
    choices = SubElement(
        panel,
        "Choices",
        name=question.id,
        toName=OBJECT,
        choice="single-radio",
        showInline="true",
        required="true",
        requiredMessage=f"Falta responder: {question.question}",
    )
    for number, value in enumerate(SCALE):
        choice = SubElement(choices, "Choice", value=str(value))
        if keys:
            choice.set("hotkey", keys[number])
    SubElement(panel, "Header", value=f"1: {question.lowest} · 5: {question.highest}", size="6", style=_SMALL)
