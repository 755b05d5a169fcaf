"""What an answer must be before its content is looked at: whole, plain, of a note's length, and nothing but a note."""

import re
from collections.abc import Callable
from dataclasses import dataclass

SHORTEST_CHARACTERS = 300
LONGEST_CHARACTERS = 12_000
"""Admission notes of physicians run from about 900 to 6000 characters; outside these bounds something went wrong."""

_MARKDOWN = re.compile(
    r"^\s*#{2,}\s*\w"  # a heading; one # opens a history item, and is wanted
    r"|\*\*\S(?:[^*\n]*\S)?\*\*|__\S(?:[^_\n]*\S)?__"  # bold
    r"|^\s*(?:```|~~~)"  # a fence
    r"|^\s*\|?\s*:?-{3,}:?\s*\|",  # the rule below a table's head
    re.MULTILINE,
)
_CHATTER = re.compile(
    r"\A\W*(?:aqui (?:está|tem|vai|segue)|segue(?:-se| abaixo)?,? (?:a|uma) nota|eis (?:a|uma) nota|claro\b"
    r"|com certeza\b|certamente\b|compreendo\b|lamento\b|desculpe?\b|não posso\b|here is\b|here's\b|sure\b|certainly\b"
    r"|i'm sorry\b)"
    r"|^\W*(?:espero que (?:esta|a) nota|esta nota (?:é|foi) (?:fictícia|inventada|gerada|escrita)"
    r"|(?:nota|obs(?:ervação)?): (?:esta|a) nota|se precisar de (?:mais|alguma)|let me know)",
    re.IGNORECASE | re.MULTILINE,
)
_BLANK_LEFT = re.compile(
    r"\[(?:nome|inserir|data|idade|hospital|médico|dr\.?|número|insert|name)\b[^\]\n]*\]", re.IGNORECASE
)
_BRIEF_LINE = re.compile(r"^\W*(?:fármaco habitual|antecedente|alergénio|estrutura): ", re.IGNORECASE | re.MULTILINE)
_UNREADABLE = re.compile("[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f\ufffd]")


@dataclass(frozen=True, slots=True)
class Gate:
    """One check: whether it refuses an answer, given its text and the server's finish reason, and why."""

    reason: str
    refuses: Callable[[str, str], bool]


GATES: tuple[Gate, ...] = (
    Gate("cut off", lambda _, finish_reason: finish_reason == "length"),
    Gate("withheld by the server", lambda _, finish_reason: finish_reason == "content_filter"),
    Gate("empty", lambda text, _: not text.strip()),
    Gate("talks to the reader", lambda text, _: _CHATTER.search(text) is not None),
    Gate("too short", lambda text, _: len(text.strip()) < SHORTEST_CHARACTERS),
    Gate("too long", lambda text, _: len(text.strip()) > LONGEST_CHARACTERS),
    Gate("Markdown", lambda text, _: _MARKDOWN.search(text) is not None),
    Gate("blanks not filled in", lambda text, _: _BLANK_LEFT.search(text) is not None),
    Gate("repeats the brief", lambda text, _: _BRIEF_LINE.search(text) is not None),
    Gate("unreadable characters", lambda text, _: _UNREADABLE.search(text) is not None),
)
"""In the order in which they are asked; the first that refuses gives the reason."""


def check_note(text: str, finish_reason: str) -> str | None:
    """Why the answer is no note (a reason of GATES), or None."""
    return next((gate.reason for gate in GATES if gate.refuses(text, finish_reason)), None)
