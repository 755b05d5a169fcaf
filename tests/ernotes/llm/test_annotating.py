"""`preannotate --with llm` and `evaluate --with llm` in an offline workspace, and where the LLM leaves notes out."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from corpus.config.settings import Config
from corpus.documents import to_json
from corpus.errors import EndpointError
from corpus.note import Author, AuthorKind, Note, Role, Sensitivity
from corpus.scoring.scores import ScoredNote
from corpus.workspace import Workspace, open_workspace
from ernotes.cli import ernotes as command
from ernotes.cli.told.scores import tell_evaluation
from ernotes.cli.told.writing import tell_preannotated_by_llm
from ernotes.files.initialise import initialise
from ernotes.llm.annotating import measure_llm, preannotate_with_llm
from ernotes.models.evaluation import evaluate
from ernotes.models.training import train
from tests.generation.faulty_server import Faulty, running

POOL_TEXT = (
    "Mulher de 70 anos.\r\nMEDICAÇÃO HABITUAL:\r\n- Ramipril 5 mg id\r\n- Furosemida 40 mg id\r\n\r\n"
    "Sem alergias medicamentosas.\r\n\r\nIMPRESSÃO: Pericardite aguda.\r\n"
)


def pool_note(number: int) -> Note:
    return Note("pool", number, f"{POOL_TEXT}{number}", Role.POOL, Sensitivity.FICTIONAL)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """An offline workspace with two pool notes."""
    initialise(tmp_path / "w", offline=True)
    with open_workspace(tmp_path / "w", write=True) as opened:
        for number in (1, 2):
            opened.store.notes.add(pool_note(number))
        yield opened


def test_the_command_needs_no_llm_offline_and_says_so(tmp_path: Path) -> None:
    initialise(tmp_path, offline=True)
    with open_workspace(tmp_path, write=True) as opened:
        opened.store.notes.add(pool_note(1))
    ran = CliRunner().invoke(command, ["-w", str(tmp_path), "preannotate", "--with", "llm"])
    assert ran.exit_code == 0
    assert "1 pool notes pre-annotated by ernotes-offline@" in ran.stdout
    assert "(annotated offline by rule: not an LLM's work): 4 mentions" in ran.stdout


def test_the_pool_gets_the_llms_spans_and_push_shows_them(workspace: Workspace) -> None:
    result = preannotate_with_llm(workspace)
    document: Any = to_json(result)
    counted = {name: document[name] for name in ("notes", "mentions", "set_aside", "unparsable", "unanswered")}
    assert counted == {"notes": 2, "mentions": 8, "set_aside": {}, "unparsable": [], "unanswered": 0}
    assert result.json_schema is False
    assert "asked plainly" in tell_preannotated_by_llm(result, workspace.folder)
    author = workspace.store.models.preannotator()
    assert author == Author(AuthorKind.LLM, result.model)
    said = workspace.store.spans.of_author(author.kind, author.name)[pool_note(1).id]
    assert said.detail["offline"] is True
    again = preannotate_with_llm(workspace)
    assert (again.notes, again.requests) == (0, 0)
    assert [POOL_TEXT[span.start : span.end] for span in said.spans or ()] == [
        "Ramipril 5 mg id",
        "Furosemida 40 mg id",
        "alergias medicamentosas",
        "Pericardite aguda",
    ]


@pytest.mark.slow
def test_evaluate_shows_the_llm_beside_the_recogniser_in_one_look(workspace: Workspace) -> None:
    version = train(workspace).model
    assert workspace.store.models.preannotator() == Author(AuthorKind.MODEL, version)
    result = evaluate(workspace, beside=measure_llm)
    document: Any = to_json(result)
    assert (document["model"], document["looks"], document["llm"]["offline"]) == (version, 1, True)
    assert document["comparison"]["against"] == document["llm"]["model"]
    support = document["exact"]["micro"]["support"]
    assert document["llm"]["exact"]["micro"]["support"] == support
    assert f"{document['llm']['model']} (annotated offline by rule" in tell_evaluation(result, workspace.folder)
    tests = set(workspace.store.notes.ids(Role.TEST))
    said = workspace.store.spans.of_author(AuthorKind.LLM, document["llm"]["model"])
    assert said.keys() == tests
    assert not {spans.detail["example"] for spans in said.values()} & tests


def test_with_and_against_are_one_too_many(tmp_path: Path) -> None:
    ran = CliRunner().invoke(command, ["-w", str(tmp_path), "evaluate", "--with", "llm", "--against", "crf-1"])
    assert ran.exit_code == 2
    assert "either --against or --with" in ran.output


def using(workspace: Workspace, server: Faulty) -> Workspace:
    """The workspace with this server for its LLM."""
    knobs = {"base_url": server.url, "model": "m", "concurrency": 1, "max_attempts": 1, "input_price_per_million": 2.0}
    return replace(workspace, config=Config.model_validate({"endpoint": knobs}))


def test_usage_cost_and_notes_without_a_readable_answer_are_told(workspace: Workspace) -> None:
    def write(prompt: str, seed: int) -> str:
        invented = {"label": "Diagnóstico", "text": "gripe"}
        return "Não sei." if prompt.endswith("1\n</nota>") else json.dumps({"entities": [invented]})

    with running(Faulty(write)) as server:
        result = preannotate_with_llm(using(workspace, server))
    document: Any = to_json(result)
    assert (document["notes"], document["requests"], document["unparsable"]) == (1, 3, [pool_note(1).id])
    assert document["set_aside"] == {"not in the note": 1}
    assert (document["usage"], document["cost"]) == ({"prompt_tokens": 30, "completion_tokens": 15}, 0.00006)
    assert document["offline"] is False
    text = tell_preannotated_by_llm(result, workspace.folder)
    assert "  entities set aside: 1 × not in the note\n" in text
    assert f"1 notes without a readable answer: {pool_note(1).id}" in text


def test_an_unreadable_answer_scores_as_nothing_found_and_a_missing_one_ends_the_look(workspace: Workspace) -> None:
    notes = workspace.store.spans.annotated(Role.TEST)[:2]
    scored = [ScoredNote(note.id, note.spans, note.spans) for note in notes]
    with running(Faulty(lambda prompt, seed: "?")) as server:
        theirs = using(workspace, server)
        server.script = [(500, {})]
        with pytest.raises(EndpointError, match="1 of 2 notes unanswered"):
            measure_llm(theirs, notes, scored, "top1")
        llm, compared = measure_llm(theirs, notes, scored, "top1")
    assert sorted(llm.unparsable) == sorted(note.id for note in notes)
    assert llm.exact.micro.f1 == 0
    assert compared.comparison.micro.value == 1
