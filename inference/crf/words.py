"""The words of a note, with their places in its text and the lines they stand on."""

import re
from dataclasses import dataclass

_WORD = re.compile(r"\d+(?:[.,:/+-]\d+)*[^\W_]*|[^\W_]+(?:-[^\W\d_]+)*|[^\w\s]|_")
# Numbers keep what joins them to other digits and the letters that follow, since doses (2,5mg), schedules (1+0+1),
# frequencies (12/12h), times and dates are one thing to a reader. Everything else is a run of letters and digits, or
# one sign. So a word never ends between two letters or digits, and a span made of words is never cut inside one.
_LINE_END = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one text: word i is text[starts[i]:ends[i]], end exclusive, in text order, never overlapping.

    `lines` holds, for each line of the text (blank ones included), the first of its words and the one after its last.
    """

    texts: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    lines: tuple[tuple[int, int], ...]

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def offsets(self) -> tuple[tuple[int, int], ...]:
        """(start, end) of each word, in characters."""
        return tuple(zip(self.starts, self.ends, strict=True))


def find_words(text: str) -> Words:
    """The words of a text and its lines; CRLF, LF and CR all end a line, and no word holds white space."""
    texts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    lines: list[tuple[int, int]] = []
    begin = 0
    for line_end in [*(match.span() for match in _LINE_END.finditer(text)), (len(text), len(text))]:
        first = len(texts)
        for word in _WORD.finditer(text, begin, line_end[0]):
            texts.append(word.group())
            starts.append(word.start())
            ends.append(word.end())
        lines.append((first, len(texts)))
        begin = line_end[1]
    return Words(tuple(texts), tuple(starts), tuple(ends), tuple(lines))
