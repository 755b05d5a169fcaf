"""What the sections of ernotes.toml are made of."""

from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from corpus.errors import ConfigError

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1)]
Weight = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Price = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Knobs(BaseModel):
    """A table of ernotes.toml: unknown keys are refused, and what stands under a knob is what it means."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


Some = TypeVar("Some", bound=Knobs)


def overridden(knobs: Some, section: str, /, **given: object) -> Some:
    """The knobs of a section of ernotes.toml with those that a command was given; None means not given.

    Raises ConfigError, which names the knob, for a value that the file could not have either.
    """
    said = {name: value for name, value in given.items() if value is not None}
    try:
        return type(knobs).model_validate(knobs.model_dump() | said)
    except ValidationError as error:
        raise ConfigError(f"{section}{_first_wrong(error)}") from None


def _first_wrong(error: ValidationError) -> str:
    """The knob, where it is one alone, and what is wrong with it."""
    first = error.errors(include_url=False, include_input=False)[0]
    knob = "".join(f".{part}" for part in first["loc"])
    return f"{knob}: {first['msg'].removeprefix('Value error, ')}"
