"""How near the writing of notes comes to the time that the endpoint alone would take, and to a bare client's.

Usage: python benchmarks/note_writing.py [--notes 2000] [--concurrency 64] [--latency 0.5]

One JSON line. The endpoint is a process of its own on 127.0.0.1 that answers each request after the latency with a
note made beforehand. `ideal_seconds` is ⌈notes / concurrency⌉ × latency. `ernotes` writes the notes of a planned batch:
prompts, requests, answers made durable, all gates, alignment with the brief, notes and spans stored; `bare` sends the
same requests with the openai client alone and drops the answers. Both are timed in a fresh process after its imports.
`processor_seconds` is what the client's process took (`judge_processor_seconds`: the process that judges a large
batch): with more of it than the time at hand, no ratio can be met, and on a machine that others use (`load`) the ratios
say more of them. `memory` is the peak of the resident set of the two, in MB, for a quarter of the notes and for all.
"""

import argparse
import asyncio
import hashlib
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openai

from corpus.config.settings import Config
from corpus.note import Note, Role, Sensitivity
from corpus.store import Store
from corpus.store.grouping import GroupCommits
from generation.briefs.brief import Brief
from generation.briefs.planning import load_knowledge, plan_briefs
from generation.gates import Gates
from generation.llm.chat import ChatMessage
from generation.llm.endpoint import Endpoint
from generation.offline.layouts import LAYOUTS
from generation.offline.writer import write_note
from generation.reading.alignment import align_brief
from generation.writing.prompt import NotePrompt
from generation.writing.run import exemplars_for, write_notes

EXEMPLARS = 16
SEED = 13


def main() -> None:
    """Prints the figures, or is one of the processes that give them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--notes", type=int, default=2000)
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--latency", type=float, default=0.5)
    parser.add_argument("--part", choices=["ernotes", "bare", "serve"], help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.part == "serve":
        asyncio.run(_serve(given.folder, given.latency))
    elif given.part:
        run = _write if given.part == "ernotes" else _ask
        print(json.dumps(_timed(lambda: asyncio.run(run(given.folder, given.url, given.concurrency)))))
    else:
        print(json.dumps(_compare(given.notes, given.concurrency, given.latency)))


def _compare(notes: int, concurrency: int, latency: float) -> dict[str, Any]:
    parts = {}
    with tempfile.TemporaryDirectory() as scratch:
        for size in (notes // 4, notes):
            folder = Path(scratch) / str(size)
            folder.mkdir()
            _prepare(folder, size)
            with _server(folder, latency) as url:
                for part in ("ernotes", "bare") if size == notes else ("ernotes",):
                    arguments = ["--part", part, "--folder", str(folder), "--url", url]
                    parts[part, size] = json.loads(_run([*arguments, "--concurrency", str(concurrency)]))
    ideal = math.ceil(notes / concurrency) * latency
    ours, bare = parts["ernotes", notes], parts["bare", notes]
    return {
        "benchmark": "generation",
        "notes": notes,
        "accepted": ours["done"],
        "requests": ours["requests"],
        "concurrency": concurrency,
        "latency_seconds": latency,
        "ideal_seconds": ideal,
        "ernotes": {**ours, "ratio": round(ours["seconds"] / ideal, 4)},
        "bare": {**bare, "ratio": round(bare["seconds"] / ideal, 4)},
        "memory": {
            str(size): [parts["ernotes", size][name] for name in ("peak_mb", "judge_peak_mb")]
            for size in (notes // 4, notes)
        },
        "load": round(os.getloadavg()[0], 2),
        "cores": os.cpu_count(),
    }


def _prepare(folder: Path, notes: int) -> None:
    """A store with exemplars and a planned batch, and for each brief's prompt an answer that keeps to the brief."""
    store = Store.open(f"sqlite:///{folder / 'ernotes.db'}")
    briefs, gates = plan_briefs(notes + EXEMPLARS, SEED, load_knowledge(), LAYOUTS), Gates.of([])
    for number, brief in enumerate(briefs[notes:]):
        provenance = {"specialty": brief.specialty}
        text = _fitting_note(brief, number, gates).replace("\n", "\r\n")
        store.notes.add(Note("exemplars", number, text, Role.EXEMPLAR, Sensitivity.FICTIONAL, provenance=provenance))
    batch = store.batches.plan([brief.to_json() for brief in briefs[:notes]])
    exemplars = list(store.notes.by_role(Role.EXEMPLAR))
    with (folder / "answers.jsonl").open("w", encoding="utf-8") as answers:
        for number, brief in enumerate(briefs[:notes]):
            shown = exemplars_for(brief, exemplars, Config().generation, batch.id, number)
            messages = NotePrompt().render(brief, shown)
            answers.write(json.dumps([_documents(messages), _fitting_note(brief, EXEMPLARS + number, gates)]) + "\n")
    store.close()


