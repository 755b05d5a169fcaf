"""The knobs of training: which recogniser is trained, and by which recipe."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from corpus.config.knobs import Count, Knobs, Positive, Weight


class WindowConfig(Knobs):
    """How a note longer than the model is cut."""

    max_tokens: Annotated[int, Field(ge=16)] = 512
    overlap_tokens: Annotated[int, Field(ge=0)] = 128
    """Tokens that two neighbouring windows share."""

    @model_validator(mode="after")
    def _overlap_leaves_room(self) -> Self:
        if self.overlap_tokens >= self.max_tokens - 2:
            raise ValueError("overlap_tokens must be smaller than max_tokens - 2 (two are special tokens)")
        return self


class TransformerConfig(Knobs):
    """The seed's recipe for fine-tuning (Portuguese Emergency Room Clinical NER, 2026)."""

    learning_rate: Positive = 2e-5
    weight_decay: Weight = 0.01
    warmup_ratio: Annotated[float, Field(ge=0, lt=1)] = 0.10
    """Share of all optimiser steps over which the learning rate rises to its full height."""
    max_gradient_norm: Positive = 1.0
    batch_size: Count = 16
    """Windows per optimiser step (the effective batch)."""
    device_batch_size: Count = 4
    """Most windows at once on a GPU, of like length; as many are taken as divide batch_size. It changes speed alone."""
    cpu_batch_size: Count = 1
    """The same on a CPU, which is fastest where nothing is padded, one window at a time."""
    max_epochs: Count = 20
    patience: Count = 3
    """Epochs without a better validation F1 before training stops."""
    negative_copies: Count = 4
    """How often a training note with a denied allergy is taken."""
    o_ratio: Positive = 0.25
    """The weight of O is at most this share of the mean of the others."""
    min_weight: Positive = 0.1
    max_weight: Positive = 10.0
    bf16: bool = True
    """bfloat16 where the device has it; elsewhere float32."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.min_weight > self.max_weight:
            raise ValueError("min_weight is larger than max_weight")
        return self


class CompactConfig(TransformerConfig):
    """A small BERT from scratch: the same recipe at a rate and length that suit random weights."""

    learning_rate: Positive = 1e-3
    batch_size: Count = 8
    cpu_batch_size: Count = 4
    """Most windows at once on a CPU: so small a model waits longer for its calls than for padding."""
    max_epochs: Count = 8
    patience: Count = 5
    hidden_size: Count = 128
    layers: Count = 2
    heads: Count = 4
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.3
    """Share of the hidden units left out at each training step."""
    vocabulary: Annotated[int, Field(ge=300)] = 4000
    """Size of the WordPiece vocabulary trained on the training notes."""

    @model_validator(mode="after")
    def _heads_divide(self) -> Self:
        if self.hidden_size % self.heads:
            raise ValueError("heads must divide hidden_size")
        return self


class CrfConfig(Knobs):
    """The embedded recogniser: a linear-chain CRF over words (python-crfsuite, L-BFGS)."""

    c1: Weight = 0.3
    """Weight of the L1 penalty: the larger, the fewer features keep a weight."""
    c2: Weight = 0.03
    """Weight of the L2 penalty."""
    max_iterations: Count = 50
    """Steps of L-BFGS; the only thing that ends training, so that nothing is stopped by validation."""


class TrainingConfig(Knobs):
    """Which recogniser is trained, and how."""

    base: Annotated[str, Field(min_length=1)] = "pucpr/biobertpt-all"
    """`crf`, `compact`, or a Hugging Face name or folder."""
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 42
    data_licence: str = ""
    """Licence that the notes pass on to a model made from them, for its card: "CC BY-NC 4.0"."""
    silver: bool = False
    """Whether notes without gold count with the spans of their brief."""
    windows: WindowConfig = WindowConfig()
    transformer: TransformerConfig = TransformerConfig()
    compact: CompactConfig = CompactConfig()
    crf: CrfConfig = CrfConfig()
