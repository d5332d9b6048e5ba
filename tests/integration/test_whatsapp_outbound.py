"""What becomes of messages over WhatsApp: failures and their ports, the window, throttles, lost answers, templates."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.fakes.graph.client import FakeGraph
from tests.integration.flow import Document, document, on_word, say, wait_reply
from tests.integration.server import Server, until
from tests.integration.whatsapp import connected, said

pytestmark = pytest.mark.asyncio(loop_scope="module")


def offer(word: str, port: str, after: str = "") -> Document:
    """Says something; where that port is taken, it waits for ever at a node named after the port."""
    nodes = {
        "start": on_word(word),
        "api": ("trigger", {"on": {"kind": "api"}}),
        "offer": say("We have news."),
        port: ("wait", {"for": {"kind": "event", "name": "never"}}),
    }
    edges = ["start -> offer", "api -> offer", f"offer.{port} -> {port}"]
    if after:
        nodes["reply"] = wait_reply(save_as="answer")
        edges.append("offer -> reply")
    return document(f"Offer {word}", nodes, edges, variables=[{"name": "answer"}])


async def stands(server: Server, flow: str, node: str, count: int = 1) -> dict[str, Any]:
    """The newest run of a flow, once so many of them stand at a node."""

    async def look() -> list[dict[str, Any]]:
        runs = await server.everything(f"/v1/runs?flow_id={flow}")
        here = [run for run in runs if run["node"] == node]
        return here if len(here) == count else []

    found: list[dict[str, Any]] = await until(look)
    return found[0]


async def failed(server: Server, channel: str, graph: FakeGraph) -> tuple[str, str]:
    """Code and advice of the newest message that failed."""
    messages = await server.everything(f"/v1/messages?channel_id={channel}&direction=out")
    error = messages[0]["error"]
    assert messages[0]["status"] == "failed", (messages[0], await graph.requests())
    return error["code"], error["message"]


async def test_an_undeliverable_message_takes_the_failed_port_at_once(server: Server) -> None:
    person = "4915200000101"
    async with connected(server) as (graph, channel):
        flow = await server.publish(offer("undeliverable", "failed"))
        await graph.recipient(person, refuse=131026)
        await graph.inbound(person, "undeliverable")
        run = await stands(server, flow, "failed")
        steps = await server.everything(f"/v1/runs/{run['id']}/steps")
        assert [(each["node"], each["port"]) for each in steps[-1]["path"]][:1] == [("offer", "failed")]
        code, advice = await failed(server, channel, graph)
        assert code == "131026"
        assert "Check that the number is on WhatsApp." in advice


async def test_a_delivery_that_fails_later_takes_the_failed_port_while_the_question_stands(server: Server) -> None:
    person = "4915200000201"
    async with connected(server, status_delay_s=0.3) as (graph, channel):
        flow = await server.publish(offer("lateloss", "failed", after="reply"))
        await graph.recipient(person, fail=131026)
        await graph.inbound(person, "lateloss")
        await graph.sent(person, count=1)
        await stands(server, flow, "reply")
        await stands(server, flow, "failed")
        assert (await failed(server, channel, graph))[0] == "131026"


async def test_a_closed_window_takes_its_port_at_the_answer_and_at_a_later_status(server: Server) -> None:
    async with connected(server, status_delay_s=0.2) as (graph, channel):
        flow = await server.publish(offer("windowed", "window_closed", after="reply"))
        for number, window in enumerate(("refuse", "fail"), 1):
            person = f"491520000030{number}"
            await graph.inbound(person, "good morning")  # our window is open; Meta's is not
            await graph.recipient(person, window=window, last_inbound_age=90_000)
            body = {"identity": {"kind": "phone", "value": f"+{person}"}, "channel_id": channel}
            await server.ask("POST", f"/v1/flows/{flow}/start", body)
            await stands(server, flow, "window_closed", count=number)
            assert (await failed(server, channel, graph))[0] == "window_closed"


async def test_somebody_who_never_wrote_is_not_sent_free_text(server: Server) -> None:
    async with connected(server) as (graph, channel):
        flow = await server.publish(offer("stranger", "window_closed"))
        body = {"identity": {"kind": "phone", "value": "+4915200000401"}, "channel_id": channel}
        await server.ask("POST", f"/v1/flows/{flow}/start", body)
        await stands(server, flow, "window_closed")
        assert [each for each in await graph.requests() if each["path"].endswith("/messages")] == []


async def test_a_throttled_number_holds_all_and_keeps_the_order(server: Server) -> None:
    people = ["4915200000501", "4915200000502"]
    async with connected(server) as (graph, channel):
        nodes = {"start": on_word("burst"), **{f"s{number}": say(f"Line {number}") for number in range(5)}}
        edges = ["start -> s0", *(f"s{number} -> s{number + 1}" for number in range(4))]
        await server.publish(document("Burst", nodes, edges))
        await graph.fault(code=130429, count=2)
        started = asyncio.get_running_loop().time()
        await asyncio.gather(*(graph.inbound(person, "burst") for person in people))
        await graph.sent(count=10, timeout=20)
        for person in people:
            assert said(await graph.sent(person)) == [f"Line {number}" for number in range(5)]
        assert asyncio.get_running_loop().time() - started >= 0.5
        stats = await graph.stats()
        assert stats["duplicates"] == 0
        assert stats["refused"] <= 20  # held, not hammered
        messages = await server.everything(f"/v1/messages?channel_id={channel}&direction=out")
        assert {each["error"] and each["error"]["code"] for each in messages} == {None}


async def test_an_answer_that_was_lost_is_never_sent_twice(server: Server) -> None:
    person = "4915200000601"
    async with connected(server, status_delay_s=0.3) as (graph, channel):
        flow = document("Lost", {"start": on_word("lost"), "a": say("First"), "b": say("Second")}, ["start -> a", "a -> b"])
        await server.publish(flow)
        await graph.fault("accept_then_drop")
        await graph.inbound(person, "lost")

        async def statuses() -> list[str]:
            found = await server.everything(f"/v1/messages?channel_id={channel}&direction=out")
            return [each["status"] for each in reversed(found)]

        async def in_doubt() -> bool:
            return "unknown" in await statuses()

        await until(in_doubt)
        assert said(await graph.sent(person, count=2)) == ["First", "Second"]
        assert await graph.settled()

        async def both_read() -> bool:
            return await statuses() == ["read", "read"]

        await until(both_read)
        stats = await graph.stats()
        assert (stats["accepted"], stats["duplicates"]) == (2, 0)


async def test_a_template_is_approved_by_webhook_and_sent_with_its_parameters(server: Server) -> None:
    person = "4915200000701"
    async with connected(server) as (graph, channel):
        body = "Hi {{1}}, your order #{{2}} has been confirmed! We will write again when it is on its way."
        template = {"name": "order_confirmed", "category": "UTILITY", "language": "en", "body": body, "channel_id": channel}
        made = await server.ask("POST", "/v1/templates", template)
        content = {"type": "template", "name": "order_confirmed", "language": "en", "parameters": ["Ann", "42"]}
        send = {"channel_id": channel, "to": f"+{person}", "content": content}
        refused = await server.answer("POST", "/v1/messages", send)
        assert refused.error == "template_not_approved"
        components = [{"type": "BODY", "text": body}]
        approved = {"name": "order_confirmed", "language": "en", "category": "UTILITY", "components": components}
        await graph.control("POST", "template", {**approved, "status": "APPROVED"})
        assert (await server.ask("GET", f"/v1/templates/{made['id']}"))["status"] == "approved"
        queued = await server.ask("POST", "/v1/messages", send)
        (sent,) = await graph.sent(person, count=1)
        (part,) = sent["body"]["template"]["components"]
        assert [each["text"] for each in part["parameters"]] == ["Ann", "42"]

        async def read() -> bool:
            return bool((await server.ask("GET", f"/v1/messages/{queued['id']}"))["status"] == "read")

        await until(read)
        text = {"channel_id": channel, "to": f"+{person}", "content": {"type": "text", "text": "And now in plain words."}}
        late = await server.ask("POST", "/v1/messages", text)  # taken, and refused when its turn comes: nobody wrote here yet

        async def refused_text() -> Any:
            return (await server.ask("GET", f"/v1/messages/{late['id']}"))["error"]

        assert (await until(refused_text))["code"] == "window_closed"


async def test_a_template_stands_in_where_the_window_proves_closed(server: Server) -> None:
    person = "4915200000801"
    async with connected(server) as (graph, channel):
        spare = say("We have news.", fallback={"name": "hello_world", "language": "en_US"})
        nodes = {"start": ("trigger", {"on": {"kind": "api"}}), "a": spare}
        flow = await server.publish(document("Spare", nodes, ["start -> a"]))
        await graph.inbound(person, "good morning")
        await graph.recipient(person, window="refuse", last_inbound_age=90_000)
        body = {"identity": {"kind": "phone", "value": f"+{person}"}, "channel_id": channel}
        await server.ask("POST", f"/v1/flows/{flow}/start", body)
        assert said(await graph.sent(person, count=1)) == ["template hello_world"]
