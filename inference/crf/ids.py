"""Values as whole numbers, and up to three of these packed into one key: what numpy and dicts handle fast."""

from collections.abc import Hashable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.errors import ModelError

Codes = NDArray[np.int64]
"""Ids or keys, one a place."""
SMALL = 16
"""Whole numbers below this are their own ids."""
_ID_BITS = 21
_SMALL_BITS = 4


class Ids:
    """Gives each value an id, in the order in which they are met; equal values share one."""

    def __init__(self) -> None:
        self._ids: dict[Hashable, int] = {number: number for number in range(SMALL)}
        self._values: list[Hashable] = list(range(SMALL))

    def __len__(self) -> int:
        return len(self._values)

    def of(self, value: Hashable) -> int:
        """The id of a value; raises ModelError where there are more of them than a key can tell apart."""
        known = self._ids.get(value)
        if known is None:
            known = self._ids[value] = len(self._values)
            if known >> _ID_BITS:
                raise ModelError("a text has more different words than the crf can tell apart; cut it into parts")
            self._values.append(value)
        return known

    def pair(self, ones: Codes, others: Codes) -> Codes:
        """One id for each pair of ids."""
        return self._joint(ones << _ID_BITS | others, (ones, others))

    def with_small(self, ones: Codes, *small: Codes) -> Codes:
        """One id for each id together with some numbers below SMALL."""
        keys = ones
        for column in small:
            keys = keys << _SMALL_BITS | column
        return self._joint(keys, (ones, *small))

    def _joint(self, keys: Codes, columns: tuple[Codes, ...]) -> Codes:
        _, places, inverse = np.unique(keys, return_index=True, return_inverse=True)
        rows = zip(*(column[places].tolist() for column in columns), strict=True)
        ids = [self.of(tuple(self._values[known] for known in row)) for row in rows]
        return np.array(ids, dtype=np.int64)[inverse]

    def values(self, key: int, width: int) -> Any:
        """The value of an id (`width` 1), or the tuple of those packed into a key; whoever asks knows its type."""
        if width == 1:
            return self._values[key]
        mask = (1 << _ID_BITS) - 1
        return tuple(self._values[key >> _ID_BITS * place & mask] for place in reversed(range(width)))


def packed(*columns: Codes) -> Codes:
    """Keys made of two or three ids each."""
    keys = columns[0]
    for column in columns[1:]:
        keys = keys << _ID_BITS | column
    return keys
