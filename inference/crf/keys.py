"""What the keys of the streams hold, by name: the features make them, the spelling reads them.

A key is stored as ids of its parts (`inference.crf.ids`), which know an order and no names. The order of the parts of
a key stands here alone: it is that of the parameters of what makes the key, `of` where parts are tuples themselves.
"""

from typing import NamedTuple, Self

from inference.crf.cues import Cues

LineUse = tuple[str, str, str]
"""Of a line: the kind of its section, the kind that it names itself, its bullet."""
Held = tuple[str, str, str]
"""What the line above holds, the line itself, and the line below, one letter each (`inference.crf.features`)."""


class WordKey(NamedTuple):
    """A word and its normal form."""

    word: str
    form: str


class StandingKey(NamedTuple):
    """What the training notes say of a word, and its kind."""

    standing: str
    kind: str


class FormsKey(NamedTuple):
    """Two words in normal form."""

    left: str
    right: str


class KindsKey(NamedTuple):
    """The kinds of a word, of the one before it, and of the two after it."""

    before: str
    own: str
    after: str
    beyond: str

    @classmethod
    def of(cls, first: tuple[str, str], second: tuple[str, str]) -> Self:
        """The key of the two pairs."""
        return cls(*first, *second)


class LineKey(NamedTuple):
    """A line: what it is (see `inference.crf.layout.NoteLine`), how long and where, and what is around it."""

    section: str
    heading: str
    kind: str
    label: str
    bullet: str
    previous_bullet: str
    item: int
    gap: int
    first_form: str
    size: int
    from_end: int
    outline: str
    above: str
    own: str
    below: str


class PlaceKey(NamedTuple):
    """The line's use, how far from its first word, and how many words are left, up to 3."""

    section: str
    kind: str
    bullet: str
    offset: int
    left: int

    @classmethod
    def of(cls, use: LineUse, offset: int, left: int) -> Self:
        """The key of a line's use and a place on it."""
        return cls(*use, offset, left)


class UseKey(NamedTuple):
    """A word in normal form, and the use of its line."""

    form: str
    section: str
    kind: str
    bullet: str

    @classmethod
    def of(cls, form: str, use: LineUse) -> Self:
        """The key of a form on a line of this use."""
        return cls(form, *use)


class ItemKey(NamedTuple):
    """A word's kind, whether it leads its line, the line's section, and what that line and its neighbours hold."""

    kind: str
    leads: int
    section: str
    above: str
    own: str
    below: str

    @classmethod
    def of(cls, kind: str, leads: int, line: tuple[str, str, str, str]) -> Self:
        """The key of a word of this kind on a line: its section, then what is held."""
        return cls(kind, leads, *line)


class CuesKey(NamedTuple):
    """The line's section, the cues before a word, where a denial of it stands, and how far its part has come."""

    section: str
    negated: bool
    allergy: str
    reason: str
    taking: str
    depth: int
    denied: str
    since: int

    @classmethod
    def of(cls, section: str, said: tuple[Cues, str], since: int) -> Self:
        """The key of cues together with a denial."""
        cues, denied = said
        return cls(section, *cues, denied, since)


class RoleKey(NamedTuple):
    """A word's standing and kind, its line's section and bullet, two of its cues, and where else in the note it is.

    `earlier` and `later` count its places there, `elsewhere` says that a drug list holds it, and `others` tells of
    other lines about allergies.
    """

    standing: str
    kind: str
    section: str
    bullet: str
    allergy: str
    taking: str
    earlier: int
    later: int
    elsewhere: int
    others: int

    @classmethod
    def of(
        cls, known: tuple[str, str], line: tuple[str, str], told: tuple[tuple[str, str], int, int, int, int]
    ) -> Self:
        """The key of what is known of a word, of its line, and of the rest of the note."""
        return cls(*known, *line, *told[0], *told[1:])
