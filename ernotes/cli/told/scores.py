"""What is said of scores: the table, how sure it is, the errors, and what training knew."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.scoring.intervals import Interval, Intervals
from corpus.scoring.leakage import Leakage
from corpus.scoring.mistakes import ERRORS, Mistakes, Outcome
from corpus.scoring.scores import Score
from corpus.scoring.significance import Comparison, Verdict
from corpus.scoring.tables import Averages, Counts, ScoreTable

if TYPE_CHECKING:  # `score` needs no workspace, and loads none
    from ernotes.models.evaluation import Evaluation
    from ernotes.models.measuring import Compared, KnownInTraining, Measured, MeasuredFiles, MeasuredLlm
    from training.card import ValidationScores

FICTIONAL_NOTICE = "fictional notes: written for this project, by no physician"
OFFLINE_NOTICE = "annotated offline by rule: not an LLM's work"

_HEADINGS = f"{'P':>6} {'R':>6} {'F1':>6}"
_NO_FIGURES = f"{'-':>6} {'-':>6} {'-':>6}"


def tell_evaluation(evaluation: Evaluation, _folder: Path) -> str:
    """A model's score on the notes of a role, what was measured beside it, and how often these were looked at."""
    notice = f" ({FICTIONAL_NOTICE})" if evaluation.fictional else ""
    parts = [f"{evaluation.model} on {evaluation.notes} {evaluation.role} notes{notice}", tell_measured(evaluation)]
    if evaluation.known is not None:
        parts.append(tell_known(evaluation.known))
    if evaluation.llm:
        parts += ["", tell_llm(evaluation.llm), ""]
    if evaluation.comparison:
        parts.append(tell_comparison(evaluation.comparison))
    return "\n".join([*parts, f"looks at the {evaluation.role} notes so far: {evaluation.looks}"])


def tell_measured_files(measured: MeasuredFiles, _folder: Path) -> str:
    """The score of a notes file, and the verdict on it against another."""
    parts = [tell_measured(measured)]
    if missing := measured.notes_without_prediction:
        parts.append(
            f"{missing} of {measured.notes} gold notes have no prediction in {measured.predicted}: "
            "they count as found nothing"
        )
    if measured.comparison:
        parts.append(tell_comparison(measured.comparison))
    return "\n".join(parts)


def tell_measured(measured: Measured) -> str:
    """The table, the intervals and the errors."""
    score = measured.score
    parts = [tell_table(score), tell_intervals(score, measured.intervals), tell_mistakes(measured.errors)]
    if not score.exact.micro.support:
        parts.append("there is no gold mention in these notes: their figures say nothing about what the model misses")
    return "\n".join(parts)


def tell_known(known: KnownInTraining) -> str:
    """What training knew of the notes."""
    parts = [tell_novelty(known.seen, known.unseen), tell_leakage(known.leakage)]
    if both := known.exemplars_scored:
        parts.append(f"{len(both)} of these notes were exemplars too: the LLM that wrote notes here was shown them")
    return "\n".join(parts)


def tell_llm(measured: MeasuredLlm) -> str:
    """The LLM's own score, and what of its answers could not be used."""
    name = f"{measured.model} ({OFFLINE_NOTICE})" if measured.offline else measured.model
    return "\n".join(
        [
            f"{name} on the same {measured.notes} notes",
            tell_measured(measured),
            *set_aside_lines(Counter(measured.set_aside)),
            f"notes without a readable answer: {len(measured.unparsable)}",
        ]
    )


def set_aside_lines(set_aside: Counter[str]) -> list[str]:
    """What an LLM named that is not its note's, a line a reason."""
    return [f"  entities set aside: {count} × {reason}" for reason, count in set_aside.most_common()]


def tell_comparison(compared: Compared) -> str:
    """The verdict on the predictions against another's."""
    return tell_difference(compared.comparison, compared.against)


def tell_difference(comparison: Comparison, against: str) -> str:
    """The verdict on a model against another, and what it rests on."""
    verdict = comparison.micro.verdict
    lines = [f"{verdict} {'from' if verdict is Verdict.INDISTINGUISHABLE else 'than'} {against}"]
    rows = (("micro", comparison.micro), ("macro", comparison.macro))
    for name, found in rows:
        interval = f" [{found.interval.low:+.3f}, {found.interval.high:+.3f}]" if found.interval else ""
        lines.append(f"  exact {name} F1 {found.value:+.3f}{interval}, p = {found.p_value:.4f}: {found.verdict}")
    least = [f"{name} {found.detectable:.3f}" for name, found in rows if found.detectable is not None]
    shown = ", ".join(least) or "unknown"
    lines.append(f"  smallest difference that these {comparison.notes} notes could show (80 % power): {shown}")
    return "\n".join(lines)


def tell_validation_scores(scores: ValidationScores) -> str:
    """What the model card holds of them: the table, the intervals, the errors, and what was seen in training."""
    parts = [
        tell_table(scores.score),
        tell_intervals(scores.score, scores.intervals),
        tell_mistakes(scores.mistakes),
        tell_novelty(scores.seen, scores.unseen),
    ]
    return "\n\n".join(parts)


