"""What an answer must pass to become a note: its form, nobody's data, European Portuguese, no copy, not there yet."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from corpus.note import Note
from corpus.text.signatures import Signature, SignatureIndex, sign
from corpus.text.similarity import runs, split_words
from generation.gates.answer import GATES, check_note
from generation.gates.copies import ExemplarPassages
from generation.gates.personal import KINDS, find_personal
from generation.gates.variety import weigh_varieties

__all__ = ["CHECKS", "GATES", "Gates", "Inspection", "check_note"]

BRAZILIAN = "Brazilian Portuguese"
LONG_COPY = "copies a passage of an exemplar"
MUCH_COPIED = "copies much of an exemplar"
NEARLY_ANOTHER = "nearly another note"

CHECKS: tuple[str, ...] = (*(gate.reason for gate in GATES), *KINDS, BRAZILIAN, LONG_COPY, MUCH_COPIED, NEARLY_ANOTHER)
"""Every reason, in the order in which the gates are asked: what costs least comes first. None holds a note's words."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """Why an answer is refused ('' where it is not), and what was measured until then, as JSON for the provenance."""

    reason: str
    figures: Mapping[str, float] = field(default_factory=dict)
    signature: Signature | None = None


class Gates:
    """The gates of one run: they know the exemplars, and every note that a new one must not repeat."""

    def __init__(self, passages: ExemplarPassages, known: SignatureIndex) -> None:
        """Use `of`."""
        self._passages = passages
        self._known = known

    @classmethod
    def of(cls, exemplars: Sequence[Note], known: Iterable[tuple[str, str]] = ()) -> Self:
        """The gates for notes written after any of these exemplars; `known` are (id, text), read once and not kept."""
        return cls(ExemplarPassages(exemplars), SignatureIndex(known))

    def judge(self, text: str, finish_reason: str, twin_of: str = "") -> Inspection:
        """Whether the answer passes. It may resemble the note `twin_of`, whose counterfactual it is."""
        refused = check_note(text, finish_reason) or find_personal(text)
        if refused:
            return Inspection(refused)
        evidence = weigh_varieties(text)
        figures: dict[str, float] = {"european_portuguese": round(evidence.score, 3)}
        if evidence.is_brazilian:
            return Inspection(BRAZILIAN, figures)
        words = split_words(text)
        copied, limit = self._passages.measure(words), self._passages.limit
        figures |= {"longest_copy_words": copied.longest_words, "copied_share": round(copied.share, 4)}
        if copied.longest_words > limit.longest_words:
            return Inspection(LONG_COPY, figures)
        if copied.share > limit.share:
            return Inspection(MUCH_COPIED, figures)
        signature = sign(frozenset(runs(words)))
        nearest = self._known.nearest(signature, but_for=twin_of)
        figures["nearest_containment"] = round(nearest.containment, 3) if nearest else 0.0
        return Inspection(NEARLY_ANOTHER if nearest and nearest.is_near else "", figures, signature)

    def admit(self, note_id: str, inspection: Inspection) -> None:
        """Compare what comes later with the note of this inspection too."""
        if inspection.signature is not None:
            self._known.add(note_id, inspection.signature)
