"""What the store is asked about that is not there: each time one line of our own that names it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from corpus.errors import ErNotesError
from corpus.labels import Label
from corpus.note import Author, AuthorKind, Note, Role, Span
from corpus.store import Store
from corpus.store.answers import StoredAnswer
from corpus.store.batches import Completion, keep_completion
from corpus.store.ratings import Rating
from corpus.store.tasks import PulledSet, PushedTask

ANA = Author(AuthorKind.HUMAN, "ana@example.org")
SPANS = (Span(0, 9, Label.MEDICATION),)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'ernotes.db'}")
    opened.notes.add(Note("notes.json", 1, "Furosemida 40 mg id", Role.POOL))
    yield opened
    opened.close()


def keep(store: Store, completion: Completion) -> None:
    with store.engine.begin() as connection:
        keep_completion(connection, completion)


@pytest.mark.parametrize(
    "ask",
    [
        lambda store: store.notes.get("nowhere"),
        lambda store: store.notes.many(["nowhere"]),
        lambda store: store.notes.find("nowhere"),
        lambda store: store.notes.set_aside("nowhere"),
        lambda store: store.notes.set_role("nowhere", Role.TRAIN),
        lambda store: store.notes.erase("nowhere"),
        lambda store: store.spans.add("nowhere", ANA, SPANS),
        lambda store: store.spans.add_many(ANA, {"nowhere": SPANS}),
        lambda store: store.tasks.record("p#1", [PushedTask("nowhere", 7, "")]),
        lambda store: store.tasks.take("p#1", [PulledSet("nowhere", ANA, SPANS, {})], None),
        lambda store: store.ratings.take("p#1", [7], [Rating("nowhere", "ana", "realistic", 4, 7, 1)]),
        lambda store: store.answers.keep(StoredAnswer("k", "nowhere", None, "", "stop", "llm", {}, {})),
        lambda store: store.models.promote("nowhere"),
    ],
)
def test_what_is_not_here_is_named_in_an_error_of_our_own(store: Store, ask: Callable[[Store], object]) -> None:
    with pytest.raises(ErNotesError, match="nowhere"):
        ask(store)


def test_a_completion_of_no_brief_and_a_brief_beyond_its_batch_are_named(store: Store) -> None:
    with pytest.raises(ErNotesError, match="brief 99"):
        keep(store, Completion("k", 99, "", "stop", "llm", {}, {}))
    with pytest.raises(ErNotesError, match="has no brief 3"):
        store.batches.brief(store.batches.plan([{"age": 70}]), 3)


def test_many_sets_come_in_together_or_not_at_all_and_the_same_again_are_no_news(store: Store) -> None:
    other = Note("notes.json", 2, "Ramipril 5 mg", Role.POOL)
    store.notes.add(other)
    (first, *_) = store.notes.ids(Role.POOL)
    said = {first: SPANS, other.id: (Span(0, 8, Label.MEDICATION),)}
    with pytest.raises(ErNotesError, match="ends beyond"):
        store.spans.add_many(ANA, said | {other.id: (Span(0, 80, Label.MEDICATION),)})
    assert store.spans.of_author(ANA.kind, ANA.name) == {}
    assert store.spans.add_many(ANA, said, details={first: {"task": 7}}) == 2
    assert store.spans.add_many(ANA, said, details={first: {"task": 7}}) == 0
    assert store.spans.add_many(ANA, said) == 1
    assert not store.spans.add(other.id, ANA, said[other.id])
    assert {key: one.spans for key, one in store.spans.of_author(ANA.kind, ANA.name).items()} == said


def test_gold_is_counted_as_it_is_chosen(store: Store) -> None:
    other = Note("notes.json", 2, "Ramipril 5 mg", Role.TEST)
    store.notes.add(other)
    (first,) = store.notes.ids(Role.POOL)
    for note_id, author, spans in (
        (first, ANA, SPANS),
        (first, ANA, None),
        (first, Author(AuthorKind.MODEL, "crf-1"), SPANS),
        (other.id, ANA, ()),
        (other.id, Author(AuthorKind.ADJUDICATION, "rui"), ()),
        (other.id, Author(AuthorKind.ADJUDICATION, "rui"), None),
    ):
        store.spans.add(note_id, author, spans)
    assert store.spans.count_gold() == {Role.TEST: 1}
    assert store.spans.gold_ids(Role.POOL, Role.TEST) == {other.id} == store.spans.gold(Role.POOL, Role.TEST).keys()
