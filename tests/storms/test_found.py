"""What storms found, reduced to the few moves that it takes."""

import asyncio
from datetime import timedelta

import pytest

from schemas.capability import Capabilities
from tests.runtime.bench import Bench, FakeChannel


async def test_what_a_dead_sender_left_in_doubt_is_not_sent_again_because_the_channel_is_full():
    """Seed 1350: given back for want of room, the second of two claims in doubt came back as if it had never left."""
    bench = Bench(capabilities=Capabilities(idempotent=False, per_second=1), on_unknown="keep")
    await bench.say("a", who="ann")
    await bench.say("b", who="bob")
    assert await bench.claimed_by_the_dead() == 2
    await bench.after(600)
    assert bench.channel.said == []
    assert bench.statuses == ["unknown", "unknown"]


async def test_a_request_that_has_not_left_when_its_lease_runs_out_does_not_leave_any_more(monkeypatch: pytest.MonkeyPatch):
    """Seed 13865: a process slept between a claim and its request; by then the message was settled, as unknown for good."""
    bench = Bench(capabilities=Capabilities(idempotent=False), on_unknown="keep")
    found, asleep = bench.channels.get, asyncio.Event()

    async def sleeps(channel: int) -> FakeChannel | None:
        await asleep.wait()
        return await found(channel)

    monkeypatch.setattr(bench.channels, "get", sleeps)
    await bench.say("a")
    await bench.runtime.worker.step()
    await bench.runtime.sender.step()
    await asyncio.sleep(0)
    bench.clock.move(bench.clock.now() + timedelta(seconds=61))
    asleep.set()
    await bench.after(600)
    assert bench.channel.said == []
    assert bench.statuses == ["unknown"]
