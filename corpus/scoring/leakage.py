"""What a model may know of the notes that it is scored on: words, mentions and whole notes that its training had."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from corpus.documents import JsonObject
from corpus.recognition import Annotated
from corpus.scoring.novelty import surface, surfaces
from corpus.text.similarity import NGRAM_WORDS, near_duplicates, share, word_ngrams


@dataclass(frozen=True, slots=True)
class NoteLeakage:
    """Of one scored note: the share of its 8-grams that known notes have, and how many of its mentions."""

    id: str
    share: float
    ngrams: int
    mentions: int
    known_mentions: int


@dataclass(frozen=True, slots=True)
class NearDuplicate:
    """A scored note and a known one with at least half of the 8-grams of the shorter of the two in common."""

    note: str
    known: str
    containment: float


@dataclass(frozen=True, slots=True)
class Leakage:
    """What of the scored notes stands in the known ones: those trained on, and those shown to the LLM as examples.

    `shown` gives, for each training note that was written after scored notes as examples, the ids of these.
    """

    notes: Sequence[NoteLeakage]
    near_duplicates: Sequence[NearDuplicate]
    shown: Mapping[str, Sequence[str]]
    known: int

    @property
    def mean_share(self) -> float:
        """The mean over the scored notes; 0 of none."""
        return fmean(note.share for note in self.notes) if self.notes else 0.0

    @property
    def most(self) -> NoteLeakage | None:
        """The scored note of the largest share."""
        return max(self.notes, key=lambda note: (note.share, note.id), default=None)

    def to_json(self) -> JsonObject:
        """The part of the score document that stands under `leakage`, the notes of the largest share first."""
        return {
            "ngram_words": NGRAM_WORDS,
            "known_notes": self.known,
            "mean_share": self.mean_share,
            "max_share": self.most.share if self.most else 0.0,
            "notes": [
                {
                    "id": note.id,
                    "share": note.share,
                    "ngrams": note.ngrams,
                    "mentions": note.mentions,
                    "known_mentions": note.known_mentions,
                }
                for note in sorted(self.notes, key=lambda note: (-note.share, note.id))
            ],
            "near_duplicates": [
                {"note": pair.note, "known": pair.known, "containment": pair.containment}
                for pair in self.near_duplicates
            ],
            "shown_to_the_llm": {note: list(examples) for note, examples in self.shown.items()},
        }


def find_leakage(
    scored: Sequence[Annotated],
    trained: Sequence[Annotated],
    exemplars: Sequence[Annotated] = (),
    examples: Mapping[str, Sequence[str]] | None = None,
) -> Leakage:
    """What of the scored notes the training notes and the LLM's exemplars hold.

    `examples` gives the ids of the notes that the LLM was shown for a training note, where it wrote it. A note that is
    scored and trained on (or an exemplar) at once counts as known: its share is 1.
    """
    known = list({note.id: note for note in (*trained, *exemplars)}.values())
    of_scored = [word_ngrams(note.text) for note in scored]
    of_known = [word_ngrams(note.text) for note in known]
    ngrams = frozenset().union(*of_known)
    mentions = surfaces(known)
    notes = [
        NoteLeakage(
            note.id,
            share(own, ngrams),
            len(own),
            len(note.spans),
            sum(surface(note.text, span) in mentions for span in note.spans),
        )
        for note, own in zip(scored, of_scored, strict=True)
    ]
    pairs = [
        NearDuplicate(scored[pair.one].id, known[pair.other].id, pair.containment)
        for pair in near_duplicates(of_scored, of_known)
    ]
    tested = {note.id for note in scored}
    shown = {
        note.id: sorted(found) for note in trained if (found := tested.intersection((examples or {}).get(note.id, ())))
    }
    return Leakage(notes, pairs, shown, len(known))
