"""`review push` and `review pull` on a workspace, with two reviewers on a real Label Studio server."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from annotation.label_studio.client import Client
from annotation.label_studio.server import Address
from corpus.config.file import render_config
from corpus.config.settings import Config
from corpus.errors import PrivacyError
from corpus.note import Author, AuthorKind, Note, Role, Sensitivity
from corpus.store.ratings import Writer
from corpus.workspace import Workspace, make_workspace, open_workspace
from ernotes.cli import ernotes as program
from ernotes.desk.review import push_review
from ernotes.rounds.status import waiting

COUNTS = {Writer.GENERATED: 2, Writer.PHYSICIAN: 1}


@pytest.fixture
def workspace(tmp_path: Path, label_studio: Address, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """Three generated notes of two specialties, one of them offline, and a physician's."""
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", label_studio.token)
    config = Config.model_validate({"label_studio": {"project": "rated by two", "url": label_studio.url}})
    make_workspace(tmp_path, render_config(config))
    with open_workspace(tmp_path, write=False) as opened:
        for number, specialty in enumerate(("Cardiologia", "Cardiologia", "Nefrologia")):
            provenance = {
                "specialty": specialty,
                "offline": specialty == "Nefrologia",
                "figures": {"copied_share": 0.1},
            }
            note = Note("generated", number, f"Nota {number}.", Role.POOL, Sensitivity.FICTIONAL, provenance=provenance)
            opened.store.notes.add(note)
        theirs = Note("hospital", 1, "Nota do médico.", Role.EXEMPLAR)
        opened.store.notes.add(theirs)
        opened.store.spans.add(theirs.id, Author(AuthorKind.IMPORT, "hospital"), [])
        yield opened


def run(workspace: Workspace, capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    program(["-w", str(workspace.folder), "review", *words, "--json"], standalone_mode=False)
    document = json.loads(capsys.readouterr().out)
    assert isinstance(document, dict)
    return document


def test_two_people_rate_the_notes_and_the_figures_say_so(
    workspace: Workspace, label_studio: Address, second_user: Address, capsys: pytest.CaptureFixture[str]
) -> None:
    ana, rui = (Client(address, timeout_seconds=60) for address in (label_studio, second_user))
    first, again = (run(workspace, capsys, "push", "--notes", "2", "--physician-notes", "1") for _ in range(2))
    assert (first["created"], again["created"]) == (3, 0)
    assert again["sampled"] == {"generated": 2, "physician": 1}
    assert again["specialties"] == {"Cardiologia": 1, "Nefrologia": 1}
    assert again["offline"] == 1
    assert waiting(workspace) == 0, "none of them is to be corrected"
    project = int(first["project"].rpartition("/")[2])
    tasks = [task for page in ana.tasks(project) for task in page]
    for client, value in ((ana, 5), (rui, 4)):
        for task in tasks:
            mark = 3 if "médico" not in task.data["text"] else value
            result = [
                {"from_name": name, "to_name": "text", "type": "choices", "value": {"choices": [str(mark)]}}
                for name in ("historia", "medicacao", "evolucao", "diagnostico", "alergias", "semelhanca")
            ]
            client.sdk.annotations.create(id=task.id, result=result)
    pulled = run(workspace, capsys, "pull")
    assert (pulled["new"], pulled["set_aside"]) == (36, {})
    review = pulled["review"]
    assert review["rated"] == {"generated": 2, "physician": 1}
    assert list(review["reviewers"].values()) == [3, 3]
    question = review["questions"][0]
    assert question["specialties"]["Nefrologia"]["distribution"] == {"1": 0, "2": 0, "3": 2, "4": 0, "5": 0}
    assert question["generated_minus_physician"]["value"] == -1.5
    # Values 3, 3, 3, 3, 4, 5 at places 2, 4.5 and 5.5; the only pair that differs is 4 with 5.
    assert question["alpha"]["value"] == pytest.approx(1 - 5 * 2 / (2 * (4 * 2.5**2 + 4 * 3.5**2 + 1)))
    program(["-w", str(workspace.folder), "review", "pull"], standalone_mode=False)
    text = capsys.readouterr().out
    assert "0 ratings new or changed, 0 withdrawn" in text
    assert "Parece uma nota real" in text
    ana.close()
    rui.close()


def test_a_patient_s_note_goes_to_no_server_that_is_not_named(workspace: Workspace) -> None:
    client = Client(Address("http://labels.example", "0" * 40), timeout_seconds=1)
    with pytest.raises(PrivacyError, match=r"labels\.example"):
        push_review(workspace, client, COUNTS, 2, 0)
    assert workspace.store.ratings.sample() is None
    client.close()
