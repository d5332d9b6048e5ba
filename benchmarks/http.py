"""Over HTTP: signed webhooks to the whole server, against a bare aiohttp echo with the same client and the same requests."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.served import Served, first_line, running, start
from benchmarks.workload import SAID
from tests.fakes.graph.client import FakeGraph

CONNECTIONS = 128
"""Webhooks under way at once: Meta opens some hundred connections to a busy number's address."""
DRAIN_S = 60.0
"""How long the last answers may take to be sent and settled."""

COUNTED = (
    "SELECT count(*) FROM contact",
    "SELECT count(*) FROM message WHERE direction = 'in'",
    "SELECT count(*) FROM message WHERE direction = 'out' AND status IN ('accepted', 'sent', 'delivered', 'read')",
    "SELECT count(*) FROM message WHERE direction = 'out' AND status = 'read'",
    "SELECT count(*) FROM run WHERE status = 'waiting'",
)
"""In the order of `Kept`."""


@dataclass(frozen=True)
class Played:
    """Requests a second, from the first until everything that came of the last was done."""

    per_second: float
    busy: float
    """The share of its time in which the client itself computed: near 1 it is what is measured."""


async def play(served: Served, contacts: int, turns: int, log: Path, counter: str = "", before: int = 0) -> Played:
    """Send the messages, the next turn's when the `counter` of the server says that this one's are done.

    Raises AssertionError where one was not answered with 200, TimeoutError where one is not done DRAIN_S after.
    """
    words = (served.port, served.path, contacts, turns, CONNECTIONS)
    child = await start("benchmarks.client", [str(word) for word in words], log)
    await first_line(child)
    assert child.stdin is not None
    seconds = busy = 0.0
    for turn in range(turns):
        child.stdin.write(b"go\n")
        found = await first_line(child, within_s=600)
        assert found["statuses"] == {"200": contacts}, f"{contacts} webhooks were sent and answered so: {found['statuses']}"
        if counter:
            await served.counted(counter, before + (turn + 1) * contacts, DRAIN_S)
            seconds += time.monotonic() - found["begun"]
        else:
            seconds += found["seconds"]
        busy += found["busy"] * found["seconds"]
    await child.wait()
    return Played(contacts * turns / seconds, busy / seconds)


@dataclass(frozen=True)
class Kept:
    """Rows that stand after a run."""

    contacts: int
    received: int
    sent: int
    read: int
    active_runs: int


@dataclass(frozen=True)
class Product:
    """The whole server's figure: messages a second until the last answer was settled, and its memory then."""

    per_second: float
    megabytes: float
    kept: Kept


def echo(folder: Path, requests: int) -> float:
    """Requests a second of the bare echo."""

    async def measured() -> float:
        async with running("echo", log=folder / "echo.log") as served:
            return (await play(served, requests, 1, folder / "client.log")).per_second

    return asyncio.run(measured())


def product(folder: Path, contacts: int) -> Product:
    """The whole server with a null channel. Raises AssertionError where its rows are not those of the workload."""

    async def measured() -> Product:
        async with running("product", str(folder / "data"), log=folder / "server.log") as served:
            played = await play(served, contacts, len(SAID), folder / "client.log", "sends_accepted")
            return Product(played.per_second, served.resident_megabytes(), kept(folder / "data"))

    done = asyncio.run(measured())
    told = contacts * len(SAID)
    assert done.kept == Kept(contacts, told, told, 0, contacts), f"{contacts} people wrote {told} messages; left: {done.kept}"
    return done


def with_graph(folder: Path, contacts: int) -> Product:
    """The whole server with a fake Graph server, which tells of each answer that it was sent, delivered and read."""

    async def measured() -> Product:
        unlimited = ("--number-rate", "0", "--pair-burst", "0", "--hook-connections", "64", "--status-delay", "0")
        async with (
            FakeGraph.process(arguments=unlimited) as graph,
            running("product", str(folder / "data"), graph.base_url, log=folder / "server.log") as served,
        ):
            await graph.rules(hook_url=f"http://127.0.0.1:{served.port}{served.path}")
            played = await play(served, contacts, len(SAID), folder / "client.log", "sends_accepted")
            assert await graph.settled(timeout=DRAIN_S), "not all status callbacks were taken"
            return Product(played.per_second, served.resident_megabytes(), await _all_read(folder / "data", told))

    told = contacts * len(SAID)
    done = asyncio.run(measured())
    assert done.kept == Kept(contacts, told, told, told, contacts), f"{contacts} people wrote {told} messages; left: {done.kept}"
    return done


async def _all_read(folder: Path, messages: int) -> Kept:
    """What is kept once so many messages are reported as read: the last callbacks were taken, and are decided now."""
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_S):
            while kept(folder).read < messages:  # noqa: ASYNC110 - it is another process that we wait for
                await asyncio.sleep(0.02)
    return kept(folder)


def kept(folder: Path) -> Kept:
    """Count the rows in the file, beside the server."""
    with closing(sqlite3.connect(folder / "postdog.db", timeout=5)) as connection:
        return Kept(*(connection.execute(statement).fetchone()[0] for statement in COUNTED))
