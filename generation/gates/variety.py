"""Whether a note is European or Brazilian Portuguese, by evidence of both (from generation/data/varieties.toml)."""

import re
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

Variety = Literal["european", "brazilian"]

WEIGHTS = {"marked": 3, "leaning": 1}
"""A trait that one variety alone has counts as much as three that both have."""
LEAST_BRAZILIAN = WEIGHTS["marked"]
"""One marked trait, or three leaning ones: with less there is nothing to refuse a note for."""

_WORD = re.compile(r"[^\W_]+")
# Before m or n and a vowel, the open vowel of the one is the closed one of the other: crónico, crônico.
_SPELLINGS: Mapping[Variety, re.Pattern[str]] = {
    "european": re.compile("[óé][mn][aeiouáãíõ]"),
    "brazilian": re.compile("(?<!^est)ô[mn][aeiouáãíõ]|(?<!^f)ê[mn][aeiouáãíõ]"),  # both write estômago, fêmea
}
_PROGRESSIVE: Mapping[Variety, re.Pattern[str]] = {
    "european": re.compile(r" est(?:á|ão|ava|avam|eve) a \w+[aei]r "),
    "brazilian": re.compile(r" est(?:á|ão|ava|avam|eve) (?!quando )\w+[aei]ndo "),
}
_HEAD_LETTERS = 4


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for either variety, in weights."""

    european: int
    brazilian: int

    @property
    def score(self) -> float:
        """From -1 (Brazilian) to 1 (European); 0 where nothing tells, and nearer to it the less there is."""
        return (self.european - self.brazilian) / (self.european + self.brazilian + 1)

    @property
    def is_brazilian(self) -> bool:
        """Whether the Brazilian evidence is enough to go by, and outweighs the European."""
        return self.brazilian >= LEAST_BRAZILIAN and self.score < 0


@dataclass(frozen=True, slots=True)
class _Phrase:
    """A word or phrase of the data file as it is looked for: after a space, and before one unless it ends in a star."""

    sought: str
    trait: int
    side: Variety
    weight: int


def weigh_varieties(text: str) -> Evidence:
    """The evidence of a note; each trait, and each word spelled after the rule, counts once."""
    words = _WORD.findall(unicodedata.normalize("NFC", text))
    exact = f" {' '.join(words)} "
    folded = exact.casefold()
    folded_words = set(folded.split())
    found: dict[Variety, dict[object, int]] = {"european": {}, "brazilian": {}}
    # Only phrases of which the note has the first letters are looked for: most have none.
    for head in {word[:_HEAD_LETTERS] for word in folded_words.union(words)}:
        for phrase in _phrases().get(head, ()):
            if phrase.sought in (folded if phrase.sought.islower() else exact):
                found[phrase.side][phrase.trait] = phrase.weight
    for word in folded_words:
        if not word.isascii():
            for side, rule in _SPELLINGS.items():
                if rule.search(word):
                    found[side][word] = WEIGHTS["marked"]
    for side, form in _PROGRESSIVE.items():
        if form.search(folded):
            found[side][form] = WEIGHTS["marked"]
    return Evidence(sum(found["european"].values()), sum(found["brazilian"].values()))


@cache
def _phrases() -> Mapping[str, list[_Phrase]]:
    """The phrases of the data file by the first letters of their first word."""
    document = tomllib.loads((files("generation") / "data" / "varieties.toml").read_text("utf-8"))
    traits = [
        (WEIGHTS[strength], pair)
        for strength, subjects in document.items()
        for pairs in subjects.values()
        for pair in pairs
    ]
    phrases = defaultdict(list)
    for number, (weight, (european, brazilian)) in enumerate(traits):
        sides: tuple[tuple[Variety, str], ...] = (("european", european), ("brazilian", brazilian))
        for side, forms in sides:
            for form in filter(None, map(str.strip, forms.split(","))):
                sought = f" {form[:-1]}" if form.endswith("*") else f" {form} "
                phrases[form.rstrip("*").split()[0][:_HEAD_LETTERS]].append(_Phrase(sought, number, side, weight))
    return dict(phrases)
