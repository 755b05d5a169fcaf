"""A process that writes a batch, for tests that kill it: `python -m tests.generation.write_batch DATABASE URL`."""

import asyncio
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from corpus.config.settings import Config, EndpointConfig
from corpus.note import Note, Role
from corpus.store import Store
from corpus.store.batches import Batch
from corpus.store.grouping import GroupCommits
from generation.llm.endpoint import Endpoint
from generation.writing.prompt import NotePrompt
from generation.writing.run import WritingReport, write_notes


async def write(
    store: Store,
    batch: Batch,
    url: str,
    config: Config,
    *,
    templates: Path | None = None,
    exemplars: Sequence[Note] | None = None,
    progress: Callable[[], None] = lambda: None,
) -> WritingReport:
    """Write the batch through the endpoint at the URL, with the store's exemplars unless others are given."""
    shown = list(store.notes.by_role(Role.EXEMPLAR)) if exemplars is None else exemplars
    with GroupCommits(store.engine) as commits:
        async with Endpoint(config.endpoint, url, None) as endpoint:
            return await write_notes(store, batch, endpoint, NotePrompt(templates), shown, config, commits, progress)


def main() -> None:
    """Go on with the unfinished batch."""
    database, url = sys.argv[1:]
    store = Store.open(f"sqlite:///{database}")
    batch = store.batches.unfinished()
    if batch is not None:
        asyncio.run(
            write(store, batch, url, Config(endpoint=EndpointConfig(model="m", concurrency=4, backoff_seconds=0.01)))
        )


if __name__ == "__main__":
    main()
