"""The correction ledger: what annotators made of the pre-annotations that they began from, and what that cost them.

It compares the pre-annotation that we stored with what came back, since the server's own record of it is that of the
model that was current when the note was submitted, not of the one that was shown.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from corpus.documents import JsonObject
from corpus.labels import Label
from corpus.note import AuthorKind, Span
from corpus.scoring.mistakes import Mention, Outcome, compare_spans
from corpus.store import Store
from corpus.store.spans import SpanSet

SIMULATED = "simulated-annotator@ernotes.local"
"""The name of the annotator who is none: how long it takes says nothing of people, and is not counted."""


class Action(StrEnum):
    """What became of a mention."""

    ACCEPTED = "accepted"
    MOVED = "boundary changed"
    RELABELLED = "relabelled"
    RELABELLED_AND_MOVED = "relabelled, boundary changed"
    DELETED = "deleted"
    ADDED = "added"


EFFORT = {Action.ACCEPTED: 0, Action.RELABELLED_AND_MOVED: 2}
"""How many things a person does for it on the page, where that is not one."""


@dataclass(slots=True)
class Work:
    """The work of one annotator in one round. `seconds` is the time on the page of the `timed` notes among `notes`."""

    notes: int = 0
    pre_annotated: int = 0
    """Notes that were not begun from an empty page."""
    timed: int = 0
    seconds: float = 0.0
    mentions: int = 0
    """Mentions that came back: what an empty page would have cost in actions."""
    actions: dict[Label, Counter[Action]] = field(default_factory=lambda: {label: Counter() for label in Label})

    @property
    def effort(self) -> int:
        """Correction actions: each boundary moved, label changed, mention deleted or added."""
        return sum(EFFORT.get(action, 1) * count for row in self.actions.values() for action, count in row.items())

    @property
    def actions_per_100_mentions(self) -> float | None:
        """What an empty page would have cost 100 of; None without a mention."""
        return round(100 * self.effort / self.mentions, 1) if self.mentions else None

    @property
    def seconds_per_note(self) -> float | None:
        """The mean time on the page; None where no note was timed."""
        return round(self.seconds / self.timed, 1) if self.timed else None

    def add(self, other: "Work") -> None:
        """Count another's work along."""
        self.notes += other.notes
        self.pre_annotated += other.pre_annotated
        self.timed += other.timed
        self.seconds += other.seconds
        self.mentions += other.mentions
        for label, row in other.actions.items():
            self.actions[label].update(row)

    def to_json(self) -> JsonObject:
        """The figures as JSON values; rates are null where there is nothing to divide by."""
        return {
            "notes": self.notes,
            "pre_annotated": self.pre_annotated,
            "seconds_per_note": self.seconds_per_note,
            "mentions": self.mentions,
            "actions": self.effort,
            "actions_per_100_mentions": self.actions_per_100_mentions,
            "actions_from_an_empty_page": self.mentions,
            "per_label": {
                str(label): {str(action): row[action] for action in Action} for label, row in self.actions.items()
            },
        }


@dataclass(frozen=True, slots=True)
class Ledger:
    """The work by round (None: notes of no round) and annotator.

    `quarantined` are regions that could not be proved when they came, as (note id, annotator, reason).
    """

    work: Mapping[tuple[int | None, str], Work]
    quarantined: Sequence[tuple[str, str, str]] = ()

    @property
    def whole(self) -> Work:
        """All work together."""
        return _together(self.work.values())

    def of_round(self, number: int | None) -> Work:
        """The work of all annotators in one round."""
        return _together(work for (own, _), work in self.work.items() if own == number)

    def annotators(self, number: int | None) -> dict[str, Work]:
        """The work in one round by annotator."""
        return {who: work for (own, who), work in self.work.items() if own == number}

    def rounds(self) -> list[int | None]:
        """The rounds in order, the notes of none last."""
        return sorted({number for number, _ in self.work}, key=lambda number: (number is None, number or 0))

    def to_json(self) -> JsonObject:
        """The ledger as JSON values."""
        return {
            "whole": self.whole.to_json(),
            "rounds": [
                {
                    "round": number,
                    **self.of_round(number).to_json(),
                    "annotators": {who: work.to_json() for who, work in self.annotators(number).items()},
                }
                for number in self.rounds()
            ],
            "quarantined": [
                {"note": note_id, "annotator": name, "reason": reason} for note_id, name, reason in self.quarantined
            ],
        }


