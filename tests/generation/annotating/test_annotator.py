"""The LLM as annotator: the real client over HTTP against a server that answers what a test wants, and a real store."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from corpus.config.settings import Config
from corpus.errors import EndpointError, PrivacyError
from corpus.labels import Label
from corpus.note import Author, AuthorKind, Note, Role, Sensitivity, Span
from corpus.store import Store
from generation.annotating.annotator import AnnotationPrompt, AnnotationReport, annotate_notes, llm_author
from generation.annotating.entities import RESPONSE_FORMAT
from generation.llm.endpoint import Endpoint
from generation.llm.faults import UnusableEndpointError
from tests.generation.faulty_server import Faulty, free_port, running

DRUG = {"label": "Medicação Habitual", "polarity": None, "text": "Ramipril 5 mg id"}
DENIAL = {"label": "Alergias medicamentosas", "polarity": "Negativa", "text": "alergias"}
TEXT = "Doente {} com tosse.\r\n- Ramipril 5 mg id\r\nSem alergias.\r\n"
HEART = "Dor torácica e palpitações.\r\n- Bisoprolol 5 mg id\r\n"
LUNG = "Doente com tosse e febre.\r\n- Ramipril 10 mg id\r\n"
FAR = "https://llm.example.org/v1"


def answer(*items: object) -> str:
    return json.dumps({"entities": items}, ensure_ascii=False)


def note(number: int, role: Role = Role.POOL, text: str = "", **more: Any) -> Note:
    words = text or TEXT.format(number)
    return Note("s", number, words, role, **{"sensitivity": Sensitivity.FICTIONAL, **more})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Two training notes with gold, of a heart and of a lung, and a test note that is most like any other."""
    opened = Store.open(f"sqlite:///{tmp_path / 'ernotes.db'}")
    gold = Author(AuthorKind.IMPORT, "s")
    for number, role, text, start, end in (
        (101, Role.EXEMPLAR, HEART, 31, 49),
        (102, Role.TRAIN, LUNG, 29, 46),
        (103, Role.TEST, TEXT.format("0"), 24, 40),
    ):
        opened.notes.add(note(number, role, text))
        opened.spans.add(note(number, role, text).id, gold, [Span(start, end, Label.MEDICATION)])
    yield opened
    opened.close()


@pytest.fixture
def server() -> Iterator[Faulty]:
    with running(Faulty(write=lambda prompt, seed: answer(DRUG, DENIAL))) as faulty:
        yield faulty


def config(**knobs: object) -> Config:
    annotator = {name: knobs.pop(name) for name in ("max_samples_per_note",) if name in knobs}
    endpoint = {"model": "m", "concurrency": 1, "backoff_seconds": 0.001, "max_attempts": 2, "temperature": 0.0}
    return Config.model_validate({"endpoint": {**endpoint, **knobs}, "annotator": annotator})


def annotate(
    store: Store, notes: list[Note], url: str, templates: Path | None = None, **knobs: object
) -> tuple[AnnotationReport, Author]:
    settings = config(**knobs)
    prompt = AnnotationPrompt(templates)

    async def go() -> tuple[AnnotationReport, Author]:
        async with Endpoint(settings.endpoint, url, None) as endpoint:
            return await annotate_notes(store, notes, endpoint, prompt, settings), llm_author(endpoint, prompt)

    return asyncio.run(go())


def pool(store: Store, count: int) -> list[Note]:
    notes = [note(number) for number in range(1, count + 1)]
    for item in notes:
        store.notes.add(item)
    return notes


def words(store: Store, item: Note, author: Author) -> list[tuple[str, Label]]:
    said = store.spans.latest(item.id, AuthorKind.LLM, author.name)
    assert said is not None
    return [(item.text[span.start : span.end], span.label) for span in said.spans or ()]


def test_every_note_gets_its_spans_with_where_they_come_from(store: Store, server: Faulty) -> None:
    notes = pool(store, 3)
    report, author = annotate(store, notes, server.url, concurrency=2)
    assert (report.annotated, report.mentions, report.requests, report.has_schema) == (3, 6, 3, True)
    assert report.usage == {"prompt_tokens": 30, "completion_tokens": 15}
    assert author.name.startswith("m@")
    for item in notes:
        expected = [("Ramipril 5 mg id", Label.MEDICATION), ("alergias", Label.NO_ALLERGY)]
        assert words(store, item, author) == expected
    said = store.spans.latest(notes[0].id, AuthorKind.LLM)
    assert said is not None
    detail = said.detail
    assert detail["example"] == note(102, Role.TRAIN, LUNG).id
    assert (detail["llm"], detail["sample"], detail["offline"], detail["set_aside"]) == ("m", 0, False, {})
    assert detail["parameters"]["temperature"] == 0.0
    stored = store.answers.get(detail["answer"])
    assert stored is not None
    assert (stored.note_id, stored.example_id, stored.text) == (notes[0].id, detail["example"], answer(DRUG, DENIAL))


def test_the_prompt_has_the_rules_the_most_similar_training_note_and_the_schema(store: Store, server: Faulty) -> None:
    (item,) = pool(store, 1)
    annotate(store, [item], server.url)
    (body,) = server.bodies
    system, user = (turn["content"] for turn in body["messages"])
    for rule in (
        '"Medicação Habitual", sem polaridade',
        "a dose, a forma, a via, a frequência e as instruções",
        "Um por nota, no máximo",
        'polaridade "Positiva": o fármaco ou a classe',
        "sem a negação",
        "pela ordem em que ocorrem",
        '{"entities": []}',
    ):
        assert rule in system
    example = answer({**DRUG, "text": "Ramipril 10 mg id"})
    shown = f"<exemplo>\n{LUNG.replace(chr(13), '').strip()}\n</exemplo>\n{example}\n"
    assert shown in user
    assert user.endswith("<nota>\nDoente 1 com tosse.\n- Ramipril 5 mg id\nSem alergias.\n</nota>")
    assert body["response_format"] == RESPONSE_FORMAT


