"""`python -m tests.parity.serve FOLDER`: the whole server on a clock that a test sets, with a door for the test beside it.

Everything is what `postdog serve` runs but the clock, and `/_test/…`: workspaces are made there, time is moved, and what no
client can do (a schedule's start, a provider's refusal in web chat) is done.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import web
from sqlalchemy import text
from sqlmodel import Session, col, select

from app.graph import Graph, open_graph
from app.http import http_app
from app.log import set_up_logging
from app.settings import Settings
from crm.keys import adopt_key
from crm.tenants import bootstrap
from crm.world_number import raise_world
from engine.core.telling import NOTICE, WEBHOOK
from engine.runtime.caller import ANY
from engine.runtime.protocol import Accepted, CallAnswer, CallClaim, Channel, Lost, Outgoing, Refused
from schemas.contact import ContactChange, Identity
from schemas.event import ChangeContact, NewEvent, StartFlow
from schemas.public_id import read_id
from simulator.outside import answered, examples_of
from storage.column import to_micros
from storage.migrate import upgrade
from storage.table import CallRow, EventRow, RunRow, TemplateRow

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
LOOK_SECONDS = 0.002
PATIENCE_SECONDS = 20.0

BUSY = """
SELECT (SELECT count(*) FROM event WHERE tenant = :tenant AND state = 0)
     + (SELECT count(*) FROM run WHERE tenant = :tenant AND status = 'waiting' AND due <= :now)
     + (SELECT count(*) FROM message WHERE tenant = :tenant AND status IN ('queued', 'claimed') AND coalesce(next_at, 0) <= :now)
     + (SELECT count(*) FROM message WHERE tenant = :tenant AND status = 'claimed')
     + (SELECT count(*) FROM call WHERE tenant = :tenant AND state = 0 AND run <> 0)
"""
"""Work that is ready at this instant, or under way."""
NEXT = """
SELECT min(at) FROM (SELECT min(due) AS at FROM run WHERE tenant = :tenant AND status = 'waiting' AND due > :now
          UNION ALL SELECT min(next_at) FROM message WHERE tenant = :tenant AND status = 'queued' AND next_at > :now)
"""


@dataclass
class SetClock:
    """A clock that stands where it was set. Sleeping takes real time: it is only how the loops poll."""

    at: datetime = BEGIN

    def now(self) -> datetime:
        """Where it was set."""
        return self.at

    async def sleep(self, seconds: float) -> None:
        """Real seconds."""
        await asyncio.sleep(seconds)


@dataclass
class Refusing:
    """A web chat whose provider refuses the next message, as no real one does."""

    inner: Channel
    codes: list[str] = field(default_factory=list)

    @property
    def capabilities(self) -> Any:
        return self.inner.capabilities

    async def send(self, outgoing: Outgoing) -> Accepted | Refused | Lost:
        if self.codes:
            code = self.codes.pop(0)
            return Refused(code, "refused for a test", "window_closed" if code == "window_closed" else "never")
        return await self.inner.send(outgoing)

    async def call(self, kind: str, data: Any) -> None:
        await self.inner.call(kind, data)


@dataclass
class StandIn:
    """Answers every call of a run as a scenario does: as it is given for the node, else by the node's first example."""

    graph: Graph
    given: dict[int, dict[str, Any]] = field(default_factory=dict)
    """By tenant and node."""

    async def __call__(self, claim: CallClaim) -> CallAnswer | None:
        call, services = claim.call, self.graph.services
        if not call.run:
            return None
        wanted_run = select(RunRow.version).where(RunRow.id == call.run)
        version = await services.store.read(lambda session: session.exec(wanted_run).one())
        world = await services.worlds.get(claim.tenant, frozenset({version}))
        examples = examples_of(world, version, call, services.node_types)
        wanted = self.given.get(claim.tenant, {}).get(call.node, "example")
        if isinstance(wanted, str):
            wanted = next(each.value for each in examples if wanted in ("example", each.note))
        told = answered(call, wanted)
        return CallAnswer(told.data, told.ok, told.code, told.detail)


