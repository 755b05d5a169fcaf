"""One training run: the base's name decides which recogniser is made."""

from collections.abc import Callable, Sequence
from pathlib import Path

from corpus.config import TrainingConfig
from corpus.errors import ModelError
from corpus.recognition import Annotated, Trained

CRF = "crf"


def train_recogniser(
    base: str,
    train: Sequence[Annotated],
    validation: Sequence[Annotated],
    folder: Path,
    config: TrainingConfig,
    seed: int,
    progress: Callable[[str], None],
    *,
    about_data: str = "",
) -> Trained:
    """A recogniser trained on `train`, written whole to `folder`, with the figures of the run.

    `base` is `crf`, `compact`, or a Hugging Face name or folder. The best epoch on `validation` is kept.
    `about_data` is a line for the model card: where the notes come from, whether they are fictional. Raises
    ModelError if there is nothing to train on or the base cannot be loaded.
    """
    if not train:
        raise ModelError("no training notes: import some with --role train, or correct some")
    if base == CRF:
        from training.crf import train_crf

        return train_crf(train, validation, folder, config.crf, seed, progress)
    from training.transformer import train_transformer  # torch is loaded for transformers alone

    return train_transformer(base, train, validation, folder, config, seed, progress, about_data=about_data)
