"""What is sent to the LLM for one brief: the templates of `prompts`, or a workspace's own, rendered in a sandbox."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    FileSystemLoader,
    PackageLoader,
    StrictUndefined,
    TemplateError,
    TemplateSyntaxError,
)
from jinja2.sandbox import SandboxedEnvironment

from corpus.errors import FormatError
from corpus.note import Note
from generation.briefs import AllergyState, Brief

SYSTEM_TEMPLATE = "system.j2"
NOTE_TEMPLATE = "note.j2"


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message of a chat."""

    role: Literal["system", "user"]
    content: str


class NotePrompt:
    """Renders the two templates; one that stands in the folder `overrides` hides the one that ships."""

    def __init__(self, overrides: Path | None = None) -> None:
        loaders: list[BaseLoader] = [PackageLoader("prompts", ".")]
        if overrides is not None:
            loaders.insert(0, FileSystemLoader(overrides))
        self._environment = SandboxedEnvironment(
            loader=ChoiceLoader(loaders),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def render(self, brief: Brief, exemplars: Sequence[Note]) -> list[ChatMessage]:
        """The system message and the user message, which ends with the brief's block.

        Raises FormatError naming the template and the line where one is broken.
        """
        shown = [{"text": exemplar.text.replace("\r\n", "\n").strip()} for exemplar in exemplars]
        values = {"brief": brief, "exemplars": shown, "allergy": AllergyState}
        return [
            ChatMessage("system", self._fill(SYSTEM_TEMPLATE, values)),
            ChatMessage("user", self._fill(NOTE_TEMPLATE, values)),
        ]

    def _fill(self, name: str, values: dict[str, Any]) -> str:
        try:
            return self._environment.get_template(name).render(values).strip()
        except TemplateSyntaxError as error:
            raise FormatError(f"template {error.name or name}, line {error.lineno}: {error.message}") from None
        except TemplateError as error:
            raise FormatError(f"template {name}, line {_line(error)}: {error.message}") from None
        except Exception as error:  # noqa: BLE001 - what a template computes may raise anything
            # Its message may hold a note's words; its kind does not.
            raise FormatError(f"template {name}, line {_line(error)}: {type(error).__name__}") from None


def prompt_hash(messages: Sequence[ChatMessage]) -> str:
    """SHA-256 of the rendered messages, as hex."""
    said = json.dumps([[message.role, message.content] for message in messages], ensure_ascii=False)
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


def _line(error: Exception) -> int | str:
    """The line of the innermost template in the traceback; Jinja rewrites it to show template lines."""
    lines: list[int] = []
    step = error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename.endswith(".j2"):
            lines.append(step.tb_lineno)
        step = step.tb_next
    return lines[-1] if lines else "?"
