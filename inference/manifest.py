"""`ernotes-model.json`: what a model folder says of itself."""

import json
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from corpus.errors import ModelError

MANIFEST_NAME = "ernotes-model.json"


class Manifest(BaseModel):
    """What kind of recogniser a folder holds, what it was made from, and how.

    `tags` are in the order of its outputs, `trained_on` counts notes, `recipe` holds every knob of the run.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    kind: Literal["crf", "transformer"]
    base: str
    tags: tuple[str, ...] = ()
    trained_on: int = 0
    recipe: dict[str, Any] = {}


def read_manifest(folder: Path) -> Manifest:
    """What a model folder says of itself; raises ModelError where it says nothing that can be read."""
    path = folder / MANIFEST_NAME
    try:
        return Manifest.model_validate(json.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        raise ModelError(f"{folder} holds no {MANIFEST_NAME}; name a folder that 'ernotes train' wrote") from None
    except (OSError, ValueError, ValidationError):
        raise ModelError(f"{path} is damaged; train the model again") from None
