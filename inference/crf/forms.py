"""A word's normal form and shape: what makes doses, dates and spellings of one word look alike."""

import re
import unicodedata
from functools import lru_cache

_DIGITS = re.compile(r"\d+")
_LETTERS = re.compile(r"[^\W\d_]+")


@lru_cache(maxsize=1 << 16)
def normal_form(word: str) -> str:
    """The word in lower case without accents, each run of digits as one 0."""
    plain = unicodedata.normalize("NFKD", word.lower())
    return _DIGITS.sub("0", _clean("".join(sign for sign in plain if not unicodedata.combining(sign))))


@lru_cache(maxsize=1 << 16)
def shape(word: str) -> str:
    """The word's outline: A, AA, Aa, a for a capital, capitals, a capitalised word, small letters; 0 for digits."""
    return _clean(_LETTERS.sub(_case, _DIGITS.sub("0", word)))


def _case(run: re.Match[str]) -> str:
    letters = run.group()
    if letters.isupper():
        return "AA" if len(letters) > 1 else "A"
    return "Aa" if letters[0].isupper() else "a"


def _clean(form: str) -> str:
    """What CRFsuite can store: no control characters, no lone surrogates."""
    return "".join(sign if sign.isprintable() else "?" for sign in form)
