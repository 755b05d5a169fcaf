"""Writes that share a transaction: what many tasks wait for at the same time costs one disk write, not one each."""

from collections.abc import Callable
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Self, TypeVar

from sqlalchemy import Connection, Engine

T = TypeVar("T")
Write = Callable[[Connection], T]
_Queued = tuple[Write[Any], "Future[Any]"]


class GroupCommits:
    """A thread that writes; a context manager that, at its end, has written all that was submitted.

    A job is a function of a connection that may be called again in a transaction of its own: where one of a group
    fails, the group is rolled back and each job tried alone, so that it spoils nothing of the others.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._queue: SimpleQueue[_Queued | None] = SimpleQueue()
        self._thread = Thread(target=self._work, name="group-commits", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._queue.put(None)
        self._thread.join()

    def submit(self, job: Write[T]) -> "Future[T]":
        """What the job returns, as a future that is done once it is durable, or that raises what the job raised."""
        future: Future[T] = Future()
        self._queue.put((job, future))
        return future

    def _work(self) -> None:
        while True:
            group = [self._queue.get()]
            try:
                while True:
                    group.append(self._queue.get_nowait())
            except Empty:
                pass
            if jobs := [queued for queued in group if queued is not None]:
                self._write(jobs)
            if None in group:
                return

    def _write(self, group: list[_Queued]) -> None:
        try:
            with self._engine.begin() as connection:
                results = [job(connection) for job, _ in group]
        except BaseException as error:  # noqa: BLE001 - whatever it is, it belongs to the one that asked
            if len(group) > 1:
                for queued in group:
                    self._write([queued])
            elif group[0][1].set_running_or_notify_cancel():
                group[0][1].set_exception(error)
            return
        for (_, future), result in zip(group, results, strict=True):
            # Nobody may be waiting any more: what a cancelled task asked for is written all the same.
            if future.set_running_or_notify_cancel():
                future.set_result(result)
