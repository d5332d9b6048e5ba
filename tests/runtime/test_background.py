"""The loops in the background: they wake one another, outlive trouble, and stop without losing anything."""

import asyncio
from datetime import timedelta

import pytest

from engine.runtime.protocol import Accepted, StoreUnavailable
from tests.runtime.bench import NOW, Bench


async def test_an_event_is_answered_without_any_time_passing():
    bench = Bench()
    await bench.runtime.start()
    await bench.clock.settle()
    await bench.say("a", "b")
    await bench.clock.settle()
    await bench.clock.settle()
    assert bench.channel.said == ["a", "b"]
    assert bench.clock.now() == NOW
    await bench.runtime.stop()


async def test_what_another_process_appended_is_found_by_the_poll():
    bench = Bench()
    await bench.runtime.start()
    await bench.clock.settle()
    append = bench.runtime.append
    bench.runtime.append = bench.store.append  # type: ignore[method-assign]
    await bench.say("a")
    bench.runtime.append = append  # type: ignore[method-assign]
    await bench.clock.settle()
    assert bench.channel.said == []
    await bench.clock.advance(1.1)
    assert bench.channel.said == ["a"]
    await bench.runtime.stop()


async def test_a_step_that_fails_is_tried_again(monkeypatch: pytest.MonkeyPatch):
    bench = Bench()
    commit, failures = bench.store.commit, [StoreUnavailable(), StoreUnavailable()]

    async def fragile(*arguments):
        if failures:
            raise failures.pop()
        return await commit(*arguments)

    monkeypatch.setattr(bench.store, "commit", fragile)
    await bench.runtime.start()
    await bench.say("a")
    await bench.clock.advance(2)
    assert bench.channel.said == ["a"]
    assert bench.runtime.metrics.counts["store_unavailable"] == 2  # type: ignore[attr-defined]
    await bench.runtime.stop()


async def test_a_settlement_that_could_not_be_stored_is_stored_later(monkeypatch: pytest.MonkeyPatch):
    bench = Bench()
    settle, failures = bench.store.settle, [StoreUnavailable()]

    async def fragile(*arguments):
        if failures:
            raise failures.pop()
        return await settle(*arguments)

    monkeypatch.setattr(bench.store, "settle", fragile)
    await bench.runtime.start()
    await bench.say("a")
    await bench.clock.advance(2)
    assert (bench.channel.said, bench.statuses) == (["a"], ["accepted"])
    await bench.runtime.stop()


async def test_stop_waits_for_a_send_in_flight_and_stores_its_answer():
    bench = Bench(Accepted("late"))
    bench.channel.gate.clear()
    await bench.runtime.start()
    await bench.say("a", "b")
    await bench.clock.settle()
    stopping = asyncio.ensure_future(bench.runtime.stop(grace=5))
    await bench.clock.advance(2)
    assert not stopping.done()
    bench.channel.gate.set()
    await stopping
    assert bench.statuses == ["accepted", "queued"]


async def test_stop_cuts_off_a_send_that_outlasts_the_grace():
    bench = Bench()
    bench.channel.gate.clear()
    await bench.runtime.start()
    await bench.say("a")
    await bench.clock.settle()
    stopping = asyncio.ensure_future(bench.runtime.stop(grace=5))
    await bench.clock.advance(6)
    await stopping
    assert bench.statuses == ["claimed"]
    (claim,) = await bench.store.claim(1, NOW + timedelta(seconds=61), NOW + timedelta(seconds=121))
    assert claim.ambiguous


async def test_nothing_is_taken_after_a_stop():
    bench = Bench()
    await bench.runtime.start()
    await bench.clock.settle()
    await bench.runtime.stop()
    await bench.say("a")
    await bench.clock.advance(10)
    assert bench.channel.said == []
    assert len(bench.store.state.pending) == 1


async def test_a_retry_is_sent_when_its_time_comes():
    bench = Bench()
    bench.channel.gate.clear()
    await bench.runtime.start()
    await bench.say("a")
    await bench.clock.advance(31)
    bench.channel.gate.set()
    await bench.clock.advance(5)
    assert bench.statuses == ["accepted"]
    await bench.runtime.stop()


async def test_an_idle_loop_rests(monkeypatch: pytest.MonkeyPatch):
    bench = Bench()
    take, taken = bench.store.take, []

    async def counted(*arguments):
        taken.append(bench.clock.now())
        return await take(*arguments)

    monkeypatch.setattr(bench.store, "take", counted)
    await bench.runtime.start()
    await bench.say("a")
    await bench.clock.advance(3)
    assert len(taken) <= 8
    await bench.runtime.stop()


async def test_a_stopped_sender_claims_nothing():
    bench = Bench()
    await bench.runtime.stop()
    await bench.say("a")
    await bench.stepped.drain()
    assert bench.statuses == ["queued"]
