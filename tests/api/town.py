"""A server with the routes of people and talk over a real store and a running engine; only the channels are made up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp.test_utils import TestClient, TestServer
from pydantic import BaseModel, ConfigDict
from sqlmodel import Session

from api.http.app import Hooks, create_http_app
from api.http.endpoint import HttpServices
from api.http.rate import RatePolicy
from api.route.live import LiveRoutes
from api.route.people import people_routes
from api.services import Services, Submitted
from api.sign_in import KeySignIn
from channels.protocol import ChannelType
from channels.whatsapp.kind import WHATSAPP
from crm.channels import create_channel
from crm.flows import create_flow
from crm.keys import adopt_key
from crm.publish import Around, publish_flow
from crm.tenants import bootstrap
from crm.users import create_user
from crm.world_number import raise_world
from crm.worlds import StoredWorlds
from engine.runtime.clock import VirtualClock
from engine.runtime.feed import Hub
from engine.runtime.protocol import Accepted, Outgoing
from engine.runtime.runtime import Runtime
from nodes import node_types
from schemas.capability import Capabilities
from schemas.event import NewEvent
from schemas.flow import FlowDocument
from schemas.public_id import read_id
from storage.migrate import upgrade
from storage.secret import SecretBox
from storage.store import Store
from storage.table import ChannelRow
from tests.api.office import counted_random

START = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)
OURS, THEIRS, READER = "pd_live_ours", "pd_live_theirs", "pd_live_reader"
KEY = {"Authorization": f"Bearer {OURS}"}
OTHER = {"X-API-Key": THEIRS}
CHANNEL = read_id("ch", "ch_123456")
"""The id that the documents print."""
PHONE = "+15550109999"
WHATSAPP_CONFIG = {"phone_number_id": "106540352242922"}
WHATSAPP_SECRETS = {"access_token": "token", "app_secret": "app secret", "verify_token": "our own words"}


class PagerConfig(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Pager(ChannelType[PagerConfig]):
    kind, label, Config = "pager", "Pager", PagerConfig
    capabilities = Capabilities(text=4_096, buttons=3, rows=10, templates=True, identities=("phone", "email"))

    def build(self, channel, config, services):
        raise NotImplementedError


@dataclass
class Wire:
    """What the made-up channels were given to send."""

    sent: list[Outgoing] = field(default_factory=list)
    capabilities = Pager.capabilities

    async def get(self, channel: int) -> Wire:
        return self

    async def send(self, outgoing: Outgoing) -> Accepted:
        self.sent.append(outgoing)
        return Accepted(f"wire-{outgoing.message}")

    async def call(self, kind: str, data: Any) -> None:
        return None


class Tables:
    """`api.services.Store` over the real one; a write wakes the engine."""

    def __init__(self, store: Store, wake: Callable[[], None]) -> None:
        self._store, self._wake = store, wake

    async def read(self, work: Callable[[Session], Any]) -> Any:
        async with self._store.session() as session:
            return await session.run_sync(work)

    async def write(self, work: Callable[[Session], Any]) -> Any:
        result = await self._store.change(work)
        self._wake()
        return result


@dataclass
class Entrance:
    """`api.services.Engine` over the runtime. `answers` False: nothing is decided in time."""

    runtime: Runtime
    answers: bool = True
    broken: Exception | None = None
    appended: list[NewEvent] = field(default_factory=list)

    async def append(self, events):
        if self.broken:
            raise self.broken
        self.appended += events
        return await self.runtime.append(events)

    async def submit(self, event: NewEvent, wait: float = 5.0) -> Submitted:
        (taken,) = await self.append([event])
        answer = await self.runtime.answers.wait(taken.id, wait) if self.answers else None
        return Submitted(taken.id, taken.duplicate, answer)


@dataclass
class Town:
    """The running server, with two workspaces: 1, ours, and 2, theirs."""

    client: TestClient
    services: Services
    entrance: Entrance
    clock: VirtualClock
    store: Store
    wire: Wire
    hub: Hub
    users: dict[str, str]
    whatsapp: int = 0

    async def call(self, method: str, path: str, body: Any = None, *, headers=KEY, status: int | None = None) -> Any:
        """The JSON of an answer, its status checked."""
        answer = await self.client.request(method, path, json=body, headers=headers)
        text = await answer.text()
        assert answer.status == (status or answer.status), text
        if status is None:
            assert answer.status < 400, text
        return await answer.json() if text else None

    async def refused(self, method: str, path: str, status: int, body: Any = None, *, headers=KEY) -> tuple[str, str]:
        """Type and message of a refusal with this status."""
        told = await self.call(method, path, body, headers=headers, status=status)
        assert told["message"] == told["error"]["message"]
        return told["error"]["type"], told["message"]

    async def read(self, work: Callable[[Session], Any]) -> Any:
        return await self.services.store.read(work)

    async def until(self, holds: Callable[[], Any]) -> Any:
        """What `holds` gives, once the engine in the background has come so far."""
        async with asyncio.timeout(10):
            while not (result := holds()):
                await self.store.write(lambda connection: None)  # a way to the writer's thread and back
        return result

    async def publish(self, document: dict[str, Any]) -> int:
        """The id of a flow that is live now."""
        services = self.services
        kinds = {kind: each.capabilities for kind, each in services.channel_types.items()}
        around = Around(services.node_types, kinds, services.random)

        def work(session: Session) -> int:
            flow = create_flow(session, 1, FlowDocument.model_validate(document), START)
            publish_flow(session, 1, flow.id, around, START)
            return flow.id

        made = await services.store.write(work)
        services.worlds.changed(1)
        return made

    async def decided(self) -> None:
        """Let everything that was appended be decided."""
        query = "SELECT count(*) FROM event WHERE state = 0"
        async with asyncio.timeout(10):
            while await self.store.write(lambda connection: connection.execute(query).fetchone()[0]):
                self.entrance.runtime.wake()


@asynccontextmanager
async def town(folder: Path) -> AsyncIterator[Town]:
    url = f"sqlite:///{folder / 'town.db'}"
    upgrade(url)
    clock, hub, wire, box = VirtualClock(START), Hub(), Wire(), SecretBox(b"k" * 32)
    kinds = {"pager": Pager(), "whatsapp": WHATSAPP}
    types = node_types()
    store = await Store.open(url, clock)
    tables = Tables(store, lambda: runtime.wake())
    worlds = StoredWorlds(tables, types, {kind: each.capabilities for kind, each in kinds.items()})
    runtime = Runtime(clock=clock, store=store, worlds=worlds, channels=wire, feed=hub)

    async def changed(channel: int) -> None:
        return None

    def begin(session: Session) -> tuple[dict[str, int], int]:
        users = {}
        for name, key in (("Ours", OURS), ("Theirs", THEIRS)):
            made = bootstrap(session, name, START)
            adopt_key(session, made.tenant, key, START)
            for user in ("ada", "ben"):
                users[f"{user}@{made.tenant}"] = create_user(
                    session, made.tenant, f"{user}@example.com", user.title(), "agent", START
                ).id
        reader = adopt_key(session, 1, READER, START)
        reader.scopes = ["contacts:read"]
        session.add(ChannelRow(id=CHANNEL, tenant=1, kind="pager", name="Pager", label="primary", created_at=START))
        session.add(ChannelRow(id=77, tenant=2, kind="pager", name="Theirs", label="primary", created_at=START))
        channel = create_channel(
            session, 1, "whatsapp", "WhatsApp", {**WHATSAPP_CONFIG}, WHATSAPP_SECRETS, box, START, address="106540352242922"
        )
        raise_world(session, 1)
        return users, channel.id

    users, whatsapp = await store.change(begin)
    entrance = Entrance(runtime)
    services = Services(
        store=tables, engine=entrance, worlds=worlds, node_types=types, channel_types=kinds, secrets=box, feed=hub,
        clock=clock, random=counted_random(), data_dir=folder, public_url="https://chat.example", channels_changed=changed,
    )  # fmt: skip
    live = LiveRoutes(services, hub)
    http = HttpServices(KeySignIn(tables, clock), now=clock.now, policies=(RatePolicy("default", 100_000, 60, 100_000),))
    app = create_http_app((*people_routes(services), *live.routes), http, hooks=Hooks(stopping=(live.close,)))
    await runtime.start()
    try:
        async with TestClient(TestServer(app)) as client:
            yield Town(client, services, entrance, clock, store, wire, hub, users, whatsapp)
    finally:
        await runtime.stop(0.1)
        await store.close()
