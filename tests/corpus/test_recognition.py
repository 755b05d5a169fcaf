"""A note's uncertainty, and how the store keeps it."""

import json
from dataclasses import asdict

from corpus.recognition import TOP_ENTROPIES, Uncertainty


def test_the_figures_of_a_note_are_those_of_its_tokens() -> None:
    own = Uncertainty.of([0.25, 0.5, 0.0], -1.5, 0.125)
    assert own == Uncertainty(3, 0.75, 0.5, -1.5, (0.5, 0.25, 0.0), 0.125)
    assert Uncertainty.of([], 0.0, 0.0) == Uncertainty(0, 0.0, 0.0, 0.0)


def test_of_a_long_note_the_highest_entropies_are_kept() -> None:
    own = Uncertainty.of([number / 100 for number in range(50)], -1.0, 0.0)
    assert own.top_entropies == tuple(number / 100 for number in range(49, 49 - TOP_ENTROPIES, -1))


def test_what_the_store_kept_is_read_back() -> None:
    own = Uncertainty.of([0.5, 0.25], -1.0, 0.5)
    assert Uncertainty.from_json(json.loads(json.dumps(asdict(own)))) == own


def test_what_an_earlier_version_kept_lacks_the_newer_figures() -> None:
    stored = {"tokens": 3, "sum_entropy": 0.75, "max_entropy": 0.5, "sequence_log_probability": -1.5}
    assert Uncertainty.from_json(stored) == Uncertainty(3, 0.75, 0.5, -1.5)
