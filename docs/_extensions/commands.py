"""The commands as Markdown: what each does, how it is called, its options, as click holds them."""

import re
from collections.abc import Iterator

import click


def commands(group: click.Group, above: str = "") -> dict[str, click.Command]:
    """The commands of a group and of those in it, by name ("review push")."""
    found: dict[str, click.Command] = {}
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found |= commands(command, f"{above}{name} ")
        else:
            found[f"{above}{name}"] = command
    return found


def command_markdown(command: click.Command, name: str) -> Iterator[str]:
    """What `ernotes NAME --help` shows, with a definition for each option."""
    context = click.Context(command, info_name=name)
    for paragraph in (command.help or "").split("\n\n"):
        yield f"\n{_plain(paragraph)}"
    usage = " ".join(["ernotes [-w DIR]", name, *command.collect_usage_pieces(context)])
    yield f"\n```text\n{usage}\n```"
    for option in command.get_params(context):
        record = option.get_help_record(context)
        if record is not None and record[1] and "--help" not in option.opts:
            shown, meaning = record
            yield f"\n`{shown}`\n: {_plain(meaning)}"


def _plain(words: str) -> str:
    """The words on one line, with what Markdown would take for its own made harmless."""
    return re.sub(r"([\\`*_\[\]<>#|~])", r"\\\1", " ".join(words.split()))
