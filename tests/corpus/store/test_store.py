"""The store keeps what it is given, once, whatever the database, and says no where it must."""

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import NullPool, create_engine, inspect, text
from sqlalchemy.exc import OperationalError

from corpus.errors import WorkspaceError
from corpus.labels import Label
from corpus.note import Author, AuthorKind, Note, Role, Sensitivity, Span
from corpus.store import Arrival, Store
from corpus.store.answers import StoredAnswer
from corpus.store.batches import BriefState, Completion, accept_brief, keep_completion, reject_brief
from corpus.store.notes import split_role
from corpus.store.schema import SCHEMA_VERSION
from corpus.store.tasks import PulledSet, PushedTask

IMPORT = Author(AuthorKind.IMPORT, "notes.json")
ANNOTATOR = Author(AuthorKind.HUMAN, "ana@example.org")
DRUG = Span(0, 9, Label.MEDICATION, 0.5, {"ATC": "C03CA01"})


def note(doc_id: int | str = 1, words: str = "Furosemida 40 mg id\r\n", role: Role = Role.TRAIN, **more: Any) -> Note:
    return Note(source="notes.json", doc_id=doc_id, text=words, role=role, **more)


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a PostgreSQL server of the test's own; skipped, loudly, where PostgreSQL is not installed."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    initdb = shutil.which("initdb") if not installed else str(installed[-1])
    if initdb is None:
        pytest.skip("PostgreSQL IS NOT INSTALLED: the store is tested on SQLite alone")
    binaries = Path(initdb).resolve().parent
    folder = Path(subprocess.check_output(["mktemp", "-d", "/tmp/ernotes-pg-XXXXXX"], text=True).strip())
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    user: dict[str, Any] = {}
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        user = {"user": "postgres", "group": "postgres", "extra_groups": []}
        shutil.chown(folder, "postgres", "postgres")
    data = folder / "data"
    subprocess.run(
        [binaries / "initdb", "-D", data, "-U", "ernotes", "-A", "trust", "-E", "UTF8", "--no-sync"],
        check=True, capture_output=True, cwd=folder, **user,
    )  # fmt: skip
    server = subprocess.Popen(
        [binaries / "postgres", "-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", folder],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder, **user,
    )  # fmt: skip
    try:
        url = f"postgresql+psycopg://ernotes@127.0.0.1:{port}/postgres"
        deadline = time.monotonic() + 60
        while True:
            try:
                create_engine(url, poolclass=NullPool).connect().close()
                break
            except OperationalError:
                assert time.monotonic() < deadline, "PostgreSQL did not start"
                time.sleep(0.2)
        yield url
    finally:
        server.send_signal(signal.SIGINT)  # the fast shutdown: it waits for no client
        server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'ernotes.db'}"
    else:
        url = request.getfixturevalue("postgresql")
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        engine.dispose()
    opened = Store.open(url)
    yield opened
    opened.close()


def test_a_note_comes_back_to_the_letter(store: Store) -> None:
    given = note(
        "x-1", "Álcool 🍷\r\n\tn\u0303", sensitivity=Sensitivity.FICTIONAL, provenance={"specialty": "Ortopedia"}
    )
    assert store.notes.add(given)
    back = store.notes.get(given.id)
    assert (back.text, back.doc_id, back.role) == (given.text, "x-1", Role.TRAIN)
    assert (back.sensitivity, back.lineage, back.provenance) == (
        Sensitivity.FICTIONAL,
        given.id,
        {"specialty": "Ortopedia"},
    )


