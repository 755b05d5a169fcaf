"""Ports of this machine, kept for a server that binds its own half a minute after it was told which."""

import socket
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

LOOPBACK = "127.0.0.1"


@contextmanager
def keep_port(wanted: int) -> Iterator[int]:
    """A free port of the loopback address for the block, `wanted` if it can be had; no other ernotes takes it."""
    with ExitStack() as kept:
        port = wanted
        while not (_keep(kept, port) and _is_free(port)):
            port = _any_port()
        yield port


def _keep(kept: ExitStack, port: int) -> bool:
    lock = FileLock(Path(tempfile.gettempdir()) / f"ernotes-port-{port}.lock", timeout=0)
    try:
        kept.enter_context(lock)
    except (Timeout, OSError):  # kept by another process, or another user's lock
        return False
    return True


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def _any_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return port
