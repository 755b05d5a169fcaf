"""The entities of a note as an LLM writes them, JSON: the schema that it is given, and its answer read back.

An answer is data from outside. It may stand between fences or in chatter, come after a draft of itself, or be no JSON;
what is no entity of the label scheme is set aside, counted by reason.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from corpus.labels import NEGATIVE, POSITIVE, Label
from corpus.note import Span
from corpus.text.folding import fold

RESPONSE_FORMAT: dict[str, Any] = {
    "type": "json_schema",
    "json_schema": {
        "name": "entities",
        "strict": True,
        "schema": {
            "type": "object",
            "properties": {
                "entities": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {
                            "label": {"type": "string", "enum": list(dict.fromkeys(label.entity for label in Label))},
                            "polarity": {"type": ["string", "null"], "enum": [POSITIVE, NEGATIVE, None]},
                            "text": {"type": "string"},
                        },
                        "required": ["label", "polarity", "text"],
                        "additionalProperties": False,
                    },
                }
            },
            "required": ["entities"],
            "additionalProperties": False,
        },
    },
}
"""What `response_format` asks of a server that has JSON schemas."""

_AROUND = " \t\r\n.,;:-–•*#"
_LABELS = {(fold(label.entity)[0], fold(label.polarity or "")[0]): label for label in Label} | {
    (fold(label)[0], ""): label for label in Label
}


class Unusable(StrEnum):
    """Why something that an LLM gave as an entity is none of the note's."""

    MALFORMED = "no object with a label and a text"
    LABEL = "no label of the scheme, or an allergy without polarity"
    BLANK = "no words"
    ABSENT = "not in the note"
    REPEATED = "given more often than the note has it"
    OVERLAP = "overlaps another entity"


@dataclass(frozen=True, slots=True)
class Entity:
    """What an LLM says stands in a note: a label, and the words as it copied them, without what stands around them."""

    label: Label
    text: str


@dataclass(frozen=True, slots=True)
class EntityList:
    """The entities of an answer in its order, and what was set aside, counted by reason."""

    entities: tuple[Entity, ...]
    set_aside: Counter[Unusable] = field(default_factory=Counter)


class _SaidEntity(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)

    label: str
    polarity: str | None = None
    text: str


def write_entities(text: str, spans: Sequence[Span]) -> str:
    """The spans of a text as the answer that an LLM should give."""
    entities = [
        {
            "label": span.label.entity,
            "polarity": span.label.polarity,
            "text": text[span.start : span.end].replace("\r\n", "\n"),
        }
        for span in sorted(spans, key=lambda span: span.place)
    ]
    return json.dumps({"entities": entities}, ensure_ascii=False)


def read_entities(answer: str) -> EntityList | None:
    """What an answer says, be it in fences or chatter; None where it holds no list of entities.

    Of several lists the last counts: what comes before it is a draft.
    """
    lists = [items for value in _json_values(answer) if (items := _entity_items(value)) is not None]
    if not lists:
        return None
    entities: list[Entity] = []
    set_aside: Counter[Unusable] = Counter()
    for item in lists[-1]:
        entity = _entity(item)
        if isinstance(entity, Entity):
            entities.append(entity)
        else:
            set_aside[entity] += 1
    return EntityList(tuple(entities), set_aside)


def _json_values(answer: str) -> Iterator[JsonValue]:
    """The JSON objects and arrays that stand in the answer, from left to right, without those inside others."""
    decoder = json.JSONDecoder()
    start = 0
    while (start := min((at for sign in "{[" if (at := answer.find(sign, start)) >= 0), default=-1)) >= 0:
        try:
            value, start = decoder.raw_decode(answer, start)
        except RecursionError:
            return  # brackets without end: the LLM got stuck
        except ValueError:
            start += 1
        else:
            yield value


def _entity_items(value: JsonValue) -> list[JsonValue] | None:
    """The list of entities that a JSON value is or holds."""
    if isinstance(value, dict):
        found = value.get("entities")
        return found if isinstance(found, list) else None
    return value if isinstance(value, list) and all(isinstance(item, dict) for item in value) else None


def _entity(item: JsonValue) -> Entity | Unusable:
    try:
        said = _SaidEntity.model_validate(item)
    except ValidationError:
        return Unusable.MALFORMED
    name, polarity = fold(said.label)[0].strip(), fold(said.polarity or "")[0].strip()
    label = _LABELS.get((name, polarity)) or _LABELS.get((name, ""))
    if label is None:
        return Unusable.LABEL
    words = said.text.strip(_AROUND)
    return Entity(label, words) if words else Unusable.BLANK
