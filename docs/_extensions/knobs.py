"""The knobs of ernotes.toml as Markdown: name, type, default, unit and meaning, from the models that read the file."""

import ast
import inspect
import json
from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import pairwise
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen
from pydantic import BaseModel
from pydantic.fields import FieldInfo

UNITS = {
    "endpoint.temperature": "",
    "endpoint.concurrency": "requests",
    "endpoint.max_attempts": "tries",
    "endpoint.error_window": "requests",
    "endpoint.input_price_per_million": "currency of the bill",
    "endpoint.output_price_per_million": "currency of the bill",
    "generation.exemplars_per_prompt": "notes",
    "generation.max_samples_per_brief": "answers",
    "generation.budget": "currency of the prices",
    "annotator.temperature": "",
    "annotator.max_samples_per_note": "answers",
    "training.transformer.learning_rate": "per step",
    "training.transformer.weight_decay": "per step",
    "training.transformer.max_gradient_norm": "L2 norm",
    "training.transformer.batch_size": "windows",
    "training.transformer.device_batch_size": "windows",
    "training.transformer.cpu_batch_size": "windows",
    "training.transformer.max_epochs": "epochs",
    "training.transformer.patience": "epochs",
    "training.transformer.negative_copies": "copies",
    "training.transformer.min_weight": "weight of a tag",
    "training.transformer.max_weight": "weight of a tag",
    "training.compact.hidden_size": "hidden units",
    "training.compact.layers": "layers",
    "training.compact.heads": "attention heads",
    "training.compact.dropout": "share",
    "training.compact.vocabulary": "pieces",
    "training.crf.c1": "",
    "training.crf.c2": "",
    "training.crf.max_iterations": "steps",
    "label_studio.doubtful_below": "confidence",
    "live.port": "",
    "selection.budget": "what `unit` says",
    "selection.rare_label_weight": "times",
    "selection.committee": "recognisers",
    "loop.notes_per_round": "notes",
    "loop.judge_mentions": "mentions",
    "stopping.kappa": "kappa",
    "stopping.stable_rounds": "rounds",
    "stopping.more_notes": "notes",
    "stopping.gain": "F1",
    "stopping.least_notes": "notes",
}
"""The units of numbers whose names do not say them."""
ENDINGS = {"_seconds": "seconds", "_tokens": "tokens", "_share": "share", "_ratio": "share", "top_p": "share"}


def sections(model: type[BaseModel], path: str = "") -> dict[str, type[BaseModel]]:
    """The sections of a configuration by their dotted names, in the order of the file."""
    found: dict[str, type[BaseModel]] = {}
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            inner = f"{path}.{name}".removeprefix(".")
            found |= {inner: field.annotation} | sections(field.annotation, inner)
    return found


def section_markdown(model: type[BaseModel], path: str) -> Iterator[str]:
    """What a section is for, then a definition for each of its knobs."""
    yield " ".join((model.__doc__ or "").split())
    inner = sections(model)
    for name, field in model.model_fields.items():
        if name not in inner:
            facts = [type_words(field), f"default `{_toml(field.default)}`"]
            if words := unit(path, name, field):
                facts.append(f"unit: {words}")
            yield f"\n`{name}`\n: {'; '.join(facts)}"
            if field.description:
                yield f"\n  {' '.join(field.description.split())}"


def choices_markdown(choices: type[StrEnum]) -> Iterator[str]:
    """Each member of an enumeration, with the docstring that stands below it in the source."""
    (defined,) = ast.parse(inspect.getsource(choices)).body
    assert isinstance(defined, ast.ClassDef)
    for statement, below in pairwise([*defined.body, ast.Pass()]):
        if isinstance(statement, ast.Assign):
            meaning = ""
            if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
                meaning = " ".join(str(below.value.value).split())
            yield f"\n`{ast.literal_eval(statement.value)}`\n: {meaning or 'By chance.'}"


def type_words(field: FieldInfo) -> str:
    """The type of a knob in words: "integer, at least 1"."""
    return ", ".join([_words(field.annotation), *_limits(field)])


def unit(path: str, name: str, field: FieldInfo) -> str:
    """The unit of a number, '' where it has none; raises KeyError for a number of which none is known."""
    if field.annotation not in (int, float):
        return ""
    if f"{path}.{name}" in UNITS:
        return UNITS[f"{path}.{name}"]
    inherited = path.replace("training.compact", "training.transformer")
    if f"{inherited}.{name}" in UNITS:
        return UNITS[f"{inherited}.{name}"]
    return next((words for ending, words in ENDINGS.items() if name.endswith(ending)), None) or _unknown(path, name)


def _unknown(path: str, name: str) -> str:
    if name == "seed":
        return ""
    raise KeyError(f"docs/_extensions/knobs.py knows no unit of {path}.{name}")


def _words(annotation: Any) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return _one_of(arguments)
    if origin is tuple:
        return "list of texts"
    if origin is dict:
        return "table of numbers by name"
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return _one_of([str(member) for member in annotation])
    return {str: "text", int: "integer", float: "number", bool: "`true` or `false`"}[annotation]


def _one_of(values: Sequence[str]) -> str:
    shown = [f'`"{value}"`' for value in values]
    return f"{', '.join(shown[:-1])} or {shown[-1]}"


def _limits(field: FieldInfo) -> Iterator[str]:
    """The bounds of a number, or of a text's length, in words."""
    for limit in field.metadata:
        match limit:
            case Ge(ge=least):
                yield f"at least {least:g}"
            case Gt(gt=below):
                yield f"above {below:g}"
            case Le(le=most):
                yield f"at most {most:g}"
            case Lt(lt=above):
                yield f"below {above:g}"
            case MinLen(min_length=1):
                yield "not empty"
            case MinLen(min_length=fewest):
                yield f"at least {fewest} characters"
            case MaxLen(max_length=longest):
                yield f"at most {longest} characters"


def _toml(value: object) -> str:
    return "{}" if value == {} else json.dumps(value, ensure_ascii=False)
