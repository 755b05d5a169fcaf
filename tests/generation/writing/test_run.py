"""The run over real HTTP and a real store: outcomes, faults, and SIGKILL."""

import asyncio
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from corpus.config.settings import Config
from corpus.errors import FormatError, PrivacyError, WorkspaceError
from corpus.labels import Label
from corpus.note import AuthorKind, Note, Role, Sensitivity
from corpus.store import Store
from corpus.store.batches import Batch
from corpus.store.schema import completions
from generation.briefs.brief import Brief
from generation.gates import NEARLY_ANOTHER
from generation.llm.faults import UnusableEndpointError
from generation.writing.pairs import CHANGES_MORE, FIRST_MISSING
from generation.writing.run import WritingReport
from tests.conftest import PROJECT_ROOT
from tests.generation.faulty_server import Faulty, free_port, running
from tests.generation.notes import brief, exemplar, note_text
from tests.generation.writing.write_batch import write


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'ernotes.db'}")
    yield opened
    opened.close()


@pytest.fixture
def server() -> Iterator[Faulty]:
    with running(Faulty(write=note_text)) as faulty:
        yield faulty


def config(**knobs: object) -> Config:
    endpoint = {"model": "m", "concurrency": 4, "backoff_seconds": 0.001, "max_attempts": 3, "timeout_seconds": 10}
    generation = {name: knobs.pop(name) for name in ("max_samples_per_brief", "exemplars_per_prompt") if name in knobs}
    return Config.model_validate({"endpoint": {**endpoint, **knobs}, "generation": generation})


def plan(store: Store, count: int) -> Batch:
    return store.batches.plan([brief(number).to_json() for number in range(count)])


def run(store: Store, batch: Batch, server: Faulty, **knobs: object) -> WritingReport:
    return asyncio.run(write(store, batch, server.url, config(**knobs)))


def pool(store: Store) -> list[Note]:
    return list(store.notes.by_role(Role.POOL))


def kept_seeds(store: Store) -> set[int]:
    with store.engine.connect() as connection:
        return {row.request["parameters"]["seed"] for row in connection.execute(select(completions.c.request))}


def test_every_brief_becomes_a_pool_note_with_crlf_its_provenance_and_its_silver_spans(
    store: Store, server: Faulty
) -> None:
    store.notes.add(exemplar(0))
    store.notes.add(exemplar(1))
    batch = plan(store, 6)
    report = run(store, batch, server)
    assert (report.accepted, report.requests, report.retries, report.unanswered) == (6, 6, 0, 0)
    assert report.usage == {"prompt_tokens": 60, "completion_tokens": 30}
    notes = {note.doc_id: note for note in pool(store)}
    assert sorted(notes) == [f"{batch.id}-{number:04d}" for number in range(6)]
    first = notes[f"{batch.id}-0000"]
    assert first.source == "generated"
    assert first.text.count("\r\n") == first.text.count("\n") > 5
    assert first.sensitivity is Sensitivity.FICTIONAL
    assert first.provenance["exemplars"] == [exemplar(0).id]
    assert first.lineage == exemplar(0).id
    assert first.provenance["specialty"] == "Cardiologia"
    assert Brief.from_json(first.provenance["brief"]) == brief(0)
    assert first.provenance["llm"] == "m"
    assert first.provenance["offline"] is False
    assert len(first.provenance["prompt"]) == 64
    spans = store.spans.latest(first.id, AuthorKind.BRIEF, "brief")
    assert spans is not None
    assert [(first.text[span.start : span.end], span.label) for span in spans.spans or ()] == [
        ("Bisoprolol 20 mg id", Label.MEDICATION),
        ("penicilina", Label.ALLERGY),
        ("pericardite aguda", Label.DIAGNOSIS),
    ]


def test_a_batch_that_is_done_costs_nothing_when_run_again(store: Store, server: Faulty) -> None:
    batch = plan(store, 5)
    run(store, batch, server)
    report = run(store, batch, server)
    assert report == WritingReport()
    assert server.seeds.total() == 5


def test_progress_is_told_once_a_brief(store: Store, server: Faulty) -> None:
    batch, told = plan(store, 5), Counter[str]()
    asyncio.run(write(store, batch, server.url, config(), progress=lambda: told.update("x")))
    assert told == {"x": 5}


