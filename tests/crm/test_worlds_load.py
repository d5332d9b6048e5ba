"""Worlds under several askers at once: nobody who asks after a change gets the world of before."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from crm import worlds
from crm.worlds import StoredWorlds
from engine.core.world import World


class SlowReads:
    """A store whose reads see the number at their start and end when they are let go."""

    def __init__(self) -> None:
        self.number = 1
        self.reads: list[asyncio.Event] = []

    async def read(self, work: Callable[[Any], Any]) -> Any:
        """As `Reads`."""
        number, gate = self.number, asyncio.Event()
        self.reads.append(gate)
        await gate.wait()
        return work(number)


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch) -> tuple[StoredWorlds, SlowReads]:
    monkeypatch.setattr(worlds, "load_world", lambda number, tenant, *_: World(tenant, number))
    reads = SlowReads()
    return StoredWorlds(reads, {}, {}), reads


async def settle() -> None:
    """Let every task that can go on do so."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_who_asks_after_a_change_waits_for_the_new_world(stored: tuple[StoredWorlds, SlowReads]) -> None:
    loading, reads = stored
    worker = asyncio.create_task(loading.get(1))
    await settle()
    reads.number = 2  # something is published while the worker's read is under way
    loading.changed(1)
    caller = asyncio.create_task(loading.get(1))
    await settle()
    reads.reads[0].set()
    await settle()
    assert (await worker).number == 1
    assert not caller.done()
    reads.reads[1].set()
    assert (await caller).number == 2
    assert (await loading.get(1)).number == 2
    assert len(reads.reads) == 2


async def test_many_who_ask_at_once_load_it_once(stored: tuple[StoredWorlds, SlowReads]) -> None:
    loading, reads = stored
    several = [asyncio.create_task(loading.get(1)) for _ in range(10)]
    await settle()
    reads.reads[0].set()
    assert {world.number for world in await asyncio.gather(*several)} == {1}
    assert len(reads.reads) == 1
