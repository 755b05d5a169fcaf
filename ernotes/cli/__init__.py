"""The commands. Each reads the configuration, calls one function, and prints its result."""

import os
import sys
from pathlib import Path

import click

from corpus.errors import ErNotesError
from ernotes.cli import annotators, desk, label_errors, models, notes, review, rounds, simulation, writing

DEBUG_VARIABLE = "ERNOTES_DEBUG"


class InOrder(click.Group):
    """A group whose help lists the commands in the order of the work, not of the alphabet, each in a whole sentence."""

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Write each command's first sentence, over as many lines as it takes."""
        found = [(name, self.get_command(context, name)) for name in self.list_commands(context)]
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.get_short_help_str(limit=300)) for name, command in found if command])

    def list_commands(self, _context: click.Context) -> list[str]:
        """The commands' names in the order in which they were added."""
        return list(self.commands)


@click.group(cls=InOrder, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "-w",
    "--workspace",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    show_default="the current folder",
    help="The workspace to work in.",
)
@click.version_option(package_name="ernotes")
@click.pass_context
def ernotes(context: click.Context, workspace: Path) -> None:
    """Named-entity recognition for Portuguese emergency-room notes: generate, pre-annotate, correct, train, measure.

    For research only; not validated for clinical use.
    """
    context.obj = workspace


for module in (notes, writing, desk, annotators, label_errors, review, models, rounds, simulation):
    for command in module.COMMANDS:
        ernotes.add_command(command)


def main() -> None:
    """Run the command line: exit status 0 done, 1 failed with one line on standard error, 2 wrong usage."""
    try:
        ernotes()
    except ErNotesError as error:
        _fail(str(error))
    except OSError as error:
        _fail(f"{error.strerror or type(error).__name__}{f': {error.filename}' if error.filename else ''}")
    except Exception as error:
        if os.environ.get(DEBUG_VARIABLE):
            raise
        _fail(f"unexpected {type(error).__name__}; {DEBUG_VARIABLE}=1 shows where (the traceback may show note text)")


def _fail(message: str) -> None:
    click.echo(f"ernotes: {' '.join(message.split())}", err=True)
    sys.exit(1)
