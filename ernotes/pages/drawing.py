"""Plots of lines and points: where everything stands, in the drawing's own units, y growing downwards.

Words, colours and shapes are the business of templates/drawings.html.j2.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from math import floor, log10

INTERVALS_APART = 8
"""How far the intervals of a round stand apart, so that none hides another."""

MOST_ROUND_TICKS = 6
"""More would run into each other on a phone."""

SHARES = tuple(fifths / 5 for fifths in range(6))
"""The ticks of an axis from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The drawing and, inside its margins, the field of the lines."""

    width: int = 400
    height: int = 280
    left: int = 44
    right: int = 388
    top: int = 22
    bottom: int = 222
    inset: int = 48
    """How far the first and the last point stand from the field's sides."""


FRAME = Frame()


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis: the value `low` stands at `start`, `high` at `end`; where they are one value it stands between."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """The place of a value, to a hundredth of a unit."""
        share = (value - self.low) / (self.high - self.low) if self.high > self.low else 0.5
        return round(self.start + share * (self.end - self.start), 2)


@dataclass(frozen=True, slots=True)
class Reading:
    """A value at an x, and the interval about it where there is one."""

    x: float
    value: float
    interval: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """Where a reading stands; `bar` holds the y of its interval's lower and upper end."""

    x: float
    y: float
    bar: tuple[float, float] | None
    reading: Reading


@dataclass(frozen=True, slots=True)
class Line:
    """The points of one name, in the order of its readings."""

    name: str
    points: tuple[Point, ...]

    @property
    def path(self) -> str:
        """The line as an SVG list of points."""
        return " ".join(f"{point.x:.1f},{point.y:.1f}" for point in self.points)


@dataclass(frozen=True, slots=True)
class Plot:
    """Lines over a field; `x_ticks` and `y_ticks` are the values to be written on the axes."""

    lines: tuple[Line, ...]
    x: Scale
    y: Scale
    x_ticks: Sequence[float]
    y_ticks: Sequence[float]
    frame: Frame = FRAME

    @property
    def x_places(self) -> int:
        """The decimal places that the x ticks need."""
        return _places(self.x_ticks)

    @property
    def y_places(self) -> int:
        """The decimal places that the y ticks need."""
        return _places(self.y_ticks)


def plot_lines(
    readings: Mapping[str, Sequence[Reading]],
    *,
    x_ticks: Sequence[float] | None = None,
    y_ticks: Sequence[float] | None = None,
    frame: Frame = FRAME,
) -> Plot:
    """The lines by name, of which at least one holds a reading.

    An axis reaches from the first to the last of its ticks; without them from 0 to a round number that no value (and no
    interval) exceeds.
    """
    x_ticks = x_ticks or even_ticks(max(reading.x for reading in _all(readings)))
    y_ticks = y_ticks or even_ticks(_highest(readings))
    x = Scale(x_ticks[0], x_ticks[-1], frame.left, frame.right)
    y = Scale(y_ticks[0], y_ticks[-1], frame.bottom, frame.top)
    lines = [Line(name, tuple(_point(reading, x, y) for reading in found)) for name, found in readings.items()]
    return Plot(tuple(lines), x, y, x_ticks, y_ticks, frame)


def plot_rounds(readings: Mapping[str, Sequence[Reading]], y_ticks: Sequence[float] | None = None) -> Plot:
    """The lines by name over rounds (x), of which at least one holds a reading; `y_ticks` as in `plot_lines`.

    Rounds are written all, or evenly fewer, the last always.
    """
    rounds = sorted({reading.x for reading in _all(readings)})
    step = -(-len(rounds) // MOST_ROUND_TICKS)
    y_ticks = y_ticks or even_ticks(_highest(readings))
    x = Scale(rounds[0], rounds[-1], FRAME.left + FRAME.inset, FRAME.right - FRAME.inset)
    y = Scale(y_ticks[0], y_ticks[-1], FRAME.bottom, FRAME.top)
    apart = INTERVALS_APART if any(reading.interval for reading in _all(readings)) else 0
    lines = [
        Line(name, tuple(_point(reading, x, y, apart * (place - (len(readings) - 1) / 2)) for reading in found))
        for place, (name, found) in enumerate(readings.items())
    ]
    return Plot(tuple(lines), x, y, rounds[::-1][::step][::-1], y_ticks)


def even_ticks(highest: float, most: int = 6) -> list[float]:
    """At most `most` values from 0 on, in steps of 1, 2 or 5 times a power of ten; the last is `highest` or above."""
    if highest <= 0:
        return [0, 1]
    least = highest / (most - 1)
    power: float = 10.0 ** floor(log10(least))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * (1 - 1e-9))
    count = next(number for number in range(1, most + 1) if number * step >= highest * (1 - 1e-9))
    return [round(number * step, 12) for number in range(count + 1)]


def _point(reading: Reading, x: Scale, y: Scale, aside: float = 0) -> Point:
    bar = (y.at(reading.interval[0]), y.at(reading.interval[1])) if reading.interval else None
    return Point(x.at(reading.x) + aside, y.at(reading.value), bar, reading)


def _all(readings: Mapping[str, Sequence[Reading]]) -> Iterator[Reading]:
    return chain.from_iterable(readings.values())


def _highest(readings: Mapping[str, Sequence[Reading]]) -> float:
    ends = [end for reading in _all(readings) for end in reading.interval or ()]
    return max([*ends, *(reading.value for reading in _all(readings))])


def _places(ticks: Sequence[float]) -> int:
    return max(len(f"{tick:g}".partition(".")[2]) for tick in ticks)
