"""What measurements stand on: the object graph that `serve` builds, a published flow, a channel that takes everything."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlmodel import Session, select

from app.bootstrap import ensure_workspace
from app.graph import Graph, capabilities_of, open_graph
from app.settings import Settings
from benchmarks.workload import FLOW
from channels.config import split_config
from channels.whatsapp.config import WhatsAppConfig
from channels.whatsapp.limits import CAPABILITIES
from crm.channels import create_channel
from crm.flows import create_flow
from crm.publish import Around, publish_flow
from engine.runtime.clock import SystemClock
from engine.runtime.metric import Counters
from engine.runtime.protocol import Accepted, Channel, Lost, Outgoing, Refused
from schemas.capability import Capabilities
from schemas.flow import FlowDocument
from storage.migrate import upgrade
from storage.table import ChannelRow, FlowRow

NUMBER = "106540352242922"
APP_SECRET = "app-secret"
TOKEN = "graph-token"
PATIENCE_S, POLL_S = 300.0, 0.002
"""Seconds until a message counts as lost, and between two looks."""


class NullChannel:
    """WhatsApp as far as the engine sees; takes everything at once."""

    capabilities: Capabilities = replace(CAPABILITIES, per_second=None, at_once=512)

    async def send(self, outgoing: Outgoing) -> Accepted:
        """Taken."""
        return Accepted(f"null-{outgoing.message}")

    async def call(self, kind: str, data: Mapping[str, Any]) -> None:
        """Done."""


class Unpaced:
    """A channel without its provider's limits: Meta's 80 messages a second would be what is measured."""

    capabilities = NullChannel.capabilities

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    async def send(self, outgoing: Outgoing) -> Accepted | Refused | Lost:
        """Sent by the channel itself."""
        return await self._channel.send(outgoing)

    async def call(self, kind: str, data: Mapping[str, Any]) -> None:
        """Called by the channel itself."""
        await self._channel.call(kind, data)


@dataclass(frozen=True)
class Stage:
    """A graph with a workspace, the measured flow and a channel; nothing runs yet."""

    graph: Graph
    tenant: int
    channel: int


@asynccontextmanager
async def open_stage(folder: Path) -> AsyncIterator[Stage]:
    """The stage in a new database in this folder, or in one where it was set before."""
    settings = Settings(data_dir=folder)
    await asyncio.to_thread(upgrade, settings.database)
    async with open_graph(settings, SystemClock(), public_url="") as graph:
        yield await set_stage(graph)


async def set_stage(graph: Graph, *, graph_url: str = "") -> Stage:
    """Publish the flow, alone, and connect a number: to the fake Graph server at this address, or to nobody."""
    started = await ensure_workspace(graph)
    now = graph.clock.now()
    config = WhatsAppConfig.model_validate(
        {
            "phone_number_id": NUMBER,
            "access_token": TOKEN,
            "app_secret": APP_SECRET,
            "verify_token": "verify",
            "base_url": graph_url or "http://127.0.0.1:9",
        }
    )
    shown, secrets = split_config(config)

    def work(session: Session) -> int:
        known = session.exec(select(ChannelRow).where(ChannelRow.address == NUMBER)).first()
        if known is not None:
            return known.id
        for row in session.exec(select(FlowRow)):
            row.live_version = 0
            session.add(row)
        box = graph.services.secrets
        channel = create_channel(session, started.tenant, "whatsapp", "Measured", shown, secrets, box, now, address=NUMBER)
        flow = create_flow(session, started.tenant, FlowDocument.model_validate(FLOW), now)
        around = Around(graph.services.node_types, capabilities_of(graph.channel_kinds), graph.services.random)
        publish_flow(session, started.tenant, flow.id, around, now)
        return channel.id

    channel = await graph.tables.write(work)
    graph.services.worlds.changed(started.tenant)
    connected = await graph.channels.get(channel) if graph_url else None
    graph.channels.replace(channel, Unpaced(connected) if connected is not None else NullChannel())
    return Stage(graph, started.tenant, channel)


async def all_sent(counters: Counters, wanted: int) -> None:
    """Wait until so many messages are sent and settled. Raises TimeoutError where one is lost.

    Polls: who listens to the feed costs what is measured.
    """
    async with asyncio.timeout(PATIENCE_S):
        while counters.counts["sends_accepted"] < wanted:  # noqa: ASYNC110 - nothing tells of settled sends for free
            await asyncio.sleep(POLL_S)
