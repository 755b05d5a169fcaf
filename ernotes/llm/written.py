"""What `generate` ends with: how many notes there are, what each gate refused, and what it all cost."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from corpus.store.batches import Batch, BriefState
from corpus.workspace import Workspace
from ernotes.result import Result
from generation.writing.run import WritingReport

OFFLINE_NOTICE = "written offline by rule: not an LLM's work"


def tell_written(workspace: Workspace, batch: Batch, report: WritingReport) -> Result:
    """The run's figures, with the whole batch's outcomes, tokens and cost, which earlier runs may have begun."""
    batches = workspace.store.batches
    outcomes = batches.outcomes(batch)
    accepted = outcomes.get(BriefState.ACCEPTED, 0)
    bill = _bill(batches.usage(batch), batches.spent(batch), accepted)
    offline = workspace.config.endpoint.is_embedded
    document = {
        "batch": batch.id,
        "asked_for": batch.size,
        "accepted": accepted,
        "outcomes": outcomes,
        "judged_answers": report.accepted + report.refused.total(),
        "refused_answers": dict(report.refused.most_common()),
        "repaired": report.repaired,
        "unanswered": report.unanswered,
        "stopped": report.stopped,
        "requests": report.requests,
        "cached": report.cached,
        "retries": report.retries,
        "usage": dict(report.usage),
        "bill": bill,
        "offline": offline,
    }
    lines = [f"{accepted} of {batch.size} notes accepted" + (f" ({OFFLINE_NOTICE})" if offline else "")]
    lines += [f"  briefs given up: {count} × {reason}" for reason, count in report.rejected.most_common()]
    if report.repaired:
        lines.append(f"  {report.repaired} notes accepted after a turn that named what was wrong")
    if report.unanswered:
        lines.append(f"  {report.unanswered} briefs have no answer yet: run the command again")
    if report.stopped:
        lines.append(f"  {batches.waiting(batch)} briefs wait: {report.stopped}")
    lines.append(f"  {report.requests} requests, {report.retries} retries, {report.cached} answers from the store")
    lines += _bill_lines(bill)
    lines += _table(report)
    return Result(document, "\n".join(lines))


def _bill(usage: Counter[str], spent: float | None, accepted: int) -> Mapping[str, Any]:
    """Tokens and cost of the batch, in all and by accepted note; `cost` is null where nothing has a price."""
    each = 1 / accepted if accepted else None
    tokens = {name: usage[name] for name in ("prompt_tokens", "completion_tokens")}
    return {
        "answers": usage["completions"],
        **tokens,
        "cost": spent,
        "per_accepted_note": None
        if each is None
        else {
            **{name: count * each for name, count in tokens.items()},
            "cost": None if spent is None else spent * each,
        },
    }


def _bill_lines(bill: Mapping[str, Any]) -> list[str]:
    each = bill["per_accepted_note"]
    line = f"  tokens: {bill['prompt_tokens']} of prompts, {bill['completion_tokens']} of answers"
    if each:
        line += f" ({each['prompt_tokens']:.0f} and {each['completion_tokens']:.0f} an accepted note)"
    lines = [line]
    if bill["cost"] is not None:
        lines.append(f"  cost: {bill['cost']:.4f}" + (f" ({each['cost']:.5f} an accepted note)" if each else ""))
    return lines


def _table(report: WritingReport) -> list[str]:
    """What the gates refused, by reason; the share is of the answers judged."""
    refused, judged = report.refused.most_common(), report.accepted + report.refused.total()
    if not refused:
        return [f"  gates: all {judged} answers passed"] if judged else []
    width = max(len(reason) for reason, _ in refused)
    lines = [f"  gates: {report.refused.total()} of {judged} answers refused"]
    return lines + [f"    {reason:<{width}}  {count:>5}  {count / judged:>4.0%}" for reason, count in refused]
