"""What kind of thing a word names, as far as a reader knows it who has not met the word in the training notes."""

import re
import tomllib
from functools import lru_cache
from importlib import resources

from inference.crf.forms import normal_form

UNKNOWN_KIND = ""
"""The kind of a word that is in no list and has no telling ending."""
DRUGS = frozenset(("drug", "drug?", "class"))
"""Kinds that name a drug or a class of drugs; a question mark says that only the ending tells."""
DISEASES = frozenset(("disease", "disease?"))

_DRUG_STEMS = (
    "pril|artana?|olol|statina|prazol|dipin[ao]|gliptina|gliflozina|glutid[eo]|xabano?|parina|mabe?|tinib|cilina|micina|"
    "floxacina|conazol|vir|zepam|zolam|tidina|triptano|setrom|semida|tiazida|lu[ck]aste|sona|solona|terol|tropi(?:o|um)|"
    "formina|oxetina|pramina|triptilina|fibrato|dronato|oxina|amida|azina|azepina|zosina|caina|platina|taxel|rubicina"
)
_DISEASE_ENDINGS = (
    "ite|ose|emia|uria|oma|patia|algia|rragia|ectasia|megalia|pneia|penia|plegia|paresia|cardia|tiase|stenose"
)
_NUMBERS = (
    ("number", re.compile(r"0(?:[.,]0)?")),
    (
        "dose",
        re.compile(r"0(?:[.,/]0)?(?:mg|mcgs?|ug|μg|gr?|ml|cc|uis?|u|cps?|comps?|caps?|gts|gotas|puffs?|amp|mui|meq)"),
    ),
    ("when", re.compile(r"0(?:[+-]0){1,4}|0(?:[./]0)?(?:h|hrs|id|ids|x|xdia|xd|dias?|bid|vezes)")),
    ("ratio", re.compile(r"0[/]0")),
    ("date", re.compile(r"0[/.-]0[/.-]0")),
)
"""Numbers as a normal form shows them: each run of digits is one 0."""
_ENDINGS = (
    ("drug?", re.compile(rf"\w{{2,}}(?:{_DRUG_STEMS})")),
    ("disease?", re.compile(rf"\w{{3,}}(?:{_DISEASE_ENDINGS})")),
)


@lru_cache(maxsize=1 << 16)
def word_kind(form: str) -> str:
    """The kind of a word in normal form, UNKNOWN_KIND if nothing tells.

    It is that of its list in `data/words.toml`, else one guessed by its ending or, of a number, by what goes with its
    digits, else that of a part.
    """
    parts = dict.fromkeys((form, *form.split("-")))
    return next((kind for part in parts if (kind := _kinds().get(part) or _guess(part))), UNKNOWN_KIND)


def _guess(form: str) -> str:
    shapes = _NUMBERS if form.startswith("0") else _ENDINGS
    return next((kind for kind, shape in shapes if shape.fullmatch(form)), UNKNOWN_KIND)


@lru_cache(maxsize=1)
def _kinds() -> dict[str, str]:
    lists = tomllib.loads(resources.files("inference").joinpath("data/words.toml").read_text("utf-8"))
    return {normal_form(word): kind for kind, words in lists.items() for word in words.split()}
