"""What is said of the steps of a round: what was chosen, the verdict, the outlook."""

from pathlib import Path

from corpus.config.strategy import Strategy
from ernotes.cli.told.scores import tell_difference
from ernotes.cli.told.status import outlook_lines
from ernotes.console import lasting, program
from ernotes.models.round_steps import Outlook
from ernotes.rounds.selection import SelectionMade
from ernotes.rounds.verdict import PromotionReason, RoundVerdict


def tell_selection(made: SelectionMade, _folder: Path) -> str:
    """How many notes were chosen, by what, and how long they will probably take."""
    lines = [
        f"{made.selected} of {made.selected + made.left_in_pool} pool notes chosen to be corrected next "
        f"({made.strategy}; {made.budget:g} {made.unit}); {made.left_in_pool} stay in the pool"
    ]
    if made.blind:
        lines.append("  by chance: no recogniser has said yet how sure it is of them")
    elif made.strategy is not Strategy.RANDOM:
        lines.append(f"  {made.audit} of them by chance, as an audit; in {made.nothing_found} nothing was found")
    if made.expected_seconds:
        why = " (a guess: few corrections have been timed yet)" if made.guessed else ""
        lines.append(f"  correcting them will probably take {lasting(made.expected_seconds)}{why}")
    return "\n".join(lines)


def tell_judged(judged: RoundVerdict, folder: Path) -> str:
    """The verdict with its figures, and which model is current now."""
    candidate, incumbent = judged.candidate, judged.incumbent
    lines = []
    if judged.comparison is not None and judged.flips is not None:
        verdict, *figures = tell_difference(judged.comparison, str(incumbent)).splitlines()
        lines = [
            f"{candidate} is {verdict}, by {judged.by}",
            *figures,
            f"  polarity flips: {judged.flips.candidate}, and {judged.flips.incumbent} of {incumbent}",
        ]
    if not judged.promoted:
        lines += [
            f"{incumbent} stays the current model ({judged.reason}); to decide otherwise:",
            f"  {program(folder)} promote {candidate}",
        ]
        return "\n".join(lines)
    why = {
        PromotionReason.FIRST: "the first one",
        PromotionReason.SAME: "it was before: nothing that training knows has changed",
        PromotionReason.NOT_WORSE: "not worse, and no more polarity flips",
        PromotionReason.TOO_FEW: f"not judged against {incumbent}: {PromotionReason.TOO_FEW}",
    }
    return "\n".join([*lines, f"{candidate} is the current model ({why.get(judged.reason, judged.reason)})"])


def tell_outlook(outlook: Outlook, _folder: Path) -> str:
    """What more notes would bring, and whether one may stop."""
    return "\n".join(outlook_lines(outlook))
