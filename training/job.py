"""What is to be trained."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.config.training import TrainingConfig, TransformerConfig
from corpus.recognition import Annotated

CRF = "crf"
COMPACT = "compact"

RUN_NAME = "ernotes-training.json"
"""The figures of a transformer's training, beside it."""


@dataclass(frozen=True, slots=True)
class Job:
    """A base trained from one seed on `train`, chosen by `validation`, and written to `folder`.

    `base` is `crf`, `compact`, or a Hugging Face name or folder; `progress` takes lines for a person.
    """

    base: str
    train: Sequence[Annotated]
    validation: Sequence[Annotated]
    folder: Path
    config: TrainingConfig
    seed: int
    progress: Callable[[str], None]

    @property
    def recipe(self) -> TransformerConfig:
        """The knobs of the base, where it is a transformer; `compact` has a profile of its own."""
        return self.config.compact if self.base == COMPACT else self.config.transformer
