"""How long people take: what a correction will probably cost in seconds."""

from dataclasses import astuple, dataclass
from statistics import median
from typing import Self

from annotation.candidates import Candidate
from annotation.ledger import SIMULATED, corrections
from corpus.similarity import split_words
from corpus.store import Store

ENOUGH = 20
"""Timed corrections from which the pace is theirs."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds for opening and submitting a note, for reading a word of it, and for a correction action.

    The defaults are guesses, not measurements: silent reading at 240 words a minute, and a few seconds for marking.
    """

    seconds_per_note: float = 10.0
    seconds_per_word: float = 0.25
    seconds_per_action: float = 6.0

    @classmethod
    def of(cls, store: Store) -> Self:
        """The defaults, all made longer or shorter alike to suit the median of the timed corrections in the store.

        The median, since a page left open over lunch says nothing. The simulated annotator's do not count, and with
        fewer than ENOUGH the defaults stand.
        """
        guess = cls()
        timed = []
        for correction in corrections(store):
            if correction.work.seconds and correction.annotator != SIMULATED:
                words = len(split_words(store.notes.get(correction.note_id).text))
                timed.append(correction.work.seconds / guess.seconds(words, correction.work.effort))
        factor = median(timed) if len(timed) >= ENOUGH else 1.0
        return cls(*(factor * own for own in astuple(guess)))

    def seconds(self, words: int, actions: float) -> float:
        """What a note of so many words takes that needs so many correction actions."""
        return self.seconds_per_note + self.seconds_per_word * words + self.seconds_per_action * actions

    def expected_seconds(self, candidate: Candidate) -> float:
        """What correcting a candidate will probably take."""
        return self.seconds(candidate.words, candidate.expected_actions)


GUESSED = Pace()
"""The defaults, for notes that nobody was timed on."""