def _fitting_note(brief: Brief, seed: int, gates: Gates) -> str:
    """The first note from this seed on that the gates (of its form and language) and the alignment accept."""
    while True:
        note = write_note(brief, seed)
        if not gates.judge(note, "stop").reason and not align_brief(brief, note).reason:
            return note
        seed += 1_000_003


def _documents(messages: Sequence[ChatMessage]) -> list[dict[str, str]]:
    return [{"role": message.role, "content": message.content} for message in messages]


def _run(arguments: Sequence[str]) -> str:
    command = [sys.executable, "-P", __file__, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@contextmanager
def _server(folder: Path, latency: float) -> Iterator[str]:
    command = [sys.executable, "-P", __file__, "--part", "serve", "--folder", str(folder), "--latency", str(latency)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()


def _timed(run: Any) -> dict[str, Any]:
    before, begun = time.process_time(), time.perf_counter()
    figures = run()
    seconds, processor = time.perf_counter() - begun, time.process_time() - before
    own, others = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    unit = 1024 if sys.platform == "linux" else 1024**2
    return {
        **figures,
        "seconds": round(seconds, 2),
        "processor_seconds": round(processor, 2),
        "judge_processor_seconds": round(others.ru_utime + others.ru_stime, 2),
        "peak_mb": round(own.ru_maxrss / unit, 1),
        "judge_peak_mb": round(others.ru_maxrss / unit, 1),
    }


async def _write(folder: Path, url: str, concurrency: int) -> dict[str, Any]:
    config = Config.model_validate({"endpoint": {"model": "m", "concurrency": concurrency}})
    store = Store.open(f"sqlite:///{folder / 'ernotes.db'}")
    batch = store.batches.unfinished()
    assert batch is not None
    exemplars = list(store.notes.by_role(Role.EXEMPLAR))
    with GroupCommits(store.engine) as commits:
        async with Endpoint(config.endpoint, url, None) as endpoint:
            report = await write_notes(store, batch, endpoint, NotePrompt(), exemplars, config, commits)
    store.close()
    return {"done": report.accepted, "requests": report.requests, "refused": dict(report.refused)}


async def _ask(folder: Path, url: str, concurrency: int) -> dict[str, Any]:
    """The same requests by the bare client, from as many tasks as may be under way."""
    lines = (folder / "answers.jsonl").open(encoding="utf-8")
    done = 0
    async with openai.AsyncOpenAI(base_url=url, api_key="none", max_retries=0) as client:

        async def work() -> None:
            nonlocal done
            for line in lines:
                messages: Any = json.loads(line)[0]
                await client.chat.completions.create(model="m", messages=messages, seed=0, temperature=0.9)
                done += 1

        await asyncio.gather(*(work() for _ in range(concurrency)))
    lines.close()
    return {"done": done, "requests": done}


async def _serve(folder: Path, latency: float) -> None:
    bodies = {}
    with (folder / "answers.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            messages, note = json.loads(line)
            bodies[_name(messages)] = _response(note)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(bodies, latency), "127.0.0.1", 0, backlog=1024)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
    await server.serve_forever()


def _name(messages: Sequence[dict[str, str]]) -> bytes:
    return hashlib.sha256(messages[-1]["content"].encode()).digest()


def _response(note: str) -> bytes:
    choice = {"index": 0, "message": {"role": "assistant", "content": note}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 1000, "completion_tokens": 500, "total_tokens": 1500}
    answer = {"id": "x", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice], "usage": usage}
    body = json.dumps(answer).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


class _Connection(asyncio.Protocol):
    """As little HTTP as a client needs, so that the server costs little: one request after another, kept alive."""

    def __init__(self, bodies: dict[bytes, bytes], latency: float) -> None:
        self._bodies = bodies
        self._latency = latency
        self._arrived = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._arrived += data
        head, end, rest = self._arrived.partition(b"\r\n\r\n")
        fields = dict(line.lower().split(b": ", 1) for line in bytes(head).split(b"\r\n")[1:]) if end else {}
        length = int(fields.get(b"content-length", 0))
        if end and len(rest) >= length and self._transport is not None:
            messages = json.loads(bytes(rest[:length]))["messages"]
            self._arrived = bytearray(rest[length:])
            asyncio.get_running_loop().call_later(self._latency, self._transport.write, self._bodies[_name(messages)])


if __name__ == "__main__":
    main()