def tell_table(score: Score) -> str:
    """Precision, recall and F1 of each label."""
    exact, relaxed = score.exact, score.relaxed
    rows = [(str(label), counts, relaxed.per_label[label]) for label, counts in exact.per_label.items()]
    rows.append(("micro", exact.micro, relaxed.micro))
    width = max(len(name) for name, *_ in rows)
    heading = f"IoU >= {score.relaxed_iou:g}"
    lines = [
        f"{'':{width}}           {'exact':^20}   {heading:^20}".rstrip(),
        f"{'label':{width}}  support  {_HEADINGS}   {_HEADINGS}  confidence",
    ]
    for name, left, right in rows:
        shown = "-" if left.confidence is None else f"{left.confidence:.3f}"
        # 0/0 is 0, but a label that occurs nowhere did not fail
        both = (_figures(left), _figures(right)) if left.occurs else (_NO_FIGURES, _NO_FIGURES)
        lines.append(f"{name:{width}}  {left.support:7}  {both[0]}   {both[1]}  {shown:>10}")
    lines.append(f"{'macro':{width}}  {exact.macro.support:7}  {_figures(exact.macro)}   {_figures(relaxed.macro)}")
    kept = "the most confident Diagnóstico of each note" if score.diagnosis == "top1" else "every Diagnóstico"
    lines.append(f"{score.notes} notes; {kept} counts ({score.diagnoses_cut} predictions cut)")
    return "\n".join(lines)


def tell_intervals(score: Score, intervals: Intervals) -> str:
    """The F1 figures with their intervals."""
    exact, relaxed = score.exact, score.relaxed
    rows = [
        (str(label), exact.per_label[label].f1, row, relaxed.per_label[label].f1, intervals.relaxed.per_label[label])
        for label, row in intervals.exact.per_label.items()
    ]
    rows.append(("micro", exact.micro.f1, intervals.exact.micro, relaxed.micro.f1, intervals.relaxed.micro))
    rows.append(("macro", exact.macro.f1, intervals.exact.macro, relaxed.macro.f1, intervals.relaxed.macro))
    width = max(len(name) for name, *_ in rows)
    heading = f"F1, IoU >= {score.relaxed_iou:g}"
    lines = [f"{'95 % intervals':{width}}  {'F1, exact':^22}   {heading:^22}".rstrip()]
    for name, left, left_row, right, right_row in rows:
        lines.append(f"{name:{width}}  {_shown(left, left_row.f1)}   {_shown(right, right_row.f1)}".rstrip())
    return "\n".join(lines)


def tell_mistakes(mistakes: Mistakes) -> str:
    """The errors in two lines, the polarity flips on their own."""
    others = (outcome for outcome in ERRORS if outcome is not Outcome.POLARITY_FLIP)
    return "\n".join(
        [
            f"polarity flips: {mistakes.of(Outcome.POLARITY_FLIP)} "
            f"({mistakes.denials_called_allergies} denied allergies called allergies, "
            f"{mistakes.allergies_called_denials} allergies called denied)",
            f"other errors: {', '.join(f'{mistakes.of(outcome)} {outcome}' for outcome in others)}",
        ]
    )


def tell_novelty(seen: ScoreTable, unseen: ScoreTable) -> str:
    """The two figures in one line."""
    parts = []
    for name, micro in (("seen", seen.micro), ("unseen", unseen.micro)):
        figure = f"{micro.f1:.3f}" if micro.tp + micro.fp + micro.fn else "-"
        parts.append(f"{figure} on {micro.support} {name}")
    return f"exact micro F1 of mentions seen in training and not: {', '.join(parts)}"


def tell_leakage(leakage: Leakage) -> str:
    """What of the scored notes the training notes hold."""
    mentions = sum(note.mentions for note in leakage.notes)
    known = sum(note.known_mentions for note in leakage.notes)
    most = leakage.most
    line = f"leakage from {leakage.known} training notes and exemplars: {leakage.mean_share:.0%} of a note's 8-grams"
    lines = [line + (f" (at most {most.share:.0%}, note {most.id})" if most else "")]
    lines.append(
        f"  {known} of {mentions} mentions known, {len(leakage.near_duplicates)} near-duplicate pairs, "
        f"{len(leakage.shown)} training notes written after scored notes"
    )
    shown = Counter(example for examples in leakage.shown.values() for example in examples)
    lines += [
        f"  scored note {note} was an example for {count} training notes" for note, count in sorted(shown.items())
    ]
    return "\n".join(lines)


def _figures(row: Counts | Averages) -> str:
    return f"{row.precision:6.3f} {row.recall:6.3f} {row.f1:6.3f}"


def _shown(f1: float, interval: Interval | None) -> str:
    """A figure and its interval, 22 characters wide."""
    return f"{f1:.3f} {interval or '-'!s:16}"
