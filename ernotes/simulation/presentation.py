"""A simulation's figures for people: as lines for a terminal, and as an HTML page with its curves drawn."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil, floor
from typing import Any

from corpus.config.strategy import Strategy
from ernotes.pages.drawing import Frame, Plot, Reading, plot_lines
from ernotes.pages.page import page_environment
from ernotes.simulation.cost import UNITS

SHOWN_UNITS = {"notes": "notes", "mentions": "mentions", "actions": "correction actions", "seconds": "minutes"}
"""What people are told of each unit; seconds are shown as minutes."""

_FRAME = Frame(width=416)  # room for thousands at the end of the x axis


def format_simulation(document: Mapping[str, Any]) -> str:
    """The figures as lines of plain text."""
    lines = [*_setting_lines(document), "", *_cost_lines(document), "", *_saving_lines(document), ""]
    return "\n".join([*lines, *_curve_lines(document), "", f"page and figures: {document['folder']}"])


def _setting_lines(document: Mapping[str, Any]) -> Iterator[str]:
    yield f"SIMULATED corrections (by an oracle) of {document['notes']} notes, {scored_by(document)}"
    yield from document["notices"]
    yield (
        f"{document['learner']}, {document['steps']} steps; {document['seeds']} seeds; "
        f"{document['start']} start notes, then {document['batch']} a round"
    )
    yield f"a model of the whole pool ({document['pool_notes']:.0f} notes): micro F1 {with_interval(document['full'])}"


def scored_by(document: Mapping[str, Any]) -> str:
    """How the scores came about, in words."""
    if document["folds"] == 1:
        return f"scored on {document['scored_notes']} others"
    return f"scored by {document['folds']}-fold cross-validation over lineages"


def with_interval(estimate: Mapping[str, Any] | None, places: int = 3, scale: float = 1) -> str:
    """A mean over seeds and its interval."""
    if estimate is None:
        return "–"
    shown = f"{scale * estimate['mean']:.{places}f}"
    if estimate["interval"] is None:
        return shown
    low, high = estimate["interval"]
    return f"{shown} [{scale * low:.{places}f}, {scale * high:.{places}f}]"


def _cost_lines(document: Mapping[str, Any]) -> Iterator[str]:
    """What each strategy spent until it came within reach."""
    yield f"spent to come within {document['within']:g} of that in two rounds running, or to use the pool up,"
    yield "start notes included:"
    width = max(map(len, document["strategies"]))
    yield f"  {'':{width}}  seeds" + "".join(f"  {name:>18}" for name in SHOWN_UNITS.values())
    for name, found in document["strategies"].items():
        there = sum(number is not None for number in found["reached"].values())
        spent = (_mean(found["to_reach"][unit], unit) for unit in UNITS)
        yield f"  {name:{width}}  {there}/{document['seeds']:<3}" + "".join(f"  {value:>18}" for value in spent)


def _mean(estimate: Mapping[str, Any] | None, unit: str) -> str:
    if estimate is None:
        return "–"
    return f"{estimate['mean'] / 60 if unit == 'seconds' else estimate['mean']:.1f}"


def _saving_lines(document: Mapping[str, Any]) -> Iterator[str]:
    """What each strategy saved against random choice, in words."""
    for name, found in document["strategies"].items():
        if name != Strategy.RANDOM and Strategy.RANDOM in document["strategies"]:
            yield f"{name}: {saving_in_words(found['saving']['actions'])}"
            yield f"  without the start notes: {saving_in_words(found['saving_after_start']['actions'])}"
            yield f"  in time: {saving_in_words(found['saving']['seconds'], 'estimated minutes')}"
            yield "  F1 less that of random choice at equal actions, start notes included, with 95 % intervals:"
            for at in found["f1_gain_at_equal_actions"]:
                yield f"    {at['actions']:>6.0f}  {_gain(at['gain'])}"


def saving_in_words(saving: Mapping[str, Any] | None, of: str = "correction actions") -> str:
    """How much less was spent than by random choice, and whether that is more than chance."""
    if saving is None:
        return "no seed in which both came within reach, so nothing to compare"
    sense, sign = ("fewer", 1) if saving["mean"] >= 0 else ("more", -1)
    shown = f"{100 * sign * saving['mean']:.0f} % {sense} {of} than random choice"
    return f"{shown} {_percent_interval(saving, sign)}, {saving['seeds']} seeds"


def _percent_interval(saving: Mapping[str, Any], sign: int) -> str:
    if saving["interval"] is None:
        return "(one seed: no interval)"
    low, high = sorted(100 * sign * end for end in saving["interval"])
    verdict = "excludes zero" if saving["excludes_zero"] else "does not exclude zero"
    return f"(95 % interval {low:.0f} to {high:.0f} %: {verdict})"


def _gain(gain: Mapping[str, Any]) -> str:
    """How much higher the F1 is at equal actions; marked where that is more than chance."""
    interval = " [{:+.3f}, {:+.3f}]".format(*gain["interval"]) if gain["interval"] else ""
    return f"{gain['mean']:+.3f}{interval}" + (" excludes zero" if gain["excludes_zero"] else "")


def _curve_lines(document: Mapping[str, Any]) -> Iterator[str]:
    """The curves, a row a round: each strategy's F1 and the actions until then."""
    strategies = document["strategies"]
    yield "  ".join([f"{'notes':>6}", *(f"{name + ': F1, actions':>34}" for name in strategies)])
    for number in range(max(len(found["rounds"]) for found in strategies.values())):
        rounds = [found["rounds"][number] if number < len(found["rounds"]) else None for found in strategies.values()]
        notes = next(one["notes"] for one in rounds if one)
        cells = (f"{with_interval(one['f1'])} {one['actions']:>7.1f}" if one else "" for one in rounds)
        yield "  ".join([f"{notes:6.0f}", *(f"{cell:>34}" for cell in cells)])


@dataclass(frozen=True, slots=True)
class _UnitView:
    """One drawing: F1 against what was spent in one unit."""

    unit: str
    name: str
    plot: Plot
    full: float | None


def render_simulation(document: Mapping[str, Any]) -> str:
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


def _view(document: Mapping[str, Any], unit: str) -> _UnitView:
    scale = 1 / 60 if unit == "seconds" else 1.0
    readings = {
        name: [
            Reading(
                scale * one[unit], one["f1"]["mean"], tuple(one["f1"]["interval"]) if one["f1"]["interval"] else None
            )
            for one in found["rounds"]
        ]
        for name, found in document["strategies"].items()
    }
    full = document["full"]["mean"] if document["full"] else None
    plot = plot_lines(readings, y_ticks=_f1_ticks(readings, full), frame=_FRAME)
    return _UnitView(unit, SHOWN_UNITS[unit], plot, full)


def _f1_ticks(readings: Mapping[str, list[Reading]], full: float | None) -> list[float]:
    """Tenths around all that is drawn: differences between strategies would be lost on an axis from 0."""
    drawn = [end for found in readings.values() for one in found for end in (one.value, *(one.interval or ()))]
    drawn += [full] if full is not None else []
    low, high = max(0, floor(10 * min(drawn))), min(10, ceil(10 * max(drawn)))
    return [tenths / 10 for tenths in range(low, max(high, low + 1) + 1)]
