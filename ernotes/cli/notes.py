"""Commands on the workspace and its notes: init, import, export, status, erase."""

from pathlib import Path

import click

from corpus.note import Role, Sensitivity
from ernotes.cli import options
from ernotes.cli.opening import open_workspace
from ernotes.cli.showing import show_outcome
from ernotes.console import say

# ernotes.files.formats.Format, which would load the formats for every command; er-ner is another name of the notes
# file.
FORMATS = ("notes", "jsonl", "conll", "brat", "label-studio", "datasets", "er-ner")

file_format = click.option(
    "--format",
    "file_format",
    type=click.Choice(FORMATS),
    callback=lambda _context, _option, value: "notes" if value == "er-ner" else value,
    help="The file's format.  [default: what the path says, else notes]",
)


@click.command()
@click.option("--offline", is_flag=True, help="Need no LLM, hub or GPU: embedded endpoint, crf, own Label Studio.")
@click.pass_obj
def init(folder: Path, offline: bool) -> None:
    """Make the workspace that -w names."""
    from ernotes.cli.told.files import tell_made
    from ernotes.files.initialise import initialise

    print(tell_made(initialise(folder, offline=offline), folder))


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@options.role()
@file_format
@click.option("--source", default="", help="The name under which the notes are known.  [default: the file's name]")
@click.option(
    "--sensitivity",
    type=click.Choice([str(item) for item in Sensitivity]),
    default=str(Sensitivity.PATIENT),
    show_default=True,
    help="Whether the words may be a patient's.",
)
@click.option("--strict", is_flag=True, help="Refuse the file if an annotation cannot be used.")
@options.as_json
@click.pass_obj
def import_(
    folder: Path,
    file: Path,
    role: Role,
    file_format: str | None,
    source: str,
    sensitivity: str,
    strict: bool,
    as_json: bool,
) -> None:
    """Take the notes of FILE in; the same file again changes nothing."""
    from ernotes.cli.told.files import tell_imported
    from ernotes.files.exchange import import_notes
    from ernotes.files.formats import Format

    with open_workspace(folder, write=True) as workspace:
        result = import_notes(
            workspace.store,
            file,
            role,
            source=source or file.name or file.resolve().name,
            sensitivity=Sensitivity(sensitivity),
            file_format=Format(file_format) if file_format else None,
            strict=strict,
        )
    for message in result.messages:
        say(message)
    show_outcome(result, tell_imported, folder, as_json=as_json)


@click.command("export")
@click.argument("file", type=click.Path(path_type=Path))
@options.role()
@file_format
@click.option("--strict", is_flag=True, help="Refuse to write where the format cannot hold everything.")
@options.as_json
@click.pass_obj
def export(folder: Path, file: Path, role: Role, file_format: str | None, strict: bool, as_json: bool) -> None:
    """Write the notes of a role with their gold to FILE; says what the format cannot hold."""
    from ernotes.cli.told.files import tell_exported
    from ernotes.files.exchange import export_notes
    from ernotes.files.formats import Format

    with open_workspace(folder, write=False) as workspace:
        chosen = Format(file_format) if file_format else None
        result = export_notes(workspace.store, file, role, file_format=chosen, strict=strict)
    for message in result.messages:
        say(message)
    show_outcome(result, tell_exported, folder, as_json=as_json)


@click.command()
@options.as_json
@click.pass_obj
def status(folder: Path, as_json: bool) -> None:
    """Say what the workspace holds and what to do next."""
    from ernotes.cli.told.status import tell_overview
    from ernotes.rounds.status import overview

    with open_workspace(folder, write=False) as workspace:
        found = overview(workspace)
    show_outcome(found, tell_overview, folder, as_json=as_json)


@click.command()
@click.argument("note_id", metavar="ID")
@options.as_json
@click.pass_obj
def erase(folder: Path, note_id: str, as_json: bool) -> None:
    """Remove the note with this doc_id (or id) from the store, from Label Studio, and what the LLM wrote of it.

    Names the models that were trained on it.
    """
    from ernotes.cli.told.desk import tell_erased
    from ernotes.desk.erasing import erase_note

    with open_workspace(folder, write=True) as workspace:
        erased = erase_note(workspace, note_id)
    show_outcome(erased, tell_erased, folder, as_json=as_json)


COMMANDS = (init, import_, export, status, erase)
