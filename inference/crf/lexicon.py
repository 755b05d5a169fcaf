"""What the training notes say of a word: how often it began or went on with a mention there, label by label."""

import json
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Self

from pydantic import TypeAdapter

from corpus.errors import ModelError
from corpus.labels import OUTSIDE, TAG_IDS, TAGS
from inference.crf.forms import normal_form

LEXICON_NAME = "lexicon.json"
UNSEEN = ""
"""The standing of a word that no training note has."""

Uses = Mapping[str, tuple[int, ...]]
"""For each word in normal form, how often it has each tag, in the order of TAGS."""

_STEPS = (0.001, 0.1, 0.4, 0.8)
_SELDOM = 3


def uses_in(words: Sequence[str], tags: Sequence[int]) -> Uses:
    """How one note uses its words."""
    uses: dict[str, list[int]] = {}
    for word, tag in zip(words, tags, strict=True):
        uses.setdefault(normal_form(word), [0] * len(TAGS))[tag] += 1
    return {form: tuple(counts) for form, counts in uses.items()}


def merged(notes: Iterable[Uses]) -> Uses:
    """How several notes use their words together, word by word in alphabetical order."""
    total: dict[str, list[int]] = {}
    for uses in notes:
        for form, counts in uses.items():
            sums = total.setdefault(form, [0] * len(TAGS))
            for tag, count in enumerate(counts):
                sums[tag] += count
    return {form: tuple(counts) for form, counts in sorted(total.items())}


class Lexicon:
    """How the training notes use each word, and what that makes of it: its standing.

    A standing is coarse on purpose: what matters is that a word never met in this place is known as a drug, not how
    often. A training note must not see itself or a near-duplicate in it, or the recogniser would learn to trust the
    lexicon more than a new note deserves; `without` leaves the uses of some notes out.
    """

    def __init__(self, uses: Uses) -> None:
        self._uses = uses
        self._standings: dict[str, str] = {}

    @classmethod
    def of(cls, notes: Iterable[Uses]) -> Self:
        """The lexicon of several notes, each given by its `uses_in`."""
        return cls(merged(notes))

    @classmethod
    def read(cls, path: Path) -> Self:
        """The lexicon in a JSON file; raises ModelError where there is none."""
        try:
            uses = _SCHEMA.validate_json(path.read_bytes())
            if any(len(counts) != len(TAGS) for counts in uses.values()):
                raise ValueError
            return cls(uses)
        except (OSError, ValueError):
            raise ModelError(f"{path} is missing or damaged; train the model again") from None

    def to_json(self) -> str:
        """The lexicon as `read` takes it: words that were never part of a mention keep their count too."""
        return json.dumps(dict(self._uses), ensure_ascii=False, separators=(",", ":"))

    def without(self, own: Uses) -> "Lexicon":
        """The lexicon as it would be had the note, or notes, of these uses not been there."""
        left = dict(self._uses)
        for form, counts in own.items():
            left[form] = tuple(every - mine for every, mine in zip(left[form], counts, strict=True))
        return Lexicon(left)

    def standing(self, form: str) -> str:
        """One digit a tag but O, 0 (never) to 4 (nearly always), then "s" if seldom seen; UNSEEN for a new word."""
        known = self._standings.get(form)
        if known is None:
            known = self._standings[form] = _standing(self._uses.get(form, ()))
        return known


def _standing(counts: tuple[int, ...]) -> str:
    seen = sum(counts)
    if not seen:
        return UNSEEN
    digits = (bisect_right(_STEPS, count / seen) for tag, count in enumerate(counts) if tag != TAG_IDS[OUTSIDE])
    return "".join(map(str, digits)) + ("s" if seen < _SELDOM else "")


_SCHEMA = TypeAdapter(dict[str, tuple[int, ...]])
