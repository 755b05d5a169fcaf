"""What is said of a workspace: what it holds, its last verdict and outlook; `status` waits for nothing heavy here."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from ernotes.cli.told.corrections import tell_ledger
from ernotes.models.round_steps import JudgeStep, Outlook
from ernotes.rounds.status import Overview


def verdict_lines(judge: JudgeStep) -> list[str]:
    """What the judge of a round said of its model and what came of it, in short."""
    if not judge.comparison:
        why = {"first": "it is the first model", "same model": "it is the model that was there before"}
        return [f"{judge.candidate} was not compared: {why.get(judge.reason, judge.reason)}"]
    micro = judge.comparison.micro
    than = "from" if judge.verdict == "indistinguishable" else "than"
    least = f" ({micro.detectable:.3f} is shown four times in five)" if micro.detectable is not None else ""
    came_of_it = f"it took over from {judge.incumbent}"
    if not judge.promoted:
        came_of_it = f"it did not take over ({judge.reason}); 'promote {judge.candidate}' would decide otherwise"
    return [
        f"{judge.candidate} is {judge.verdict} {than} {judge.incumbent}, by {judge.by} on {judge.notes} notes",
        f"  exact micro F1 {micro.difference:+.3f}{least}; {came_of_it}",
    ]


def outlook_lines(outlook: Outlook) -> list[str]:
    """A round's outlook as lines."""
    lines = []
    if curve := outlook.curve:
        low, high = curve.interval
        lines.append(
            f"another {curve.more_notes} notes would probably bring {curve.gain:+.3f} micro F1 "
            f"(80 %: {low:.3f} to {high:.3f})"
        )
        least, most = curve.measured
        lines.append(f"the {curve.scored} validation notes would then show {least:+.3f} to {most:+.3f} (80 %)")
    if stability := outlook.stability:
        lines.append(
            f"agreement with {stability.against}: kappa {stability.kappa:.3f} over the tokens of "
            f"{stability.notes} notes"
        )
    return [*lines, outlook.reason]


def tell_overview(found: Overview, _folder: Path) -> str:
    """The state of the workspace."""
    return "\n".join([*_held(found), *_scored(found), *_said_of_rounds(found), *_corrected(found), "", _next(found)])


def _held(found: Overview) -> Iterator[str]:
    offline = " (offline: notes are written by rule, not by an LLM)" if found.offline else ""
    yield from (f"workspace {found.workspace}{offline}", "", "role        notes  annotated")
    for role, counts in found.notes.items():
        fictional = f"  ({counts.fictional} fictional)" if counts.fictional else ""
        yield f"{role:<10} {counts.notes:>6} {counts.annotated:>10}{fictional}"
    if found.briefs:
        yield from ("", "briefs: " + _counted(found.briefs))
    if found.authors:
        simulated = " (the SIMULATED annotator's count as human)" if found.simulated_annotator else ""
        yield f"span sets: {_counted(found.authors)}{simulated}"


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {what}" for what, count in counts.items())


def _scored(found: Overview) -> Iterator[str]:
    if model := found.current_model:
        yield from ("", f"current model: {model.version} (trained on {model.trained_on} notes)")
    for score in found.scores[-5:]:
        fictional = ", fictional notes" if score.fictional else ""
        where = f"round {score.round}, " if score.round else ""
        yield (
            f"  {where}{score.model} on {score.role}{fictional}: "
            f"exact F1 micro {score.micro_f1:.3f}, macro {score.macro_f1:.3f}"
        )
    yield f"looks at the test notes so far: {found.test_looks}"


def _said_of_rounds(found: Overview) -> Iterator[str]:
    if judged := found.last_judged:
        yield from ("", f"verdict of round {judged.round}:", *(f"  {line}" for line in verdict_lines(judged.said)))
    if outlook := found.outlook:
        yield from ("", f"outlook after round {outlook.round}:", *(f"  {line}" for line in outlook_lines(outlook.said)))


def _corrected(found: Overview) -> Iterator[str]:
    if found.waiting_for_correction:
        yield f"pushed, and not corrected as far as we pulled: {found.waiting_for_correction}"
    if found.corrections.rounds():
        yield from ("", "corrections:", *tell_ledger(found.corrections))
    for note_id, annotator, reason in found.corrections.quarantined:
        yield f"  quarantined: note {note_id}, by {annotator}: region {reason}"


def _next(found: Overview) -> str:
    return f"next: {found.next}"