def test_refused_answers_are_asked_for_anew_until_the_brief_is_given_up(store: Store, server: Faulty) -> None:
    server.always = "cut"
    batch = plan(store, 4)
    report = run(store, batch, server, max_samples_per_brief=2)
    assert (report.accepted, report.rejected, report.refused) == (0, {"cut off": 4}, {"cut off": 8})
    assert store.batches.outcomes(batch) == {"rejected: cut off": 4}
    assert max(server.seeds.values()) == 1


def test_a_second_sample_may_succeed(store: Store, server: Faulty) -> None:
    server.script = ["empty"]
    report = run(store, plan(store, 1), server)
    assert (report.accepted, report.refused, report.requests) == (1, {"empty": 1}, 2)
    assert pool(store)[0].provenance["sample"] == 1


def test_a_note_without_its_drug_is_asked_to_be_put_right_and_then_refused_by_kind(
    store: Store, server: Faulty
) -> None:
    server.write = lambda prompt, seed: note_text(brief(0).block(), seed).replace("Bisoprolol", "Outro")
    report = run(store, plan(store, 1), server, max_samples_per_brief=1)
    assert report.refused == {"lacks from its brief: drug": 2}
    assert report.rejected == {"lacks from its brief: drug": 1}


def test_the_second_turn_shows_the_note_names_what_is_wrong_and_its_answer_is_kept_apart(
    store: Store, server: Faulty
) -> None:
    def mend(prompt: str, seed: int) -> str:
        right = note_text(brief(0).block(), seed)
        return right if "não respeita a ficha" in prompt else right.replace("Bisoprolol", "Outro")

    server.write = mend
    batch = plan(store, 1)
    report = run(store, batch, server)
    assert (report.accepted, report.repaired, report.requests) == (1, 1, 2)
    first, second = server.bodies
    assert [message["role"] for message in second["messages"]] == ["system", "user", "assistant", "user"]
    assert second["messages"][:2] == first["messages"]
    assert "- Outro 20 mg id" in second["messages"][2]["content"]
    assert "Bisoprolol 20 mg id" in second["messages"][3]["content"]
    assert store.batches.usage(batch)["completions"] == 2
    note = pool(store)[0]
    assert note.provenance["repaired"] is True
    kept = store.batches.completion(note.provenance["completion"])
    assert kept is not None
    assert "Bisoprolol" in kept.text


def test_a_note_that_no_gate_lets_pass_has_no_second_turn(store: Store, server: Faulty) -> None:
    server.always = "cut"
    assert run(store, plan(store, 1), server, max_samples_per_brief=1).requests == 1


def test_what_is_wrong_with_a_note_is_not_stored_beside_it(store: Store, server: Faulty) -> None:
    server.write = lambda prompt, seed: note_text(brief(0).block(), seed).replace("Bisoprolol", "Outro")
    batch = plan(store, 1)
    run(store, batch, server, max_samples_per_brief=1)
    with store.engine.connect() as connection:
        requests = str(connection.execute(select(completions.c.request)).all())
    assert "Outro" not in requests
    assert "Outro" not in str(store.batches.outcomes(batch))


def pair(number: int = 0) -> list[dict[str, object]]:
    """The documents of a brief that affirms an allergy and of its twin."""
    first = replace(brief(number), pair="1")
    return [first.to_json(), first.twin().to_json()]


def test_a_twin_is_asked_for_as_an_edit_of_the_first_note_with_its_seed_and_shares_its_lineage(
    store: Store, server: Faulty
) -> None:
    store.notes.add(exemplar(0))
    report = run(store, store.batches.plan([*pair(), brief(1).to_json()]), server)
    assert (report.accepted, report.requests) == (3, 3)
    first, twin = sorted(pool(store), key=lambda note: note.doc_id)[:2]
    asked = next(body["messages"] for body in server.bodies if len(body["messages"]) == 4)
    assert [message["role"] for message in asked] == ["system", "user", "assistant", "user"]
    assert asked[2]["content"].replace("\n", "\r\n").strip() == first.text
    assert "não é alérgico a penicilina" in asked[3]["content"]
    assert twin.provenance["pair_of"] == first.id
    assert (twin.provenance["parameters"]["seed"], twin.lineage) == (
        first.provenance["parameters"]["seed"],
        first.lineage,
    )
    assert twin.text == first.text.replace("Alergia a penicilina.", "Nega alergias medicamentosas.")


def test_a_twin_that_changes_more_than_the_allergy_is_refused(store: Store, server: Faulty) -> None:
    server.write = lambda prompt, seed: note_text(prompt, seed if "afirmada" in prompt else seed + 1)
    report = run(store, store.batches.plan(pair()), server, max_samples_per_brief=1)
    assert (report.accepted, report.rejected) == (1, {CHANGES_MORE: 1})


