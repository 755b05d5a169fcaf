"""The ways in which a note may write what a brief asks for, as patterns over folded text (`corpus.text.folding.fold`).

What means the same stands in `data/wordings.toml`, which a clinician can extend; here is what follows by rule: "de" and
"da" may stand or not, an abbreviation in brackets may follow its words, a drug's name may end otherwise ("apixaban"),
carry a salt ("succinato de metoprolol") or, as one of two, stand on either side of the sign that joins them.
"""

import re
import tomllib
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib import resources
from itertools import permutations
from typing import Literal

from pydantic import TypeAdapter

from corpus.text.folding import fold

TermKind = Literal["diagnoses", "drugs", "allergens"]

_CONNECTIVES = frozenset(("de", "da", "do", "das", "dos"))
_GAP = r" (?:\([^()]{1,15}\) )?(?:d[aeo]s? )?"
"""What may stand between two words of a term, "(EAM)" and "da" included."""
_SALTS = (
    r"brometo|cloridrato|cloreto|sulfato|succinato|tartarato|fumarato|hemifumarato|besilato|maleato|acetato|citrato"
    r"|fosfato|mesilato|propionato|furoato"
)
_SALT_BEFORE = re.compile(rf"(?:{_SALTS}) de ")
_SALT_AFTER = (
    rf"(?: (?:de )?(?:{_SALTS}|sodic[oa]|magnesic[oa]|calcic[oa]|potassic[oa]|sodio|magnesio|medoxomilo|cilexetil"
    r"|erbumina|arginina))?"
)
_DOSE_BETWEEN = r"(?: \d[\d.,]* ?(?:mg|mcg|ug|g|ui))?"
_SIGN = r"(?: ?[+/-] ?| e | com )"
_PARTS = re.compile(r"\s*[+/]\s*")
_LONG_WORD = 7
"""From this length on, a drug's last vowel may be another one, or none."""
_SHAPE = TypeAdapter(dict[TermKind, list[list[str]]])


@lru_cache(maxsize=4096)
def diagnosis_pattern(diagnosis: str) -> re.Pattern[str]:
    """Matches the diagnosis, its known parts in any of their ways."""
    folded = fold(diagnosis)[0].strip()
    whole = _ways("diagnoses").get(folded, ())
    ways = {_words(way) for way in whole} | {_with_known_parts(folded)}
    return re.compile(rf"(?<!\w){_any(ways)}(?!\w)")


@lru_cache(maxsize=4096)
def drug_pattern(name: str) -> re.Pattern[str]:
    """Matches the drug by any of its names, with its salt; a combination in either order."""
    return re.compile(rf"(?<!\w){_drug_names(name, 'drugs')}(?!\w)")


@lru_cache(maxsize=4096)
def allergen_pattern(allergen: str) -> re.Pattern[str]:
    """Matches the allergen, a drug or a class, in the singular or the plural."""
    return re.compile(rf"(?<!\w){_drug_names(allergen, 'allergens')}s?(?!\w)")


def is_short_abbreviation(text: str) -> bool:
    """Whether the text is of at most three letters and not in capitals, so that it may be a word like any other."""
    return len(text) <= 3 and not text.isupper()


@cache
def _ways(kind: TermKind) -> dict[str, tuple[str, ...]]:
    """For each way of writing, folded, all that mean the same (itself too)."""
    document = tomllib.loads((resources.files("generation") / "data" / "wordings.toml").read_text("utf-8"))
    ways: dict[str, tuple[str, ...]] = {}
    for line in _SHAPE.validate_python(document)[kind]:
        folded = [fold(way)[0].strip() for way in line]
        for way in folded:
            ways[way] = tuple(dict.fromkeys((*ways.get(way, ()), *folded)))
    return ways


@cache
def _known_part() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{_any(map(re.escape, _ways('diagnoses')))})(?!\w)")


def _with_known_parts(phrase: str) -> str:
    """The words of a diagnosis, each known part replaced by all of its ways."""
    pieces: list[str] = []
    end = 0
    for match in _known_part().finditer(phrase):
        pieces += [_words(phrase[end : match.start()]), _any(map(_words, _ways("diagnoses")[match[0]]))]
        end = match.end()
    pieces.append(_words(phrase[end:]))
    return _GAP.join(piece for piece in pieces if piece)


def _words(phrase: str) -> str:
    """The words in their order; connectives are left to the gaps."""
    words = [word for word in phrase.split() if word not in _CONNECTIVES]
    return _GAP.join(map(re.escape, words))


def _drug_names(name: str, kind: TermKind) -> str:
    folded = fold(name)[0].strip()
    return _any(_combination(_PARTS.split(one), kind) for one in {folded, *_ways(kind).get(folded, ())})


def _combination(parts: list[str], kind: TermKind) -> str:
    ways = [_any(_drug_name(way) for way in {part, *_ways(kind).get(part, ())}) + _SALT_AFTER for part in parts]
    joint = f"{_DOSE_BETWEEN}{_SIGN}"
    orders = (joint.join(order) for order in permutations(ways))
    return rf"(?:(?:{_SALTS}) de )?{_any(orders)}"


def _drug_name(name: str) -> str:
    words = _SALT_BEFORE.sub("", name).split()
    return " ".join(_ending(word) for word in words)


def _ending(word: str) -> str:
    """The word with its other endings: "apixabano", "apixabana", "apixaban"; "losartan", "losartano"."""
    if len(word) >= _LONG_WORD and word.isalpha() and word[-1] in "aeo":
        return f"{re.escape(word[:-1])}[aeo]?"
    return f"{re.escape(word)}[ao]?" if len(word) >= _LONG_WORD and word.endswith("n") else re.escape(word)


def _any(ways: Iterable[str]) -> str:
    """One of the patterns, the longest first."""
    return f"(?:{'|'.join(sorted(set(ways), key=lambda way: (-len(way), way)))})"
