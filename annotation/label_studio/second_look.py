"""Label Studio projects where a person decides between versions of a note: annotators', or gold and a recogniser's."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from annotation.agreement import SharedNote
from annotation.label_studio.client import Advance, Client
from annotation.label_studio.project import Project
from annotation.label_studio.push import push, push_spans
from corpus.note import AuthorKind
from corpus.store import Store
from corpus.store.spans import SpanSet

SUFFIX = " adjudication"
DOUBTS_SUFFIX = " second look"
LONGEST_TITLE = 50
"""Characters that Label Studio allows."""
GOLD, RECOGNISER = "gold", "recogniser"
"""What the two versions of a doubted note are called on the page."""


def second_title(title: str, suffix: str = SUFFIX) -> str:
    """The title of a project of second looks, by that of the project that its notes come from."""
    return f"{title[: LONGEST_TITLE - len(suffix)]}{suffix}"


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


def push_doubts(
    client: Client,
    store: Store,
    project: Project,
    gold: Mapping[str, SpanSet],
    found: Mapping[str, SpanSet],
    advance: Advance = lambda _: None,
) -> int:
    """How many notes are new in the project; each shows its gold and, beside it, what the recogniser found.

    Both are given for the same notes, by note id. The page begins from gold, which is brought last. Notes that are
    there keep what they show.
    """
    created = push_spans(client, store, project, list(found), RECOGNISER, found, advance).created
    project = replace(project, model_version=RECOGNISER)  # which the page shows since
    return created + push_spans(client, store, project, list(gold), GOLD, gold, advance).created
