"""Which notes are corrected next: one function behind which all strategies stand."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Literal

from annotation.selection.candidates import Candidate
from annotation.selection.pace import GUESSED, Pace
from annotation.selection.ranking import rank
from corpus.config.settings import SelectionConfig
from corpus.config.strategy import Strategy

Unit = Literal["notes", "tokens", "seconds"]


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much may be chosen: notes, words to read (`tokens`), or the seconds that correcting will probably take."""

    amount: float
    unit: Unit = "notes"


@dataclass(frozen=True, slots=True)
class Selection:
    """The ids of the notes to correct next, in the order in which they were chosen; the budget is never exceeded.

    `audit` are those among them that were drawn by chance, and `nothing_found` those in which the recogniser found
    nothing. `left` counts the candidates that were not chosen, `expected_seconds` is for all chosen notes together.
    """

    ids: tuple[str, ...]
    audit: tuple[str, ...]
    nothing_found: tuple[str, ...]
    left: int
    expected_seconds: float


def select(
    candidates: Sequence[Candidate],
    budget: Allowance,
    config: SelectionConfig,
    seed: int,
    *,
    known: Sequence[str] = (),
    pace: Pace = GUESSED,
) -> Selection:
    """The notes to correct next, by the strategy of the configuration; `known` are the texts annotated already.

    First comes the audit, drawn by chance. A note in which nothing was found is not certain: a recogniser is silent
    about what it has never met, and its figures are then those of the words around. So such notes are not ranked with
    the others: they get the share of the budget that they have among the candidates, and chance says which. The
    strategy ranks the rest, and where these run out the budget goes to notes in which nothing was found. A note that
    is dearer than what is left of the budget is passed over. The same candidates, in any order, and seed give the same
    selection. Raises ModelError where the strategy compares recognisers and a candidate comes without a committee.
    """
    shuffled = sorted(candidates, key=lambda candidate: candidate.id)
    random.Random(seed).shuffle(shuffled)
    purse = _Purse(budget, pace, candidates)
    audit = purse.spend(shuffled, budget.amount * config.audit_share)
    others = _without(shuffled, audit)
    if config.strategy is Strategy.RANDOM:
        chosen = audit + purse.spend(others, purse.left)
    else:
        silent = [candidate for candidate in others if candidate.nothing_found]
        blind = purse.spend(silent, purse.left * len(silent) / max(len(others), 1))
        ranked = rank([candidate for candidate in others if not candidate.nothing_found], config, known)
        chosen = audit + blind + purse.spend(chain(ranked, _without(silent, blind)), purse.left)
    return Selection(
        ids=tuple(candidate.id for candidate in chosen),
        audit=tuple(candidate.id for candidate in audit),
        nothing_found=tuple(candidate.id for candidate in chosen if candidate.nothing_found),
        left=len(candidates) - len(chosen),
        expected_seconds=sum(map(pace.expected_seconds, chosen)),
    )


def _without(candidates: Sequence[Candidate], taken: Sequence[Candidate]) -> list[Candidate]:
    gone = {candidate.id for candidate in taken}
    return [candidate for candidate in candidates if candidate.id not in gone]


class _Purse:
    """What is left of a budget."""

    def __init__(self, budget: Allowance, pace: Pace, candidates: Sequence[Candidate]) -> None:
        self._unit = budget.unit
        self._pace = pace
        self._cheapest = min(map(self._price, candidates), default=0.0)
        self.left = budget.amount

    def spend(self, order: Iterable[Candidate], limit: float) -> list[Candidate]:
        """The candidates in their order as far as they fit into the limit; what is too dear is passed over."""
        taken = []
        for candidate in order:
            price = self._price(candidate)
            if price <= limit:
                taken.append(candidate)
                limit -= price
                self.left -= price
            if limit < self._cheapest:
                break  # the rest need not be ranked
        return taken

    def _price(self, candidate: Candidate) -> float:
        match self._unit:
            case "notes":
                return 1.0
            case "tokens":
                return float(candidate.words)
            case "seconds":
                return self._pace.expected_seconds(candidate)
