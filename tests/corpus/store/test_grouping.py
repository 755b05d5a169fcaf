"""Writes that share a transaction."""

import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, select

from corpus.store import Store
from corpus.store.grouping import GroupCommits
from corpus.store.schema import meta, put


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'ernotes.db'}")
    yield opened
    opened.close()


def values(store: Store) -> dict[str, int]:
    with store.engine.connect() as connection:
        return {row.key: row.value for row in connection.execute(select(meta)) if row.key != "schema_version"}


def write(key: str, value: int, connection: Connection) -> int:
    put(connection, key, value)
    return value


def refuse(connection: Connection) -> None:
    put(connection, "half", 1)
    raise ValueError("no")


def test_a_job_gives_what_it_returns_once_it_is_in_the_store(store: Store) -> None:
    with GroupCommits(store.engine) as commits:
        assert commits.submit(partial(write, "a", 1)).result() == 1
        assert values(store) == {"a": 1}


def test_jobs_that_wait_together_share_a_transaction_and_keep_their_order(store: Store) -> None:
    begun, gate = [], threading.Event()
    event.listen(store.engine, "begin", begun.append)
    with GroupCommits(store.engine) as commits:
        started = threading.Event()
        commits.submit(lambda _: started.set() or gate.wait())
        started.wait()  # else all might share the first transaction
        futures = [commits.submit(partial(write, "a", number)) for number in range(20)]
        gate.set()
        assert [future.result() for future in futures] == list(range(20))
    assert len(begun) == 2
    assert values(store) == {"a": 19}


def test_a_job_that_fails_spoils_nothing_of_the_others_and_leaves_nothing_behind(store: Store) -> None:
    gate = threading.Event()
    with GroupCommits(store.engine) as commits:
        commits.submit(lambda _: gate.wait())
        before, bad, after = (
            commits.submit(partial(write, "a", 1)),
            commits.submit(refuse),
            commits.submit(partial(write, "b", 2)),
        )
        gate.set()
        assert (before.result(), after.result()) == (1, 2)
        with pytest.raises(ValueError, match="no"):
            bad.result()
    assert values(store) == {"a": 1, "b": 2}


def test_what_was_submitted_is_written_at_the_end_of_the_block_though_nobody_waits(store: Store) -> None:
    with GroupCommits(store.engine) as commits:
        for number in range(50):
            commits.submit(partial(write, f"key {number}", number)).cancel()
        commits.submit(partial(write, "last", 50))
    assert values(store)["last"] == 50
