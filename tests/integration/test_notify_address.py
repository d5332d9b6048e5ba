"""Notify at an address, over WhatsApp: the owner is told of what a customer did, in a conversation of their own."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.flow import document, on_word, say
from tests.integration.server import Server, until
from tests.integration.visitor import visiting
from tests.integration.whatsapp import connected, said

pytestmark = pytest.mark.asyncio(loop_scope="module")
OWNER, ABSENT = "4915200009001", "4915200009002"


def telling(word: str, channel: str, address: str, **more: Any) -> dict[str, Any]:
    """A flow that tells somebody at an address, and the customer that it did, or could not."""
    tell = ("notify", {"to": "address", "channel": channel, "address": address, **more})
    nodes = {"start": on_word(word), "tell": tell, "yes": say("We know."), "no": say("Nobody knows.")}
    return document(f"Tell {word}", nodes, ["start -> tell", "tell -> yes", "tell.failed -> no"])


async def test_who_wrote_lately_is_told_in_words_and_the_customer_sees_nothing_of_it(server: Server) -> None:
    async with connected(server) as (graph, channel):
        await server.publish(telling("order", channel, f"+{OWNER}", text="{{contact.name|Somebody}} says {{message.text}}"))
        await graph.inbound(OWNER, "good morning")

        async def known() -> Any:
            return await server.everything(f"/v1/contacts?search={OWNER}")

        (owner,) = await until(known)
        async with visiting(server) as visitor, visitor.connect() as tab:
            await tab.say("order")
            await tab.until("We know.")
        assert said(await graph.sent(OWNER, count=1)) == ["Somebody says order"]
        assert not [text for text in visitor.texts() if "Somebody" in text]
        threads = await server.everything(f"/v1/conversations?contact_id={owner['id']}")
        assert len(threads) == 1, "it stands in the owner's own conversation"
        told = await server.everything(f"/v1/messages?conversation_id={threads[0]['id']}&direction=out")
        assert [each["content"]["text"] for each in told] == ["Somebody says order"]


async def test_who_did_not_write_is_told_by_a_template_and_made_a_contact(server: Server) -> None:
    async with connected(server) as (graph, channel):
        about = {"name": "shop_news", "category": "UTILITY", "language": "en", "channel_id": channel}
        body = "There is news from your shop: {{1}}. Have a look at it, please."
        made = await server.ask("POST", "/v1/templates", {**about, "body": body})
        approved = {"name": "shop_news", "language": "en", "category": "UTILITY", "components": [{"type": "BODY", "text": body}]}
        await graph.control("POST", "template", {**approved, "status": "APPROVED"})
        assert (await server.ask("GET", f"/v1/templates/{made['id']}"))["status"] == "approved"
        template = {"name": "shop_news", "language": "en", "parameters": ["{{message.text}}"]}
        await server.publish(telling("booked", channel, f"+{ABSENT}", template=template))
        async with visiting(server) as visitor, visitor.connect() as tab:
            await tab.say("booked")
            await tab.until("We know.")
        (sent,) = await graph.sent(ABSENT, count=1)
        assert (sent["body"]["type"], sent["body"]["template"]["name"]) == ("template", "shop_news")
        assert len(await server.everything(f"/v1/contacts?search={ABSENT}")) == 1


@pytest.mark.parametrize(("word", "address"), [("nowhere", "{{message.text}}"), ("mailed", "owner@example.com")])
async def test_what_is_no_number_takes_the_port(server: Server, word: str, address: str) -> None:
    async with connected(server) as (graph, channel):
        await server.publish(telling(word, channel, address, text="Hello"))
        async with visiting(server) as visitor, visitor.connect() as tab:
            await tab.say(word)
            await tab.until("Nobody knows.")
        assert await graph.sent() == []
