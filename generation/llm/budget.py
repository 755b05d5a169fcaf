"""What requests cost, and a budget that they never overrun.

What a try may cost at most is set aside, durably, before it is sent, and settled by the usage that the server reports.
A try whose end nobody knows (a time-out, a broken connection, a 5xx, a kill) may have been paid for: it stays counted
at the most it may have cost. One that the server refused (4xx) costs nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from corpus.config.settings import EndpointConfig
from corpus.errors import EndpointError
from generation.llm.chat import ChatMessage

CHARACTERS_PER_TOKEN = 3.0
"""An estimate for Portuguese notes in the vocabularies of today's LLMs: abbreviations and numbers cost more."""
TOKENS_AROUND_PROMPT = 64
TOKENS_AROUND_MESSAGE = 16
"""What a chat template may add around the prompt and each message; a generous guess."""


class BudgetReachedError(EndpointError):
    """The next request might cost more than what is left."""


@dataclass(frozen=True, slots=True)
class Prices:
    """What a million tokens cost, in whatever currency the endpoint bills."""

    input_per_million: float
    output_per_million: float

    @classmethod
    def of(cls, config: EndpointConfig) -> "Prices":
        """The endpoint's prices as configured."""
        return cls(config.input_price_per_million, config.output_price_per_million)

    def __bool__(self) -> bool:
        """Whether anything has a price."""
        return self.input_per_million > 0 or self.output_per_million > 0

    def cost(self, prompt_tokens: float, completion_tokens: float) -> float:
        """What so many tokens cost."""
        return (prompt_tokens * self.input_per_million + completion_tokens * self.output_per_million) / 1e6

    def most(self, messages: Sequence[ChatMessage], max_tokens: int) -> float:
        """What one try may cost at most."""
        return self.cost(most_prompt_tokens(messages), max_tokens)


def estimated_tokens(characters: float) -> float:
    """About how many tokens so many characters are."""
    return characters / CHARACTERS_PER_TOKEN


def most_prompt_tokens(messages: Sequence[ChatMessage]) -> int:
    """How many tokens the messages are at most: no byte-level vocabulary takes more than one for a UTF-8 byte."""
    inside = sum(len(message.content.encode("utf-8", "surrogatepass")) for message in messages)
    return inside + TOKENS_AROUND_PROMPT + TOKENS_AROUND_MESSAGE * len(messages)


class Budget:
    """What may be spent, and what is: `spent` counts what was paid, what may have been, and what is set aside."""

    def __init__(self, prices: Prices, limit: float, spent: float, save: Callable[[float], Awaitable[None]]) -> None:
        """`limit` 0 means none; `save` makes what is spent durable before a request may be sent."""
        self.prices = prices
        self.spent = spent
        self._limit = limit
        self._save = save
        self._under_way = 0
        self._settled = asyncio.Event()

    async def set_aside(self, most: float) -> None:
        """Set aside what a try may cost, as soon as it fits; raises BudgetReachedError where it never will."""
        while self._limit and self.spent + most > self._limit:
            if not self._under_way:
                raise BudgetReachedError(
                    f"the budget of {self._limit:g} is reached: {self.spent:.4g} spent, and the next request may cost "
                    f"{most:.4g}; run this again with a larger one"
                )
            await self._settled.wait()
        self.spent += most
        self._under_way += 1
        if self._limit:
            try:
                await self._save(self.spent)
            except BaseException:
                self.settle(most, 0.0)
                raise

    def settle(self, most: float, cost: float) -> None:
        """Replace what was set aside for a try by what it cost, and let those that wait for it look again."""
        self.spent += cost - most
        self._under_way -= 1
        self._settled.set()
        self._settled = asyncio.Event()
