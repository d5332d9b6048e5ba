"""What comes in over signed WhatsApp webhooks: batches, repetitions, chaos of statuses, files, marks."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import time
from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from tests.fakes.graph import hooks
from tests.fakes.graph.settings import WILD
from tests.integration.flow import document, echo, on_anything, on_word, say
from tests.integration.server import Server, until
from tests.integration.whatsapp import connected, said

pytestmark = pytest.mark.asyncio(loop_scope="module")
RANK = {"accepted": 0, "sent": 1, "delivered": 2, "read": 3}
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def now() -> str:
    """The time as webhooks tell it."""
    return str(int(time.time()))


async def test_statuses_late_doubled_and_out_of_order_only_go_up(server: Server) -> None:
    people = [f"49151000001{number:02}" for number in range(12)]
    async with connected(server, chaos=replace(WILD, late_s=0.4), seed=7) as (graph, channel):
        await server.publish(echo("wild"))
        await asyncio.gather(*(graph.inbound(person, "wild") for person in people))
        await graph.sent(count=len(people))
        assert await graph.settled(20)

        async def shown() -> list[dict[str, Any]]:
            return list((await server.ask("GET", f"/v1/messages?channel_id={channel}&direction=out&limit=100"))["data"])

        async def all_read() -> bool:
            return {each["status"] for each in await shown()} == {"read"}

        await until(all_read)
        messages = await shown()
        assert len(messages) == len(people)
        for message in messages:
            times = [message[name] for name in ("sent_at", "delivered_at", "read_at")]
            assert all(times), message
        stats = await graph.stats()
        assert (stats["accepted"], stats["duplicates"], stats["without_key"]) == (len(people), 0, 0)
        assert stats["callbacks"].get("given_up", 0) == 0


async def test_a_batch_with_several_people_in_nested_arrays_is_taken_whole_and_once(server: Server) -> None:
    people = [f"49151000002{number:02}" for number in range(20)]
    async with connected(server) as (graph, _):
        await server.publish(document("Batch", {"start": on_word("batch"), "hi": say("Hi {{contact.name}}!")}, ["start -> hi"]))
        acts: list[dict[str, Any]] = [{"from": person, "text": "batch", "name": f"Person {person[-2:]}"} for person in people]
        acts[0]["copies"] = 3
        told = await graph.batch(*acts)
        assert told["http_statuses"] == [200, 200, 200]
        await graph.sent(count=len(people))
        for person in people:
            assert said(await graph.sent(person)) == [f"Hi Person {person[-2:]}!"]
        runs = await server.ask("GET", "/v1/runs?limit=100")
        assert sum(run["flow"] == "Batch" for run in runs["data"]) == len(people)


async def test_the_same_webhook_three_times_makes_one_run_and_one_answer(server: Server) -> None:
    async with connected(server) as (graph, channel):
        flow = await server.publish(echo("thrice"))
        told = await graph.inbound("4915100000301", "thrice", copies=3)
        assert told["http_statuses"] == [200, 200, 200]
        await graph.sent("4915100000301", count=1)
        # A later message is decided after the copies: what they would have caused stands before its answer.
        await graph.inbound("4915100000301", "thrice")
        assert len(await graph.sent("4915100000301", count=2)) == 2
        assert len(await server.everything(f"/v1/runs?flow_id={flow}")) == 2
        inbound = await server.everything(f"/v1/messages?channel_id={channel}&direction=in")
        assert len(inbound) == 2


async def test_a_file_is_fetched_into_our_store_and_shown(server: Server) -> None:
    async with connected(server) as (graph, channel):
        media = {"base64": base64.b64encode(PNG).decode(), "mime_type": "image/png"}
        await graph.inbound("4915100000401", type="image", image={"caption": "Look"}, media=media)

        async def fetched() -> Any:
            messages = await server.everything(f"/v1/messages?channel_id={channel}&direction=in")
            return next((each["content"] for each in messages if each["content"].get("media_id")), None)

        content = await until(fetched)
        assert (content["type"], content["caption"], content["mime"]) == ("image", "Look", "image/png")
        file = await server.ask("GET", f"/v1/media/{content['media_id']}")
        assert (file["size"], file["sha256"]) == (len(PNG), hashlib.sha256(PNG).hexdigest())
        async with aiohttp.ClientSession() as session, session.get(file["url"]) as answer:
            assert await answer.read() == PNG


async def test_a_flow_that_takes_a_message_marks_it_as_read_and_shows_that_it_types(server: Server) -> None:
    async with connected(server) as (graph, _):
        await server.publish(echo("marks"))
        told = await graph.inbound("4915100000501", "marks")
        await graph.sent("4915100000501", count=1)

        async def marked() -> Any:
            return [each["body"] for each in await graph.requests() if (each["body"] or {}).get("status") == "read"]

        (mark,) = await until(marked)
        assert (mark["message_id"], mark["typing_indicator"]) == (told["id"], {"type": "text"})


async def test_kinds_that_nobody_knows_and_endless_texts_are_kept_and_answered(server: Server) -> None:
    person = "4915100000601"
    async with connected(server) as (graph, channel):
        await server.publish(
            document("Any", {"start": on_anything(channels=[channel]), "heard": say("Heard.")}, ["start -> heard"])
        )
        body = hooks.envelope(
            graph.settings,
            [[("messages", {
                **hooks.value(graph.settings),
                "contacts": [{"wa_id": person, "profile": {"name": "Ann"}}],
                "messages": [{"from": person, "id": "wamid.hologram", "timestamp": now(), "type": "hologram", "hologram": {}}],
            }), ("nonsense", {"deep": [[[{}]]]})]],
        )  # fmt: skip
        assert await graph.raw(body) == 200
        for text in ("x" * 100_000, "a\x00b", "{{contact.name}} {a|b}", "ُْ\u202e😀" * 100):
            assert (await graph.inbound(person, text))["http_status"] == 200

        async def kept() -> Any:
            found = await server.everything(f"/v1/messages?channel_id={channel}&direction=in")
            return found if len(found) == 5 else None

        contents = [each["content"] for each in await until(kept)]
        kinds = {each["type"] for each in contents}
        assert "text" in kinds
        texts = [each["text"] for each in contents if each["type"] == "text"]
        assert "{{contact.name}} {a|b}" in texts
        assert any(text.replace("\x00", "") == "ab" for text in texts)
        assert any(text.startswith("x" * 1_000) for text in texts)
        assert len(await graph.sent(person, count=4)) >= 4
        assert (await server.answer("GET", "/v1/events?state=dead")).body["data"] == []


async def test_wrong_and_missing_signatures_are_refused_and_nothing_is_taken(server: Server) -> None:
    async with connected(server) as (graph, channel):
        await server.publish(echo("forged"))
        url = f"/hooks/whatsapp/{channel}"
        act = {"from": "4915100000701", "id": "wamid.forged", "timestamp": now(), "type": "text", "text": {"body": "forged"}}
        value = {**hooks.value(graph.settings), "messages": [act], "contacts": [{"wa_id": act["from"]}]}
        raw = hooks.encode(hooks.envelope(graph.settings, [[("messages", value)]]))

        async def knock(data: bytes, **headers: str) -> tuple[int, str]:
            found = await server.answer("POST", url, data=data, headers={"Content-Type": "application/json", **headers})
            return found.status, "" if found.status == 200 else found.error

        name = "X-Hub-Signature-256"
        right = hooks.signature(graph.settings.app_secret, raw)
        wrong = hooks.signature("another secret", raw)
        assert await knock(raw) == (401, "signature_missing")
        assert await knock(raw, **{name: wrong}) == (403, "signature_wrong")
        assert await knock(raw + b" ", **{name: right}) == (403, "signature_wrong")
        assert await knock(raw, **{name: "sha256=" + "é" * 64}) == (403, "signature_wrong")
        broken = b'{"object": '
        assert await knock(broken, **{name: hooks.signature(graph.settings.app_secret, broken)}) == (400, "malformed_json")
        assert await server.everything(f"/v1/messages?channel_id={channel}") == []
        assert await knock(raw, **{name: right}) == (200, "")
        assert await knock(raw, **{name: right}) == (200, "")
        assert said(await graph.sent("4915100000701", count=1)) == ["You said it."]
        asked = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token="
        assert (await server.answer("GET", f"{url}?{asked}verify")).body == "1158201444"
        assert (await server.answer("GET", f"{url}?{asked}guess")).status == 403
