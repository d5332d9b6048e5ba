"""Driven by hand: waits ring at their instants, forks don't touch each other, the same run goes the same way."""

from datetime import timedelta

import pytest

from engine.core.value import Frame, Run, Wait
from engine.runtime.memory.state import RunRow
from engine.runtime.memory.store import MemoryStore
from engine.runtime.stepped import NeverRests
from schemas.event import EventNamed, NewEvent, WaitDue
from tests.runtime.bench import NOW, Bench


async def with_wait(bench: Bench, hours: float) -> None:
    """A run of the contact that waits so long."""
    await bench.say()
    await bench.stepped.drain()
    (contact,) = bench.store.state.contacts
    wait = Wait(1, "duration", "pause", 1, NOW, due=NOW + timedelta(hours=hours))
    run = Run(9, 1, 1, 0, "waiting", (Frame(1, "pause"),), wait, 1, False, NOW, NOW + timedelta(days=30))
    bench.store.state.put_run(RunRow(1, contact, run, run.due))


async def test_a_wait_rings_at_its_instant_and_not_before():
    bench = Bench()
    await with_wait(bench, 5)
    await bench.after(5 * 3600 - 1)
    assert not any(isinstance(row.event.body, WaitDue) for row in bench.store.state.events.values())
    await bench.after(30 * 86_400)
    (at,) = [row.event.at for row in bench.store.state.events.values() if isinstance(row.event.body, WaitDue)]
    assert at == NOW + timedelta(hours=5)


async def test_the_next_instant_is_known():
    bench = Bench()
    await with_wait(bench, 5)
    await bench.stepped.drain()
    assert await bench.stepped.next_due() == NOW + timedelta(hours=5)


async def test_a_fork_goes_its_own_way():
    bench = Bench()
    await bench.say("a")
    await bench.stepped.drain()
    before = bench.store.state.fork()
    fork = MemoryStore(before.fork())
    await fork.append([NewEvent(1, "x", "x", NOW, EventNamed("say"), contact=1)])
    await bench.say("b")
    await bench.stepped.drain()
    assert fork.state.messages == before.messages
    assert len(bench.store.state.messages) == 2
    assert len(fork.state.events) == len(before.events) + 1


async def test_every_table_is_forked():
    state = Bench().store.state
    fork = state.fork()
    shared = [name for name in state.__slots__ if getattr(state, name) is getattr(fork, name) and name != "last_event"]
    assert shared == []


async def test_the_same_events_leave_the_same_state():
    states = []
    for _ in range(2):
        bench = Bench()
        for n in range(20):
            await bench.say(str(n), "again", who=f"c{n % 3}")
        await bench.after(60)
        states.append(bench.store.state)
    assert states[0] == states[1]


async def test_work_that_never_ends_is_noticed(monkeypatch: pytest.MonkeyPatch):
    bench = Bench()

    async def busy() -> int:
        return 1

    monkeypatch.setattr(bench.runtime.worker, "step", busy)
    with pytest.raises(NeverRests):
        await bench.stepped.drain()
