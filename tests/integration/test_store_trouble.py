"""A locked database, a full disk, and a stop or a kill under load: what was acknowledged is there, once, and is answered once."""

from __future__ import annotations

import asyncio
import resource
import sqlite3
from collections import Counter
from pathlib import Path

import pytest

from tests.integration.flow import echo
from tests.integration.load import Load, load_on
from tests.integration.server import Server, running_server, until
from tests.integration.visitor import visiting
from tests.integration.whatsapp import connected


async def decided(server: Server) -> bool:
    """Whether no event waits any more."""
    return bool(server.row("SELECT count(*) FROM event WHERE state = 0") == (0,))


def missing(server: Server, load: Load) -> set[str]:
    """Acknowledged messages that are not in the database exactly once."""
    with sqlite3.connect(server.database) as connection:
        rows = connection.execute("SELECT provider_id FROM message WHERE direction = 'in'").fetchall()
    connection.close()
    kept = Counter(row[0] for row in rows)
    return {id for id in load.taken if kept[id] != 1}


async def test_a_locked_database_makes_callers_come_again_and_the_server_recovers_by_itself(tmp_path: Path) -> None:
    async with running_server(tmp_path) as server, connected(server) as (graph, channel), visiting(server) as visitor:
        await server.publish(echo())
        load = load_on(graph, server.url, channel)
        await load.crowd("hello", range(3), 1)
        await graph.sent(count=3)
        other = sqlite3.connect(server.database, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            async with visitor.connect() as tab:
                chatting = asyncio.create_task(tab.say("hello"))  # waits, and is taken when the lock is gone
                # 2 s are waited for the lock; then every caller hears that it must come again.
                _, refused, ready = await asyncio.gather(
                    load.crowd("hello", range(10, 14), 1),
                    server.answer("POST", "/v1/contacts", {"phone": "+4915112345678", "name": "Ann"}),
                    server.answer("GET", "/readyz"),
                )
                assert load.refused == [503, 503, 503, 503]
                assert (refused.status, refused.error) == (503, "unavailable")
                assert refused.body["message"] == "Nothing can be stored now. Nothing was changed; try again in a moment."
                assert ready.status == 503
                assert (await server.answer("GET", "/healthz")).status == 200
                assert (await server.answer("GET", "/v1/contacts")).status == 200  # reading goes on
                other.execute("ROLLBACK")
                await chatting
                await tab.until("You said it.")
        finally:
            other.close()
        await load.crowd("hello", range(10, 14), 1)
        await graph.sent(count=7)
        await until(lambda: _ready(server))
        assert missing(server, load) == set()
        assert (await graph.stats())["duplicates"] == 0
        assert "Traceback" not in server.log()


async def test_a_full_disk_loses_nothing_and_writing_goes_on_when_there_is_room(tmp_path: Path) -> None:
    async with running_server(tmp_path) as server, connected(server) as (graph, channel):
        await server.publish(echo())
        load = load_on(graph, server.url, channel)
        await load.crowd("hello", range(3), 1)
        await graph.sent(count=3)
        assert server.process is not None
        free = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
        # No file may grow or be written beyond its first 4 kB: what a write to a full disk meets.
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (4096, free[1]))
        await load.crowd("hello", range(10, 14), 1)
        assert load.refused == [503, 503, 503, 503]
        refused = await server.answer("POST", "/v1/contacts", {"phone": "+4915112345678", "name": "Ann"})
        assert (refused.status, refused.error) == (503, "unavailable")
        assert (await server.answer("GET", "/readyz")).status == 503
        assert (await server.answer("GET", "/v1/contacts")).status == 200
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, free)
        await until(lambda: _ready(server))
        await load.crowd("hello", range(10, 14), 1)
        await graph.sent(count=7)
        assert missing(server, load) == set()
        assert (await graph.stats())["duplicates"] == 0
        assert await server.stop() == 0
        with sqlite3.connect(server.database) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        connection.close()


async def _ready(server: Server) -> bool:
    return (await server.answer("GET", "/readyz")).status == 200


@pytest.mark.parametrize("way", ["stop", "kill"])
async def test_what_was_acknowledged_under_load_is_decided_once_after_the_end_of_the_process(tmp_path: Path, way: str) -> None:
    people, each = range(60), 5
    async with running_server(tmp_path) as server, connected(server, callbacks=way == "stop") as (graph, channel):
        await server.publish(echo())
        load = load_on(graph, server.url, channel)
        crowd = asyncio.create_task(load.crowd("hello", people, each))

        async def half() -> bool:
            return len(load.taken) >= len(people) * each // 3

        await until(half)
        if way == "stop":
            assert await server.stop() == 0
        else:
            await server.kill()
        await crowd
        taken = len(load.taken)
        assert 0 < taken < len(people) * each  # it ended in the middle
        await server.start()
        await until(lambda: decided(server))
        assert missing(server, load) == set()
        # The crowd repeats everything, as Meta does with what was not answered: nothing is doubled by it.
        await load.crowd("hello", people, each)
        await until(lambda: decided(server))
        assert missing(server, load) == set()
        assert server.row("SELECT count(*) FROM message WHERE direction = 'in'") == (len(people) * each,)
        assert server.row("SELECT count(*) FROM run") == (len(people) * each,)
        assert server.row("SELECT count(*) FROM event WHERE state = 2") == (0,)
        if way == "stop":  # after a kill, requests in flight are in doubt for 60 s
            await graph.sent(count=len(people) * each, timeout=20)
        stats = await graph.stats()
        assert stats["duplicates"] == 0
        assert max(len(keys) for keys in stats["order"].values()) <= each
