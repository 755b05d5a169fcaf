"""CoNLL: a token and its BIO tag a line, a tab between them, an empty line after each line of the note.

    # doc_id = 7
    # doc_text = "- AAS 100 mg\\r\\nNega alergias."
    -	O
    AAS	B-Medicacao_Habitual

Two comments before a note hold its doc_id and its text as JSON, so that both come back to the letter. Other tools'
files have neither: their notes begin at `# newdoc id = …` or `-DOCSTART-`, and their text is put together from the
tokens. The tag is the last column, of BIO, IOB1 or BIOES (Tjong Kim Sang and De Meulder, CoNLL-2003).
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from corpus.errors import FormatError
from corpus.formats.dropped import Dropped, beside_places
from corpus.formats.file_note import FileNote, NotesFile, gathered
from corpus.formats.items import json_line, read_item
from corpus.formats.label_names import ascii_name, label_keys
from corpus.formats.reading import parse_json, read_text
from corpus.labels import TAGS
from corpus.machine.files import replacing_file
from corpus.note import Span
from corpus.tags import Offset, encode_tags, untagged_spans

# Digits, letters with their marks, or one sign, so that a mention seldom begins or ends inside a token ("5mg").
_TOKEN = re.compile(r"\d+|[^\W\d_][^\W\d_\u0300-\u036f]*|_|[^\w\s]")
_SIGN = re.compile(r"\S")
_LINE_END = re.compile(r"[\r\n]")
_COMMENT = re.compile(r"# *(\w+(?: id)?) *= ?(.*)")
_TAG = re.compile(r"O|([BIESLU])-(\S.*)")
_TAG_NAMES = tuple(tag[:2] + ascii_name(tag[2:]) for tag in TAGS)
_NEW_DOCUMENT = re.compile(r"-DOCSTART-.*|# *newdoc *")
_DOC_ID = ("doc_id", "newdoc id")
_JOINED = "notes that came without their text; their tokens were joined by single spaces"


def write_conll(path: Path, notes: Iterable[FileNote], *, strict: bool = False) -> Dropped:
    """Writes the notes and tells what CoNLL could not hold; `strict` refuses to write without it (FormatError)."""
    dropped = Dropped()
    with replacing_file(path) as stream:
        for note in notes:
            stream.write(_document(note, dropped).encode())
        dropped.refuse_if(strict, path)
    return dropped


def read_conll(path: Path, *, strict: bool = False) -> NotesFile:
    """The notes of a CoNLL file, their spans in text order; mentions of foreign labels are set aside.

    Raises FormatError where a line is no token with a tag, or where the tokens are not those of the note's text.
    """
    notes = []
    remarks: Counter[str] = Counter()
    for number, document in enumerate(_documents(path), start=1):
        text, offsets = _place(document)
        remarks[_JOINED] += document.text is None
        item = {
            "doc_id": number if document.doc_id is None else document.doc_id,
            "text": text,
            "annotations": list(_annotations(document, offsets)),
        }
        notes.append((document.where, read_item(item, document.where)))
    return gathered(path, notes, strict=strict, remarks=+remarks)


def _document(note: FileNote, dropped: Dropped) -> str:
    """The lines of a note; no empty line cuts a mention."""
    offsets = [token.span() for token in _TOKEN.finditer(note.text)]
    tags = [_TAG_NAMES[tag] for tag in encode_tags(offsets, _held(note, offsets, dropped))]
    lines = [f"# doc_id = {json_line(note.doc_id)}", f"# doc_text = {json_line(note.text)}"]
    before = 0
    for (start, end), tag in zip(offsets, tags, strict=True):
        if before and not tag.startswith("I-") and _LINE_END.search(note.text, before, start):
            lines.append("")
        lines.append(f"{note.text[start:end]}\t{tag}")
        before = end
    return "\n".join(lines) + "\n\n"


def _held(note: FileNote, offsets: Sequence[Offset], dropped: Dropped) -> list[Span]:
    """The spans that tags can hold, without white space at their ends; the others are noted down."""
    dropped.count(beside_places(note))
    starts, ends = {start for start, _ in offsets}, {end for _, end in offsets}
    held = []
    for span in note.spans:
        words = note.text[span.start : span.end]
        start, end = span.end - len(words.lstrip()), span.start + len(words.rstrip())
        if not words.strip():
            dropped.span(note, span, "spans of white space alone")
        elif start not in starts or end not in ends:
            dropped.span(note, span, "spans that begin or end inside a token")
        else:
            held.append(replace(span, start=start, end=end))
            if words != words.strip():
                dropped.span(note, span, "white space at the ends of spans")
    untagged = [span for span, _ in untagged_spans(offsets, held)]
    for span in untagged:
        dropped.span(note, span, "overlapping spans")
    return held


class _Row(NamedTuple):
    """A token's line: its number in the file, the token, its place in BIOES, and its label's name ('' for O)."""

    number: int
    token: str
    prefix: str
    name: str


@dataclass(slots=True)
class _Document:
    """The lines of one note, by sentence; `text` is None where the file does not tell it."""

    where: str
    doc_id: int | str | None = None
    text: str | None = None
    sentences: list[list[_Row]] = field(default_factory=lambda: [[]])


def _documents(path: Path) -> Iterator[_Document]:
    """The notes of a file; one that has neither tokens nor a text is none."""
    document = _Document(f"{path}: line 1")
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        line = line.removesuffix("\r")
        where = f"{path}: line {number}"
        comment = _COMMENT.fullmatch(line)
        doc_id = _doc_id(comment[2]) if comment and comment[1] in _DOC_ID else None
        if doc_id is not None or _NEW_DOCUMENT.fullmatch(line):
            if document.text is not None or document.sentences[0]:
                yield document
            document = _Document(where, doc_id)
        elif comment and comment[1] == "doc_text":
            document.text = _text(comment[2], where)
        elif not line.strip():
            if document.sentences[-1]:
                document.sentences.append([])
        elif row := _row(number, line):
            document.sentences[-1].append(row)
        elif not line.startswith("#"):
            raise FormatError(f"{where} is no token with a BIO tag in its last column")
    if document.text is not None or document.sentences[0]:
        yield document


def _row(number: int, line: str) -> _Row | None:
    columns = line.split("\t") if "\t" in line else line.split()
    tag = _TAG.fullmatch(columns[-1].strip())
    if tag is None or len(columns) < 2 or not columns[0].strip():
        return None
    return _Row(number, columns[0].strip(), tag[1] or "O", tag[2] or "")


def _doc_id(value: str) -> int | str:
    """The doc_id that a comment names, as JSON or as it stands."""
    try:
        doc_id = json.loads(value)
    except (ValueError, RecursionError):
        return value.strip()
    return doc_id if type(doc_id) in (int, str) else value.strip()


def _text(value: str, where: str) -> str:
    text = parse_json(value, f"{where}: doc_text")
    if not isinstance(text, str):
        raise FormatError(f"{where}: doc_text is no JSON string")
    return text


def _place(document: _Document) -> tuple[str, list[Offset]]:
    """The note's text and the place of each token in it; raises FormatError where the tokens are not the text's."""
    rows = [row for sentence in document.sentences for row in sentence]
    text = document.text
    if text is None:
        sentences = [" ".join(row.token for row in sentence) for sentence in document.sentences if sentence]
        text = "\n".join(sentences)
    offsets = []
    end = 0
    for row in rows:
        start = _next_sign(text, end)
        if not text.startswith(row.token, start):
            raise FormatError(
                f"{document.where}: the token on line {row.number} is not the next of the note's doc_text"
            )
        end = start + len(row.token)
        offsets.append((start, end))
    if _next_sign(text, end) < len(text):
        raise FormatError(f"{document.where}: the tokens end before the note's doc_text does")
    return text, offsets


def _next_sign(text: str, start: int) -> int:
    """The place of the first character from `start` on that is no white space, or the text's end."""
    sign = _SIGN.search(text, start)
    return sign.start() if sign else len(text)


def _annotations(document: _Document, offsets: Iterable[Offset]) -> Iterator[dict[str, Any]]:
    """The mentions of each sentence; an `I-` with no mention of its label before it begins one, as in conlleval."""
    places = iter(offsets)
    for sentence in document.sentences:
        mention: dict[str, Any] | None = None
        name = ""
        for row in sentence:
            start, end = next(places)
            if mention is not None and row.prefix in "IEL" and row.name == name:
                mention["end"] = end
                continue
            if mention is not None:
                yield mention
            name = row.name
            mention = {"begin": start, "end": end, **label_keys(name)} if name else None
        if mention is not None:
            yield mention
