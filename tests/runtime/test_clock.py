"""The virtual clock moves only when told, and the system's never goes back."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from engine.runtime import clock as module
from engine.runtime.clock import START, SystemClock, VirtualClock, within


async def test_sleepers_wake_in_the_order_of_their_instants():
    clock, woken = VirtualClock(), []

    async def sleeper(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((name, (clock.now() - START).total_seconds()))

    tasks = [asyncio.ensure_future(sleeper(*each)) for each in [("c", 30), ("a", 10), ("b", 10)]]
    await clock.advance(20)
    assert woken == [("a", 10), ("b", 10)]
    await clock.advance(to=START + timedelta(days=30))
    assert woken[-1] == ("c", 30)
    assert clock.now() == START + timedelta(days=30)
    await asyncio.gather(*tasks)


async def test_one_who_sleeps_again_is_woken_on_the_way():
    clock, beats = VirtualClock(), []

    async def heart() -> None:
        for _ in range(3):
            await clock.sleep(1)
            beats.append((clock.now() - START).total_seconds())

    task = asyncio.ensure_future(heart())
    await clock.run_until_idle(START + timedelta(hours=1))
    assert beats == [1, 2, 3]
    await task


async def test_the_virtual_clock_never_goes_back():
    clock = VirtualClock()
    clock.move(START - timedelta(days=1))
    assert clock.now() == START


async def test_the_systems_clock_never_goes_back(monkeypatch: pytest.MonkeyPatch):
    instants = [datetime(2026, 1, 1, 12, tzinfo=UTC), datetime(2026, 1, 1, 13, tzinfo=UTC), START]

    class Wound(datetime):
        @classmethod
        def now(cls, tz=None):
            return instants.pop(0)

    monkeypatch.setattr(module, "datetime", Wound)
    clock = SystemClock()
    assert [clock.now().hour, clock.now().hour] == [13, 13]


async def test_work_that_takes_too_long_is_cancelled():
    clock = VirtualClock()
    cancelled = []

    async def slow() -> None:
        try:
            await clock.sleep(60)
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    task = asyncio.ensure_future(within(clock, 5, slow()))
    await clock.advance(6)
    with pytest.raises(TimeoutError):
        await task
    assert cancelled == [True]
