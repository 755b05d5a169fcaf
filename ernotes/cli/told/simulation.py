"""What is said of a simulation."""

from collections.abc import Iterator
from pathlib import Path

from corpus.config.strategy import Strategy
from ernotes.simulation.cost import UNITS, Estimate
from ernotes.simulation.presentation import SHOWN_UNITS, Simulated, saving_in_words, scored_by


def tell_simulated(document: Simulated, _folder: Path) -> str:
    """The figures as lines of plain text."""
    lines = [*_setting_lines(document), "", *_cost_lines(document), "", *_saving_lines(document), ""]
    return "\n".join([*lines, *_curve_lines(document), "", f"page and figures: {document.folder}"])


def _setting_lines(document: Simulated) -> Iterator[str]:
    yield f"SIMULATED corrections (by an oracle) of {document.notes} notes, {scored_by(document)}"
    yield from document.notices
    yield (
        f"{document.learner}, {document.steps} steps; {document.seeds} seeds; "
        f"{document.start} start notes, then {document.batch} a round"
    )
    yield f"a model of the whole pool ({document.pool_notes:.0f} notes): micro F1 {with_interval(document.full)}"


def with_interval(estimate: Estimate | None, places: int = 3, scale: float = 1) -> str:
    """A mean over seeds and its interval."""
    if estimate is None:
        return "–"
    shown = f"{scale * estimate.mean:.{places}f}"
    if estimate.interval is None:
        return shown
    low, high = estimate.interval
    return f"{shown} [{scale * low:.{places}f}, {scale * high:.{places}f}]"


def _cost_lines(document: Simulated) -> Iterator[str]:
    """What each strategy spent until it came within reach."""
    yield f"spent to come within {document.within:g} of that in two rounds running, or to use the pool up,"
    yield "start notes included:"
    width = max(map(len, document.strategies))
    yield f"  {'':{width}}  seeds" + "".join(f"  {name:>18}" for name in SHOWN_UNITS.values())
    for name, found in document.strategies.items():
        there = sum(number is not None for number in found.reached.values())
        spent = (_mean(found.to_reach[unit], unit) for unit in UNITS)
        yield f"  {name:{width}}  {there}/{document.seeds:<3}" + "".join(f"  {value:>18}" for value in spent)


def _mean(estimate: Estimate | None, unit: str) -> str:
    if estimate is None:
        return "–"
    return f"{estimate.mean / 60 if unit == 'seconds' else estimate.mean:.1f}"


def _saving_lines(document: Simulated) -> Iterator[str]:
    """What each strategy saved against random choice, in words."""
    for name, found in document.strategies.items():
        if name != Strategy.RANDOM and Strategy.RANDOM in document.strategies:
            yield f"{name}: {saving_in_words(found.saving['actions'])}"
            yield f"  without the start notes: {saving_in_words(found.saving_after_start['actions'])}"
            yield f"  in time: {saving_in_words(found.saving['seconds'], 'estimated minutes')}"
            yield "  F1 less that of random choice at equal actions, start notes included, with 95 % intervals:"
            for at in found.f1_gain_at_equal_actions:
                yield f"    {at.actions:>6.0f}  {_gain(at.gain)}"


def _gain(gain: Estimate) -> str:
    """How much higher the F1 is at equal actions; marked where that is more than chance."""
    interval = " [{:+.3f}, {:+.3f}]".format(*gain.interval) if gain.interval else ""
    return f"{gain.mean:+.3f}{interval}" + (" excludes zero" if gain.excludes_zero else "")


def _curve_lines(document: Simulated) -> Iterator[str]:
    """The curves, a row a round: each strategy's F1 and the actions until then."""
    strategies = document.strategies
    yield "  ".join([f"{'notes':>6}", *(f"{name + ': F1, actions':>34}" for name in strategies)])
    for number in range(max(len(found.rounds) for found in strategies.values())):
        rounds = [found.rounds[number] if number < len(found.rounds) else None for found in strategies.values()]
        notes = next(one.notes for one in rounds if one)
        cells = (f"{with_interval(one.f1)} {one.actions:>7.1f}" if one else "" for one in rounds)
        yield "  ".join([f"{notes:6.0f}", *(f"{cell:>34}" for cell in cells)])
