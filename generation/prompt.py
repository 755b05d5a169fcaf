"""What is sent to the LLM for one brief, and the chat messages that every request consists of."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from corpus.note import Note
from generation.briefs import AllergyState, Brief
from generation.templates import Templates

SYSTEM_TEMPLATE = "system.j2"
NOTE_TEMPLATE = "note.j2"
REPAIR_TEMPLATE = "repair.j2"
PAIR_TEMPLATE = "pair.j2"


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message of a chat."""

    role: Literal["system", "user", "assistant"]
    content: str


class NotePrompt:
    """Renders the templates; one that stands in the folder `overrides` hides the one that ships."""

    def __init__(self, overrides: Path | None = None) -> None:
        self._templates = Templates(overrides)

    def render(self, brief: Brief, exemplars: Sequence[Note]) -> list[ChatMessage]:
        """The system message and the user message, which ends with the brief's block.

        Raises FormatError naming the template and the line where one is broken.
        """
        shown = [{"text": exemplar.text.replace("\r\n", "\n").strip()} for exemplar in exemplars]
        values = {"brief": brief, "exemplars": shown, "allergy": AllergyState}
        return [
            ChatMessage("system", self._templates.fill(SYSTEM_TEMPLATE, values)),
            ChatMessage("user", self._templates.fill(NOTE_TEMPLATE, values)),
        ]

    def repair(self, brief: Brief, faults: Sequence[str]) -> ChatMessage:
        """The user message that names what is wrong with a note; it follows the note. Raises FormatError."""
        return ChatMessage("user", self._templates.fill(REPAIR_TEMPLATE, {"brief": brief, "faults": faults}))

    def deny(self, twin: Brief, allergen: str) -> ChatMessage:
        """The user message that asks for the same note with its allergy denied; it follows the note. As `repair`."""
        return ChatMessage("user", self._templates.fill(PAIR_TEMPLATE, {"brief": twin, "allergen": allergen}))


def request_of(
    messages: Sequence[ChatMessage], parameters: Mapping[str, Any], sample: int
) -> tuple[str, dict[str, Any]]:
    """What names a request (a hash), and what it is made of as JSON: the prompt by its hash, for it shows exemplars."""
    request = {"prompt": prompt_hash(messages), "parameters": dict(parameters), "sample": sample}
    return hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest(), request


def prompt_hash(messages: Sequence[ChatMessage]) -> str:
    """SHA-256 of the rendered messages, as hex."""
    said = json.dumps([[message.role, message.content] for message in messages], ensure_ascii=False)
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()
