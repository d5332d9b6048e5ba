"""Jobs of the engine that stand in the writer's queue together share a commit, and nobody's trouble becomes another's."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from threading import Event

import pytest

from engine.runtime.protocol import Settlement, StoreUnavailable
from storage import connection
from storage.store import Store
from storage.url import sqlite_file
from tests.storage.world import LEASE, NOW, Standing, decide_all, message, rows, step


async def claimed(store: Store, *numbers: int) -> list[int]:
    """Messages that wait for their settlement."""
    await store.append([message(number, f"v{number}") for number in numbers])
    await step(store)
    return [claim.message.id for claim in await store.claim(256, NOW, NOW + LEASE)]


def accepted(messages: Sequence[int]) -> list[Settlement]:
    return [Settlement(each, "accepted", NOW, f"wamid.{each}") for each in messages]


async def test_append_commit_settle_and_claim_share_one_commit(store: Store) -> None:
    sent = await claimed(store, 1, 2)
    await store.append([message(3, "v3")])
    batch = await store.take(10, NOW)
    assert batch is not None
    before = store.writer.commits
    async with _Held(store):
        appending = asyncio.ensure_future(store.append([message(4, "v4")]))
        committing = asyncio.ensure_future(store.commit(batch, decide_all(batch), NOW))
        settling = asyncio.ensure_future(store.settle(accepted(sent), NOW))
        claiming = asyncio.ensure_future(store.claim(10, NOW, NOW + LEASE))
        taking = asyncio.ensure_future(store.take(10, NOW))
        await asyncio.sleep(0)
    appended, committed, taken = await appending, await committing, await taking
    assert taken is not None
    assert (await settling, committed.messages, len(await claiming)) == (0, 1, 1)
    assert store.writer.commits - before == 1
    assert [event.id for lane in taken.contacts for event in lane.events] == [appended[0].id]


async def test_a_job_at_fault_leaves_the_others_alone(store: Store) -> None:
    sent = await claimed(store, 1)
    async with _Held(store):
        waiting = [
            asyncio.ensure_future(job)
            for job in (
                store.settle(accepted(sent), NOW),
                store.append([message(2, depth=2**70)]),
                store.append([message(3)]),
            )
        ]
        await asyncio.sleep(0)
    settled, bad, good = await asyncio.gather(*waiting, return_exceptions=True)
    assert (settled, type(bad)) == (0, OverflowError)
    assert isinstance(good, list)
    assert await rows(store, "SELECT status FROM message WHERE direction = 'out'") == [("accepted",)]
    assert await rows(store, "SELECT external_id FROM event ORDER BY id") == [("in-1",), ("in-3",)]


async def test_reading_beside_a_write_goes_on_while_the_file_is_locked(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "BUSY_SECONDS", 0.05)
    store = await Store.open(url, Standing())
    await store.append([message(1)])
    other = sqlite3.connect(sqlite_file(url), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    async with _Held(store):
        waiting = [asyncio.ensure_future(job) for job in (store.append([message(2)]), store.take(10, NOW))]
        await asyncio.sleep(0)
    refused, batch = await asyncio.gather(*waiting, return_exceptions=True)
    assert isinstance(refused, StoreUnavailable)
    assert batch is not None
    assert not isinstance(batch, BaseException)
    other.close()
    assert not (await store.append([message(2)]))[0].duplicate
    await store.close()


class _Held:
    """While this is open the writer works at something else, so that what is handed in stands in its queue together."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def __aenter__(self) -> None:
        self._go = Event()
        self._busy = asyncio.ensure_future(self._store.writer.run(lambda _: self._go.wait(), write=False))
        await asyncio.sleep(0)

    async def __aexit__(self, *_: object) -> None:
        self._go.set()
        await self._busy