def test_without_annotated_notes_there_is_no_example(tmp_path: Path, server: Faulty) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'empty.db'}")
    report, _ = annotate(store, pool(store, 1), server.url)
    assert report.annotated == 1
    assert "exemplo" not in server.prompts[0]
    store.close()


def test_a_server_that_refuses_the_schema_is_asked_without_it_for_the_rest_of_the_run(
    store: Store, server: Faulty
) -> None:
    server.script = [(400, {})]
    report, _ = annotate(store, pool(store, 3), server.url)
    assert (report.annotated, report.requests, report.has_schema) == (3, 3, False)
    assert ["response_format" in body for body in server.bodies] == [True, False, False, False]


def test_a_server_that_refuses_the_note_itself_may_still_have_the_schema(store: Store, server: Faulty) -> None:
    server.script = [(400, {}), (400, {})]
    report, _ = annotate(store, pool(store, 2), server.url)
    assert (report.annotated, report.unanswered, report.has_schema) == (1, 1, True)
    assert ["response_format" in body for body in server.bodies] == [True, False, True]


def test_what_is_not_in_the_note_or_the_scheme_is_counted_by_reason(store: Store, server: Faulty) -> None:
    invented = {"label": "Diagnóstico", "text": "pneumonia"}
    server.write = lambda prompt, seed: f"Aqui está:\n```json\n{answer(DRUG, DRUG, invented, {'label': 'Idade'})}\n```"
    (item,) = pool(store, 1)
    report, author = annotate(store, [item], server.url)
    assert words(store, item, author) == [("Ramipril 5 mg id", Label.MEDICATION)]
    counted = {"not in the note": 1, "given more often than the note has it": 1, "no object with a label and a text": 1}
    assert report.set_aside == counted
    said = store.spans.latest(item.id, AuthorKind.LLM)
    assert said is not None
    assert said.detail["set_aside"] == counted


def test_an_unreadable_answer_is_followed_by_one_more_request_that_says_so(store: Store, server: Faulty) -> None:
    server.write = lambda prompt, seed: answer(DRUG) if "A tua resposta anterior" in prompt else "Não sei."
    report, author = annotate(store, pool(store, 1), server.url)
    assert (report.annotated, report.unreadable, report.requests, report.unparsable) == (1, 1, 2, [])
    assert words(store, note(1), author) == [("Ramipril 5 mg id", Label.MEDICATION)]


def test_a_note_without_a_readable_answer_is_counted_and_not_asked_for_again(store: Store, server: Faulty) -> None:
    server.write = lambda prompt, seed: answer(DRUG)[:-5]
    (item,) = pool(store, 1)
    report, _ = annotate(store, [item], server.url)
    assert (report.annotated, report.unreadable, report.unparsable) == (0, 2, [item.id])
    assert store.spans.latest(item.id, AuthorKind.LLM) is None
    again, _ = annotate(store, [item], server.url)
    assert (again.requests, again.cached, again.unparsable) == (0, 2, [item.id])
    assert len(server.bodies) == 2


def test_a_run_that_ended_early_goes_on_and_asks_nothing_twice(store: Store, server: Faulty) -> None:
    notes = pool(store, 4)
    server.script, server.always = ["ok", "ok"], (401, {})
    with pytest.raises(UnusableEndpointError, match="key"):
        annotate(store, notes, server.url)
    server.always = "ok"
    report, _ = annotate(store, notes, server.url)
    assert (report.annotated, report.cached, report.requests) == (4, 2, 2)


def test_a_note_whose_request_fails_is_left_for_the_next_run(store: Store, server: Faulty) -> None:
    server.script = [(500, {}), (500, {})]
    report, _ = annotate(store, pool(store, 2), server.url)
    assert (report.annotated, report.unanswered, report.unparsable) == (1, 1, [])


@pytest.mark.parametrize("role", [Role.POOL, Role.TEST])
def test_a_patients_note_goes_to_no_other_machine(store: Store, role: Role) -> None:
    patient = note(7, role, sensitivity=Sensitivity.PATIENT)
    store.notes.add(patient)
    with pytest.raises(PrivacyError, match=patient.id):
        annotate(store, [patient], FAR)


def test_a_patients_note_is_an_example_for_this_machine_but_for_no_other(store: Store) -> None:
    example = note(8, Role.TRAIN, "Doente.\r\n- Ramipril", sensitivity=Sensitivity.PATIENT)
    store.notes.add(example)
    store.spans.add(example.id, Author(AuthorKind.HUMAN, "ana"), [Span(11, 19, Label.MEDICATION)])
    with pytest.raises(PrivacyError, match=example.id):
        annotate(store, pool(store, 1), FAR)
    down = f"http://127.0.0.1:{free_port()}/v1"
    with pytest.raises(EndpointError, match="nothing answers"):  # it may go there, and would
        annotate(store, pool(store, 1), down)


def test_the_author_changes_with_the_templates_and_the_parameters(store: Store, server: Faulty, tmp_path: Path) -> None:
    _, first = annotate(store, [], server.url)
    _, same = annotate(store, [], server.url)
    _, hotter = annotate(store, [], server.url, temperature=0.5)
    (tmp_path / "annotation.j2").write_text("{{ text }}", "utf-8")
    _, own = annotate(store, [], server.url, tmp_path)
    assert first == same
    assert len({first, hotter, own}) == 3
