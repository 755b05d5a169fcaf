"""Inference in a linear-chain CRF, for many sequences at once: forward-backward.

Arrays of a batch are time-major, (words, sequences, tags), with the longest sequence first, so that at each step the
sequences still running are the first rows and no work goes to padding.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_TINY = float(np.finfo(np.float64).tiny)


@dataclass(frozen=True, slots=True)
class Posterior:
    """What forward-backward gives for one sequence of n words (Rabiner 1989, scaled form).

    `forward`, `backward` and `scores` (the exponentials of the state scores, each divided by its scale) have shape
    (n, tags); forward * backward is the marginal. `transition` (tags, tags) holds exponentials too.
    """

    forward: Array
    backward: Array
    scores: Array
    transition: Array
    log_partition: float

    @property
    def marginals(self) -> Array:
        """Probability of each tag at each word, shape (n, tags); rows sum to one."""
        return self.forward * self.backward

    def log_probability(self, tags: Sequence[int]) -> float:
        """Logarithm of the probability of a whole sequence of tags."""
        path = np.array(tags)
        steps = self.transition[path[:-1], path[1:]] * self.scores[np.arange(1, len(path)), path[1:]]
        factors = np.append(steps, self.forward[0, path[0]])
        return min(0.0, float(np.log(np.maximum(factors, _TINY)).sum()))

    def stretches(self, start: int, begin: int, inside: int, least: float) -> Iterator[tuple[int, float]]:
        """Each end (exclusive) that a stretch of tags has with a probability of `least` or more, and that probability.

        The stretch has `begin` at the word `start`, `inside` up to its end, and is not followed by `inside`.
        """
        reached, tag = float(self.forward[start, begin]), begin
        for end in range(start + 1, len(self.scores) + 1):
            stay = reached * float(self.backward[end - 1, tag])
            step = 0.0
            if end < len(self.scores):
                step = reached * float(self.transition[tag, inside] * self.scores[end, inside])
                going_on = step * float(self.backward[end, inside])
            else:
                going_on = 0.0
            if stay - going_on >= least:
                yield end, min(1.0, stay - going_on)
            if going_on < least:
                return
            reached, tag = step, inside


def posteriors(states: list[Array], transition: Array) -> list[Posterior]:
    """The posteriors of several sequences, in the order given.

    `states` holds one array (n, tags) of scores for each sequence, n at least 1; `transition` (tags, tags) may hold
    -inf for steps that cannot be.
    """
    order = sorted(range(len(states)), key=lambda index: -len(states[index]))
    lengths = [len(states[index]) for index in order]
    running = [sum(length > step for length in lengths) for step in range(lengths[0])]
    batch = np.zeros((lengths[0], len(order), transition.shape[0]))
    for column, index in enumerate(order):
        batch[: lengths[column], column] = states[index]
    found = dict(zip(order, _forward_backward(batch, transition, running, lengths), strict=True))
    return [found[index] for index in range(len(states))]


def _forward_backward(batch: Array, transition: Array, running: list[int], lengths: list[int]) -> list[Posterior]:
    """Posteriors, one a column of the batch; each word is scaled by its own sum, so nothing overflows."""
    peaks = batch.max(axis=2, keepdims=True)
    scores = np.exp(batch - peaks)
    steps = np.exp(transition)
    scale = np.ones(batch.shape[:2])
    forward = np.zeros_like(batch)
    backward = np.ones_like(batch)
    reached = scores[0]
    for step, rows in enumerate(running):
        if step:
            reached = (forward[step - 1, :rows] @ steps) * scores[step, :rows]
        scale[step, :rows] = reached.sum(axis=1)
        forward[step, :rows] = reached / scale[step, :rows, None]
    scores /= scale[:, :, None]
    back = np.ascontiguousarray(steps.T)
    for step in range(len(running) - 2, -1, -1):
        rows = running[step + 1]
        backward[step, :rows] = (scores[step + 1, :rows] * backward[step + 1, :rows]) @ back
    log_partition = np.log(scale) + peaks[:, :, 0]
    return [
        Posterior(
            forward[:length, column],
            backward[:length, column],
            scores[:length, column],
            steps,
            float(log_partition[:length, column].sum()),
        )
        for column, length in enumerate(lengths)
    ]
