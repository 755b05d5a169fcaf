"""Wording from the data files, drawn at random for one note.

A data file maps a name to a list of phrases. In a phrase, `{name}` stands for one phrase of that list (or for a fact of
the note), `{Name}` for the same with a capital, `{o/a}` for the form that agrees with a man or a woman, `{x|y|z}` for
one of them, `{?text}` for the text or nothing, and `{80-120}` or `{0.6-1.3}` for a number, with as many decimals as its
lower bound.
"""

import hashlib
import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from random import Random
from typing import Any

Phrases = Mapping[str, tuple[str, ...]]

_BRACES = re.compile(r"\{([^{}]*)\}")
_RANGE = re.compile(r"(\d+(?:\.(\d+))?)-(\d+(?:\.\d+)?)")
# What a brief says is never read as a template: its braces travel as these private characters.
_SHIELD = str.maketrans({"{": "\ue000", "}": "\ue001"})
_UNSHIELD = str.maketrans({"\ue000": "{", "\ue001": "}"})


@cache
def read_data(name: str) -> Mapping[str, Any]:
    """The data file generation/offline/data/NAME.toml."""
    return tomllib.loads((files("generation.offline") / "data" / f"{name}.toml").read_text("utf-8"))


@cache
def phrases(*names: str) -> Phrases:
    """The phrase lists of the named files together."""
    return {key: tuple(value) for name in names for key, value in read_data(name).items()}


@lru_cache(maxsize=16384)
def folded(text: str) -> str:
    """The text without case and accents, for comparisons."""
    plain = unicodedata.normalize("NFD", text.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def capital(text: str) -> str:
    """The text with its first letter a capital; an abbreviation such as "mRS" keeps its own."""
    return text if text[1:2].isupper() else text[:1].upper() + text[1:]


def _fingerprint() -> str:
    data = sorted((files("generation.offline") / "data").iterdir(), key=lambda entry: entry.name)
    digest = hashlib.sha256(b"".join(entry.read_bytes() for entry in data if entry.is_file()))
    return f"fp_{digest.hexdigest()[:12]}"


DATA_FINGERPRINT = _fingerprint()
"""Changes whenever the wording does, as `system_fingerprint` of the OpenAI API is meant to."""


class Wording:
    """Draws phrases for one note; the layers are searched in order, so that the particular hides the general."""

    def __init__(
        self,
        rng: Random,
        layers: Sequence[Phrases],
        *,
        facts: Mapping[str, str],
        woman: bool,
        decimal_point: str,
        banned: Sequence[str] = (),
    ) -> None:
        """`banned` are folded words that no drawn phrase may hold, since only the brief's own lines may say them."""
        self._rng = rng
        self._layers = layers
        self._facts = {name: value.translate(_SHIELD) for name, value in facts.items()}
        self._woman = woman
        self._decimal_point = decimal_point
        self._banned = banned

    def say(self, name: str) -> str:
        """One phrase of the list `name`, filled in; empty where every phrase is banned."""
        options = self._options(name)
        return self.fill(self._rng.choice(options)) if options else ""

    def several(self, name: str, fewest: int, most: int) -> list[str]:
        """Different phrases of the list `name`, filled in, in random order."""
        options = self._options(name)
        drawn = self._rng.sample(options, min(len(options), self._rng.randint(fewest, most)))
        return [self.fill(option) for option in drawn]

    def fill(self, template: str) -> str:
        """The template with its braces replaced, the innermost first."""
        while _BRACES.search(template):
            template = _BRACES.sub(lambda match: self._resolve(match[1]), template)
        return template.translate(_UNSHIELD)

    def _options(self, name: str) -> list[str]:
        for layer in self._layers:
            if name in layer:
                return [option for option in layer[name] if not self._is_banned(option)]
        raise KeyError(f"no phrase list {name!r} in the offline writer's data")

    def _is_banned(self, option: str) -> bool:
        plain = folded(option)
        return any(word in plain for word in self._banned)

    def _resolve(self, body: str) -> str:
        if body.startswith("?"):
            return body[1:] if self._rng.random() < 0.5 else ""
        if "|" in body:
            return self._rng.choice(body.split("|"))
        if "/" in body:
            man, woman = body.split("/", maxsplit=1)
            return woman if self._woman else man
        if number := _RANGE.fullmatch(body):
            return self._number(number)
        if body in self._facts:
            return self._facts[body]
        if body[:1].isupper():
            return capital(self._resolve(body[:1].lower() + body[1:]))
        options = self._options(body)
        return self._rng.choice(options) if options else ""

    def _number(self, number: re.Match[str]) -> str:
        decimals = len(number[2] or "")
        value = self._rng.uniform(float(number[1]), float(number[3]))
        return f"{value:.{decimals}f}".replace(".", self._decimal_point)