@dataclass(frozen=True, slots=True)
class Correction:
    """What one annotator's newest correction of one note took.

    `shown` is what it began from, None for an empty page.
    """

    note_id: str
    annotator: str
    work: Work
    shown: SpanSet | None = None
    quarantined: Sequence[str] = ()


def corrections(store: Store) -> Iterator[Correction]:
    """All corrections that stand in the store: each annotator's newest of each note."""
    pre_annotations = _PreAnnotations(store)
    for name in store.spans.author_names(AuthorKind.HUMAN):
        for note_id, said in store.spans.of_author(AuthorKind.HUMAN, name).items():
            if said.spans is not None:
                shown = pre_annotations.of(said)
                seconds = None if name == SIMULATED else said.detail.get("lead_time_seconds")
                work = work_of(said.spans, None if shown is None else shown.spans, seconds)
                quarantined = [item["reason"] for item in said.detail.get("quarantined", ())]
                yield Correction(note_id, name, work, shown, quarantined)


def correction_ledger(store: Store) -> Ledger:
    """What the store knows of all corrections that stand, added up."""
    # A note that its own round left in the pool belongs to the round that chose it.
    rounds = store.batches.rounds_of_notes() | store.rounds.chosen()
    work: defaultdict[tuple[int | None, str], Work] = defaultdict(Work)
    quarantined: list[tuple[str, str, str]] = []
    for one in corrections(store):
        work[rounds.get(one.note_id), one.annotator].add(one.work)
        quarantined += [(one.note_id, one.annotator, reason) for reason in one.quarantined]
    return Ledger(dict(work), quarantined)


def _together(works: Iterable[Work]) -> Work:
    whole = Work()
    for work in works:
        whole.add(work)
    return whole


def work_of(after: Sequence[Span], before: Sequence[Span] | None, seconds: float | None = None) -> Work:
    """What one correction of one note took; `before` is None for an empty page, `seconds` where they are unknown."""
    work = Work(notes=1, pre_annotated=int(before is not None), mentions=len(after))
    if seconds is not None:
        work.timed, work.seconds = 1, seconds
    for label, action in _actions(after, before or ()):
        work.actions[label][action] += 1
    return work


def _actions(after: Sequence[Span], before: Sequence[Span]) -> Iterator[tuple[Label, Action]]:
    """Each mention's label, after the correction where it is still there, and what was done to it."""
    for mention in compare_spans(after, before):
        yield mention.label, _action(mention)


def _action(mention: Mention) -> Action:
    after, before = mention.gold, mention.predicted
    if before is None:
        return Action.ADDED
    if after is None:
        return Action.DELETED
    if mention.outcome is Outcome.CORRECT:
        return Action.ACCEPTED
    if mention.outcome is Outcome.BOUNDARY:
        return Action.MOVED
    return Action.RELABELLED if (after.start, after.end) == (before.start, before.end) else Action.RELABELLED_AND_MOVED


class _PreAnnotations:
    """What was shown for each note, by who made it; read once for each maker."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, Mapping[str, SpanSet]] = {}

    def of(self, said: SpanSet) -> SpanSet | None:
        """What the annotator began from, None for an empty page."""
        name = said.detail.get("pre_annotated_by")
        if not name:
            return None
        if name not in self._known:
            by_llm = self._store.spans.of_author(AuthorKind.LLM, name)
            self._known[name] = {**by_llm, **self._store.spans.of_author(AuthorKind.MODEL, name)}
        return self._known[name].get(said.note_id)
