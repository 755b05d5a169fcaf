"""The embedded endpoint as a running server: in the foreground, or beside the program for as long as it is needed."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

import uvicorn

from corpus.errors import EndpointError
from generation.offline.app import offline_app


def serve_offline(host: str, port: int, announce: Callable[[str], None]) -> None:
    """Serves until interrupted; `announce` gets the base URL first. Raises EndpointError where the port is taken."""
    with listening(host, port) as listener:
        announce(_base_url(listener))
        try:
            _server().run(sockets=[listener])
        except KeyboardInterrupt:
            return


@contextmanager
def running_offline_endpoint() -> Iterator[str]:
    """The base URL of an embedded endpoint on a free port of this machine, which stops with the block."""
    with listening("127.0.0.1", 0) as listener:
        server = _server()
        # The socket listens already: a request sent before the thread is ready waits in its queue.
        thread = Thread(target=server.run, kwargs={"sockets": [listener]}, name="offline-endpoint", daemon=True)
        thread.start()
        try:
            yield _base_url(listener)
        finally:
            server.should_exit = True
            thread.join()


def _server() -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(offline_app(), log_level="warning", access_log=False, timeout_graceful_shutdown=5)
    )


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


def _base_url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}/v1" if ":" in host else f"http://{host}:{port}/v1"
