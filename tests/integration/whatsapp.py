"""A WhatsApp channel of the server on a fake Graph server, and what went out over it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.fakes.graph.client import FakeGraph
from tests.fakes.graph.settings import Settings
from tests.integration.server import Server


async def connect(server: Server, graph: FakeGraph) -> str:
    """A WhatsApp channel of the server, on the fake Graph server, which is told the webhook's address."""
    settings = graph.settings
    channel = await server.ask(
        "POST",
        "/v1/channels",
        {
            "kind": "whatsapp",
            "name": f"Shop {settings.phone_number_id}",
            "config": {
                "phone_number_id": settings.phone_number_id,
                "access_token": settings.token,
                "app_secret": settings.app_secret,
                "verify_token": "verify",
                "base_url": graph.base_url,
            },
        },
    )
    await graph.rules(hook_url=f"{server.url}/hooks/whatsapp/{channel['id']}")
    return str(channel["id"])


@asynccontextmanager
async def connected(server: Server, **settings: Any) -> AsyncIterator[tuple[FakeGraph, str]]:
    """A fake Graph server of a number of its own, and the channel on it."""
    number = str(106540352242922 + len(await server.everything("/v1/channels")))
    async with FakeGraph.in_process(Settings(phone_number_id=number, **settings)) as graph:
        yield graph, await connect(server, graph)


def text_of(body: dict[str, Any]) -> str:
    """The text of a message that went out."""
    if body["type"] == "template":
        return f"template {body['template']['name']}"
    return str(body["text"]["body"] if "text" in body else body["interactive"]["body"]["text"])


def said(sent: list[dict[str, Any]]) -> list[str]:
    """The texts that went out, in order."""
    return [text_of(each["body"]) for each in sent]
