"""The Label Studio project of the disagreements: each annotator's version beside the others', one person decides."""

from collections.abc import Callable, Sequence

from annotation.agreement import SharedNote
from annotation.client import Client
from annotation.project import Project
from annotation.push import push
from corpus.note import AuthorKind
from corpus.store import Store

SUFFIX = " adjudication"
LONGEST_TITLE = 50
"""Characters that Label Studio allows."""

Advance = Callable[[int], None]
"""Told how many more versions are there."""


def second_title(title: str) -> str:
    """The title of the project of the disagreements, by that of the project that they come from."""
    return f"{title[: LONGEST_TITLE - len(SUFFIX)]}{SUFFIX}"


def push_versions(
    client: Client, store: Store, project: Project, notes: Sequence[SharedNote], advance: Advance = lambda _: None
) -> int:
    """How many notes are new in the project; each shows, as pre-annotations named by annotator, what each one said.

    Notes that are there keep what they show: a version that its annotator has changed since is not shown anew.
    """
    created = 0
    for name in sorted({name for note in notes for name in note.said}):
        theirs = [note.id for note in notes if name in note.said]
        created += push(client, store, project, theirs, name, advance, AuthorKind.HUMAN).created
    return created
