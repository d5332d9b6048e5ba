"""Who waits for an event's answer gets it from the commit, or from the store."""

import asyncio
from collections.abc import Mapping
from typing import Any

from engine.runtime.answers import Answers
from engine.runtime.clock import VirtualClock
from tests.runtime.bench import Bench


class Stored:
    def __init__(self, answer: Mapping[str, Any] | None = None) -> None:
        self.stored = answer

    async def answer(self, event: int) -> Mapping[str, Any] | None:
        return self.stored


async def test_a_waiter_is_answered_by_the_commit():
    bench = Bench()
    await bench.runtime.start()
    event = await bench.event("ask")
    assert await bench.runtime.answers.wait(event, 5) == {"seen": event}
    await bench.runtime.stop()


async def test_who_asks_after_the_commit_is_answered_too():
    bench = Bench()
    event = await bench.event("ask")
    await bench.stepped.drain()
    assert await bench.runtime.answers.wait(event, 5) == {"seen": event}


async def test_all_waiters_are_answered():
    answers = Answers(VirtualClock(), Stored())
    waiting = [asyncio.ensure_future(answers.wait(3, 5)) for _ in range(3)]
    await asyncio.sleep(0)
    answers.resolve(3, {"run": 1})
    assert await asyncio.gather(*waiting) == [{"run": 1}] * 3


async def test_without_an_answer_the_wait_ends():
    clock = VirtualClock()
    waiting = asyncio.ensure_future(Answers(clock, Stored()).wait(3, 5))
    await clock.advance(4.9)
    assert not waiting.done()
    await clock.advance(0.2)
    assert await waiting is None


async def test_an_answer_of_another_process_is_read_from_the_store():
    clock = VirtualClock()
    waiting = asyncio.ensure_future(Answers(clock, Stored({"run": 4})).wait(3, 5))
    await clock.advance(5)
    assert await waiting == {"run": 4}


async def test_a_waiter_that_goes_away_leaves_nothing_behind():
    answers = Answers(VirtualClock(), Stored())
    waiting = asyncio.ensure_future(answers.wait(3, 5))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait({waiting})
    assert answers._waiting == {}
