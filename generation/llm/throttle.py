"""How many requests an endpoint is sent at once: halved when it is overrun, one more after each round that went well.

Additive increase, multiplicative decrease, as TCP does it (Chiu and Jain 1989). A place is held while a request is on
its way and given back while one waits to be tried again, so what is under way never exceeds the limit of the moment
by more than what had been sent before it fell.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Throttle:
    """Places for requests, taken in the order of asking. For one event loop."""

    def __init__(self, concurrency: int) -> None:
        """`concurrency` places at first, and never more."""
        self._most = concurrency
        self._limit = float(concurrency)
        self._under_way = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._falls = 0

    @property
    def limit(self) -> int:
        """How many requests may be under way now; at least 1."""
        return int(self._limit)

    @asynccontextmanager
    async def place(self) -> AsyncIterator[int]:
        """A place for as long as the block runs; yields what `overrun` wants to know of it."""
        await self._take()
        try:
            yield self._falls
        finally:
            self._give_back()

    def went_well(self) -> None:
        """One request had its answer: a round of them makes one place more."""
        self._limit = min(self._most, self._limit + 1 / self._limit)
        self._fill()

    def overrun(self, falls: int) -> None:
        """The server said it is overrun: half the places go, but only once for requests that were sent before that."""
        if falls == self._falls:
            self._falls += 1
            self._limit = max(1.0, self._limit / 2)

    async def _take(self) -> None:
        if self._under_way < self.limit and not self._waiting:
            self._under_way += 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # the place came together with the cancellation
                self._give_back()
            raise

    def _give_back(self) -> None:
        self._under_way -= 1
        self._fill()

    def _fill(self) -> None:
        while self._waiting and self._under_way < self.limit:
            turn = self._waiting.popleft()
            if not turn.done():
                self._under_way += 1
                turn.set_result(None)
