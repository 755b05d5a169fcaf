"""How many requests may be under way: bounded, halved, grown again."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from generation.llm.failures import FailureWatch
from generation.llm.throttle import Throttle


def run(coroutine: Coroutine[Any, Any, None]) -> None:
    asyncio.run(coroutine)


async def overrun(throttle: Throttle) -> None:
    async with throttle.place() as falls:
        throttle.overrun(falls)


async def go_well(throttle: Throttle, times: int) -> None:
    for _ in range(times):
        async with throttle.place():
            throttle.went_well()


def test_an_overrun_halves_the_places_down_to_one() -> None:
    async def go() -> None:
        throttle = Throttle(12)
        limits = []
        for _ in range(6):
            await overrun(throttle)
            limits.append(throttle.limit)
        assert limits == [6, 3, 1, 1, 1, 1]

    run(go())


def test_requests_that_were_under_way_together_halve_the_places_once() -> None:
    async def go() -> None:
        throttle = Throttle(8)

        async def fail() -> None:
            async with throttle.place() as falls:
                await asyncio.sleep(0)
                throttle.overrun(falls)

        await asyncio.gather(*(fail() for _ in range(8)))
        assert throttle.limit == 4

    run(go())


def test_each_round_that_goes_well_makes_one_place_more_up_to_the_first_number() -> None:
    async def go() -> None:
        throttle = Throttle(8)
        await overrun(throttle)
        await go_well(throttle, 5)
        assert throttle.limit == 5
        await go_well(throttle, 6)
        assert throttle.limit == 6
        await go_well(throttle, 100)
        assert throttle.limit == 8

    run(go())


def test_after_an_overrun_no_more_than_half_are_under_way() -> None:
    async def go() -> None:
        throttle, under_way, most = Throttle(8), 0, 0
        await overrun(throttle)

        async def work() -> None:
            nonlocal under_way, most
            async with throttle.place():
                under_way += 1
                most = max(most, under_way)
                await asyncio.sleep(0)
                under_way -= 1

        await asyncio.gather(*(work() for _ in range(40)))
        assert most == 4

    run(go())


@given(st.lists(st.sampled_from(["well", "overrun", "cancel"]), max_size=60), st.integers(1, 5))
def test_whatever_happens_every_place_is_given_back(happenings: list[str], most: int) -> None:
    async def go() -> None:
        throttle = Throttle(most)

        async def work(happening: str) -> None:
            async with throttle.place() as falls:
                await asyncio.sleep(0)
                if happening == "overrun":
                    throttle.overrun(falls)
                else:
                    throttle.went_well()

        tasks = [(asyncio.create_task(work(happening)), happening) for happening in happenings]
        await asyncio.sleep(0)
        for task, happening in tasks:
            if happening == "cancel":
                task.cancel()
        await asyncio.gather(*(task for task, _ in tasks), return_exceptions=True)
        await go_well(throttle, 30)
        assert throttle.limit == most
        async with asyncio.TaskGroup() as group:
            for _ in range(most):
                group.create_task(work("well"))

    run(go())


def test_failures_are_too_many_once_their_share_of_the_window_is_reached() -> None:
    watch = FailureWatch(error_window=8, max_error_share=0.25)
    assert watch.failed("HTTP 500") == ""
    assert watch.failed("time-out") == "2 of the last 2 requests failed for good: 1 × HTTP 500, 1 × time-out"


def test_failures_that_lie_far_back_are_forgotten() -> None:
    watch = FailureWatch(error_window=4, max_error_share=0.5)
    assert watch.failed("HTTP 500") == ""
    for _ in range(4):
        watch.answered()
    assert watch.failed("HTTP 500") == ""
    assert watch.failed("HTTP 500").startswith("2 of the last 4")
