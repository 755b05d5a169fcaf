"""What `generate` ends with: how many notes there are, what each gate refused, and what it all cost."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from corpus.documents import aside
from corpus.store.batches import Batch, BriefState
from corpus.workspace import Workspace
from ernotes.llm.learning_quota import SharedOut
from generation.writing.run import WritingReport


@dataclass(frozen=True, slots=True)
class NotePrice:
    """What an accepted note took on the average; `cost` is None where nothing has a price."""

    prompt_tokens: float
    completion_tokens: float
    cost: float | None


@dataclass(frozen=True, slots=True)
class Bill:
    """Answers, tokens and cost of a batch; `cost` is None where nothing has a price."""

    answers: int
    prompt_tokens: int
    completion_tokens: int
    cost: float | None
    per_accepted_note: NotePrice | None


@dataclass(frozen=True, slots=True)
class Written:
    """A run's figures, with the whole batch's outcomes, tokens and cost, which earlier runs may have begun.

    `given_up` counts the run's briefs that came to nothing, by reason; `waiting` those of the batch that it left.
    """

    batch: int
    asked_for: int
    accepted: int
    outcomes: Mapping[str, int]
    judged_answers: int
    refused_answers: Mapping[str, int]
    repaired: int
    unanswered: int
    stopped: str
    requests: int
    cached: int
    retries: int
    usage: Mapping[str, int]
    bill: Bill
    offline: bool
    given_up: Sequence[tuple[str, int]] = aside(())
    waiting: int = aside(0)


@dataclass(frozen=True, slots=True)
class WrittenInRound(Written):
    """The same of a round's batch, with how its notes were shared out; None for a batch of a time without that."""

    quota: SharedOut | None = None


def what_was_written(workspace: Workspace, batch: Batch, report: WritingReport) -> Written:
    """The figures of a run that ended so."""
    batches = workspace.store.batches
    outcomes = batches.outcomes(batch)
    accepted = outcomes.get(BriefState.ACCEPTED, 0)
    return Written(
        batch=batch.id,
        asked_for=batch.size,
        accepted=accepted,
        outcomes=outcomes,
        judged_answers=report.accepted + report.refused.total(),
        refused_answers=dict(report.refused.most_common()),
        repaired=report.repaired,
        unanswered=report.unanswered,
        stopped=report.stopped,
        requests=report.requests,
        cached=report.cached,
        retries=report.retries,
        usage=report.usage,
        bill=_bill(batches.usage(batch), batches.spent(batch), accepted),
        offline=workspace.config.endpoint.is_embedded,
        given_up=report.rejected.most_common(),
        waiting=batches.waiting(batch),
    )


def _bill(usage: Counter[str], spent: float | None, accepted: int) -> Bill:
    prompts, completions = usage["prompt_tokens"], usage["completion_tokens"]
    price = None
    if accepted:
        each = 1 / accepted
        price = NotePrice(prompts * each, completions * each, None if spent is None else spent * each)
    return Bill(usage["completions"], prompts, completions, spent, price)
