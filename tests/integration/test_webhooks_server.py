"""Webhooks on a real server: what happens is told, signed, once for each id; a dead receiver and a kill lose nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.integration.flow import document, on_word, say, wait_reply
from tests.integration.receiver import Receiver, genuine, receiving
from tests.integration.server import Server, running_server, until
from tests.integration.visitor import visiting

OPEN = {"POSTDOG_ALLOW_HTTP_WEBHOOKS": "true"}
LEAD = document(
    "Lead",
    {
        "start": on_word("budget"),
        "tell": ("emit_event", {"event": "lead.qualified", "data": [{"name": "budget", "value": 5000}]}),
        "thanks": say("Thanks!"),
    },
    ["start -> tell", "tell -> thanks"],
)


async def listen(server: Server, receiver: Receiver, *events: str) -> str:
    made = await server.ask("POST", "/v1/webhooks", {"url": receiver.url, "events": list(events)}, 201)
    receiver.secret = made["secret"]
    return str(made["id"])


async def write(server: Server, text: str = "budget", answer: str = "Thanks!") -> None:
    async with visiting(server) as visitor, visitor.connect() as tab:
        await tab.say(text)
        await tab.until(answer)


async def test_what_happens_is_told_with_signatures_that_hold(tmp_path: Path) -> None:
    async with receiving() as receiver, running_server(tmp_path, **OPEN) as server:
        flow = await server.publish(LEAD)
        webhook = await listen(server, receiver, "*")
        await write(server)
        wanted = {"message.received", "contact.created", "lead.qualified", "message.sent", "run.completed"}

        async def all_came() -> bool:
            return wanted <= set(receiver.events())

        await until(all_came)
        assert receiver.all_genuine()
        lead = receiver.of("lead.qualified")
        assert (lead["budget"], lead["flow_id"], lead["flow_name"], lead["node"]) == (5000, flow, "Lead", "tell")
        assert receiver.of("message.received")["body"] == "budget"
        assert receiver.of("contact.created")["contact"]["id"] == lead["contact"]["id"]
        assert receiver.of("run.completed")["run_id"] == lead["run_id"]
        for headers, body, _ in receiver.came:
            assert headers["webhook-id"] == body["id"]
            assert body["type"] == body["event"]
            assert body["timestamp"] == body["created_at"]
            assert body["timestamp"].endswith("Z")
        assert len({body["id"] for _, body, _ in receiver.came}) == len(receiver.came)

        async def all_noted() -> Any:
            told = await server.everything(f"/v1/webhooks/{webhook}/deliveries")
            return wanted <= {each["event"] for each in told} and told

        for each in await until(all_noted):
            assert (each["status"], each["code"], each["answer"], each["attempts"]) == ("delivered", 200, "thanks", 1)


async def test_only_what_was_asked_for_is_told_and_a_test_says_what_came_back(tmp_path: Path) -> None:
    async with receiving() as receiver, running_server(tmp_path, **OPEN) as server:
        await server.publish(LEAD)
        webhook = await listen(server, receiver, "flow.event")
        one = f"/v1/webhooks/{webhook}"
        receiver.answers = [503]
        tested = await server.ask("POST", one + "/test")
        assert (tested["status"], tested["code"], tested["error"]) == ("failed", 503, "The address answered 503.")
        assert (await server.ask("POST", one + "/test"))["status"] == "delivered"
        refused = await server.answer("POST", f"{one}/deliveries/{tested['id']}/redeliver")
        assert (refused.status, refused.error) == (409, "conflict")
        await write(server)

        async def told() -> bool:
            return "lead.qualified" in receiver.events()

        await until(told)
        assert receiver.events() == ["webhook.test", "webhook.test", "lead.qualified"]

        async def noted() -> Any:
            told = await server.everything(one + "/deliveries")
            return next((each for each in told if each["event"] == "lead.qualified"), None)

        lead = await until(noted)
        again = await server.ask("POST", f"{one}/deliveries/{lead['id']}/redeliver")
        assert again["status"] == "waiting"

        async def twice() -> bool:
            return receiver.events().count("lead.qualified") == 2

        await until(twice)
        (first, _, raw), (second, _, same) = [each for each in receiver.came if each[1]["type"] == "lead.qualified"]
        assert (first["webhook-id"], raw) == (second["webhook-id"], same)
        # A rotated secret signs beside the old one; switched off, nothing is told.
        old, receiver.secret = receiver.secret, (await server.ask("POST", one + "/secret"))["secret"]
        await server.ask("POST", one + "/test")
        headers, _, body = receiver.came[-1]
        assert genuine(receiver.secret, headers, body)
        assert len(headers["webhook-signature"].split(" ")) == 2
        assert old != receiver.secret
        await server.ask("PATCH", one, {"status": "off"})
        await write(server)
        assert receiver.events().count("lead.qualified") == 2
        assert server.row("SELECT count(*) FROM call WHERE kind = 'webhook'") == (1,)


async def test_deliveries_are_told_flatly_to_the_one_address_and_replies_to_who_asks(tmp_path: Path) -> None:
    lead = document("Ask", {"start": on_word("budget"), "ask": say("How much?"), "wait": wait_reply(), "thanks": say("Thanks!")},
                    ["start -> ask", "ask -> wait", "wait -> thanks"])  # fmt: skip
    async with receiving() as receiver, receiving() as other, running_server(tmp_path, **OPEN) as server:
        await server.publish(lead)
        put = await server.ask("PUT", "/v1/webhooks", {"webhook_url": receiver.url, "rotate_secret": False})
        receiver.secret = put["webhook_secret"]
        await listen(server, other, "message.replied", "*")
        async with visiting(server) as visitor, visitor.connect() as tab:
            await tab.say("budget")
            await tab.until("How much?")
            await tab.say("5000")
            await tab.until("Thanks!")

        async def told() -> bool:
            return len(receiver.came) >= 2 and "message.replied" in other.events()

        await until(told)
        assert receiver.events() == ["delivery.sent", "delivery.sent"]
        assert receiver.all_genuine()
        body = receiver.came[0][1]
        assert (body["event"], body["status"], body["error"], body["campaign_id"]) == ("delivery.sent", "sent", None, None)
        assert body["sent_at"].endswith("+00:00")
        assert isinstance(body["job_id"], int)
        assert body["data"]["body"] == "How much?"
        assert [each["data"]["body"] for _, each, _ in other.came if each["type"] == "message.replied"] == ["5000"]
        assert not [event for event in other.events() if event.startswith("delivery.")], "* is all but these"


@pytest.mark.slow
async def test_a_dead_receiver_and_a_kill_lose_nothing_and_double_no_id(tmp_path: Path) -> None:
    async with receiving() as gone:
        pass  # nobody is at its port now
    async with running_server(tmp_path, **OPEN) as server:
        await server.publish(LEAD)
        webhook = await listen(server, gone, "lead.*", "message.failed")
        for _ in range(3):
            await write(server)

        async def all_failed_once() -> bool:
            return len(await server.everything(f"/v1/webhooks/{webhook}/deliveries")) == 3

        await until(all_failed_once)
        await server.kill()
        await server.start()
        async with receiving(gone.port, secret=gone.secret, answers=[500]) as receiver:

            async def all_came() -> Any:
                told = await server.everything(f"/v1/webhooks/{webhook}/deliveries")
                return len(told) == 3 and all(each["status"] == "delivered" for each in told)

            await until(all_came, 120.0)
            assert receiver.all_genuine()
            bodies: dict[str, set[bytes]] = {}
            for headers, _, body in receiver.came:
                bodies.setdefault(headers["webhook-id"], set()).add(body)
            assert len(bodies) == 3
            assert all(len(each) == 1 for each in bodies.values())
