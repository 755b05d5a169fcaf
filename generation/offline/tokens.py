"""How the embedded endpoint counts tokens: one for a word or number, one for any other mark, none for white space."""

import re
from collections.abc import Iterator

_TOKEN = re.compile(r"\w+|[^\w\s]")


def count_tokens(text: str) -> int:
    """The number of tokens in a text."""
    return sum(1 for _ in _TOKEN.finditer(text))


def cut_to_tokens(text: str, limit: int) -> str:
    """The text up to the end of its `limit`-th token, or all of it."""
    for number, token in enumerate(_TOKEN.finditer(text), start=1):
        if number == limit:
            rest = text[token.end() :]
            return text[: token.end()] if rest.strip() else text
    return text


def pieces(text: str, tokens_each: int = 6) -> Iterator[str]:
    """The text in pieces of a few tokens; joined, they are the text."""
    begin = 0
    for number, token in enumerate(_TOKEN.finditer(text), start=1):
        if number % tokens_each == 0:
            yield text[begin : token.end()]
            begin = token.end()
    if begin < len(text):
        yield text[begin:]
