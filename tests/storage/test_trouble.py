"""A locked file, a full disk, a killed process: nothing acknowledged is lost, and the store goes on by itself."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from engine.runtime.protocol import StoreUnavailable
from storage import connection
from storage.migrate import upgrade
from storage.store import Store
from storage.url import sqlite_file
from tests.storage.world import NOW, Standing, decide_all, message, rows, step


async def test_a_locked_file_is_told_and_got_over(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "BUSY_SECONDS", 0.05)
    store = await Store.open(url, Standing())
    await store.append([message(1)])
    other = sqlite3.connect(sqlite_file(url), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match="locked by another process"):
        await store.append([message(2)])
    batch = await store.take(10, NOW)
    assert batch is not None, "reading goes on"
    with pytest.raises(StoreUnavailable, match="locked by another process"):
        await store.commit(batch, decide_all(batch), NOW)
    other.execute("ROLLBACK")
    other.close()
    committed = await store.commit(batch, decide_all(batch), NOW)
    assert committed.messages == 1
    assert not (await store.append([message(2)]))[0].duplicate
    await store.close()


async def test_writes_behind_one_another_wait_for_a_lock_together(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "BUSY_SECONDS", 0.4)
    store = await Store.open(url, Standing())
    await store.append([message(1)])
    other = sqlite3.connect(sqlite_file(url), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    started = asyncio.get_running_loop().time()
    told = await asyncio.gather(*(store.change(lambda session: None) for _ in range(8)), return_exceptions=True)
    assert [type(each) for each in told] == [StoreUnavailable] * 8
    assert 0.3 < asyncio.get_running_loop().time() - started < 1.6, "each waited for the lock anew"
    other.execute("ROLLBACK")
    other.close()
    assert len(await store.append([message(2)])) == 1
    assert (await rows(store, "PRAGMA busy_timeout"))[0] == (400,)
    await store.close()


async def test_a_full_disk_is_told_and_got_over(store: Store) -> None:
    await store.append([message(1)])
    pages = (await rows(store, "PRAGMA page_count"))[0][0]
    await store.write(lambda c: c.execute(f"PRAGMA max_page_count = {pages}").fetchall())
    big = message(2, external_id="big" + "x" * 200_000)
    with pytest.raises(StoreUnavailable, match="disk is full"):
        await store.append([message(3), big])
    assert await rows(store, "SELECT count(*) FROM event") == [(1,)], "nothing of the list was taken"
    await store.write(lambda c: c.execute("PRAGMA max_page_count = 1000000").fetchall())
    assert len(await store.append([message(3), big])) == 2


async def test_one_bad_list_does_not_take_the_others_with_it(store: Store) -> None:
    bad = message(2, depth=2**70)
    good, refused, also = await asyncio.gather(
        store.append([message(1)]), store.append([bad]), store.append([message(3)]), return_exceptions=True
    )
    assert isinstance(refused, OverflowError)
    assert isinstance(good, list)
    assert isinstance(also, list)
    assert await rows(store, "SELECT external_id FROM event ORDER BY id") == [("in-1",), ("in-3",)]


async def test_appends_that_come_together_share_commits(store: Store) -> None:
    before = store.writer.commits
    await asyncio.gather(*(store.append([message(number)]) for number in range(200)))
    assert store.writer.commits - before < 50
    assert await rows(store, "SELECT count(*) FROM event") == [(200,)]


async def test_a_job_that_raises_changes_nothing(store: Store) -> None:
    def job(c: sqlite3.Connection) -> None:
        c.execute("DELETE FROM event")
        raise LookupError("no")

    await store.append([message(1)])
    with pytest.raises(LookupError):
        await store.write(job)
    assert await rows(store, "SELECT count(*) FROM event") == [(1,)]


async def test_closing_finishes_what_was_handed_in(url: str) -> None:
    store = await Store.open(url, Standing())
    waiting = [asyncio.ensure_future(store.append([message(number)])) for number in range(20)]
    await asyncio.sleep(0)
    await store.close()
    assert all(len(each) == 1 for each in await asyncio.gather(*waiting))
    with pytest.raises(StoreUnavailable):
        await store.append([message(99)])


async def test_a_file_without_its_migrations_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="postdog migrate"):
        await Store.open(f"sqlite:///{tmp_path}/new.db", Standing())


CHILD = """
import asyncio, sys
from storage.store import Store
from tests.storage.world import Standing, message, step

async def main():
    store = await Store.open(sys.argv[1], Standing())
    async def append():
        for number in range(100_000):
            appended = await store.append([message(number, f"v{number % 7}")])
            print(appended[0].id, flush=True)
    async def work():
        while True:
            await step(store, 16)
    await asyncio.gather(append(), work())

asyncio.run(main())
"""


def test_kill_minus_nine_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/postdog.db"
    upgrade(url)
    root = str(Path(__file__).parents[2])
    environment = {**os.environ, "PYTHONPATH": root}
    command = [sys.executable, "-c", CHILD, url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root, env=environment) as child:
        assert child.stdout is not None
        acknowledged = [int(child.stdout.readline()) for _ in range(100)]
        child.send_signal(signal.SIGKILL)
        acknowledged += [int(line) for line in child.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
    asyncio.run(_look_after_the_kill(url, acknowledged))


async def _look_after_the_kill(url: str, acknowledged: list[int]) -> None:
    store = await Store.open(url, Standing())
    while await step(store):
        pass
    done = {row[0] for row in await rows(store, "SELECT id FROM event WHERE state = 1")}
    assert done >= set(acknowledged)
    orders = await rows(
        store,
        """SELECT json_extract(fields, '$.seen'), (SELECT json_group_array(CAST(substr(external_id, 4) AS INTEGER))
           FROM (SELECT external_id FROM event WHERE contact = contact.id AND kind = 'message_received' ORDER BY id))
           FROM contact""",
    )
    assert orders
    assert all(seen == order for seen, order in orders), "each once, in order"
    assert await rows(store, "PRAGMA integrity_check") == [("ok",)]
    await store.close()
