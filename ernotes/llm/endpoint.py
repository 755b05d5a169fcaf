"""What a workspace gives to the work with its LLM: the endpoint, the prompts, the exemplars, and what fits what."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from corpus.note import Note, Role
from corpus.workspace import Workspace
from generation.briefs.knowledge import ClinicalKnowledge, load_knowledge
from generation.offline.server import running_offline_endpoint
from generation.writing.prompt import NotePrompt

PROMPTS = "prompts"
"""A workspace's own templates: one of a name of ours hides ours."""
KNOWLEDGE = "knowledge"
"""What a workspace adds to what fits what."""


def prompt_of(workspace: Workspace) -> NotePrompt:
    """The templates, the workspace's own where it has them."""
    return NotePrompt(workspace.own(PROMPTS))


def exemplars_of(workspace: Workspace) -> Sequence[Note]:
    """The notes that prompts may show; test notes are among them only where the configuration says so."""
    roles = [Role.EXEMPLAR, *([Role.TEST] if workspace.config.generation.allow_test_exemplars else [])]
    return list(workspace.store.notes.by_role(*roles))


@contextmanager
def endpoint_url(workspace: Workspace) -> Iterator[str]:
    """The URL of the configured endpoint; the embedded one is started here and ends with the block."""
    if workspace.config.endpoint.is_embedded:
        with running_offline_endpoint() as url:
            yield url
    else:
        yield workspace.config.endpoint.base_url


def knowledge_of(workspace: Workspace) -> ClinicalKnowledge:
    """What fits what, with what the workspace adds to it."""
    return load_knowledge(workspace.own(KNOWLEDGE))
