"""How much of a note is copied from an exemplar, and how much is too much: more than two exemplars share by chance."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from corpus.note import Note
from corpus.text.similarity import runs, split_words

CHANCE_ONE_IN = 100
"""The limit is what one pair of exemplars in so many exceeds. The largest figure of all pairs would not do: physicians
copy too, their own examination or a patient's list of drugs, and two notes of ER_NER share 214 words on end."""


@dataclass(frozen=True, slots=True)
class Copying:
    """What a text has of another: words in the longest run, and the share, in [0, 1], of its 8-grams.

    A run below eight words counts as none.
    """

    longest_words: int
    share: float


FLOOR = Copying(longest_words=20, share=0.10)
"""What passes whatever the exemplars share, since there may be two or three: a normal examination's line is as long."""
CEILING = Copying(longest_words=40, share=0.25)
"""More never passes, even if exemplars of one patient share more."""


class ExemplarPassages:
    """The 8-grams of all exemplars, each with where it stands, made once; and the limit that follows from them."""

    def __init__(self, exemplars: Sequence[Note]) -> None:
        """Time grows with what the exemplars share: 257 physicians' notes take a second and some 40 MB."""
        self._places: dict[tuple[str, ...], list[tuple[int, int]]] = defaultdict(list)
        texts = [split_words(note.text) for note in exemplars]
        for number, words in enumerate(texts):
            for position, run in enumerate(runs(words)):
                self._places[run].append((number, position))
        self.limit = self._limit(texts, [note.lineage or note.id for note in exemplars])

    def measure(self, words: Sequence[str]) -> Copying:
        """The longest run, and the largest share, that these words have of any one exemplar."""
        found = self._compare(words).values()
        return Copying(
            max((copying.longest_words for copying in found), default=0),
            max((copying.share for copying in found), default=0.0),
        )

    def _compare(self, words: Sequence[str]) -> Mapping[int, Copying]:
        """What the words have of each exemplar that they have anything of, by its number."""
        text_runs = runs(words)
        lengths: dict[tuple[int, int], int] = {}
        longest: dict[int, int] = defaultdict(int)
        shared: Counter[int] = Counter()
        for run in text_runs:
            if run not in self._places:
                lengths = {}
                continue
            # A run that goes on where the one before it went on in the exemplar makes that one a word longer.
            lengths = {
                (number, position): lengths.get((number, position - 1), len(run) - 1) + 1
                for number, position in self._places[run]
            }
            shared.update({number for number, _ in lengths})
            for (number, _), length in lengths.items():
                longest[number] = max(longest[number], length)
        return {number: Copying(longest[number], count / len(text_runs)) for number, count in shared.items()}

    def _limit(self, texts: Sequence[Sequence[str]], lineages: Sequence[str]) -> Copying:
        """What pairs of exemplars share that do not come from one another, within floor and ceiling."""
        pairs = [
            copying
            for number, words in enumerate(texts)
            for other, copying in self._compare(words).items()
            if lineages[other] != lineages[number]
        ]
        of_one_lineage = sum(count**2 for count in Counter(lineages).values())
        allowed = (len(texts) ** 2 - of_one_lineage) // CHANCE_ONE_IN
        longest = sorted((pair.longest_words for pair in pairs), reverse=True)
        shares = sorted((pair.share for pair in pairs), reverse=True)
        return Copying(
            min(max([FLOOR.longest_words, *longest[allowed : allowed + 1]]), CEILING.longest_words),
            min(max([FLOOR.share, *shares[allowed : allowed + 1]]), CEILING.share),
        )
