"""The run through the embedded endpoint, over HTTP with the real client: briefs of all specialties become notes."""

import asyncio
from collections import Counter
from pathlib import Path

from corpus.config import Config, EndpointConfig
from corpus.labels import Label
from corpus.note import AuthorKind, Role
from corpus.store import Store
from generation.offline.layouts import LAYOUTS
from generation.offline.protocol import MODEL_ID
from generation.offline.server import running_offline_endpoint
from generation.sampling import load_knowledge, plan_briefs
from tests.generation.notes import exemplar
from tests.generation.write_batch import write

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
