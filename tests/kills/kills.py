"""A server under load, killed again and again while its sends are in flight; the provider outlives it all."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import aiohttp

from tests.fakes.graph.client import FakeGraph
from tests.integration.flow import Document, document, on_anything, say
from tests.integration.load import Load, load_on
from tests.integration.server import Server, running_server, until
from tests.integration.whatsapp import connect, text_of
from tests.kills.judge import Said, Verdict, count
from tests.kills.serve import AHEAD, DOUBT_S

AIMS = (("after",), ("before",), ("after", "before"), ("after", ""))
"""Where the provider holds the sends of a kill, in turn: accepted and not answered, not accepted, some of each, every second."""
IN_FLIGHT = 50
PEOPLE, EACH = 80, 2
"""Who writes for each kill, others each time, and how often: what comes second waits behind a send in doubt."""
MORE = 6
"""How often they write while the server is stopped: it must not be told everything before."""
DONE_S = 180.0
ECHO: Document = document("Echo", {"start": on_anything(), "answer": say("{{message.text}}")}, ["start -> answer"])
CLAIMED = "SELECT id, attempts FROM message WHERE direction = 'out' AND status = 'claimed'"
PENDING = "SELECT count(*) FROM event WHERE state = 0"
UNKNOWN = "SELECT count(*) FROM message WHERE was_unknown OR status = 'unknown'"
KEPT = "SELECT external_id FROM event WHERE source LIKE 'channel:%' AND kind = 'message_received'"
BUSY = "SELECT (SELECT count(*) FROM event WHERE state = 0) + (SELECT count(*) FROM message WHERE next_at IS NOT NULL)"


class Kills:
    """One server, its provider, and the people who write to it."""

    def __init__(self, server: Server, graph: FakeGraph, channel: str) -> None:
        self.server = server
        self.graph = graph
        self.load: Load = load_on(graph, server.url, channel)
        self.acknowledged: list[Said] = []
        self.in_flight: list[int] = []
        self._in_doubt: set[tuple[object, ...]] = set()
        """Sends (message, attempt) that kills left in doubt."""
        self.after_accept = 0
        self._written: dict[str, int] = {}
        self._crowds: list[asyncio.Task[None]] = []

    async def kill(self) -> None:
        """Fill the air with sends that the provider holds, and kill -9."""
        aim = AIMS[len(self.in_flight) % len(AIMS)]
        await self.graph.hold(*aim)
        self._crowds.append(asyncio.create_task(self._crowd(len(self.in_flight), EACH)))
        held = await self.graph.held(IN_FLIGHT)
        assert held >= IN_FLIGHT, f"only {held} sends came: {self.server.log()[-2000:]}"
        await self.server.kill()
        claimed = set(self.rows(CLAIMED))
        self.in_flight.append(len(claimed - self._in_doubt))
        self._in_doubt |= claimed
        self.after_accept += "after" in aim
        await self.graph.hold()
        await self.server.start()
        await self.graph.hold(release=True)

    async def stop(self) -> None:
        """SIGTERM while they write: what was acknowledged is in the file before anybody starts it again."""
        crowd = asyncio.create_task(self._crowd(len(self.in_flight), MORE))
        self._crowds.append(crowd)
        before = len(self.acknowledged)
        await until(self._that(lambda: len(self.acknowledged) > before + PEOPLE // 4))
        assert await self.server.stop() == 0
        assert not crowd.done()
        kept = {external for (external,) in self.rows(KEPT)}
        assert {_id(*each) for each in self.acknowledged} <= kept
        assert {*self.rows(CLAIMED)} <= self._in_doubt  # what was in flight has landed
        await self.server.start()

    async def end(self) -> Verdict:
        """Everybody is told, everything is sent or given up; what it came to."""
        await asyncio.gather(*self._crowds)
        assert await self.graph.settled(DONE_S)  # every status is told: in a real hour they come long before the clock is ahead
        await until(self._that(lambda: self.rows(PENDING) == [(0,)]), DONE_S)
        await self._ahead(1)  # the leases of sends in doubt are over
        await until(self._that(lambda: self.rows(CLAIMED) == []), DONE_S)
        await self._ahead(2)  # no status came for them: they are sent a second time
        await until(self._that(lambda: self.rows(BUSY) == [(0,)]), DONE_S)
        sent = [(each["recipient"], int(text_of(each["body"]))) for each in await self.graph.sent()]
        return Verdict(
            kills=len(self.in_flight),
            after_accept=self.after_accept,
            in_flight=tuple(self.in_flight),
            acknowledged=len(self.acknowledged),
            answered=len(set(sent)),
            unknown=self.rows(UNKNOWN)[0][0],
            **count(self.acknowledged, sent),
        )

    async def _ahead(self, waits: int) -> None:
        """Start it again with its clock so many waits ahead."""
        assert await self.server.stop() == 0
        self.server.environment = {AHEAD: str(waits * (DOUBT_S + 1))}
        await self.server.start()

    def rows(self, statement: str) -> list[tuple[object, ...]]:
        """What stands in the file."""
        with sqlite3.connect(self.server.database, timeout=5) as connection:
            found = connection.execute(statement).fetchall()
        connection.close()
        return found

    async def _crowd(self, group: int, each: int) -> None:
        """People of a group write, each in order, and hand in again what was not acknowledged."""
        async with aiohttp.ClientSession() as session:
            await asyncio.gather(*(self._write(session, f"4917{group:02}{number:06}", each) for number in range(PEOPLE)))

    async def _write(self, session: aiohttp.ClientSession, person: str, each: int) -> None:
        async def taken() -> bool:
            return await self.load.write(session, person, str(number), _id(person, number)) == 200

        for _ in range(each):
            number = self._written[person] = self._written.get(person, 0) + 1
            await until(taken, DONE_S)
            self.acknowledged.append((person, number))

    def _that(self, holds: Callable[[], bool]) -> Callable[[], Awaitable[bool]]:
        async def look() -> bool:
            with suppress(sqlite3.OperationalError):
                return holds()
            return False

        return look


def _id(person: str, number: int) -> str:
    return f"wamid.{person}.{number}"


async def kills(folder: Path, times: int, *, stop: bool = True) -> Verdict:
    """So many kills of a server over a folder, a stop in good order, and the verdict."""
    limits = ("--number-rate", "0", "--pair-burst", "0", "--hook-connections", "32")
    async with (
        running_server(folder, module="tests.kills.serve") as server,
        FakeGraph.process(arguments=limits) as graph,
    ):
        await server.publish(ECHO)
        run = Kills(server, graph, await connect(server, graph))
        for _ in range(times):
            await run.kill()
        if stop:
            await run.stop()
        return await run.end()
