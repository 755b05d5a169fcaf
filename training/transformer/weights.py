"""How much each tag counts in the loss."""

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from corpus.labels import OUTSIDE, TAG_IDS, TAGS, Label
from corpus.tags import IGNORED


def tag_weights(
    windows: Iterable[Sequence[int]], *, o_ratio: float = 0.25, min_weight: float = 0.1, max_weight: float = 10.0
) -> Tensor:
    """Inverse-frequency weights of the tags in the training windows, shape (n_tags,).

    `O` is capped at `o_ratio` of the mean of the others; B-X and I-X share the larger weight, so that long mentions
    are not cut short; then all are clipped to [min_weight, max_weight] (ER_NER fine-tuning details, 2026).
    Ignored tokens do not count.
    """
    counts = torch.zeros(len(TAGS), dtype=torch.float64)
    for tags in windows:
        counted = torch.tensor([tag for tag in tags if tag != IGNORED], dtype=torch.long)
        counts += torch.bincount(counted, minlength=len(TAGS))
    inverse = 1 / counts.clamp(min=1)
    weights = inverse / inverse.mean()
    outside = TAG_IDS[OUTSIDE]
    mean_of_others = (weights.sum() - weights[outside]) / (len(TAGS) - 1)
    weights[outside] = torch.minimum(weights[outside], o_ratio * mean_of_others)
    for label in Label:
        pair = [TAG_IDS[f"B-{label}"], TAG_IDS[f"I-{label}"]]
        weights[pair] = weights[pair].max()
    return weights.clamp(min_weight, max_weight).to(torch.float32)