def test_the_twin_of_a_brief_that_was_given_up_is_given_up(store: Store, server: Faulty) -> None:
    server.always = "cut"
    report = run(store, store.batches.plan(pair()), server, max_samples_per_brief=1)
    assert report.rejected == {"cut off": 1, FIRST_MISSING: 1}
    assert report.requests == 1


def test_the_twin_of_a_brief_that_has_no_answer_yet_waits_with_it(store: Store, server: Faulty) -> None:
    server.always = (500, {})
    batch = store.batches.plan(pair())
    assert run(store, batch, server, max_attempts=1).unanswered == 2
    server.always = "ok"
    assert run(store, batch, server).accepted == 2


def test_a_twin_is_written_by_a_later_run_than_its_first(store: Store, server: Faulty) -> None:
    server.script = ["ok", (500, {})]
    batch = store.batches.plan(pair())
    assert run(store, batch, server, max_attempts=1).unanswered == 1
    assert run(store, batch, server).accepted == 1
    assert len({note.lineage for note in pool(store)}) == 1


def test_the_same_text_twice_is_a_duplicate(store: Store, server: Faulty) -> None:
    server.write = lambda prompt, seed: note_text(prompt, 0)
    batch = store.batches.plan([brief(0).to_json()] * 2)
    report = run(store, batch, server, max_samples_per_brief=2, concurrency=1)
    assert (report.accepted, report.rejected) == (1, {NEARLY_ANOTHER: 1})
    assert len(pool(store)) == 1


def test_answers_in_the_store_are_judged_again_and_not_paid_for_again(store: Store, server: Faulty) -> None:
    batch = plan(store, 3)
    server.always = "cut"
    run(store, batch, server, max_samples_per_brief=1)
    server.always = "ok"
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE briefs SET state = 'planned'")
    report = run(store, batch, server, max_samples_per_brief=2)
    assert (report.cached, report.requests, report.accepted) == (3, 3, 3)
    assert max(server.seeds.values()) == 1


@pytest.mark.parametrize("change", ["parameter", "template"])
def test_a_changed_parameter_or_template_is_a_new_request(
    store: Store, server: Faulty, tmp_path: Path, change: str
) -> None:
    batch = plan(store, 1)
    server.always = "cut"
    run(store, batch, server, max_samples_per_brief=1)
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE briefs SET state = 'planned'")
    (tmp_path / "system.j2").write_text("És um médico.", "utf-8")
    knobs = {"temperature": 0.1} if change == "parameter" else {}
    templates = tmp_path if change == "template" else None
    again = config(max_samples_per_brief=1, **knobs)
    report = asyncio.run(write(store, batch, server.url, again, templates=templates))
    assert (report.requests, report.cached) == (1, 0)
    assert store.batches.usage(batch)["completions"] == 2


def test_passing_faults_are_ridden_out_and_counted(store: Store, server: Faulty) -> None:
    server.script = ["reset", (500, {}), (429, {"Retry-After": "0"}), "nonsense", "ok", "cut"]
    batch = plan(store, 12)
    report = run(store, batch, server)
    assert (report.accepted, report.unanswered, report.retries) == (12, 0, 4)
    assert store.batches.outcomes(batch) == {"accepted": 12}


def test_a_brief_that_the_endpoint_fails_stays_planned_and_is_written_by_the_next_run(
    store: Store, server: Faulty
) -> None:
    server.script = ["ok", (500, {})]
    batch = plan(store, 6)
    report = run(store, batch, server, concurrency=1, max_attempts=1)
    assert (report.accepted, report.unanswered) == (5, 1)
    assert store.batches.outcomes(batch) == {"accepted": 5, "planned": 1}
    assert run(store, batch, server).accepted == 1


def test_an_endpoint_that_fails_too_often_ends_the_run_and_says_how_with_what_arrived_stored(
    store: Store, server: Faulty
) -> None:
    server.script = ["ok", "ok", "reset"]
    server.always = (500, {})
    batch = plan(store, 40)
    with pytest.raises(
        UnusableEndpointError, match=r"5 of the last 7 .*4 × HTTP 500, 1 × broken connection.*see its log"
    ):
        run(store, batch, server, concurrency=1, max_attempts=1)
    assert store.batches.outcomes(batch) == {"accepted": 2, "planned": 38}