def test_many_notes_come_in_the_order_asked_for_and_one_that_is_not_here_is_an_error(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("corpus.store.notes.IDS_IN_A_QUERY", 2)
    given = [note(number, f"nota {number}") for number in (1, 2, 3)]
    for one in given:
        store.notes.add(one)
    back = store.notes.many([one.id for one in reversed(given)])
    assert [(one.id, one.text) for one in back] == [(one.id, one.text) for one in reversed(given)]
    with pytest.raises(WorkspaceError, match="there is no note 'x' here"):
        store.notes.many([given[0].id, "x"])


def test_the_same_note_again_changes_nothing(store: Store) -> None:
    assert store.take_in([Arrival(note(), [DRUG])], IMPORT) == 1
    assert store.take_in([Arrival(note(), [DRUG])], IMPORT) == 0
    assert len(store.spans.history(note().id)) == 1


def test_a_number_and_its_string_are_two_names(store: Store) -> None:
    store.notes.add(note(1, "a"))
    assert store.notes.add(note("1", "b"))


def test_the_same_text_under_another_role_is_refused_by_name_and_nothing_of_the_file_comes_in(store: Store) -> None:
    store.notes.add(note(1, role=Role.TEST))
    fresh = Arrival(note(2, "outra nota"), ())
    with pytest.raises(WorkspaceError, match=r"note 3 of 'notes.json' is here as 1 .* role test"):
        store.take_in([fresh, Arrival(note(3), ())], IMPORT)
    assert store.notes.ids(*Role) == [note(1).id]


def test_a_known_name_with_another_text_is_refused(store: Store) -> None:
    store.notes.add(note(1, "a"))
    with pytest.raises(WorkspaceError, match="another text"):
        store.notes.add(note(1, "b"))


def test_spans_keep_their_codes_and_confidence(store: Store) -> None:
    store.take_in([Arrival(note(), [DRUG])], IMPORT)
    found = store.spans.latest(note().id, AuthorKind.IMPORT)
    assert found is not None
    assert found.spans is not None
    assert (found.spans[0].confidence, dict(found.spans[0].codes)) == (0.5, {"ATC": "C03CA01"})


def test_gold_prefers_adjudication_then_people_then_imports_and_never_a_model(store: Store) -> None:
    store.take_in([Arrival(note(), [DRUG])], IMPORT)
    store.spans.add(note().id, Author(AuthorKind.MODEL, "crf-1"), [])
    assert store.spans.gold(Role.TRAIN)[note().id].author == IMPORT
    store.spans.add(note().id, ANNOTATOR, [])
    assert store.spans.gold(Role.TRAIN)[note().id].author == ANNOTATOR
    store.spans.add(note().id, Author(AuthorKind.ADJUDICATION, "rui"), [DRUG])
    assert store.spans.gold(Role.TRAIN)[note().id].author.kind is AuthorKind.ADJUDICATION


def test_a_withdrawn_correction_gives_way_to_what_was_there_before(store: Store) -> None:
    store.take_in([Arrival(note(), [DRUG])], IMPORT)
    store.spans.add(note().id, ANNOTATOR, [])
    store.spans.add(note().id, ANNOTATOR, None)
    assert store.spans.gold(Role.TRAIN)[note().id].author == IMPORT
    assert len(store.spans.history(note().id)) == 3


def test_the_newest_annotator_counts(store: Store) -> None:
    store.notes.add(note())
    store.spans.add(note().id, ANNOTATOR, [DRUG])
    store.spans.add(note().id, Author(AuthorKind.HUMAN, "rui"), [])
    store.spans.add(note().id, ANNOTATOR, [DRUG], detail={"seconds": 3})
    assert store.spans.gold(Role.TRAIN)[note().id].author == ANNOTATOR


def test_silver_counts_only_when_asked_for(store: Store) -> None:
    store.notes.add(note())
    store.spans.add(note().id, Author(AuthorKind.BRIEF, "brief"), [DRUG])
    assert store.spans.annotated(Role.TRAIN) == []
    assert [item.spans for item in store.spans.annotated(Role.TRAIN, silver=True)] == [(DRUG,)]


def test_a_span_beyond_its_note_is_refused(store: Store) -> None:
    store.notes.add(note())
    with pytest.raises(WorkspaceError, match="ends beyond note"):
        store.spans.add(note().id, IMPORT, [Span(0, 1000, Label.MEDICATION)])


def test_a_correction_makes_a_pool_note_train_or_validation_and_moves_the_watermark(store: Store) -> None:
    store.notes.add(note(role=Role.POOL))
    correction = PulledSet(note().id, ANNOTATOR, (DRUG,), {"task": 7})
    assert store.tasks.take("own#1", [correction], "2026-01-01T00:00:00Z") == 1
    assert store.tasks.take("own#1", [correction], "2026-01-01T00:00:05Z") == 0
    assert store.notes.get(note().id).role is split_role(note().id)
    assert store.tasks.watermark("own#1") == "2026-01-01T00:00:05Z"


def test_one_lineage_in_ten_validates() -> None:
    roles = [split_role(f"lineage {number}") for number in range(10_000)]
    assert 900 < roles.count(Role.VALIDATION) < 1100


def test_a_test_note_keeps_its_role(store: Store) -> None:
    store.notes.add(note(role=Role.TEST))
    store.notes.set_role(note().id, Role.TRAIN)
    assert store.notes.get(note().id).role is Role.TEST


def test_a_round_has_one_batch_and_a_completion_is_kept_once(store: Store) -> None:
    batch = store.batches.plan([{"age": 1}, {"age": 2}], 1)
    assert store.batches.plan([{"age": 3}], 1) == batch
    first = store.batches.brief(batch, 0)
    answer = Completion("k", first.id, "texto", "stop", "llm", {"prompt_tokens": 3}, {"sample": 0})
    with store.engine.begin() as connection:
        keep_completion(connection, answer)
        keep_completion(connection, replace(answer, text="depois"))
        accept_brief(connection, first, note(role=Role.POOL), Author(AuthorKind.BRIEF, "brief"), [DRUG])
    assert store.batches.completion("k") == answer
    assert store.batches.usage(batch) == {"prompt_tokens": 3, "completions": 1}
    assert (store.batches.waiting(batch), store.batches.spent(batch)) == (1, None)
    assert [brief.number for brief in store.batches.briefs(batch, BriefState.PLANNED)] == [1]


def test_erasing_a_note_takes_its_spans_tasks_and_completions_along(store: Store) -> None:
    batch = store.batches.plan([{"age": 1}])
    brief = store.batches.brief(batch, 0)
    with store.engine.begin() as connection:
        keep_completion(connection, Completion("k", brief.id, "texto", "stop", "llm", {}, {}))
        accept_brief(connection, brief, note(role=Role.POOL), Author(AuthorKind.BRIEF, "brief"), [DRUG])
    store.tasks.record("own#1", [PushedTask(note().id, 5, "crf-1")])
    store.notes.erase(note().id)
    assert store.batches.completion("k") is None
    assert store.tasks.of_project("own#1") == {}
    assert store.spans.history(note().id) == []
    with pytest.raises(WorkspaceError, match="no note"):
        store.notes.get(note().id)


def test_an_answer_is_kept_once_and_erased_with_its_note_or_its_example(store: Store) -> None:
    annotated, example, other = note(1), note(2, "Outra\r\n"), note(3, "Mais uma\r\n")
    for item in (annotated, example, other):
        store.notes.add(item)
    answer = StoredAnswer("k1", annotated.id, example.id, "[]", "stop", "llm", {"prompt_tokens": 3}, {"sample": 0})
    store.answers.keep(answer)
    store.answers.keep(replace(answer, text="depois"))
    store.answers.keep(replace(answer, key="k2", note_id=other.id))
    store.answers.keep(replace(answer, key="k3", note_id=other.id, example_id=None))
    assert store.answers.get("k1") == answer
    store.notes.erase(annotated.id)
    assert [store.answers.get(key) is None for key in ("k1", "k2", "k3")] == [True, False, False]
    store.notes.erase(example.id)
    assert [store.answers.get(key) is None for key in ("k2", "k3")] == [True, False]


def test_models_rounds_and_looks_are_remembered(store: Store) -> None:
    store.models.add("crf-1", "crf", [note().id], {"seconds": 3})
    store.models.promote("crf-1")
    current = store.models.current()
    assert current is not None
    assert (current.version, store.models.trained_on(note().id)) == ("crf-1", ["crf-1"])
    store.rounds.finish_step(1, "generate", {"accepted": 4})
    store.rounds.finish_step(1, "push", {})
    assert store.rounds.steps(1) == {"generate": {"accepted": 4}, "push": {}}
    store.scores.add("crf-1", Role.TEST, {}, 1)
    store.scores.add("crf-1", Role.TEST, {}, 1)
    store.scores.add("crf-1", Role.TEST, {})
    assert store.scores.looks(Role.TEST) == 2


def test_a_batch_is_unfinished_until_it_has_ended_even_with_all_its_outcomes(store: Store) -> None:
    batch = store.batches.plan([{"age": 1}])
    with store.engine.begin() as connection:
        reject_brief(connection, store.batches.brief(batch, 0), "empty")
    assert store.batches.unfinished() == batch
    store.batches.end(batch)
    assert store.batches.unfinished() is None


def test_a_store_of_version_1_is_brought_up_to_date_after_a_backup(store: Store) -> None:
    whole, waiting = store.batches.plan([{"age": 1}]), store.batches.plan([{"age": 2}])
    with store.engine.begin() as connection:
        reject_brief(connection, store.batches.brief(whole, 0), "empty")
    with store.engine.begin() as connection:
        connection.execute(text("ALTER TABLE batches DROP COLUMN ended"))
        connection.execute(text("DROP TABLE answers"))
        connection.execute(text("DROP TABLE ratings"))
        connection.execute(text("UPDATE meta SET value = '1' WHERE key = 'schema_version'"))
    url = store.engine.url
    again = Store.open(url.render_as_string(hide_password=False))
    assert again.batches.unfinished() == waiting
    assert {"answers", "ratings"} <= set(inspect(again.engine).get_table_names())
    again.batches.end(waiting)
    assert again.batches.unfinished() is None
    again.close()
    if url.database is not None and url.drivername == "sqlite":
        backup = Path(f"{url.database}.v1.backup")
        assert backup.stat().st_mode & 0o077 == 0
        with sqlite3.connect(backup) as copy:
            assert copy.execute("SELECT value FROM meta WHERE key = 'schema_version'").fetchone() == (1,)


def test_a_store_of_a_newer_program_is_refused(store: Store) -> None:
    with store.engine.begin() as connection:
        connection.execute(text(f"UPDATE meta SET value = '{SCHEMA_VERSION + 1}' WHERE key = 'schema_version'"))
    with pytest.raises(WorkspaceError, match="install a newer ernotes"):
        Store.open(store.engine.url.render_as_string(hide_password=False))


def test_what_is_no_database_is_refused_with_one_line(tmp_path: Path) -> None:
    (tmp_path / "ernotes.db").write_text("not a database, but long enough to be looked at as one " * 20)
    with pytest.raises(WorkspaceError, match="the store cannot be opened"):
        Store.open(f"sqlite:///{tmp_path / 'ernotes.db'}")
