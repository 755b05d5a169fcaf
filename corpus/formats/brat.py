"""brat standoff: a folder, or a .zip of one, with a .txt and a .ann for each note.

    T1	Alergias_medicamentosas 26 34	alergias
    A1	Polaridade T1 Negativa
    N1	Reference T1 SNOMEDCT:716186003	alergias

Offsets are code points of the .txt as it stands, CRLF included, end exclusive. A mention that goes on over a line end
is written in a piece for each line, as brat does. The files are numbered, since a doc_id may be anything:
`doc-ids.json` holds which is which. (https://brat.nlplab.org/standoff.html)
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib.resources.abc import Traversable
from itertools import pairwise
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile
from zipfile import Path as ZipPath

from corpus.errors import FormatError
from corpus.formats.dropped import Dropped, beside_places
from corpus.formats.file_note import FileNote, NotesFile, SetAside, gathered
from corpus.formats.items import CODE_KEYS, POLARITY_KEY, read_item
from corpus.formats.label_names import ascii_name, label_keys
from corpus.formats.reading import parse_json, read_text
from corpus.labels import ALLERGY_ENTITY, NEGATIVE, POSITIVE, Label
from corpus.machine.files import replacing_file, replacing_folder

DOC_IDS_NAME = "doc-ids.json"

_ENTITIES = tuple(dict.fromkeys(label.entity for label in Label))
_SETTINGS = {
    "annotation.conf": "\n".join(
        (
            "[entities]",
            *map(ascii_name, _ENTITIES),
            "[relations]",
            "<OVERLAP>\tArg1:<ENTITY>, Arg2:<ENTITY>, <OVL-TYPE>:<ANY>",
            "[events]",
            "[attributes]",
            f"{POLARITY_KEY}\tArg:{ascii_name(ALLERGY_ENTITY)}, Value:{POSITIVE}|{NEGATIVE}",
            "",
        )
    ),
    "visual.conf": "\n".join(("[labels]", *(f"{ascii_name(name)} | {name}" for name in _ENTITIES), "")),
}
_PIECE = re.compile(r"[^\r\n]+")
_CODE = re.compile(r"\S+")
_MENTION = re.compile(
    r"(?P<mention>T\S+)\t(?P<type>\S+) (?P<places>\d{1,9} \d{1,9}(?:;\d{1,9} \d{1,9})*)(?:\t(?P<words>.*))?"
)
_POLARITY = re.compile(rf"A\S*\t(?P<key>{POLARITY_KEY}) (?P<mention>\S+) (?P<value>\S+)\s*")
_REFERENCE = re.compile(rf"N\S*\tReference (?P<mention>\S+) (?P<key>{'|'.join(CODE_KEYS)}):(?P<value>\S+)(?:\t.*)?")
_OTHER = re.compile(r"[A-SU-Z#*]\S*\t.+")


def write_brat(path: Path, notes: Iterable[FileNote], *, strict: bool = False) -> Dropped:
    """Writes the folder or .zip, with brat's settings, and tells what brat could not hold.

    Raises FormatError for a folder that is there and not empty and, if `strict`, where brat cannot hold everything.
    """
    dropped = Dropped()
    files = _files(notes, dropped)
    if path.suffix.lower() == ".zip":
        with replacing_file(path) as stream, ZipFile(stream, "w") as archive:
            for name, content in files:
                archive.writestr(name, content)
            dropped.refuse_if(strict, path)
    else:
        with replacing_folder(path) as folder:
            for name, content in files:
                (folder / name).write_bytes(content.encode())
            dropped.refuse_if(strict, path)
    return dropped


def read_brat(path: Path, *, strict: bool = False) -> NotesFile:
    """The notes of a folder or .zip, in the order of their names; a .txt without .ann is a note not annotated.

    Each mention is proved by the words that stand beside its offsets. Raises FormatError where there is no .txt, or
    where a line is none of brat's.
    """
    notes: list[tuple[str, FileNote]] = []
    remarks: Counter[str] = Counter()
    with _opened(path) as folder:
        files = dict(_walk(folder))
        texts = {name.removesuffix(".txt"): file for name, file in files.items() if name.endswith(".txt")}
        anns = {name.removesuffix(".ann"): file for name, file in files.items() if name.endswith(".ann")}
        if not texts or anns.keys() - texts.keys():
            raise FormatError(f"{path} is no brat folder: it should hold a .txt for each .ann")
        doc_ids = _doc_ids(files)
        for name, text in sorted(texts.items()):
            notes.append((str(text), _note(doc_ids.get(name, name), text, anns.get(name), remarks)))
    return gathered(path, notes, strict=strict, remarks=remarks)


def _files(notes: Iterable[FileNote], dropped: Dropped) -> Iterator[tuple[str, str]]:
    """Name and content of every file, none named after what a note holds."""
    doc_ids: dict[str, int | str] = {}
    for number, note in enumerate(notes, start=1):
        name = f"note-{number:06d}"
        doc_ids[name] = note.doc_id
        yield f"{name}.txt", note.text
        yield f"{name}.ann", "".join(f"{line}\n" for line in _lines(note, dropped))
    yield DOC_IDS_NAME, json.dumps(doc_ids, indent=1)
    yield from _SETTINGS.items()


def _lines(note: FileNote, dropped: Dropped) -> Iterator[str]:
    """The lines of a note's .ann; notes down what they cannot hold."""
    dropped.count(beside_places(note) | {"codes": 0})
    references = 0
    for number, span in enumerate(note.spans, start=1):
        pieces = [match.span() for match in _PIECE.finditer(note.text, span.start, span.end)]
        if not pieces:
            dropped.span(note, span, "spans of line ends alone")
            continue
        if (pieces[0][0], pieces[-1][1]) != (span.start, span.end):
            dropped.span(note, span, "line ends at the ends of spans")
        places = ";".join(f"{start} {end}" for start, end in pieces)
        words = " ".join(note.text[start:end] for start, end in pieces)
        yield f"T{number}\t{ascii_name(span.label.entity)} {places}\t{words}"
        if span.label.polarity:
            yield f"A{number}\t{POLARITY_KEY} T{number} {span.label.polarity}"
        for key, code in span.codes.items():
            if _CODE.fullmatch(code):
                references += 1
                yield f"N{references}\tReference T{number} {key}:{code}\t{words}"
            else:
                dropped.count({"codes that are empty or hold white space": 1})


