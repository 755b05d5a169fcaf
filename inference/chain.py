"""Inference in a linear-chain CRF, for many sequences at once: forward-backward and Viterbi.

Arrays of a batch are time-major, (words, sequences, tags), with the longest sequence first, so that at each step the
sequences still running are the first rows and no work goes to padding.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


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

    def path_probability(self, start: int, tags: list[int], never_next: int | None) -> float:
        """Probability that the words from `start` on have exactly these tags and that the next has not `never_next`."""
        probability = float(self.forward[start, tags[0]])
        for offset in range(1, len(tags)):
            step = self.transition[tags[offset - 1], tags[offset]] * self.scores[start + offset, tags[offset]]
            probability *= float(step)
        last = start + len(tags) - 1
        after = float(self.backward[last, tags[-1]])
        if never_next is not None and last + 1 < len(self.scores):
            goes_on = self.transition[tags[-1], never_next] * self.scores[last + 1, never_next]
            after -= float(goes_on * self.backward[last + 1, never_next])
        return min(1.0, max(0.0, probability * after))


@dataclass(frozen=True, slots=True)
class Decoded:
    """The best tags of one sequence, with their score (before normalisation) and the posterior."""

    tags: list[int]
    score: float
    posterior: Posterior


def decode_batch(states: list[Array], transition: Array) -> list[Decoded]:
    """Best tags and posteriors of several sequences, in the order given.

    `states` holds one array (n, tags) of scores for each sequence, n at least 1; `transition` (tags, tags) may hold
    -inf for steps that cannot be.
    """
    order = sorted(range(len(states)), key=lambda index: -len(states[index]))
    lengths = [len(states[index]) for index in order]
    running = [sum(length > step for length in lengths) for step in range(lengths[0])]
    batch = np.zeros((lengths[0], len(order), transition.shape[0]))
    for column, index in enumerate(order):
        batch[: lengths[column], column] = states[index]
    paths, scores = _viterbi(batch, transition, running, lengths)
    posteriors = _forward_backward(batch, transition, running, lengths)
    decoded = {index: Decoded(paths[column], scores[column], posteriors[column]) for column, index in enumerate(order)}
    return [decoded[index] for index in range(len(states))]


def _viterbi(
    batch: Array, transition: Array, running: list[int], lengths: list[int]
) -> tuple[list[list[int]], list[float]]:
    """Best paths and their scores, one a column of the batch; of equal paths, the one of the smaller tag ids."""
    steps, columns, tags = batch.shape
    pointers = np.zeros((steps, columns, tags), dtype=np.int8)
    best = batch[0].copy()
    into = np.ascontiguousarray(transition.T)
    for step in range(1, steps):
        rows = running[step]
        candidates = best[:rows, None, :] + into  # (rows, to, from)
        choice = candidates.argmax(axis=2)
        pointers[step, :rows] = choice
        best[:rows] = np.take_along_axis(candidates, choice[:, :, None], axis=2)[:, :, 0] + batch[step, :rows]
    paths, scores = [], []
    for column, length in enumerate(lengths):
        tag = int(best[column].argmax())
        scores.append(float(best[column, tag]))
        path = [tag]
        for backpointers in pointers[length - 1 : 0 : -1, column].tolist():
            path.append(backpointers[path[-1]])
        paths.append(path[::-1])
    return paths, scores


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
