"""The options that several commands share."""

from collections.abc import Callable
from functools import partial
from typing import Any

import click

from corpus.note import Role

Command = Callable[..., Any]

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of text.")


def role(*, default: Role | None = None, roles: tuple[Role, ...] = tuple(Role)) -> Callable[[Command], Command]:
    """The option --role; required unless it has a default."""
    option = partial(
        click.option,
        "--role",
        type=click.Choice([str(item) for item in roles]),
        callback=lambda _context, _option, value: Role(value),
        help="What the notes may be used for.",
    )
    # Click takes a default of None for a value that was given, and would not ask for the option.
    return option(default=str(default), show_default=True) if default else option(required=True)


diagnosis = click.option(
    "--diagnosis",
    type=click.Choice(["top1", "all"]),
    default="top1",
    show_default=True,
    help="Score the most confident Diagnóstico of each note's predictions, or all of them.",
)

decode = click.option(
    "--decode",
    # inference.transformer.decode.Method, which would load numpy for every command
    type=click.Choice(["viterbi", "argmax"]),
    help="How a transformer's tags are chosen: the best valid sequence, or each word's best tag.  [default: viterbi]",
)
