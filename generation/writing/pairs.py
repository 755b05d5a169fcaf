"""Counterfactual pairs: whether the second note is the first with its allergy denied, and nothing else changed."""

import re
from difflib import SequenceMatcher

from corpus.text.folding import find_pattern, fold
from generation.reading.wordings import allergen_pattern

CHANGES_MORE = "changes more than the allergy"
FIRST_MISSING = "the first note of its pair was rejected"
LEAST_SHARED = 0.8
"""The share of the first note's sentences that must stand in the second; allergies take one or two of some twenty."""

_MARK = re.compile(r"\s*(?:[-*#•·>]|\d{1,2}[.)-])*\s*")
_SENTENCE_END = re.compile(r"[.;!?](?:\s+|$)")
_OF_ALLERGIES = re.compile(
    r"alerg|hipersens|anafil|urticaria|exantema|rash|edema da glote|angioedema|broncospasmo|reac(?:ao|oes) advers"
    r"|^(?:am|ram)\b"
    r"|^(?:nega|nenhum[ao]s?(?: conhecid[ao]s?)?|nao(?: (?:tem|refere|possui|conhecid[ao]s?))?|desconhece(?:m-se)?)\W*$"
)


def check_pair(first: str, second: str, allergen: str) -> str:
    """Why the second note cannot be the first one's twin ('' where it can), in words that hold nothing of either.

    Compared sentence by sentence, a line end being the end of one; case, accents and white space do not count. What
    was there and is gone, or is new, must speak of allergies, and little enough may have changed.
    """
    one, other = _sentences(first), _sentences(second)
    steps = SequenceMatcher(None, one, other, autojunk=False).get_opcodes()
    shared = sum(end - begin for kind, begin, end, _, _ in steps if kind == "equal")
    gone = [sentence for kind, begin, end, _, _ in steps if kind != "equal" for sentence in one[begin:end]]
    new = [sentence for kind, _, _, begin, end in steps if kind != "equal" for sentence in other[begin:end]]
    strayed = any(not _speaks_of(allergen, sentence) for sentence in gone + new)
    return CHANGES_MORE if strayed or not new or shared < LEAST_SHARED * len(one) else ""


def _sentences(text: str) -> list[str]:
    """The sentences, folded, without the marks and numbers of lists."""
    lines = (_MARK.sub("", fold(line)[0], count=1) for line in re.split(r"[\r\n]+", text))
    return [sentence for line in lines for part in _SENTENCE_END.split(line) if (sentence := part.strip())]


def _speaks_of(allergen: str, sentence: str) -> bool:
    return _OF_ALLERGIES.search(sentence) is not None or bool(find_pattern(sentence, allergen_pattern(allergen)))
