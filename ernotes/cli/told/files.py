"""What is said of a workspace made, and of files of notes that came in or went out."""

from pathlib import Path

from corpus.config.file import CONFIG_NAME
from ernotes.console import program
from ernotes.files.exchange import Exported, Imported
from ernotes.files.initialise import MadeWorkspace


def tell_made(made: MadeWorkspace, folder: Path) -> str:
    """What is there now, and how to go on."""
    if made.offline and made.was_there:
        return f"{folder} is an offline workspace already ({made.fictional} fictional notes came in)"
    if made.offline:
        return (
            f"offline workspace {folder} is ready: {made.fictional} fictional notes came in "
            "(written for this project, by no physician; half are exemplars, half the fixed test set)"
        )
    if made.was_there:
        return f"{folder} is a workspace already; it is left as it is"
    command = f"{program(folder)} import FILE --role exemplar"
    return f"workspace {folder} is ready; edit its {CONFIG_NAME}, then: {command}"


def tell_imported(imported: Imported, _folder: Path) -> str:
    """How many notes and spans came in, and what was set aside."""
    aside = "".join(f"; {count} annotations set aside: {reason}" for reason, count in imported.set_aside.items())
    return f"{imported.new} new notes, {imported.known} known already, {imported.spans} spans{aside}"


def tell_exported(exported: Exported, _folder: Path) -> str:
    """How many notes were written, and what was left out."""
    left_out = ", ".join(f"{what} ({count})" for what, count in exported.dropped.items())
    dropped = f"; {exported.format} cannot hold, so left out: {left_out}" if left_out else ""
    return f"{exported.notes} notes written to {exported.file}{dropped}"
