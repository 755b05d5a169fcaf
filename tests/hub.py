"""A small server that answers as a model hub does."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


class _Hub(BaseHTTPRequestHandler):
    """Takes repositories and commits of small files; the account "nobody" is refused."""

    seen: list[tuple[str, Any]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        refused = "nobody/" in self.path + body
        if self.path.endswith("/preupload/main"):
            paths = [file["path"] for file in json.loads(body)["files"]]
            files = [{"path": path, "uploadMode": "regular", "shouldIgnore": False} for path in paths]
            answer: dict[str, Any] = {"files": files}
        elif "/commit/" in self.path:
            self.seen.append(("commit", [json.loads(line) for line in body.splitlines()]))
            answer = {"commitUrl": "http://127.0.0.1/someone/model/commit/1", "commitOid": "1" * 40}
        else:
            self.seen.append((self.path, json.loads(body)))
            answer = {"url": "http://127.0.0.1/someone/model"}
        self._answer(403 if refused else 200, {"error": "no leave"} if refused else answer)

    def do_GET(self) -> None:
        self._answer(200, {"sha": "0" * 40, "id": "someone/model", "siblings": []})

    def _answer(self, status: int, document: dict[str, Any]) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving_hub() -> Iterator[tuple[str, list[tuple[str, Any]]]]:
    """The hub's address, and what it was asked for, in order."""
    seen: list[tuple[str, Any]] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Hub", (_Hub,), {"seen": seen}))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", seen
    finally:
        server.shutdown()
        server.server_close()