def test_a_refused_key_ends_the_run_at_the_first_brief(store: Store, server: Faulty) -> None:
    server.script = ["ok"]
    server.always = (401, {})
    batch = plan(store, 40)
    with pytest.raises(UnusableEndpointError, match="OPENAI_API_KEY"):
        run(store, batch, server, concurrency=1)
    assert store.batches.outcomes(batch) == {"accepted": 1, "planned": 39}
    assert server.seeds.total() <= 3


def test_a_server_that_is_down_ends_the_run(store: Store) -> None:
    batch = plan(store, 3)
    with pytest.raises(UnusableEndpointError, match="nothing answers"):
        run(store, batch, Faulty(write=note_text, url=f"http://127.0.0.1:{free_port()}/v1"))
    assert store.batches.outcomes(batch) == {"planned": 3}


def test_a_patient_s_exemplar_is_sent_nowhere_it_may_not_go(store: Store) -> None:
    store.notes.add(exemplar(0, sensitivity=Sensitivity.PATIENT))
    far = Faulty(write=note_text, url="https://llm.invalid/v1")
    with pytest.raises(PrivacyError, match="allow_patient_text"):
        run(store, plan(store, 1), far)


def test_a_note_shaped_by_a_patient_s_exemplar_is_a_patient_s(store: Store, server: Faulty) -> None:
    store.notes.add(exemplar(0, sensitivity=Sensitivity.PATIENT))
    run(store, plan(store, 1), server)
    assert pool(store)[0].sensitivity is Sensitivity.PATIENT
    assert "Nota de exemplo 0." in server.prompts[0]


def test_a_test_note_is_refused_as_exemplar(store: Store, server: Faulty) -> None:
    with pytest.raises(WorkspaceError, match="role test"):
        asyncio.run(write(store, plan(store, 1), server.url, config(), exemplars=[exemplar(0, role=Role.TEST)]))
    assert server.prompts == []


def test_a_broken_template_ends_the_run_before_anything_is_asked(store: Store, server: Faulty, tmp_path: Path) -> None:
    (tmp_path / "note.j2").write_text("{{ nada }}", "utf-8")
    with pytest.raises(FormatError, match=r"note\.j2, line 1"):
        asyncio.run(write(store, plan(store, 3), server.url, config(), templates=tmp_path))
    assert server.prompts == []


def test_the_prompt_is_not_stored_with_the_completion(store: Store, server: Faulty) -> None:
    store.notes.add(exemplar(0))
    run(store, plan(store, 1), server)
    with store.engine.connect() as connection:
        stored = str(connection.execute(select(completions.c.request)).all())
    assert "Nota de exemplo" not in stored
    assert exemplar(0).id in stored


@pytest.mark.slow
def test_killed_again_and_again_the_run_ends_as_if_it_had_not_been_and_pays_for_nothing_twice(
    store: Store, server: Faulty, tmp_path: Path
) -> None:
    def answer(prompt: str, seed: int) -> str:
        return "" if seed % 4 == 0 else note_text(prompt, seed)

    server.write, server.delay_seconds = answer, 0.02
    server.script = ["ok", "reset", (429, {"Retry-After": "0"}), "ok", (500, {}), "nonsense", "no choices", (503, {})]
    batch, dice = plan(store, 60), random.Random(7)
    command = [sys.executable, "-m", "tests.generation.writing.write_batch", str(tmp_path / "ernotes.db"), server.url]
    for kill in (True, True, True, False):
        paid, asked_before = kept_seeds(store), Counter(server.seeds)
        process = subprocess.Popen(command, cwd=PROJECT_ROOT)
        target = asked_before.total() + dice.randint(3, 14)
        while kill and server.seeds.total() < target and process.poll() is None:
            time.sleep(0.002)
        if kill:
            process.kill()
        assert process.wait() == (-signal.SIGKILL if kill else 0)
        assert not {seed for seed, count in server.seeds.items() if count > asked_before[seed]} & paid

    undisturbed = Store.open(f"sqlite:///{tmp_path / 'undisturbed.db'}")
    same = plan(undisturbed, 60)
    run(undisturbed, same, server)
    assert store.batches.outcomes(batch) == undisturbed.batches.outcomes(same)
    assert {note.doc_id: note.text for note in pool(store)} == {note.doc_id: note.text for note in pool(undisturbed)}
    assert len(pool(store)) == len(store.spans.of_author(AuthorKind.BRIEF, "brief")) > 50
    undisturbed.close()
