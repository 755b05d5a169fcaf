"""What is sent to the LLM for one brief, and the chat messages that every request consists of."""

from collections.abc import Sequence
from pathlib import Path

from corpus.note import Note
from generation.briefs.brief import AllergyState, Brief
from generation.llm.chat import ChatMessage
from generation.llm.templates import Templates

SYSTEM_TEMPLATE = "system.j2"
NOTE_TEMPLATE = "note.j2"
REPAIR_TEMPLATE = "repair.j2"
PAIR_TEMPLATE = "pair.j2"


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
