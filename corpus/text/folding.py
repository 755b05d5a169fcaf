"""Where a phrase stands in a text, forgiving what writers vary: case, accents, white space, typographic signs.

Texts and phrases are compared folded. `fold` keeps, for every folded character, the place in the original that it came
from, so that what is found is given in offsets of the original, be its accents composed (NFC) or not (NFD).
"""

import re
import unicodedata
from bisect import bisect_left
from dataclasses import dataclass
from typing import Self

# Signs that are typed for one another; those that NFKD folds already (… ½ º) are not repeated.
_VARIANTS = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4`", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u2033\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        "\u00b5": "u",
        "\u03bc": "u",
        "\u00d7": "x",
        "\u2044": "/",
    }
)
_MORE_SPACES = re.compile(r"(?<= ) +")


def fold(text: str) -> tuple[str, list[int]]:
    """The text with its variants levelled, and for each character of the result its offset in the text.

    Case and accents go, a run of white space (line breaks too) becomes one space, quotes, dashes and ligatures take
    their plain form, invisible characters vanish. One character may become several, or none.
    """
    plain = text.translate(_PLAIN)
    origins = range(len(plain)) if _UNEVEN.isdisjoint(text) else _origins(text)
    begin, parts, offsets = 0, [], list[int]()
    for more in _MORE_SPACES.finditer(plain):
        parts.append(plain[begin : more.start()])
        offsets += origins[begin : more.start()]
        begin = more.end()
    parts.append(plain[begin:])
    offsets += origins[begin:]
    return "".join(parts), offsets


@dataclass(frozen=True, slots=True)
class FoldedText:
    """A text folded once, in which one phrase after another is looked for; made by `of`."""

    text: str
    folded: str
    offsets: list[int]
    """For each character of `folded` its offset in `text`."""

    @classmethod
    def of(cls, text: str) -> Self:
        """The text with its folded form."""
        return cls(text, *fold(text))

    def part(self, start: int, end: int) -> str:
        """`text[start:end]` as `fold` gives it by itself."""
        first, last = bisect_left(self.offsets, start), bisect_left(self.offsets, end)
        part = self.folded[first:last]
        if self.folded[max(first - 1, 0) : first] == " ":
            # The whole has one space for this part's first and what stands before it.
            begins = next((plain for character in self.text[start:end] if (plain := _PLAIN[ord(character)])), "")
            return f" {part}" if begins.startswith(" ") else part
        return part

    def find_phrase(self, phrase: str) -> list[tuple[int, int]]:
        """Where the phrase stands in the text, as offsets [start, end) in characters, from left to right.

        The phrase is found folded (see `fold`) and as whole words only: "aas" is not in "gaast", nor "5 mg" in "2,5
        mg". Occurrences do not overlap: after one, the search goes on at its end. A phrase without content is nowhere.
        """
        wanted = fold(phrase)[0].strip()
        return self.find_pattern(re.compile(re.escape(wanted))) if wanted else []

    def find_pattern(self, pattern: re.Pattern[str]) -> list[tuple[int, int]]:
        """Where the pattern, which reads folded text, matches whole words of the text; otherwise as `find_phrase`."""
        folded, offsets = self.folded, self.offsets
        places: list[tuple[int, int]] = []
        begin = 0
        while begin <= len(folded) and (match := pattern.search(folded, begin)):
            start, end = match.span()
            begin = start + 1
            if start < end and _is_whole(folded, offsets, start) and _is_whole(folded, offsets, end):
                places.append((offsets[start], _end_of_character(self.text, offsets[end - 1])))
                begin = end
        return places


def find_phrase(text: str, phrase: str) -> list[tuple[int, int]]:
    """Where the phrase stands in the text; see `FoldedText.find_phrase`, for a text that is searched once."""
    return FoldedText.of(text).find_phrase(phrase)


def find_pattern(text: str, pattern: re.Pattern[str]) -> list[tuple[int, int]]:
    """Where the pattern matches in the text; see `FoldedText.find_pattern`, for a text that is searched once."""
    return FoldedText.of(text).find_pattern(pattern)


class _PlainCharacters(dict[int, str]):
    """Code point → what stands for it in folded text, worked out when first met; notes what is not one character."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        plain = unicodedata.normalize("NFKD", character.translate(_VARIANTS)).casefold()
        plain = unicodedata.normalize("NFKD", plain).translate(_VARIANTS)
        self[code] = kept = "".join(
            " " if part.isspace() else part
            for part in plain
            if not unicodedata.combining(part) and unicodedata.category(part) != "Cf"
        )
        if len(kept) != 1:
            _UNEVEN.add(character)
        return kept


_PLAIN = _PlainCharacters()
_UNEVEN: set[str] = set()
"""The characters met so far that become none or several."""


def _origins(text: str) -> list[int]:
    """The offset in the text of each character that stands for one of it, where some become none or several."""
    begin, offsets = 0, list[int]()
    uneven = "".join(map(re.escape, sorted(_UNEVEN.intersection(text))))
    for found in re.finditer(f"[{uneven}]", text):
        offset = found.start()
        offsets += range(begin, offset)
        offsets += [offset] * len(_PLAIN[ord(text[offset])])
        begin = offset + 1
    offsets += range(begin, len(text))
    return offsets


def _is_whole(folded: str, offsets: list[int], border: int) -> bool:
    """Whether the text may be cut at `border` without cutting a word, a number or one original character."""
    if border in (0, len(folded)):
        return True
    if offsets[border - 1] == offsets[border]:
        return False
    before, after = folded[border - 1], folded[border]
    if before.isalnum() and after.isalnum():
        return False
    # A decimal sign with a digit on each side holds a number together.
    cuts_before_sign = after in ".," and before.isdigit() and folded[border + 1 : border + 2].isdigit()
    cuts_after_sign = before in ".," and after.isdigit() and folded[max(border - 2, 0) : border - 1].isdigit()
    return not (cuts_before_sign or cuts_after_sign)


def _end_of_character(text: str, offset: int) -> int:
    """The offset after a character and the combining accents that follow it."""
    end = offset + 1
    while end < len(text) and unicodedata.combining(text[end]):
        end += 1
    return end
