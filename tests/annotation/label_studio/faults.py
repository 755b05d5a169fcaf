"""A proxy before a real Label Studio server that fails on demand, as a real one will not."""

import http.client
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


class FaultProxy:
    """Forwards everything; each POST whose path ends in `path` meets the next of `faults`, until none is left.

    `refuse` answers 500 and forwards nothing; `lose` forwards, then hangs up without the answer; `late` forwards and
    answers after `delay_seconds`.
    """

    def __init__(self, target: str, path: str, faults: list[str], delay_seconds: float = 3.0) -> None:
        self.faults = faults
        self.met: list[str] = []
        upstream = urlsplit(target)
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            def _forward(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                is_chosen = self.command == "POST" and self.path.partition("?")[0].endswith(path)
                fault = proxy.faults.pop(0) if is_chosen and proxy.faults else ""
                proxy.met += [fault] if fault else []
                if fault == "refuse":
                    self.send_error(500)
                    return
                with closing(http.client.HTTPConnection(upstream.hostname or "", upstream.port, timeout=60)) as server:
                    server.request(self.command, self.path, body, dict(self.headers))
                    answer = server.getresponse()
                    content = answer.read()
                if fault == "lose":
                    self.close_connection = True
                    return
                if fault == "late":
                    time.sleep(delay_seconds)
                with suppress(ConnectionError):
                    self.send_response(answer.status)
                    self.send_header("Content-Type", answer.headers.get("Content-Type", ""))
                    self.send_header("Content-Length", str(len(content)))
                    self.end_headers()
                    self.wfile.write(content)

            do_GET = do_POST = do_PATCH = do_DELETE = _forward  # noqa: N815 - the standard library's names

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    @contextmanager
    def serving(self) -> Iterator["FaultProxy"]:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
