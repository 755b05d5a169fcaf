"""Doses, whatever their format: 500 mg, 500mg and 0,5 g are one; so are 100 mcg, 100 µg and 0,1 mg."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_NUMBER = r"[1-9]\d{0,2}(?:[ .]\d{3})+(?![\d.,])|\d+(?:[.,]\d+)?"
_CHAIN = re.compile(
    rf"(?<![\d.,])(?P<numbers>(?:{_NUMBER})(?:\s?[/+–-]\s?(?:{_NUMBER}))*)"
    r"(?:\s?(?P<unit>mg|mcg|[µμu]g|g|ml|ui|iu|u|meq|mmol|%)(?!\w))?",
    re.IGNORECASE,
)
_IN_UNIT = {
    "g": (1e6, "mcg"),
    "mg": (1e3, "mcg"),
    **dict.fromkeys(("mcg", "µg", "μg", "ug"), (1.0, "mcg")),
    **dict.fromkeys(("ui", "iu", "u"), (1.0, "U")),
}
_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class _Amount:
    """A number as it was written, and what it comes to in its unit; an empty unit is one that was not written."""

    number: float
    value: float
    unit: str


def states_dose(dose: str, texts: Iterable[str]) -> bool | None:
    """Whether one of the texts has every amount of the dose; None where none of them has any amount.

    A number without a unit may have the unit of the dose ("Levotiroxina 75") where the text has no unit at all. A dose
    without an amount ("1 saqueta") is taken as stated. Tablets are not counted: 2 × 20 mg is not 40 mg.
    """
    wanted = [amount for amount in _amounts(dose) if amount.unit]
    if not wanted:
        return True
    found = [_with_units(_amounts(text)) for text in texts]
    if any(all(any(_same(one, other) for other in amounts) for one in wanted) for amounts in found):
        return True
    return False if any(amount.unit for amounts in found for amount in amounts) else None


def _with_units(amounts: list[_Amount]) -> list[_Amount]:
    """The amounts with a unit; where there is none, all."""
    return [amount for amount in amounts if amount.unit] or amounts


def _same(wanted: _Amount, found: _Amount) -> bool:
    if not found.unit:
        return _close(wanted.number, found.number)
    return wanted.unit == found.unit and _close(wanted.value, found.value)


def _close(one: float, other: float) -> bool:
    return abs(one - other) <= _ROUNDING * max(one, other)


def _amounts(text: str) -> list[_Amount]:
    """The amounts in a text; of "49/51 mg" both numbers have the unit."""
    amounts = []
    for chain in _CHAIN.finditer(text):
        unit = (chain["unit"] or "").lower()
        factor, base = _IN_UNIT.get(unit, (1.0, unit))
        numbers = map(_number, re.findall(_NUMBER, chain["numbers"]))
        amounts += [_Amount(number, number * factor, base) for number in numbers]
    return amounts


def _number(written: str) -> float:
    """The number: "22.400" and "22 400" have thousands, "2,5", "2.5" and "0.125" decimals."""
    grouped = re.fullmatch(r"[1-9]\d{0,2}(?:[ .]\d{3})+", written)
    return float(re.sub("[ .]", "", written) if grouped else written.replace(",", "."))
