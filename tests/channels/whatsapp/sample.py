"""What the WhatsApp tests share: settings, an instant, Meta's examples, a media store in memory, a connected channel."""

import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp

from channels.media import StoredMedia
from channels.protocol import ChannelRef, Services
from channels.whatsapp.channel import WhatsAppChannel
from channels.whatsapp.config import WhatsAppConfig
from channels.whatsapp.kind import WHATSAPP
from schemas.contact import Identity
from tests.fakes.graph import hooks
from tests.fakes.graph.client import FakeGraph

EXAMPLES = json.loads((Path(hooks.__file__).parent / "examples.json").read_text("utf-8"))
NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
NUMBER_ID = "106540352242922"
CHANNEL = ChannelRef(tenant=3, id=7, address=NUMBER_ID, siblings={NUMBER_ID: 7, "222": 8})
WA_ID = "16505551234"
BSUID = "US.13491208655302741918"
TO = (Identity("whatsapp", WA_ID),)
CONFIG = {
    "phone_number_id": NUMBER_ID,
    "business_account_id": "102290129340398",
    "access_token": "graph-token",
    "app_secret": "app-secret",
    "verify_token": "our words",
}


def config(**changes: Any) -> WhatsAppConfig:
    return WhatsAppConfig.model_validate({**CONFIG, **changes})


def hook(*messages: dict[str, Any], key: str = "messages", field: str = "messages", **value: Any) -> bytes:
    """One body with one entry and one change."""
    inner = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": NUMBER_ID}, **value}
    if messages:
        inner[key] = list(messages)
    body = {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": field, "value": inner}]}]}
    return json.dumps(body).encode()


def message(kind: str = "text", *, id: str = "wamid.1", sender: str | None = WA_ID, **more: Any) -> dict[str, Any]:
    made = {"id": id, "timestamp": "1750000000", "type": kind, **more}
    if kind == "text" and "text" not in made:
        made["text"] = {"body": "Hi"}
    return made if sender is None else {"from": sender, **made}


@dataclass
class Clock:
    at: datetime = NOW

    def now(self) -> datetime:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class Store:
    """A media store in memory."""

    files: dict[str, StoredMedia] = field(default_factory=dict)
    uploads: dict[tuple[int, str], tuple[str, datetime]] = field(default_factory=dict)
    attached: dict[int, str] = field(default_factory=dict)

    def put(self, name: str, data: bytes, mime: str, filename: str = "") -> None:
        self.files[name] = StoredMedia(name, data, mime, filename, hashlib.sha256(data).hexdigest())

    async def open(self, tenant: int, media: str) -> StoredMedia | None:
        return self.files.get(media)

    async def save(self, tenant: int, data: bytes, *, mime: str, filename: str) -> str:
        name = "med_" + hashlib.sha256(data).hexdigest()[:8]
        self.put(name, data, mime, filename)
        return name

    async def attach(self, tenant: int, message: int, media: str) -> None:
        self.attached[message] = media

    async def uploaded(self, tenant: int, channel: int, media: str, now: datetime) -> str | None:
        known, until = self.uploads.get((channel, media), ("", now))
        return known if until > now else None

    async def remember_upload(self, tenant: int, channel: int, media: str, provider_id: str, until: datetime) -> None:
        self.uploads[(channel, media)] = (provider_id, until)

    async def forget_upload(self, tenant: int, channel: int, media: str) -> None:
        self.uploads.pop((channel, media), None)


@dataclass
class Connected:
    channel: WhatsAppChannel
    store: Store
    clock: Clock


@asynccontextmanager
async def connected(base_url: str, **changes: Any) -> AsyncIterator[Connected]:
    """A channel on a Graph at this address, with short waits."""
    async with aiohttp.ClientSession() as session:
        store, clock = Store(), Clock()
        services = Services(lambda: session, lambda: session, clock, store)
        made = config(base_url=base_url, **changes)
        channel = WHATSAPP.build(CHANNEL, made, services)
        channel.client = channel.files.client = type(channel.client)(made, services.session, connect_s=1.0, answer_s=0.3)
        yield Connected(channel, store, clock)


@asynccontextmanager
async def on(graph: FakeGraph, **changes: Any) -> AsyncIterator[Connected]:
    async with connected(graph.base_url, **changes) as made:
        yield made
