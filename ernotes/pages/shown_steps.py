"""What a page shows of the steps of a round, as they were stored."""

from collections.abc import Mapping
from dataclasses import dataclass

from ernotes.models.round_steps import Outlook
from ernotes.pages.shown import ShownComparison


@dataclass(frozen=True, slots=True)
class ShownFlips:
    """The polarity flips of the model that was judged, and of the one that it was judged against."""

    candidate: int
    incumbent: int


@dataclass(frozen=True, slots=True)
class ShownJudge:
    """What the judge said of the round's model."""

    verdict: str
    by: str | None
    candidate: str
    incumbent: str | None
    notes: int
    comparison: ShownComparison | None
    flips: ShownFlips | None
    promoted: bool
    reason: str


@dataclass(frozen=True, slots=True)
class ShownSelection:
    """How notes were chosen to be corrected, and which."""

    strategy: str
    budget: float
    unit: str
    selected: int
    audit: int
    nothing_found: int
    left_in_pool: int
    expected_seconds: float | None
    notes: tuple[str, ...] = ()
    audit_notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShownPrice:
    """What an accepted note took."""

    prompt_tokens: float
    completion_tokens: float
    cost: float | None


@dataclass(frozen=True, slots=True)
class ShownBill:
    """What the answers took; there is no cost where nothing has a price."""

    answers: int
    prompt_tokens: int
    completion_tokens: int
    cost: float | None
    per_accepted_note: ShownPrice | None


@dataclass(frozen=True, slots=True)
class ShownShare:
    """What a brief could ask for: how much of it came out wrong, and the weight that it got."""

    wrong: int
    seen: int
    weight: float


@dataclass(frozen=True, slots=True)
class ShownQuota:
    """How the notes were shared out; without errors to go by evenly, and that is all."""

    source: str
    notes: int = 0
    specialties: Mapping[str, ShownShare] | None = None
    allergies: Mapping[str, ShownShare] | None = None


@dataclass(frozen=True, slots=True)
class ShownWriting:
    """How notes were written, and what was refused; an early round does not say how they were shared out."""

    asked_for: int
    accepted: int
    outcomes: Mapping[str, int]
    judged_answers: int
    refused_answers: Mapping[str, int]
    repaired: int
    bill: ShownBill
    offline: bool
    quota: ShownQuota | None = None


@dataclass(frozen=True, slots=True)
class ShownSteps:
    """The steps of a round that a page shows, of which an earlier round lacks some."""

    generate: ShownWriting | None = None
    select: ShownSelection | None = None
    judge: ShownJudge | None = None
    outlook: Outlook | None = None
