"""Web chat's routes over tables in memory, with an engine that answers each message with its echo."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiohttp import ClientWebSocketResponse, WSMsgType
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool
from sqlmodel import Session, select

from api.chat.limit import ChatSettings
from api.chat.routes import ChatRoutes
from api.http.app import Hooks, create_http_app
from api.http.endpoint import HttpServices
from api.services import Services
from crm.webchat import Thread
from engine.runtime.clock import VirtualClock
from engine.runtime.feed import Hub
from engine.runtime.protocol import Appended, Notice, StoreUnavailable
from schemas.content import Content, Text, dump_content, text_of
from schemas.event import MessageReceived, NewEvent, StatusReported
from schemas.public_id import public_id
from storage.secret import SecretBox
from storage.table import (
    METADATA,
    ChannelRow,
    ContactRow,
    ConversationRow,
    IdentityRow,
    MessageRow,
    TenantRow,
    UserRow,
)

SITE = "https://shop.example"
PATIENCE = 5.0  # seconds until a frame that should come is missed


class Tables:
    """The store of `api.services` over SQLite in memory."""

    def __init__(self) -> None:
        self.engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
        METADATA.create_all(self.engine)
        self.after_thread: Callable[[], object] | None = None
        """Called once, between the next reading of a thread and its use."""

    async def read(self, work):
        await asyncio.sleep(0)
        with Session(self.engine, expire_on_commit=False) as session:
            result = work(session)
        if isinstance(result, Thread) and self.after_thread is not None:
            meanwhile, self.after_thread = self.after_thread, None
            meanwhile()
            for _ in range(10):  # its notice is passed on before the thread is used
                await asyncio.sleep(0)
        return result

    async def write(self, work):
        await asyncio.sleep(0)
        with Session(self.engine, expire_on_commit=False) as session:
            result = work(session)
            session.commit()
            session.expunge_all()
            return result


@dataclass
class Echo:
    """An engine that keeps each message once, tells of it, and answers as a bot."""

    tables: Tables
    hub: Hub
    clock: VirtualClock
    seen: dict[tuple[str, str], NewEvent] = field(default_factory=dict)
    appended: list[NewEvent] = field(default_factory=list)
    silent: bool = False
    broken: int = 0
    """So many appends fail, as on a full disk."""
    instant: int = 0
    ids: int = 100

    async def append(self, events: Sequence[NewEvent]) -> list[Appended]:
        await asyncio.sleep(0)
        if self.broken:
            self.broken -= 1
            raise StoreUnavailable("The disk is full.")
        done = []
        for event in events:
            self.appended.append(event)
            duplicate = (event.source, event.external_id) in self.seen
            if not duplicate:
                self.seen[event.source, event.external_id] = event
                self.decide(event)
            done.append(Appended(1, duplicate))
        return done

    def decide(self, event: NewEvent) -> None:
        body = event.body
        if isinstance(body, StatusReported):
            self.report(body)
        elif isinstance(body, MessageReceived):
            contact = self.contact_of(event)
            self.put("in", body.content, contact, body.channel, provider_id=body.external_id)
            if not self.silent:
                self.put("out", Text(f"You said: {text_of(body.content)}"), contact, body.channel)

    def contact_of(self, event: NewEvent) -> int:
        identity = event.identities[0]
        with Session(self.tables.engine) as session:
            known = session.get(IdentityRow, (event.tenant, identity.kind, identity.value))
            if known is not None:
                return known.contact
            contact = self.next_id()
            at = self.clock.now()
            session.add(ContactRow(id=contact, tenant=event.tenant, part=0, created_at=at, updated_at=at))
            session.add(IdentityRow(tenant=event.tenant, kind=identity.kind, value=identity.value, contact=contact))
            session.commit()
            return contact

    def put(self, direction: str, content: Content, contact: int, channel: int, quiet: bool = False, **more: Any) -> int:
        """Keep a message of tenant 1, and (unless `quiet`) tell of it as the runtime does after the commit."""
        tenant = 1
        self.instant += 1
        at = self.clock.now() + timedelta(microseconds=self.instant)
        status = "received" if direction == "in" else "accepted"
        with Session(self.tables.engine) as session:
            where = (ConversationRow.contact == contact, ConversationRow.channel == channel)
            conversation = session.exec(select(ConversationRow.id).where(*where)).first() or self.next_id()
            if session.get(ConversationRow, conversation) is None:
                session.add(ConversationRow(id=conversation, tenant=tenant, contact=contact, channel=channel, created_at=at))
            message = self.next_id()
            dumped = dump_content(content)
            values = {"provider_id": f"key:{message}", **more}
            row = MessageRow(
                id=message, tenant=tenant, contact=contact, conversation=conversation, channel=channel,
                direction=direction, status=status, content=dumped, created_at=at, appeared_at=at, **values,
            )  # fmt: skip
            session.add(row)
            session.commit()
        if not quiet:
            to = self._addresses(contact) if direction == "out" else ()
            self.hub.publish([Notice(tenant, "message", conversation, message, {"status": status, "to": to})])
        return message

    def _addresses(self, contact: int) -> tuple[str, ...]:
        with Session(self.tables.engine) as session:
            return tuple(session.exec(select(IdentityRow.value).where(IdentityRow.contact == contact)).all())

    def report(self, body: StatusReported) -> None:
        with Session(self.tables.engine) as session:
            row = session.get(MessageRow, body.message)
            assert row is not None
            row.status = body.status
            session.commit()

    def next_id(self) -> int:
        self.ids += 1
        return self.ids


@dataclass
class Browser:
    """One tab of a visitor."""

    socket: ClientWebSocketResponse

    async def send(self, frame: dict[str, Any]) -> None:
        await self.socket.send_json(frame)

    async def say(self, text: str, client_id: str) -> None:
        await self.send({"type": "send", "client_id": client_id, "content": {"kind": "text", "text": text}})

    async def next(self) -> dict[str, Any]:
        """The next frame, pings left out. Fails when the connection ends or nothing comes."""
        while True:
            frame: dict[str, Any] = await self.socket.receive_json(timeout=PATIENCE)
            if frame["type"] != "ping":
                return frame

    async def until(self, kind: str, count: int = 1) -> list[dict[str, Any]]:
        """The next frames of a type; others are skipped."""
        found: list[dict[str, Any]] = []
        while len(found) < count:
            frame = await self.next()
            if frame["type"] == kind:
                found.append(frame)
        return found

    async def texts(self, count: int) -> list[str]:
        """What the next messages say."""
        return [frame["content"]["text"] for frame in await self.until("message", count)]

    async def quiet(self) -> None:
        """Nothing more is on its way: an unknown frame is answered next."""
        await self.send({"type": "echo"})
        assert (await self.next())["type"] == "error"

    async def ended(self) -> int:
        """The close code that the server gave; frames before it are skipped."""
        while (message := await self.socket.receive(timeout=PATIENCE)).type is WSMsgType.TEXT:
            pass
        assert message.type is WSMsgType.CLOSE
        return int(message.data)


@dataclass
class House:
    """The running server, its tables and its levers."""

    client: TestClient
    tables: Tables
    engine: Echo
    hub: Hub
    clock: VirtualClock
    chat: ChatRoutes
    data_dir: Path
    sockets: list[ClientWebSocketResponse] = field(default_factory=list)

    path = f"/chat/{public_id('ch', 7)}"

    async def session(self, token: str | None = None, **headers: str) -> dict[str, str]:
        answer = await self.client.post(f"{self.path}/session", json={"token": token}, headers=headers)
        assert answer.status == 200, await answer.text()
        session: dict[str, str] = await answer.json()
        return session

    async def knock(self, **headers: str) -> Browser:
        """A connection that has said nothing yet."""
        socket = await self.client.ws_connect(f"{self.path}/ws?after=0", headers=headers, autoping=True)
        self.sockets.append(socket)
        return Browser(socket)

    async def browser(self, token: str, after: int = 0) -> Browser:
        """A tab that was told `ready`."""
        tab = await self.knock()
        await tab.send({"type": "hello", "token": token, "after": after})
        assert (await tab.next())["type"] == "ready"
        return tab

    async def left(self, count: int) -> None:
        """So many connections are left on the server."""
        async with asyncio.timeout(PATIENCE):
            while len(self.chat._audience) != count:  # noqa: ASYNC110 - the server says nothing when it is done
                await asyncio.sleep(0)

    def change(self, kind: type[Any], key: Any, **values: Any) -> None:
        """Write into a row."""
        with Session(self.tables.engine) as session:
            row = session.get(kind, key)
            for name, value in values.items():
                setattr(row, name, value)
            session.add(row)
            session.commit()

    def contact(self, visitor: str) -> int:
        with Session(self.tables.engine) as session:
            row = session.get(IdentityRow, (1, "webchat", f"7:{visitor}"))
            assert row is not None
            return row.contact

    def say(self, visitor: str, content: Content, **more: Any) -> int:
        """The bot or an agent says something."""
        return self.engine.put("out", content, self.contact(visitor), 7, **more)


@asynccontextmanager
async def house(data_dir: Path, settings: ChatSettings | None = None, **config: Any) -> AsyncIterator[House]:
    """A server with the web chat 7 of tenant 1, an agent, and another tenant's chat 8."""
    tables, hub, clock = Tables(), Hub(), VirtualClock()
    now = clock.now()
    config.setdefault("allowed_origins", [SITE])
    with Session(tables.engine) as session:
        for tenant in (1, 2):
            session.add(TenantRow(id=tenant, name="Shop", created_at=now))
        session.add(ChannelRow(id=7, tenant=1, kind="webchat", name="Shop chat", config=config, created_at=now))
        session.add(ChannelRow(id=8, tenant=2, kind="webchat", name="Other chat", created_at=now))
        session.add(ChannelRow(id=9, tenant=1, kind="whatsapp", name="Phone", created_at=now))
        session.add(UserRow(id=3, tenant=1, email="ann@shop.example", name="Ann Becker", created_at=now))
        session.commit()
    engine = Echo(tables, hub, clock)
    services = Services(
        store=tables, engine=engine, worlds=None, node_types=None, channel_types={}, secrets=SecretBox(b"k" * 32),  # type: ignore[arg-type]
        feed=hub, clock=clock, random=os.urandom, data_dir=data_dir, public_url="https://chat.shop.example",
        channels_changed=lambda _: asyncio.sleep(0),
    )  # fmt: skip
    chat = ChatRoutes(services, hub, settings)

    async def nobody(key: str) -> None:
        return None

    app = create_http_app((), HttpServices(nobody, now=clock.now), hooks=Hooks((chat.start,), (chat.stop,)))
    chat.mount(app)
    async with TestClient(TestServer(app)) as client:
        running = House(client, tables, engine, hub, clock, chat, data_dir)
        yield running
        for socket in running.sockets:
            await socket.close()