@contextmanager
def _opened(path: Path) -> Iterator[Traversable]:
    """The folder, or the inside of the .zip."""
    if path.is_dir():
        yield path
        return
    try:
        with ZipFile(path) as archive:
            yield ZipPath(archive)
    except FileNotFoundError:
        raise FormatError(f"{path} does not exist") from None
    except (BadZipFile, OSError, RuntimeError):  # RuntimeError: encrypted, or an unknown compression
        raise FormatError(f"{path} is neither a folder nor a .zip that can be read") from None


def _walk(folder: Traversable, above: str = "") -> Iterator[tuple[str, Traversable]]:
    """The files of a folder and those below it, each with its path inside; hidden ones are passed over."""
    for entry in folder.iterdir():
        if entry.name.startswith((".", "__MACOSX")):
            continue
        if entry.is_dir():
            yield from _walk(entry, f"{above}{entry.name}/")
        else:
            yield f"{above}{entry.name}", entry


def _doc_ids(files: Mapping[str, Traversable]) -> dict[str, Any]:
    """The doc_id of each note, by its path inside, where a file of ours tells it."""
    doc_ids: dict[str, Any] = {}
    for path, file in files.items():
        if path.rpartition("/")[2] == DOC_IDS_NAME:
            names = parse_json(read_text(file), str(file))
            if not isinstance(names, dict):
                raise FormatError(f"{file} is no object with the doc_id of each name")
            doc_ids |= {path.removesuffix(DOC_IDS_NAME) + name: doc_id for name, doc_id in names.items()}
    return doc_ids


@dataclass(slots=True)
class _Mention:
    """A T line: what it says in the words of a notes file, why it cannot be used, and all the lines on it."""

    annotation: dict[str, Any]
    fault: str | None
    lines: list[str] = field(default_factory=list)


def _note(doc_id: Any, text_file: Traversable, ann_file: Traversable | None, remarks: Counter[str]) -> FileNote:
    """A note from its two files; a mention that cannot be used is set aside as its lines."""
    item = {"doc_id": doc_id, "text": read_text(text_file, keep_mark=True)}
    if ann_file is None:
        return read_item(item, str(text_file))
    lines = [line.removesuffix("\r") for line in read_text(ann_file).split("\n")]
    mentions: dict[str, _Mention] = {}
    for number, line in enumerate(lines, start=1):
        found = _MENTION.fullmatch(line)
        if found and found["mention"] in mentions:
            raise FormatError(f"{ann_file}: line {number}: {found['mention']} is there twice")
        if found:
            mentions[found["mention"]] = _mention(found, item["text"])
        elif line.strip() and not _OTHER.fullmatch(line):
            raise FormatError(f"{ann_file}: line {number} is no line of brat standoff")
    for line in lines:
        _read_about(mentions, line, remarks)
    used = [mention.annotation for mention in mentions.values() if mention.fault is None]
    note = read_item(item | {"annotations": used}, str(text_file))
    asides = [SetAside(mention.lines, mention.fault) for mention in mentions.values() if mention.fault is not None]
    return replace(note, set_aside=(*note.set_aside, *asides))


def _mention(found: re.Match[str], text: str) -> _Mention:
    """A mention with the words beside its offsets as proof; pieces parted by white space alone are one."""
    pieces = [tuple(map(int, piece.split())) for piece in found["places"].split(";")]
    start, end = pieces[0][0], pieces[-1][1]
    fault = None
    if any(text[before:after].strip() or before > after for (_, before), (after, _) in pairwise(pieces)):
        fault = "in pieces that other words part"
    elif found["words"] and end <= len(text) and found["words"].split() != text[start:end].split():
        fault = "the words beside it are not those at its offsets"
    return _Mention({"begin": start, "end": end, **label_keys(found["type"])}, fault)


def _read_about(mentions: Mapping[str, _Mention], line: str, remarks: Counter[str]) -> None:
    """Adds what a line says to the mention that it is about; counts the lines that are not read."""
    found = _MENTION.fullmatch(line) or _POLARITY.fullmatch(line) or _REFERENCE.fullmatch(line)
    about = mentions.get(found["mention"]) if found else None
    if found is None or about is None:
        if line.strip():
            remarks[f"lines of kind {line[0]} that were not read"] += 1
        return
    about.lines.append(line)
    said = found.groupdict()
    if "key" in said and about.annotation.setdefault(said["key"], said["value"]) != said["value"]:
        remarks["lines that contradict what was said of a mention before, not read"] += 1
