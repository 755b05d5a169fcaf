"""The run through the embedded endpoint, over HTTP with the real client: briefs of all specialties become notes."""

import asyncio
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from corpus.config.settings import Config, EndpointConfig
from corpus.labels import Label
from corpus.note import AuthorKind, Role
from corpus.store import Store
from generation.briefs.planning import load_knowledge, plan_briefs
from generation.llm.faults import UnusableEndpointError
from generation.offline.layouts import LAYOUTS
from generation.offline.protocol import MODEL_ID
from generation.offline.server import running_offline_endpoint
from tests.generation.faulty_server import Behaviour, Faulty, running
from tests.generation.notes import exemplar
from tests.generation.writing.write_batch import write

NOTES = 96
OFFLINE = Config(endpoint=EndpointConfig(kind="embedded", model=MODEL_ID))


def test_offline_notes_of_all_eight_specialties_are_accepted_with_the_truth_of_their_briefs(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'ernotes.db'}")
    store.notes.add(exemplar(0))
    batch = store.batches.plan([brief.to_json() for brief in plan_briefs(NOTES, 5, load_knowledge(), LAYOUTS)])
    with running_offline_endpoint() as url:
        report = asyncio.run(write(store, batch, url, OFFLINE))
    assert report.accepted == NOTES
    assert report.refused.total() <= 0.05 * NOTES
    notes = {note.id: note for note in store.notes.by_role(Role.POOL)}
    assert set(Counter(note.provenance["specialty"] for note in notes.values()).values()) == {NOTES // 8}
    assert all(note.provenance["offline"] for note in notes.values())
    for note_id, spans in store.spans.of_author(AuthorKind.BRIEF, "brief").items():
        brief = notes[note_id].provenance["brief"]
        labels = Counter(span.label for span in spans.spans or ())
        assert labels[Label.DIAGNOSIS] == 1
        assert labels[Label.MEDICATION] >= len(brief["drugs"])
        assert (labels[Label.ALLERGY] > 0) is (brief["allergy"] == "afirmada")
        assert (labels[Label.NO_ALLERGY] > 0) is (brief["allergy"] == "negada")
    store.close()


@pytest.mark.slow
def test_through_a_proxy_that_spoils_half_of_what_it_carries_every_note_arrives_once(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'ernotes.db'}")
    batch = store.batches.plan([brief.to_json() for brief in plan_briefs(32, 6, load_knowledge(), LAYOUTS)])
    knobs = {"backoff_seconds": 0.01, "timeout_seconds": 30, "max_attempts": 3}
    config = Config(endpoint=EndpointConfig.model_validate({"kind": "embedded", "model": MODEL_ID, **knobs}))
    spoilt: list[Behaviour] = [
        "reset",
        (429, {"Retry-After": "0"}),
        (500, {}),
        "empty",
        "cut",
        "nonsense",
        "slow bytes",
    ]
    storm: list[Behaviour] = [(429, {"Retry-After": "0"})] * 12
    endings = Counter[str]()
    with running_offline_endpoint() as url, running(Faulty(write=lambda *_: "", upstream=url)) as proxy:
        proxy.script = storm + Random(5).choices([*spoilt, *["ok"] * len(spoilt)], k=60)
        while store.batches.waiting(batch):
            try:
                report = asyncio.run(write(store, batch, proxy.url, config))
                endings["resumed" if report.unanswered else "ended"] += 1
            except UnusableEndpointError:
                endings["gave up"] += 1
    assert endings["ended"] == 1
    outcomes, notes = store.batches.outcomes(batch), list(store.notes.by_role(Role.POOL))
    assert outcomes["accepted"] == len(notes) == len(store.spans.of_author(AuthorKind.BRIEF, "brief")) > 24
    assert len({note.doc_id for note in notes}) == len({note.text for note in notes}) == len(notes)
    answered = store.batches.usage(batch)["completions"]
    assert len(proxy.bodies) > answered
    store.close()
