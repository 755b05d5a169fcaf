"""What is said of notes that an LLM wrote, is to write, or annotated."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from ernotes.cli.told.scores import OFFLINE_NOTICE as ANNOTATED_OFFLINE
from ernotes.cli.told.scores import set_aside_lines
from ernotes.llm.annotating import PreannotatedByLlm
from ernotes.llm.learning_quota import ErrorShare, SharedOut
from ernotes.llm.rehearsal import Rehearsed
from ernotes.llm.written import Bill, Written

OFFLINE_NOTICE = "written offline by rule: not an LLM's work"


def tell_written(written: Written, _folder: Path) -> str:
    """How many notes there are, what each gate refused, and what it all cost."""
    notice = f" ({OFFLINE_NOTICE})" if written.offline else ""
    lines = [f"{written.accepted} of {written.asked_for} notes accepted{notice}"]
    lines += [f"  briefs given up: {count} × {reason}" for reason, count in written.given_up]
    if written.repaired:
        lines.append(f"  {written.repaired} notes accepted after a turn that named what was wrong")
    if written.unanswered:
        lines.append(f"  {written.unanswered} briefs have no answer yet: run the command again")
    if written.stopped:
        lines.append(f"  {written.waiting} briefs wait: {written.stopped}")
    lines.append(f"  {written.requests} requests, {written.retries} retries, {written.cached} answers from the store")
    return "\n".join(
        [*lines, *_bill_lines(written.bill), *_gate_lines(written.refused_answers, written.judged_answers)]
    )


def tell_shared_out(shared_out: SharedOut, _folder: Path) -> str:
    """By what weights the notes are shared out, and why."""
    if shared_out.specialties is None or shared_out.allergies is None:
        return f"notes are spread evenly: {shared_out.reason}"
    return "\n".join(
        [
            f"quotas from the {shared_out.reason} ({shared_out.without_specialty} without specialty):",
            *_share_lines(shared_out.specialties, "mentions"),
            *_share_lines(shared_out.allergies, "notes"),
            f"  {shared_out.long_regimens:.0%} of briefs with long regimens (boundary errors of usual medication)",
        ]
    )


def tell_rehearsed(rehearsed: Rehearsed, _folder: Path) -> str:
    """The prompts, and what the order would take."""
    lines = []
    if shown := rehearsed.patient_notes_shown:
        lines.append(f"these prompts show {len(shown)} notes marked 'patient': keep what is printed here to yourself")
    for number, messages in enumerate(rehearsed.prompts, 1):
        for message in messages:
            lines += [f"--- prompt {number}, {message.role}", message.content]
    lines += [
        "---",
        f"a dry run: nothing was sent or stored. {rehearsed.notes} notes would take, with one answer each,",
        f"  about {rehearsed.prompt_tokens} tokens of prompts ({rehearsed.characters_per_token:g} characters a token)",
        f"  about {rehearsed.completion_tokens} tokens of answers (notes as long as an exemplar), at most "
        f"{rehearsed.most_completion_tokens} (endpoint.max_tokens)",
    ]
    if rehearsed.cost is None:
        lines.append("  cost: unknown (set endpoint.input_price_per_million and output_price_per_million)")
    else:
        lines.append(f"  cost: about {rehearsed.cost:.4f}, at most {rehearsed.most_cost:.4f}")
    lines.append("  what is mended, asked for anew or tried again comes on top; a budget bounds it (--budget)")
    return "\n".join(lines)


def tell_preannotated_by_llm(done: PreannotatedByLlm, _folder: Path) -> str:
    """How many notes the LLM annotated, what of its answers could not be used, and what it took."""
    name = f"{done.model} ({ANNOTATED_OFFLINE})" if done.offline else done.model
    lines = [f"{done.notes} pool notes pre-annotated by {name}: {done.mentions} mentions"]
    lines += set_aside_lines(Counter(done.set_aside))
    if done.unparsable:
        lines.append(f"  {len(done.unparsable)} notes without a readable answer: {', '.join(done.unparsable)}")
    if done.unanswered:
        lines.append(f"  {done.unanswered} notes have no answer yet: run the command again")
    if not done.json_schema:
        lines.append("  the server takes no JSON schema: it was asked plainly")
    cost = f", cost {done.cost:.4g}" if done.cost is not None else ""
    lines.append(f"  {done.requests} requests, {done.retries} retries, {done.cached} answers from the store{cost}")
    return "\n".join(lines)


def _share_lines(shares: Mapping[str, ErrorShare], what: str) -> list[str]:
    return [
        f"  {share.weight:.2f}  {name}: {share.wrong} of {share.seen} {what} wrong" for name, share in shares.items()
    ]


def _bill_lines(bill: Bill) -> list[str]:
    each = bill.per_accepted_note
    line = f"  tokens: {bill.prompt_tokens} of prompts, {bill.completion_tokens} of answers"
    if each:
        line += f" ({each.prompt_tokens:.0f} and {each.completion_tokens:.0f} an accepted note)"
    lines = [line]
    if bill.cost is not None:
        lines.append(f"  cost: {bill.cost:.4f}" + (f" ({each.cost:.5f} an accepted note)" if each else ""))
    return lines


def _gate_lines(refused: Mapping[str, int], judged: int) -> list[str]:
    """What the gates refused, by reason; the share is of the answers judged."""
    if not refused:
        return [f"  gates: all {judged} answers passed"] if judged else []
    width = max(len(reason) for reason in refused)
    lines = [f"  gates: {sum(refused.values())} of {judged} answers refused"]
    return lines + [f"    {reason:<{width}}  {count:>5}  {count / judged:>4.0%}" for reason, count in refused.items()]
