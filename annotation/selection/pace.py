"""How long people take: what a correction will probably cost in seconds."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Self

from annotation.corrections import SIMULATED, Correction, corrections
from annotation.selection.candidates import Candidate, expected_actions
from corpus.recognition import Uncertainty
from corpus.store import Store
from corpus.text.similarity import split_words

ENOUGH = 20
"""Corrections from which they say more than the defaults."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds for opening and submitting a note, for reading a word of it, and for a correction action.

    These defaults are guesses, not measurements: silent reading at 240 words a minute, and a few seconds for marking.
    `actions_per_expected` is how many actions come for each that the recogniser's doubts lead to expect: a recogniser
    that misses mentions without a doubt makes for more, one that doubts what is right for fewer.
    """

    seconds_per_note: float = 10.0
    seconds_per_word: float = 0.25
    seconds_per_action: float = 6.0
    actions_per_expected: float = 1.0

    @classmethod
    def of(cls, store: Store) -> Self:
        """The pace of people's corrections in the store; the simulated annotator's do not count.

        The seconds are the defaults, all made longer or shorter alike to suit the median of the timed corrections: the
        median, since a page left open over lunch says nothing. With fewer than ENOUGH corrections to go by, the
        defaults stand.
        """
        known = [one for one in corrections(store) if one.annotator != SIMULATED]
        factor, guess = _slowness(store, known), cls()
        return cls(
            factor * guess.seconds_per_note,
            factor * guess.seconds_per_word,
            factor * guess.seconds_per_action,
            _actions_per_expected(known),
        )

    def seconds(self, words: int, actions: float) -> float:
        """What a note of so many words takes that needs so many correction actions."""
        return self.seconds_per_note + self.seconds_per_word * words + self.seconds_per_action * actions

    def expected_seconds(self, candidate: Candidate) -> float:
        """What correcting a candidate will probably take."""
        return self.seconds(candidate.words, self.actions_per_expected * candidate.expected_actions)


GUESSED = Pace()
"""The defaults, for notes that nobody was timed on."""


def _slowness(store: Store, known: Sequence[Correction]) -> float:
    """How many times as long as by the defaults the timed corrections took."""
    of_known = [one for one in known if one.work.seconds]
    notes = store.notes.many([one.note_id for one in of_known])
    timed = [
        one.work.seconds / GUESSED.seconds(len(split_words(note.text)), one.work.effort)
        for one, note in zip(of_known, notes, strict=True)
    ]
    return median(timed) if len(timed) >= ENOUGH else 1.0


def _actions_per_expected(known: Sequence[Correction]) -> float:
    """The actions of all corrections of which a recogniser had said what to expect, by those that it led to expect."""
    expected, taken, notes = 0.0, 0, 0
    for one in known:
        if one.shown is not None and (figures := one.shown.detail.get("uncertainty")):
            expected += expected_actions(one.shown.spans or (), Uncertainty.from_json(figures))
            taken += one.work.effort
            notes += 1
    return taken / expected if notes >= ENOUGH and expected else 1.0
