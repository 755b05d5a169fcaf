"""A simulation's figures, and the HTML page that draws its curves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor

from annotation.selection.pace import Pace
from corpus.config.strategy import Strategy
from ernotes.pages.drawing import Frame, Plot, Reading, plot_lines
from ernotes.pages.page import page_environment
from ernotes.simulation.cost import UNITS, Estimate, StrategyFigures

SHOWN_UNITS = {"notes": "notes", "mentions": "mentions", "actions": "correction actions", "seconds": "minutes"}
"""What people are told of each unit; seconds are shown as minutes."""

_FRAME = Frame(width=416)  # room for thousands at the end of the x axis


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationFigures:
    """What was replayed, and what each strategy's learning cost; `full` is the F1 of a model of the whole pool."""

    simulated: bool = True
    notes: int
    scored_notes: int
    folds: int
    pool_notes: float
    seeds: int
    start: int
    batch: int
    max_notes: int | None
    until_reached: bool
    within: float
    pace: Pace
    full: Estimate | None
    strategies: Mapping[str, StrategyFigures]


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated(SimulationFigures):
    """A simulation's figures, who learnt, where they are kept, and what a reader must know of the notes."""

    learner: str
    steps: int
    folder: str
    notices: Sequence[str]


def scored_by(document: SimulationFigures) -> str:
    """How the scores came about, in words."""
    if document.folds == 1:
        return f"scored on {document.scored_notes} others"
    return f"scored by {document.folds}-fold cross-validation over lineages"


def saving_in_words(saving: Estimate | None, of: str = "correction actions") -> str:
    """How much less was spent than by random choice, and whether that is more than chance."""
    if saving is None:
        return "no seed in which both came within reach, so nothing to compare"
    sense, sign = ("fewer", 1) if saving.mean >= 0 else ("more", -1)
    shown = f"{100 * sign * saving.mean:.0f} % {sense} {of} than random choice"
    return f"{shown} {_percent_interval(saving, sign)}, {saving.seeds} seeds"


def _percent_interval(saving: Estimate, sign: int) -> str:
    if saving.interval is None:
        return "(one seed: no interval)"
    low, high = sorted(100 * sign * end for end in saving.interval)
    verdict = "excludes zero" if saving.excludes_zero else "does not exclude zero"
    return f"(95 % interval {low:.0f} to {high:.0f} %: {verdict})"


@dataclass(frozen=True, slots=True)
class _UnitView:
    """One drawing: F1 against what was spent in one unit."""

    unit: str
    name: str
    plot: Plot
    full: float | None


def render_simulation(document: Simulated) -> str:
    """The page as HTML."""
    environment = page_environment("en")
    return environment.get_template("simulation.html.j2").render(
        document=document,
        views=[_view(document, unit) for unit in UNITS],
        unit_names=SHOWN_UNITS,
        scored_by=scored_by(document),
        saving_in_words=saving_in_words,
        random=str(Strategy.RANDOM),
    )


def _view(document: Simulated, unit: str) -> _UnitView:
    scale = 1 / 60 if unit == "seconds" else 1.0
    readings = {
        name: [Reading(scale * one.spent(unit), one.f1.mean, one.f1.interval) for one in found.rounds]
        for name, found in document.strategies.items()
    }
    full = document.full.mean if document.full else None
    plot = plot_lines(readings, y_ticks=_f1_ticks(readings, full), frame=_FRAME)
    return _UnitView(unit, SHOWN_UNITS[unit], plot, full)


def _f1_ticks(readings: Mapping[str, list[Reading]], full: float | None) -> list[float]:
    """Tenths around all that is drawn: differences between strategies would be lost on an axis from 0."""
    drawn = [end for found in readings.values() for one in found for end in (one.value, *(one.interval or ()))]
    drawn += [full] if full is not None else []
    low, high = max(0, floor(10 * min(drawn))), min(10, ceil(10 * max(drawn)))
    return [tenths / 10 for tenths in range(low, max(high, low + 1) + 1)]
