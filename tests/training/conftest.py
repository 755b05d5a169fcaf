"""Fixtures for the tests of training."""

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session")
def one_thread() -> Iterator[None]:
    """One thread: the same sums in the same order on every machine, and tiny models are fastest so."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
