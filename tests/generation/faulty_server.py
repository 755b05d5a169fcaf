"""A chat-completions server for tests that misbehaves on demand, in the ways that a real one would not on demand.

With an upstream it is a proxy: what it does not spoil is what that server answers.
"""

import json
import socket
import struct
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Behaviour = str | tuple[int, Mapping[str, str]]
"""`ok`, `reset`, `cut`, `empty`, `nonsense`, `no choices`, `slow bytes`, `silent`, or a status with its headers."""


@dataclass
class Faulty:
    """What the server is to do next, and what it has seen."""

    write: Callable[[str, int], str]
    script: list[Behaviour] = field(default_factory=list)
    always: Behaviour = "ok"
    delay_seconds: float = 0.0
    seeds: Counter[int] = field(default_factory=Counter)
    prompts: list[str] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    busy: int = 0
    busiest: int = 0
    url: str = ""
    upstream: str = ""
    usage: Mapping[str, int] = field(default_factory=lambda: {"prompt_tokens": 10, "completion_tokens": 5})

    def next(self) -> Behaviour:
        with self.lock:
            return self.script.pop(0) if self.script else self.always


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    faulty: Faulty

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._send(500, {"error": {"message": "the model list needs a hub cache"}})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        faulty = self.faulty
        with faulty.lock:
            faulty.seeds[body.get("seed")] += 1
            faulty.prompts.append(body["messages"][-1]["content"])
            faulty.bodies.append(body)
            faulty.busy += 1
            faulty.busiest = max(faulty.busiest, faulty.busy)
        try:
            time.sleep(faulty.delay_seconds)
            self._behave(faulty.next(), body)
        except OSError:
            self.close_connection = True
        finally:
            with faulty.lock:
                faulty.busy -= 1

    def _behave(self, behaviour: Behaviour, body: dict[str, Any]) -> None:
        if isinstance(behaviour, tuple):
            status, headers = behaviour
            secret = f"You sent: {body['messages'][-1]['content']} with {self.headers['Authorization']}"
            self._send(status, {"error": {"message": secret, "code": headers.get("code"), "type": "x"}}, headers)
        elif behaviour == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
        elif behaviour == "silent":
            time.sleep(1.0)
            self.close_connection = True
        elif behaviour == "nonsense":
            self._send_bytes(200, b"{not JSON", {})
        elif behaviour == "no choices":
            self._send(200, {"id": "x", "object": "chat.completion", "created": 0, "model": "m", "choices": []})
        elif behaviour == "slow bytes":
            self._drip()
        else:
            self._answer(behaviour, body)

    def _answer(self, behaviour: str, body: dict[str, Any]) -> None:
        text = "" if behaviour == "empty" else self._text(body)
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": text[:400] if behaviour == "cut" else text},
            "finish_reason": "length" if behaviour == "cut" else "stop",
        }
        usage = {**self.faulty.usage, "total_tokens": sum(self.faulty.usage.values())}
        self._send(
            200,
            {"id": "x", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice], "usage": usage},
        )

    def _text(self, body: dict[str, Any]) -> str:
        if not self.faulty.upstream:
            return self.faulty.write(body["messages"][-1]["content"], body.get("seed", 0))
        url, headers = f"{self.faulty.upstream}/chat/completions", {"Content-Type": "application/json"}
        with urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), headers)) as answer:
            return str(json.load(answer)["choices"][0]["message"]["content"])

    def _drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "1000")
        self.end_headers()
        for _ in range(20):
            self.wfile.write(b" ")
            self.wfile.flush()
            time.sleep(0.05)
        self.close_connection = True

    def _send(self, status: int, document: Any, headers: Mapping[str, str] | None = None) -> None:
        self._send_bytes(status, json.dumps(document).encode(), headers or {})

    def _send_bytes(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Type": "application/json", "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed is no news."""


@contextmanager
def running(faulty: Faulty) -> Iterator[Faulty]:
    """The server on a free port of 127.0.0.1, with its URL filled in."""
    handler = type("Handler", (_Handler,), {"faulty": faulty})
    server = _Server(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    faulty.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    try:
        yield faulty
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def free_port() -> int:
    """A port of 127.0.0.1 on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
