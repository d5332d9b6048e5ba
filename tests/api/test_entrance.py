"""The entrance gathers what comes in together, and gives each caller what is its own."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from app.entrance import GATHERED, Entrance
from engine.runtime.clock import VirtualClock
from engine.runtime.memory.store import MemoryStore
from engine.runtime.protocol import Appended, StoreUnavailable
from engine.runtime.runtime import Runtime
from schemas.contact import Identity
from schemas.event import EventNamed, NewEvent
from tests.runtime.bench import OneChannel, OneWorld


class Recorder(MemoryStore):
    """Notes what is appended together; refuses what holds the event named `fault`, and everything while it is away."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__(clock=clock)
        self.clock = clock
        self.groups: list[list[str]] = []
        self.away = False

    async def append(self, events: Sequence[NewEvent]) -> list[Appended]:
        self.groups.append([event.external_id for event in events])
        await asyncio.sleep(0)
        if self.away:
            raise StoreUnavailable("away")
        if any(event.external_id == "fault" for event in events):
            raise ValueError("fault")
        return await super().append(events)


@pytest.fixture
def store() -> Recorder:
    return Recorder(VirtualClock())


@pytest.fixture
def entrance(store: Recorder) -> Entrance:
    return Entrance(Runtime(clock=store.clock, store=store, worlds=OneWorld(), channels=OneChannel(None)))


def event(name: str) -> NewEvent:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return NewEvent(1, "test", name, at, EventNamed("x", {}), identities=(Identity("webchat", "ann"),))


async def test_what_comes_together_is_appended_together_and_each_gets_its_own(entrance: Entrance, store: Recorder) -> None:
    first, second, third = await asyncio.gather(
        entrance.append([event("a")]), entrance.append([event("b"), event("c")]), entrance.append([event("a")])
    )
    assert store.groups == [["a", "b", "c", "a"]]
    assert [len(first), len(second), len(third)] == [1, 2, 1]
    assert (first[0].id, first[0].duplicate, third[0].duplicate) == (third[0].id, False, True)


async def test_what_comes_while_the_store_is_busy_goes_next(entrance: Entrance, store: Recorder) -> None:
    early = asyncio.create_task(entrance.append([event("a")]))
    for _ in range(2):  # into the entrance, and into the store
        await asyncio.sleep(0)
    await asyncio.gather(early, entrance.append([event("b")]), entrance.append([event("c")]))
    assert store.groups == [["a"], ["b", "c"]]


async def test_a_group_is_bounded_and_keeps_the_order(entrance: Entrance, store: Recorder) -> None:
    names = [f"e{number}" for number in range(GATHERED + 1)]
    await asyncio.gather(*(entrance.append([event(name)]) for name in names))
    assert [len(group) for group in store.groups] == [GATHERED, 1]
    assert [name for group in store.groups for name in group] == names


async def test_one_fault_does_not_harm_the_others(entrance: Entrance) -> None:
    results = await asyncio.gather(
        *(entrance.append([event(name)]) for name in ("a", "fault", "b")), return_exceptions=True
    )
    assert [type(result) for result in results] == [list, ValueError, list]


async def test_where_nothing_can_be_stored_everyone_hears_it_and_the_next_is_tried(entrance: Entrance, store: Recorder) -> None:
    store.away = True
    results = await asyncio.gather(*(entrance.append([event(name)]) for name in "ab"), return_exceptions=True)
    assert [str(result) for result in results] == ["away", "away"]
    store.away = False
    assert len(await entrance.append([event("a")])) == 1


async def test_a_caller_that_left_takes_nobody_with_it(entrance: Entrance, store: Recorder) -> None:
    leaving, staying = (asyncio.create_task(entrance.append([event(name)])) for name in "ab")
    await asyncio.sleep(0)
    leaving.cancel()
    assert len(await staying) == 1
    assert store.groups == [["a", "b"]]
