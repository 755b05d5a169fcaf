"""How a note is laid out: its lines, what each begins with, and the section it stands in.

Notes have no fixed form. A heading is a line that ends with a colon, a line in capitals, or a short line that names a
kind of section; what stands before a colon names its own line. A kind is a group of headings that mean much the
same for what is marked below them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from inference.crf.forms import normal_form
from inference.crf.words import Words

_KINDS = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("family", r"familiar"),
        (
            "given",
            r"(terapeutica|medica\w*) (efetu|efectu|realiz|administr|instituid|no su|no servico|na urg|em intern)",
        ),
        (
            "medication",
            r"^(?!.*(motivo|servico|diretor|director|equipa|historia|alerg)).*"
            r"(\bmedicac|\bmedicament|terapeutica|farmac|\bmh\b)",
        ),
        ("exam", r"^(exame|mcdt|ecd|meios)"),
        ("allergy", r"alergi|intoleran|reac\w* adversa"),
        ("problems", r"problema"),
        ("diagnosis", r"diagnostic(o|a)|hipotese|impressao|conclus|portanto|em suma|\bassim\b|resumo"),
        ("reason", r"motivo"),
        ("plan", r"plano|proposta|orienta|conduta"),
        ("history", r"antece|comorbil|historia (medica|clinica|previa|pregressa)|\bap\b|\bapp\b|frcv|caracterizac"),
        ("present", r"doenca (atual|actual)|\bhda\b|\bhma\b|evolucao|historia"),
        ("exam", r"exame|mcdt|ecd|\beads?\b|analis|avaliacao|\beo\b|imag|laborat|observac|radio|sinais vitais"),
        ("social", r"habito|vacin|social|identifica|contacto|estilo"),
    )
)
_BULLET = re.compile(r"\d{1,2}|[^\w\s\"'(]|[a-zA-Z](?=\))")
_INLINE = frozenset("-#•»>")
_BEFORE_INLINE = frozenset(".,;:)e")
# A sign that marks a list item within a line, and what an item before it ends with ("- asma, - HTA e - gota").
_SUMS_UP = frozenset(("portanto", "assim", "concluindo"))
# A line that begins so, then a comma, opens the summing up though it is no heading.
_LONGEST_HEADING = 8
_LONGEST_BARE_HEADING = 4


@dataclass(frozen=True, slots=True)
class NoteLine:
    """One line that has words: words first <= i < end of the note.

    `bullet` is what it begins with ("#", "-", "»»", "0." …, or ""), `body` its first word after that. `label` is the
    normal form of what stands before its colon, `kind` the kind of section that this names ("" if unknown).
    `heading` is the normal form of the last heading, `section` its kind; `item` counts the lines since (0 for the
    heading itself), `gap` the blank lines since.
    """

    first: int
    end: int
    body: int
    bullet: str
    label: str
    kind: str
    heading: str
    section: str
    item: int
    gap: int


@lru_cache(maxsize=1 << 14)
def section_kind(heading: str) -> str:
    """The kind of section that a heading (in normal form) opens, or "" for one that is not known."""
    return next((name for name, pattern in _KINDS if pattern.search(heading)), "")


def lay_out(words: Words) -> list[NoteLine]:
    """The lines of a note that have words, in order."""
    lines: list[NoteLine] = []
    heading = section = ""
    item = gap = 0
    for first, end in _parts(words):
        if first == end:
            gap += 1
            continue
        body = _body(words, first, end)
        label, opens = _heading(words.texts[body:end], bulleted=body > first)
        kind = section_kind(label) if label else ""
        if opens:
            heading, section, item, gap = label, kind, 0, 0
        bullet = "".join(normal_form(word) for word in words.texts[first:body])
        lines.append(NoteLine(first, end, body, bullet, label, kind, heading, section, item, gap))
        item += 1
    return lines


def _parts(words: Words) -> Iterator[tuple[int, int]]:
    """The lines, cut where a list goes on within one: "Refere: - asma. - HTA"."""
    for first, end in words.lines:
        begin = first
        for word in range(first + 1, end - 1):
            if words.texts[word] in _INLINE and words.texts[word - 1] in _BEFORE_INLINE and _apart(words, word):
                yield begin, word
                begin = word
        yield begin, end


def _apart(words: Words, word: int) -> bool:
    """Whether there is white space on both sides of a word that has neighbours."""
    return words.ends[word - 1] < words.starts[word] and words.ends[word] < words.starts[word + 1]


def _body(words: Words, first: int, end: int) -> int:
    """The first word after what marks a list item; the line's first word where nothing else follows."""
    body = first
    while body < end and _BULLET.fullmatch(words.texts[body]):
        body += 1
    return body if body < end else first


def _heading(texts: tuple[str, ...], *, bulleted: bool) -> tuple[str, bool]:
    """What names a line ("" if nothing does), and whether it opens a section."""
    if normal_form(texts[0]) in _SUMS_UP and texts[1:2] == (",",):
        return normal_form(texts[0]), True
    texts = _unbracketed(texts)
    colon = next((index for index, text in enumerate(texts[: _LONGEST_HEADING + 1]) if text == ":"), None)
    if colon:
        label = " ".join(map(normal_form, texts[:colon]))
        bare = colon == len(texts) - 1
        return label, bare or (bool(section_kind(label)) and colon <= _LONGEST_BARE_HEADING)
    if len(texts) > _LONGEST_HEADING:
        return "", False
    label = " ".join(map(normal_form, texts))
    capitals = not bulleted and all(map(_in_capitals, texts))
    named = len(texts) <= _LONGEST_BARE_HEADING and bool(section_kind(label))
    if named or (capitals and len(label) > 2):
        return label, True
    return "", False


def _unbracketed(texts: tuple[str, ...]) -> tuple[str, ...]:
    """A line without the brackets at its end: "MEDICAÇÃO (por confirmar):" is the heading "MEDICAÇÃO:"."""
    end = len(texts) - (texts[-1] == ":")
    if texts[end - 1] != ")" or "(" not in texts[1:end]:
        return texts
    return texts[: texts.index("(", 1)] + texts[end:]


def _in_capitals(text: str) -> bool:
    return text.isupper() or not text.isalpha()
