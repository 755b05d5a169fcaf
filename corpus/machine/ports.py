"""Ports of this machine: one kept for a server that binds it half a minute later, or a socket that listens at once."""

import socket
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from corpus.errors import EndpointError

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


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that listens; port 0 takes a free one. Raises EndpointError where the host or port cannot be had."""
    if not 0 <= port <= 65535:
        raise EndpointError(f"port {port} does not exist; choose one from 1 to 65535")
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.create_server(address[:2], family=family, backlog=2048)
    except OSError as error:
        why = error.strerror or str(error)
        raise EndpointError(f"cannot listen on {host}, port {port}: {why}; choose another port or host") from None
    with listener:
        # What is accepted inherits it. asyncio does not set it here, and an answer's body would wait 40 ms for an ACK.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield listener
