"""The object graph: every concrete class is named here and nowhere else."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import structlog
from sqlmodel import Session

from api.services import Services
from app.ai.ask import AiAsking
from app.ai.client import AiClient
from app.call_trial import CallTrial
from app.connected import ConnectedChannels
from app.deliver import Deliverer
from app.entrance import Entrance
from app.http_caller import HttpCaller, calling_session
from app.installed import installed_node_types
from app.media_store import FileStore
from app.notify import Notifier
from app.ready_made import ready_made_flows
from app.settings import Settings
from app.tables import Tables
from channels.outside import Guard, public_session
from channels.protocol import ChannelType
from channels.protocol import Services as ChannelServices
from channels.registry import channel_types
from crm.worlds import StoredWorlds
from engine.core.telling import NOTICE, WEBHOOK
from engine.runtime.feed import Hub
from engine.runtime.metric import Counters
from engine.runtime.protocol import Clock
from engine.runtime.runtime import Runtime
from nodes.call_api import HTTP
from schemas.ai import AI
from schemas.capability import Capabilities
from storage.secret import SecretBox, key_beside, read_key
from storage.store import Store
from storage.table import ChannelRow
from storage.url import sqlite_file

log: structlog.stdlib.BoundLogger = structlog.get_logger("postdog")
IDLE_CONNECTION_S = 15.0
"""Providers close idle connections after some tens of seconds; a request on a closed one would be ambiguous."""


@dataclass(frozen=True, slots=True)
class Graph:
    """Everything that the server is made of."""

    settings: Settings
    clock: Clock
    store: Store
    tables: Tables
    runtime: Runtime
    hub: Hub
    counters: Counters
    channels: ConnectedChannels
    channel_kinds: Mapping[str, ChannelType[Any]]
    services: Services
    on_channel_changed: list[Callable[[int], Awaitable[None]]]
    """Who else must know when a channel's settings changed."""


@asynccontextmanager
async def open_graph(settings: Settings, clock: Clock, *, public_url: str) -> AsyncIterator[Graph]:
    """The graph over a migrated database. Nothing runs yet: start `graph.runtime`."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    box = secret_box(settings)
    store = await Store.open(settings.database, clock)
    tables = Tables(store)
    guard = Guard.of(settings.call_allow)
    sessions = _Sessions(guard)
    kinds = channel_types()
    types = installed_node_types()
    hub, counters = Hub(), Counters()
    channel_services = ChannelServices(
        session=sessions.provider,
        outside=sessions.outside,
        clock=clock,
        media=FileStore(tables, settings.data_dir, clock, secrets.token_bytes),
    )
    channels = ConnectedChannels(tables, kinds, box, channel_services)
    asking = AiAsking(tables, box, AiClient(sessions.allowed, guard), types, clock)
    worlds = StoredWorlds(tables, types, capabilities_of(kinds))
    private = settings.allow_http_webhooks
    deliverer = Deliverer(
        tables, worlds, box, clock, sessions.provider if private else sessions.allowed, guard=guard, private=private
    )
    calling = HttpCaller(tables, box, clock, sessions.calls, guard, public_url)
    runtime = Runtime(
        clock=clock,
        store=store,
        worlds=worlds,
        channels=channels,
        feed=hub,
        metrics=counters,
        handlers={
            WEBHOOK: deliverer,
            NOTICE: Notifier(tables, clock, hub),
            AI: asking.handle,
            HTTP: calling,
        },
        attention=_attention(tables, worlds),
    )

    tables.wrote = runtime.wake
    listeners: list[Callable[[int], Awaitable[None]]] = []

    async def channel_changed(channel: int) -> None:
        await channels.changed(channel)
        runtime.sender.mended(channel)
        for listener in listeners:
            await listener(channel)

    services = Services(
        store=tables,
        engine=Entrance(runtime),
        worlds=worlds,
        node_types=types,
        channel_types=kinds,
        secrets=box,
        feed=hub,
        clock=clock,
        random=secrets.token_bytes,
        data_dir=settings.data_dir,
        public_url=public_url,
        channels_changed=channel_changed,
        ready_made=ready_made_flows(),
        health=channels.health,
        deliver=deliverer.attempt,
        plain_http_webhooks=settings.allow_http_webhooks,
        try_ai=asking.try_out,
        try_call=CallTrial({HTTP: calling}, clock),
    )
    try:
        yield Graph(settings, clock, store, tables, runtime, hub, counters, channels, kinds, services, listeners)
    finally:
        await sessions.close()
        await store.close()


def capabilities_of(kinds: Mapping[str, ChannelType[Any]]) -> dict[str, Capabilities]:
    """What each kind of channel can show."""
    return {kind.kind: kind.capabilities for kind in kinds.values()}


def secret_box(settings: Settings) -> SecretBox:
    """The box that seals channel tokens: by the setting, else by a key file beside the database."""
    given = settings.secret_key.get_secret_value()
    return SecretBox(read_key(given) if given else key_beside(sqlite_file(settings.database)))


class _Sessions:
    """The HTTP sessions of the channels, made on first use."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._provider: aiohttp.ClientSession | None = None
        self._allowed: aiohttp.ClientSession | None = None
        self._calls: aiohttp.ClientSession | None = None
        self._outside: aiohttp.ClientSession | None = None

    def provider(self) -> aiohttp.ClientSession:
        if self._provider is None:
            connector = aiohttp.TCPConnector(keepalive_timeout=IDLE_CONNECTION_S, limit=512)
            self._provider = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        return self._provider

    def outside(self) -> aiohttp.ClientSession:
        if self._outside is None:
            self._outside = public_session()
        return self._outside

    def allowed(self) -> aiohttp.ClientSession:
        """As `outside`, and into the networks that the operator allows."""
        if self._allowed is None:
            self._allowed = public_session(self._guard)
        return self._allowed

    def calls(self) -> aiohttp.ClientSession:
        """For what flows call."""
        if self._calls is None:
            self._calls = calling_session(self._guard)
        return self._calls

    async def close(self) -> None:
        for session in (self._provider, self._outside, self._allowed, self._calls):
            if session is not None:
                await session.close()


def _attention(tables: Tables, worlds: StoredWorlds) -> Callable[[int, str, str], None]:
    """What happens when a channel needs an operator: it is logged, and the channel shows it."""
    tasks: set[Any] = set()

    async def mark(channel: int, detail: str) -> None:
        def work(session: Session) -> int:
            row = session.get(ChannelRow, channel)
            if row is None or row.status == "off":
                return 0
            row.status, row.attention = "needs_attention", detail[:500]
            session.add(row)
            return row.tenant

        await tables.write(work)

    def attention(channel: int, code: str, detail: str) -> None:
        log.warning("channel_needs_attention", channel=channel, code=code, detail=detail)
        task = asyncio.ensure_future(mark(channel, detail or code))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    return attention
