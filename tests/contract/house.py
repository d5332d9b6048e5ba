"""The whole server on its real graph, in this process: two workspaces in one database, and a clock to set forward."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import orjson
from aiohttp import DummyCookieJar
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import text
from sqlmodel import Session

from app.graph import Graph, open_graph
from app.http import http_app
from app.settings import Settings
from crm.keys import adopt_key
from crm.tenants import bootstrap
from storage.migrate import upgrade
from storage.table import TenantRow

NOON = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)
"""Where the clock of the printed requests stands."""
OURS, THEIRS = "pd_live_ours", "pd_live_theirs"
KEY = {"Authorization": f"Bearer {OURS}"}
OTHER = {"X-API-Key": THEIRS}
SECRET = "app secret"
NOBODY_LISTENS = "http://127.0.0.1:9"
"""The Graph API of the WhatsApp channels here: messages are taken and stay queued."""


@dataclass
class Clock:
    """The machine's clock, set back to NOON, and forward by hand."""

    start: datetime = NOON
    _began: datetime = field(default_factory=lambda: datetime.now(UTC))
    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        return self.start + self.ahead + (datetime.now(UTC) - self._began)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@dataclass
class House:
    """A running server with the workspaces 1, ours, and 2, theirs."""

    client: TestClient
    graph: Graph
    clock: Clock

    @property
    def url(self) -> str:
        return str(self.client.make_url("/")).rstrip("/")

    async def ask(self, method: str, path: str, body: Any = None, *, headers: Any = KEY, **options: Any) -> Reply:
        """One request and its whole answer."""
        if body is not None:
            headers = {"Content-Type": "application/json", **headers}
            options["data"] = BytesIO(orjson.dumps(body))
        async with self.client.request(method, path, headers=headers, **options) as answer:
            data = await answer.read()
            is_json = answer.content_type == "application/json" and data
            return Reply(answer.status, answer.headers, await answer.json() if is_json else data)

    async def call(self, method: str, path: str, body: Any = None, *, headers: Any = KEY, status: int | None = None) -> Any:
        """The JSON of an answer that must be well, or have this status."""
        reply = await self.ask(method, path, body, headers=headers)
        assert reply.status == status if status else reply.status < 300, (method, path, reply.status, reply.body)
        return reply.body

    async def write(self, work: Any) -> Any:
        return await self.graph.tables.write(work)


@dataclass(frozen=True)
class Reply:
    """An answer, read to its end."""

    status: int
    headers: Any
    body: Any

    @property
    def error(self) -> str:
        """The stable word of a refusal, whose shape is checked by the way."""
        assert set(self.body) - ({"current"} if self.status == 412 else set()) == {"error", "message"}, self.body
        inner = self.body["error"]
        assert set(inner) == {"code", "type", "message", "details", "request_id"}
        assert (inner["code"], inner["message"]) == (self.status, self.body["message"])
        assert inner["request_id"] == self.headers["X-Request-Id"]
        return str(inner["type"])


@asynccontextmanager
async def house(folder: Path, clock: Clock | None = None, **settings: Any) -> AsyncIterator[House]:
    """The server over this folder; a second time over the same one is a restart."""
    clock = clock or Clock()
    chosen = Settings(_env_file=None, data_dir=folder, **settings)
    fresh = not (folder / "postdog.db").exists()
    await asyncio.to_thread(upgrade, chosen.database)
    async with open_graph(chosen, clock, public_url="https://chat.example") as graph:
        if fresh:
            await graph.tables.write(lambda session: _begin(session, clock.now()))
        async with TestClient(TestServer(http_app(graph)), cookie_jar=DummyCookieJar()) as client:
            await graph.runtime.start()
            try:
                yield House(client, graph, clock)
            finally:
                await graph.runtime.stop(1.0)


@contextlib.contextmanager
def house_in_a_thread(folder: Path, **settings: Any) -> Iterator[tuple[House, asyncio.AbstractEventLoop]]:
    """The server with a loop of its own, for clients that call synchronously."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    stack = contextlib.AsyncExitStack()
    try:
        it = asyncio.run_coroutine_threadsafe(stack.enter_async_context(house(folder, **settings)), loop).result(30)
        yield it, loop
    finally:
        asyncio.run_coroutine_threadsafe(stack.aclose(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def whatsapp(number: str) -> dict[str, str]:
    """The settings of a WhatsApp channel whose messages go nowhere."""
    secrets = {"access_token": "t", "app_secret": SECRET, "verify_token": "v"}
    return {"phone_number_id": number, "base_url": NOBODY_LISTENS, **secrets}


async def suspend(it: House, tenant: int, status: str = "suspended") -> None:
    """What an operator does to an account."""

    def work(session: Session) -> None:
        row = session.get(TenantRow, tenant)
        assert row is not None
        row.status = status
        session.add(row)

    await it.write(work)


async def next_id(it: House, table: str, number: int) -> None:
    """Let the next row of a table have the id that a document prints."""
    statement = text("UPDATE sqlite_sequence SET seq = :seq WHERE name = :name").bindparams(seq=number - 1, name=table)
    await it.write(lambda session: session.execute(statement))


def _begin(session: Session, now: datetime) -> None:
    for name, key in (("Ours", OURS), ("Theirs", THEIRS)):
        made = bootstrap(session, name, now)
        adopt_key(session, made.tenant, key, now, name=f"{name} key")
