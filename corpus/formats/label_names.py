"""The labels spelled for tools that take only ASCII letters, digits and underscores in a name, and read leniently."""

import unicodedata

from corpus.formats.items import POLARITY_KEY
from corpus.labels import Label


def ascii_name(name: str) -> str:
    """The name of a label or entity without accents and spaces: Medicacao_Habitual."""
    return _without_accents(name).replace(" ", "_")


def label_keys(name: str) -> dict[str, str]:
    """The keys of a notes file's annotation that say this label; a name that is none of ours stays as it came.

    Accents, case and what joins the words do not matter: other tools forbid some of them.
    """
    return dict(_KEYS.get(_folded(name), {"label": name}))


def _without_accents(name: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFD", name) if not unicodedata.combining(sign))


def _folded(name: str) -> str:
    return "".join(sign for sign in _without_accents(name).casefold() if sign.isalnum())


_KEYS = {_folded(label.entity): {"label": label.entity} for label in Label} | {
    _folded(label): {"label": label.entity, POLARITY_KEY: label.polarity} for label in Label if label.polarity
}