class Door:
    """What only the test may do."""

    def __init__(self, graph: Graph, clock: SetClock) -> None:
        self._graph = graph
        self._clock = clock
        self._stand_in = StandIn(graph)
        graph.runtime.caller._handlers = {ANY: self._stand_in}  # nothing is really called here

    def mount(self, app: web.Application) -> None:
        """`POST /_test/NAME`, JSON in and out."""
        doors = "workspace template clock advance skip idle contact start fail events calls outside"
        for name in doors.split():
            app.router.add_post(f"/_test/{name}", self._served(getattr(self, name)))

    def _served(self, work: Callable[..., Awaitable[Any]]) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def serve(request: web.Request) -> web.Response:
            return web.json_response(await work(**await request.json()))

        return serve

    async def workspace(self, name: str) -> dict[str, Any]:
        """A new workspace with a key."""
        key, now = f"pd_live_{name}", self._clock.now()

        def make(session: Session) -> int:
            made = bootstrap(session, name, now)
            adopt_key(session, made.tenant, key, now)
            return made.tenant

        return {"tenant": await self._graph.tables.write(make), "key": key}

    async def calls(self, tenant: int, given: dict[str, Any]) -> None:
        """What the calls of a scenario answer."""
        self._stand_in.given[tenant] = given

    async def outside(self, tenant: int) -> list[Any]:
        """What webhooks and teams were told, in order: an event's name and data, or the text of a notice."""
        wanted = select(CallRow.data).where(CallRow.tenant == tenant, col(CallRow.kind).in_((WEBHOOK, NOTICE)))
        rows = await self._graph.tables.read(lambda session: session.exec(wanted.order_by(col(CallRow.id))).all())
        return [[row["event"], row["data"]] if "event" in row else row["text"] for row in rows]

    async def template(self, tenant: int, **given: Any) -> None:
        """A template that Meta has approved."""
        now = self._clock.now()

        def make(session: Session) -> None:
            session.add(TemplateRow(tenant=tenant, channel=0, created_at=now, **given))
            raise_world(session, tenant)

        await self._graph.tables.write(make)
        self._graph.services.worlds.changed(tenant)

    async def clock(self, at: str) -> None:
        """Set the clock, before a scenario begins."""
        self._clock.at = datetime.fromisoformat(at)

    async def advance(self, tenant: int, to: str | None = None, by: float = 0.0) -> str:
        """Move the clock from one due instant to the next, and let everything happen at each."""
        end = datetime.fromisoformat(to) if to else datetime.fromtimestamp(self._clock.at.timestamp() + by, UTC)
        while (due := await self._next(tenant)) is not None and due <= end:
            await self._move(tenant, due)
        await self._move(tenant, end)
        return self._clock.at.isoformat()

    async def skip(self, tenant: int) -> None:
        """Move it to the next due instant."""
        due = await self._next(tenant)
        if due is not None:
            await self._move(tenant, due)

    async def _move(self, tenant: int, to: datetime) -> None:
        self._clock.at = max(self._clock.at, to)
        self._graph.runtime.wake()
        await self.idle(tenant)

    async def _next(self, tenant: int) -> datetime | None:
        found = await self._row(NEXT, tenant)
        return datetime.fromtimestamp(found / 1e6, UTC) if found else None

    async def idle(self, tenant: int) -> None:
        """Until nothing of the workspace is ready or under way."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await self._row(BUSY, tenant):  # noqa: ASYNC110 - what is waited for stands in the database
                await asyncio.sleep(LOOK_SECONDS)

    async def _row(self, statement: str, tenant: int) -> Any:
        values = {"tenant": tenant, "now": to_micros(self._clock.now())}
        return await self._graph.tables.read(lambda session: session.connection().execute(text(statement), values).scalar())

    async def contact(self, tenant: int, identities: list[list[str]], changes: list[dict[str, Any]]) -> int:
        """A contact that is known before the conversation, with an address that only the channel gives; its id."""
        change = ChangeContact(tuple(ContactChange(**each) for each in changes), actor="simulation")
        event = await self._append(tenant, "contact", change, identities=tuple(Identity(*each) for each in identities))
        wanted = select(EventRow.contact).where(EventRow.id == event)
        return int(await self._graph.tables.read(lambda session: session.exec(wanted).one()))

    async def start(self, tenant: int, contact: int, flow: str, node: str, channel: str, variables: Any, reason: str) -> None:
        """A start that no client can ask for: a schedule's."""
        body = StartFlow(read_id("flow", flow), node, read_id("ch", channel), variables, reason)
        await self._append(tenant, f"start:{await self._row('SELECT count(*) FROM event', tenant)}", body, contact=contact)

    async def _append(self, tenant: int, key: str, body: Any, **to: Any) -> int:
        (taken,) = await self._graph.runtime.append([NewEvent(tenant, "test", key, self._clock.now(), body, **to)])
        await self.idle(tenant)
        return taken.id

    async def fail(self, channel: str, code: str) -> None:
        """The channel's next message is refused."""
        id = read_id("ch", channel)
        known = await self._graph.channels.get(id)
        assert known is not None
        if not isinstance(known, Refusing):
            known = Refusing(known)
            self._graph.channels.replace(id, known)
        known.codes.append(code)

    async def events(self, tenant: int, contact: int) -> list[Any]:
        """Kind, source and trace of every event of a contact, in order."""
        wanted = select(EventRow.kind, EventRow.source, EventRow.trace).order_by(col(EventRow.id))
        own = wanted.where(EventRow.tenant == tenant, EventRow.contact == contact)
        return [list(row) for row in await self._graph.tables.read(lambda session: session.exec(own).all())]


@asynccontextmanager
async def serving(folder: Path):
    """The server on a free port; gives its address."""
    clock = SetClock()
    settings = Settings(_env_file=None, data_dir=folder, rate_per_minute=1_000_000, rate_burst=1_000_000, log_level="error")
    set_up_logging(settings.log_level, settings.log_format)
    await asyncio.to_thread(upgrade, settings.database)
    async with open_graph(settings, clock, public_url="http://127.0.0.1") as graph:
        app = http_app(graph)
        Door(graph, clock).mount(app)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        await graph.runtime.start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()
            await graph.runtime.stop(1.0)


async def main(folder: Path) -> None:
    """Serve until SIGTERM; one JSON line says where."""
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    async with serving(folder) as url:
        print(json.dumps({"url": url}), flush=True)
        await stopping.wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
