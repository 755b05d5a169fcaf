"""The embedded endpoint as a running server: in the foreground, or beside the program for as long as it is needed."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

import uvicorn

from corpus.machine.ports import listening
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


def _base_url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}/v1" if ":" in host else f"http://{host}:{port}/v1"
