"""A server with the routes of flows and set-up over tables in memory, and an engine that only writes down what it is given."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from aiohttp.test_utils import TestClient, TestServer
from pydantic import BaseModel, ConfigDict, Field, SecretStr
from sqlalchemy.pool import StaticPool
from sqlmodel import Session, SQLModel, create_engine

from api.http.app import Hooks, create_http_app
from api.http.endpoint import HttpServices
from api.http.rate import RatePolicy
from api.route.setup import setup_routes
from api.route.simulations import SimulationRoutes
from api.services import ReadyMade, Services, Submitted
from api.sign_in import KeySignIn
from channels.config import secret
from channels.protocol import ChannelType
from crm.keys import adopt_key
from crm.tenants import bootstrap
from crm.worlds import StoredWorlds
from engine.runtime.feed import Hub
from engine.runtime.protocol import Appended
from nodes import node_types
from schemas.capability import Capabilities
from schemas.event import NewEvent
from schemas.problem import Problem
from storage.secret import SecretBox
from storage.table import METADATA

START = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)
OURS, THEIRS = "pd_live_ours", "pd_live_theirs"
KEY = {"Authorization": f"Bearer {OURS}"}
OTHER = {"X-API-Key": THEIRS}


class MemoryStore:
    """`api.services.Store` over one SQLite database in memory."""

    def __init__(self) -> None:
        self.engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
        METADATA.create_all(self.engine)
        assert SQLModel.metadata is METADATA

    async def read(self, work: Callable[[Session], Any]) -> Any:
        with Session(self.engine, expire_on_commit=False) as session:
            result = work(session)
            assert not session.dirty | session.new | session.deleted, "a read wrote"
            session.expunge_all()
            return result

    async def write(self, work: Callable[[Session], Any]) -> Any:
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            result = work(session)
            session.flush()
            session.expunge_all()
            return result


@dataclass
class PaperEngine:
    """Writes events down, knows duplicates by their keys, and answers what the test says."""

    events: list[NewEvent] = field(default_factory=list)
    answer: Any = None
    appends: int = 0
    fails: Exception | None = None

    async def append(self, events: Sequence[NewEvent]) -> list[Appended]:
        self.appends += 1
        if self.fails is not None:
            raise self.fails
        return [self._one(event) for event in events]

    async def submit(self, event: NewEvent, wait: float = 5.0) -> Submitted:
        taken = self._one(event)
        return Submitted(taken.id, taken.duplicate, self.answer)

    def refuse(self, code: str) -> None:
        self.answer = Problem(code, "error", "", "It can't be.", "Do otherwise.")

    def _one(self, event: NewEvent) -> Appended:
        key = (event.tenant, event.source, event.external_id)
        for at, known in enumerate(self.events, 1):
            if (known.tenant, known.source, known.external_id) == key:
                return Appended(at, True)
        self.events.append(event)
        return Appended(len(self.events), False)


class PagerConfig(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    number: str = Field(pattern=r"^[0-9]{1,9}$")
    colour: str = "blue"
    access_token: SecretStr = secret(title="Access token")


class ChatConfig(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    greeting: str = ""


class Pager(ChannelType[PagerConfig]):
    kind, label, Config = "pager", "Pager", PagerConfig
    capabilities = Capabilities(buttons=3, rows=10, identities=("phone",))

    def address(self, config: PagerConfig) -> str:
        return config.number

    def build(self, channel, config, services):
        raise NotImplementedError


class Chat(ChannelType[ChatConfig]):
    kind, label, Config = "webchat", "Web chat", ChatConfig
    capabilities = Capabilities(buttons=3, rows=10, identities=("webchat",))

    def build(self, channel, config, services):
        raise NotImplementedError


@dataclass
class Turning:
    """A clock to be turned by hand."""

    at: datetime = START

    def now(self) -> datetime:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def counted_random() -> Callable[[int], bytes]:
    """Bytes that differ at every call and are the same in every test."""
    count = itertools.count(1)
    return lambda size: (sha256(str(next(count)).encode()).digest() * 4)[:size]


@dataclass
class Office:
    """The running server, with two workspaces: 1, ours, and 2, theirs."""

    client: TestClient
    services: Services
    engine: PaperEngine
    clock: Turning
    store: MemoryStore
    connected: list[int]

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


@asynccontextmanager
async def office(data_dir: Path = Path("/nonexistent"), ready_made: Sequence[ReadyMade] = ()) -> AsyncIterator[Office]:
    store, engine, clock, connected = MemoryStore(), PaperEngine(), Turning(), []
    kinds: dict[str, ChannelType[Any]] = {"pager": Pager(), "webchat": Chat()}
    types = node_types()

    async def changed(channel: int) -> None:
        connected.append(channel)

    def begin(session: Session) -> None:
        for name, key in (("Ours", OURS), ("Theirs", THEIRS)):
            made = bootstrap(session, name, START)
            adopt_key(session, made.tenant, key, START)

    await store.write(begin)
    services = Services(
        store=store,
        engine=engine,
        worlds=StoredWorlds(store, types, {kind: each.capabilities for kind, each in kinds.items()}),
        node_types=types,
        ready_made=ready_made,
        channel_types=kinds,
        secrets=SecretBox(b"k" * 32),
        feed=Hub(),
        clock=clock,
        random=counted_random(),
        data_dir=data_dir,
        public_url="https://chat.example",
        channels_changed=changed,
    )
    http = HttpServices(KeySignIn(store, clock), now=clock.now, policies=(RatePolicy("default", 100_000, 60, 100_000),))
    simulations = SimulationRoutes(services)
    app = create_http_app((*setup_routes(services), *simulations.routes), http, hooks=Hooks(stopping=(simulations.close,)))
    async with TestClient(TestServer(app)) as client:
        yield Office(client, services, engine, clock, store, connected)


def greeting(name: str = "Greeting", *, on: dict[str, Any] | None = None, text: str = "Hello!", **extra: Any) -> dict[str, Any]:
    """A flow that can be published: a trigger and a message."""
    return {
        "schema": 1,
        "name": name,
        "nodes": [
            {"id": "start", "type": "trigger", "config": {"on": on or {"kind": "api"}}},
            {"id": "hello", "type": "send_message", "config": {"text": text}},
        ],
        "edges": [{"from": "start", "port": "next", "to": "hello"}],
        **extra,
    }


HOOK = {
    "kind": "webhook",
    "identity": {"phone": "customer.phone"},
    "name": "customer.name",
    "variables": {"total": "order.total", "item": "order.lines[0].name"},
}


async def live_flow(it: Office, document: dict[str, Any], **publish: Any) -> Any:
    """A published flow."""
    flow = await it.call("POST", "/v1/flows", {"document": document}, status=201)
    await it.call("POST", f"/v1/flows/{flow['id']}/publish", publish or None)
    return await it.call("GET", f"/v1/flows/{flow['id']}")
