"""What an answer must be before its content is looked at: whole, plain, of a note's length, and nothing but a note."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

SHORTEST_CHARACTERS = 300
LONGEST_CHARACTERS = 12_000
"""Admission notes of physicians run from about 900 to 6000 characters; outside these bounds something went wrong."""

_MARKDOWN = re.compile(
    r"^[ \t]*#{2,}[ \t]*\w|\A\s*#[ \t]*nota\b"  # a heading; one # opens a history item, and is wanted
    r"|\*\*\S(?:[^*\n]*\S)?\*\*|__[^\W_](?:[^_\n]*[^\s_])?__|(?<!\w)_[^\W_](?:[^_\n]*\w)?_(?!\w)"  # bold, italics
    r"|^[ \t]*(?:```|~~~|>[ \t]|={3,}[ \t]*$)|`[^`\n]+`"  # a fence, a quotation, a heading's underline, code
    r"|\[[^\]\n]+\]\([^)\n]+\)"  # a link
    r"|^[ \t]*\|?[ \t]*:?-{3,}:?[ \t]*\||^[ \t]*\|.*\|[ \t]*$",  # the rule below a table's head, a row
    re.MULTILINE | re.IGNORECASE,
)
_MARKUP = re.compile(
    r"\A\s*[{\[]\s*[\"{]|</?(?:br|p|b|i|div|span|ul|li|h[1-6]|table|nota|note|exemplo)\b[^<>\n]*>|&(?:nbsp|lt|gt|amp);",
    re.IGNORECASE,
)
_BULLETS = re.compile(r"^[ \t]*[•‣▪●◦■✓✔➢]", re.MULTILINE)
_CHATTER = re.compile(
    r"\A\W*(?:aqui (?:está|estão|tem|vai|segue)|(?:a seguir|abaixo),? (?:segue|apresento|está)"
    r"|segue(?:-se| abaixo)?,? (?:a|uma) nota|eis (?:a|uma) nota|claro\b|com certeza\b|certamente\b|compreendo\b"
    r"|lamento\b|desculpe?\b|não posso\b|como (?:pedido|solicitado|assistente|modelo)\b|ok(?:ay)?\b[,!.]|<think>"
    r"|here is\b|here's\b|sure\b|certainly\b|of course\b|i'm sorry\b|i can(?:no|')t\b|as an ai\b)"
    r"|^\W*(?:espero que (?:esta|a) nota|(?:esta|a presente) nota (?:é|foi|cumpre|inclui|respeita|segue)"
    r"|(?:nota|obs(?:ervação)?): (?:esta|a) nota|se precisar de (?:mais|alguma)|let me know|note: this)"
    r"|\b(?:fictíci[oa]s?|modelo de linguagem|language model|inteligência artificial)\b",
    re.IGNORECASE | re.MULTILINE,
)
_BLANK_LEFT = re.compile(
    r"\[(?:nome|inserir|data|idade|hospital|médico|dr\.?|número|insert|name)\b[^\]\n]*\]"
    r"|<(?:nome|data|idade|hospital|médico|número)\b[^>\n]*>|\{\w[^}\n]*\}|_{3,}|\bx{2,}(?:[/-]x{2,})+\b",
    re.IGNORECASE,
)
_BRIEF_LINE = re.compile(r"^\W*(?:fármaco habitual|antecedente|alergénio|estrutura): ", re.IGNORECASE | re.MULTILINE)
_UNREADABLE = re.compile("[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f\ud800-\udfff\ue000-\uf8ff\ufffd]")
_FOREIGN = re.compile("[\u0400-\u06ff\u0900-\u0dff\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af\U0001f000-\U0001faff]")


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
    Gate("markup or JSON", lambda text, _: _MARKUP.search(text) is not None),
    Gate("bullets other than - and #", lambda text, _: _BULLETS.search(text) is not None),
    Gate("blanks not filled in", lambda text, _: _BLANK_LEFT.search(text) is not None),
    Gate("repeats the brief", lambda text, _: _BRIEF_LINE.search(text) is not None),
    Gate("unreadable characters", lambda text, _: _UNREADABLE.search(text) is not None),
    Gate("another script, or emoji", lambda text, _: _FOREIGN.search(text) is not None),
)
"""In the order in which they are asked; the first that refuses gives the reason."""


def check_note(text: str, finish_reason: str) -> str | None:
    """Why the answer is no note (a reason of GATES), or None; line ends and the form of accents do not matter."""
    plain = re.sub(r"\r\n?", "\n", unicodedata.normalize("NFC", text))
    return next((gate.reason for gate in GATES if gate.refuses(plain, finish_reason)), None)
