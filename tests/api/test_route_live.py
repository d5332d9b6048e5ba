"""The live stream: what is committed arrives, in the documents' form, for its own workspace only."""

from __future__ import annotations

import asyncio

import orjson

from api.route.live import LiveRoutes
from engine.runtime.protocol import Notice
from tests.api.test_route_conversations import write_in
from tests.api.town import KEY, OTHER, PHONE, town


async def following(response, name: str) -> dict:
    """The data of the next event of this name."""
    async with asyncio.timeout(10):
        while True:
            line = (await response.content.readline()).decode().strip()
            if line == f"event: {name}":
                data = (await response.content.readline()).decode()
                return orjson.loads(data.removeprefix("data: "))


async def test_a_message_arrives_as_webhooks_tell_it(tmp_path):
    async with town(tmp_path) as it, it.client.get("/v1/live", headers=KEY) as response:
        assert (response.status, response.content_type) == (200, "text/event-stream")
        await it.until(lambda: it.hub._subscriptions)
        await write_in(it, "Hello!")
        told = await following(response, "message.received")
        assert (told["event"], told["type"]) == ("message.received", "message.received")
        assert told["timestamp"] == "2026-04-01T09:00:00Z"
        data = told["data"]
        assert (data["from"], data["body"], data["type"]) == (PHONE, "Hello!", "text")
        assert data["messageId"] == data["message_id"]
        conversation = await following(response, "conversation")
        assert conversation["data"]["id"] == data["conversationId"]


async def test_the_other_workspace_hears_nothing_and_closing_ends_the_stream(tmp_path):
    async with town(tmp_path) as it:
        async with it.client.get("/v1/live", headers=OTHER) as response:
            await it.until(lambda: it.hub._subscriptions)
            await write_in(it, "Hello!")
            it.hub.publish([Notice(2, "contact", id=42)])
            assert (await following(response, "contact"))["data"] == {"id": "ct_g"}
            for subscription in list(it.hub._subscriptions):
                subscription.close()
            rest = await response.content.read()
            assert b"Hello" not in rest
        await it.until(lambda: not it.hub._subscriptions)


async def test_the_stream_needs_a_key(tmp_path):
    async with town(tmp_path) as it:
        assert (await it.client.get("/v1/live")).status == 401
        await LiveRoutes(it.services, it.hub).close()
