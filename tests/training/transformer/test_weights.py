"""Weights of the tags in the loss, worked out by hand."""

import pytest

from corpus.labels import TAG_IDS, TAGS
from corpus.tags import IGNORED
from training.transformer.weights import tag_weights

pytestmark = [pytest.mark.torch, pytest.mark.usefixtures("one_thread")]

DIAGNOSIS = ("B-Diagnóstico", "I-Diagnóstico")


def weights_of(counts: dict[str, int], **settings: float) -> dict[str, float]:
    """The weights where each tag occurs as often as said, in two windows, with ignored tokens between."""
    tags = [TAG_IDS[tag] for tag, count in counts.items() for _ in range(count)]
    found = tag_weights([[IGNORED, *tags[:3], IGNORED], tags[3:]], **settings).tolist()
    return dict(zip(TAGS, found, strict=True))


def test_rare_tags_weigh_more_and_both_tags_of_a_label_the_same() -> None:
    # n: O 8, B-D 2, I-D 4, others 1 (or 0, taken as 1). v: 0.125, 0.5, 0.25 and six times 1; their mean is 6.875 / 9.
    # w = v × 9 / 6.875: O 0.163636, B-D 0.654545, I-D 0.327273, others 1.309091. The mean of all but O is 1.104545;
    # a quarter of it, 0.276136, is more than O has. B-D and I-D share 0.654545.
    weights = weights_of({"O": 8, "B-Diagnóstico": 2, "I-Diagnóstico": 4, "B-Medicação Habitual": 1})
    assert weights.pop("O") == pytest.approx(0.163636, abs=1e-6)
    assert [weights.pop(tag) for tag in DIAGNOSIS] == pytest.approx([0.654545, 0.654545], abs=1e-6)
    assert list(weights.values()) == pytest.approx([1.309091] * 6, abs=1e-6)


def test_outside_weighs_at_most_a_quarter_of_the_mean_of_the_others() -> None:
    # n: O 1, B-D 2, I-D 4, others 1. The mean of v is 7.75 / 9; w: O 1.161290, B-D 0.580645, I-D 0.290323, others
    # 1.161290. The mean of all but O, before B and I share, is 7.838710 / 8 = 0.979839; a quarter is 0.244960.
    weights = weights_of({"O": 1, "B-Diagnóstico": 2, "I-Diagnóstico": 4})
    assert weights["O"] == pytest.approx(0.244960, abs=1e-6)
    assert weights["I-Diagnóstico"] == pytest.approx(0.580645, abs=1e-6)
    assert weights["I-Medicação Habitual"] == pytest.approx(1.161290, abs=1e-6)


def test_weights_are_clipped_at_both_ends() -> None:
    # v: O 0.001 and eight times 1, mean 8.001 / 9: O weighs 0.001125, the others 1.124859.
    weights = weights_of({"O": 1000})
    assert weights["O"] == pytest.approx(0.1)
    assert weights["B-Diagnóstico"] == pytest.approx(1.124859, abs=1e-6)
    assert weights_of({"O": 1000}, max_weight=1.1)["B-Diagnóstico"] == pytest.approx(1.1)
