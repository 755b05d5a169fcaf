"""What an LLM may answer when it is asked for entities, and what is read of it."""

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.labels import Label
from corpus.note import Span
from generation.annotating.entities import RESPONSE_FORMAT, Entity, EntityList, Unusable, read_entities, write_entities

DRUG = {"label": "Medicação Habitual", "polarity": None, "text": "Ramipril 5 mg id"}
ALLERGY = {"label": "Alergias medicamentosas", "polarity": "Positiva", "text": "penicilina"}
DENIAL = {"label": "Alergias medicamentosas", "polarity": "Negativa", "text": "alergias"}
RAMIPRIL = Entity(Label.MEDICATION, "Ramipril 5 mg id")
PENICILLIN = Entity(Label.ALLERGY, "penicilina")


def said(*items: object) -> str:
    return json.dumps({"entities": items}, ensure_ascii=False)


def read(answer: str) -> EntityList:
    listed = read_entities(answer)
    assert listed is not None
    return listed


def test_a_plain_answer_gives_its_entities_in_order_with_the_polarity_in_the_label() -> None:
    assert read(said(DRUG, ALLERGY, DENIAL)).entities == (RAMIPRIL, PENICILLIN, Entity(Label.NO_ALLERGY, "alergias"))


@pytest.mark.parametrize(
    "answer",
    [
        f"```json\n{said(DRUG)}\n```",
        f"Claro! Aqui está a anotação [1]:\n\n{said(DRUG)}\n\nDiga-me se precisar de mais {{algo}}.",
        f"<think>Talvez {said(ALLERGY)}? Não.</think>\n{said(DRUG)}",
        json.dumps([DRUG]),
        json.dumps({"entities": [DRUG]}, indent=2),
        f'{{"nota": {{"id": 1}}}} {said(DRUG)}',
    ],
)
def test_fences_chatter_drafts_and_a_bare_list_are_forgiven(answer: str) -> None:
    assert read(answer).entities == (RAMIPRIL,)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "Não encontrei entidades.",
        said(DRUG)[:-10],
        "{'entities': [{'label': 'Diagnóstico'}]}",
        '{"entities": "nenhuma"}',
        '{"resultado": {"entities": []}}',
        "[1, 2]",
        "{" * 5000,
        "[" * 5000,
    ],
)
def test_an_answer_without_a_list_of_entities_is_unreadable(answer: str) -> None:
    assert read_entities(answer) is None


@pytest.mark.parametrize("answer", [said(), "[]", "```\n[]\n```"])
def test_an_empty_list_says_that_there_is_none(answer: str) -> None:
    assert read(answer) == EntityList(())


@pytest.mark.parametrize(
    ("item", "label"),
    [
        ({"label": "MEDICACAO HABITUAL"}, Label.MEDICATION),
        ({"label": "diagnostico", "polarity": ""}, Label.DIAGNOSIS),
        ({"label": "Diagnóstico", "polarity": "Positiva"}, Label.DIAGNOSIS),
        ({"label": "Alergias medicamentosas", "polarity": "NEGATIVA"}, Label.NO_ALLERGY),
        ({"label": "Alergias medicamentosas__Positiva"}, Label.ALLERGY),
    ],
)
def test_labels_are_known_in_other_spellings(item: dict[str, str], label: Label) -> None:
    assert read(said({**item, "text": "x"})).entities == (Entity(label, "x"),)


def test_what_is_no_entity_is_set_aside_by_reason_and_the_others_stand() -> None:
    items = [
        DRUG,
        "Ramipril",
        {"label": "Diagnóstico"},
        {"label": "Diagnóstico", "text": 7},
        {"label": "Sintoma", "text": "tosse"},
        {"label": "Alergias medicamentosas", "text": "penicilina"},
        {"label": "Diagnóstico", "text": " - . "},
    ]
    listed = read(said(*items))
    assert listed.entities == (RAMIPRIL,)
    assert listed.set_aside == Counter({Unusable.MALFORMED: 3, Unusable.LABEL: 2, Unusable.BLANK: 1})


def test_what_stands_around_the_words_is_not_part_of_them() -> None:
    assert read(said({**DRUG, "text": "- Ramipril 5 mg id;\n"})).entities == (RAMIPRIL,)


def test_what_is_written_for_an_example_is_read_back() -> None:
    text = "- Ramipril\r\n5 mg id\r\nSem alergias"
    spans = [Span(25, 33, Label.NO_ALLERGY), Span(2, 19, Label.MEDICATION)]
    assert [text[span.start : span.end] for span in spans] == ["alergias", "Ramipril\r\n5 mg id"]
    answer = write_entities(text, spans)
    assert "\\r" not in answer
    assert read(answer).entities == (
        Entity(Label.MEDICATION, "Ramipril\n5 mg id"),
        Entity(Label.NO_ALLERGY, "alergias"),
    )


def test_the_schema_holds_the_entities_and_polarities_of_the_label_scheme() -> None:
    item = RESPONSE_FORMAT["json_schema"]["schema"]["properties"]["entities"]["items"]
    assert set(item["properties"]["label"]["enum"]) == {"Medicação Habitual", "Diagnóstico", "Alergias medicamentosas"}
    assert item["properties"]["polarity"]["enum"] == ["Positiva", "Negativa", None]
    assert sorted(item["required"]) == sorted(item["properties"])


@given(st.text(alphabet='{}[]",:a \\"entities', max_size=60))
def test_no_answer_breaks_the_reading(answer: str) -> None:
    read_entities(answer)
