"""Conversations, runs and events over HTTP: who has the floor, what flows did, what died and is replayed."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import select

from crm.sweep import waiting_queues, woken
from schemas.contact import Identity
from schemas.content import Text
from schemas.event import MessageReceived, NewEvent, StartFlow, TeamChanged
from schemas.public_id import read_id
from storage.table import ConversationRow, EventRow
from tests.api.town import CHANNEL, OTHER, PHONE, START, town

TEXT = {"type": "text", "text": "Hello"}
ASK = {
    "schema": 1,
    "name": "Ask",
    "nodes": [
        {"id": "start", "type": "trigger", "config": {"on": {"kind": "keyword", "words": ["hi"]}}},
        {"id": "ask", "type": "send_message", "label": "Ask the name", "config": {"text": "Your name?"}},
        {"id": "wait", "type": "wait", "config": {"for": {"kind": "reply", "save_as": "who"}}},
        {"id": "thanks", "type": "send_message", "config": {"text": "Thanks {{who}}"}},
    ],
    "edges": [
        {"from": "start", "port": "next", "to": "ask"},
        {"from": "ask", "port": "next", "to": "wait"},
        {"from": "wait", "port": "next", "to": "thanks"},
    ],
    "variables": [{"name": "who", "type": "text"}],
}


async def write_in(it, text: str, number: int = 1) -> None:
    """The contact writes."""
    body = MessageReceived(CHANNEL, f"in-{number}", Text(text), name="Ann")
    event = NewEvent(1, f"channel:{CHANNEL}", f"in-{number}", it.clock.now(), body, identities=(Identity("phone", PHONE),))
    await it.entrance.append([event])
    await it.decided()


async def only_conversation(it) -> str:
    page = await it.call("GET", "/v1/conversations")
    assert page["total"] == 1
    return page["data"][0]["id"]


async def test_a_conversation_shows_contact_owner_and_last_words(tmp_path):
    async with town(tmp_path) as it:
        await write_in(it, "Is anybody there?")
        (shown,) = (await it.call("GET", "/v1/conversations?unhandled=true"))["data"]
        assert shown["contact"] | {"id": ""} == {"id": "", "name": "Ann", "phone": PHONE, "opted_out": False}
        assert (shown["owner"], shown["status"], shown["unhandled"], shown["preview"]) == (
            "NONE", "active", True, "Is anybody there?",
        )  # fmt: skip
        assert (shown["channel_id"], shown["window_open"], shown["window_seconds"]) == ("ch_123456", True, None)
        assert (await it.call("GET", "/v1/conversations?owner=AGENT"))["data"] == []
        thread = await it.call("GET", f"/v1/conversations/{shown['id']}/messages")
        assert [(each["direction"], each["status"]) for each in thread["data"]] == [("in", "received")]


async def test_whatsapp_shows_the_countdown_of_its_window(tmp_path):
    async with town(tmp_path) as it:
        body = MessageReceived(it.whatsapp, "wamid.1", Text("Hi"))
        who = (Identity("whatsapp", "15550109999"), Identity("phone", PHONE))
        await it.entrance.append([NewEvent(1, "channel:x", "1", START, body, identities=who)])
        await it.decided()
        it.clock.move(START + timedelta(hours=1))
        shown = await it.call("GET", f"/v1/conversations/{await only_conversation(it)}")
        assert (shown["window_open"], shown["window_seconds"], shown["channel_kind"]) == (True, 23 * 3600, "whatsapp")
        it.clock.move(START + timedelta(hours=24))
        shown = await it.call("GET", f"/v1/conversations/{shown['id']}")
        assert (shown["window_open"], shown["window_seconds"]) == (False, 0)


async def test_claim_write_resolve_and_who_may_not(tmp_path):
    async with town(tmp_path) as it:
        await write_in(it, "Help")
        path = f"/v1/conversations/{await only_conversation(it)}"
        ada, ben = it.users["ada@1"], it.users["ben@1"]
        assert "user_id" in (await it.refused("POST", path + "/claim", 400))[1]
        claimed = await it.call("POST", path + "/claim", {"user_id": ada}, status=200)
        assert (claimed["owner"], claimed["status"], claimed["unhandled"]) == ("AGENT", "active", False)
        assert await it.refused("POST", path + "/claim", 409, {"user_id": ben}) == (
            "already_claimed", "Another agent has this conversation. Ask them, or take it over.",
        )  # fmt: skip
        assert (await it.call("POST", path + "/claim", {"user_id": ben, "force": True}))["agent_id"] != claimed["agent_id"]
        sent = await it.call("POST", path + "/messages", {"user_id": ben, "content": TEXT}, status=201)
        shown = await it.call("GET", f"/v1/messages/{sent['id']}")
        assert (shown["voice"], read_id("usr", shown["user_id"])) == ("human", ben)
        await it.refused("POST", path + "/messages", 404, {"user_id": it.users["ada@2"], "content": TEXT})
        assert (await it.call("POST", path + "/resolve"))["status"] == "resolved"
        given = await it.call("POST", path + "/transfer", {"agent_id": ada})
        assert given["owner"] in ("QUEUE", "AGENT")
        await it.refused("POST", path + "/transfer", 400, {})
        await it.refused("POST", path + "/transfer", 404, {"team_id": 999})


async def test_a_take_over_suspends_the_run_and_returning_opens_its_wait(tmp_path):
    async with town(tmp_path) as it:
        flow = await it.publish(ASK)
        await write_in(it, "hi")
        path = f"/v1/conversations/{await only_conversation(it)}"
        assert (await it.call("GET", path))["owner"] == "BOT"
        await it.call("POST", path + "/claim", {"user_id": it.users["ada@1"]})
        (run,) = (await it.call("GET", f"/v1/runs?flow_id={flow}&status=suspended"))["data"]
        assert (run["flow"], run["label"], run["wait"]["kind"], run["reason"]) == ("Ask", "wait", "reply", "takeover")
        assert (await it.call("POST", path + "/return"))["owner"] == "BOT"
        await write_in(it, "Ann", 2)
        done = await it.call("GET", f"/v1/runs/{run['id']}")
        assert (done["status"], done["variables"], done["wait"]) == ("completed", {"who": "Ann"}, None)
        steps = (await it.call("GET", f"/v1/runs/{run['id']}/steps"))["data"]
        assert steps[0]["event"] == "message_received"
        assert [(each["label"], each["port"]) for each in steps[0]["path"]][:2] == [("start", "next"), ("Ask the name", "next")]
        assert steps[-1]["path"][-1]["node"] == "thanks"
        assert all(message.startswith("msg_") for step in steps for message in step["message_ids"])
        assert (await it.refused("POST", f"/v1/runs/{run['id']}/stop", 409))[0] == "not_running"


async def test_stopping_a_run(tmp_path):
    async with town(tmp_path) as it:
        await it.publish(ASK)
        await write_in(it, "hi")
        (run,) = (await it.call("GET", "/v1/runs"))["data"]
        stopped = await it.call("POST", f"/v1/runs/{run['id']}/stop", {"reason": "wrong person"}, status=200)
        assert (stopped["status"], stopped["reason"]) == ("stopped", "wrong person")
        assert stopped["ended_at"] is not None


async def test_the_tag_of_a_published_flow_stays(tmp_path):
    async with town(tmp_path) as it:
        start = {"id": "start", "type": "trigger", "config": {"on": {"kind": "tag_added", "tag": "vip"}}}
        gold = {"subject": "contact.tags", "op": "has_any", "value": ["gold", "silver"]}
        branch = {"id": "if", "type": "condition", "config": {"branches": [{"id": "yes", "rule": gold}]}}
        edges = [{"from": "start", "port": "next", "to": "if"}]
        await it.publish({"schema": 1, "name": "VIPs", "nodes": [start, branch], "edges": edges})
        tags = ["VIP", "vip", "gold", "has_any", "free"]
        await it.call("POST", "/v1/contacts", {"name": "A", "tags": tags}, status=201)
        await it.refused("DELETE", "/v1/tags/gold", 409)
        for free in ("has_any", "free"):
            await it.call("DELETE", f"/v1/tags/{free}")
        kind, message = await it.refused("DELETE", "/v1/tags/vip", 409)
        assert (kind, "“VIPs”" in message) == ("in_use", True)
        assert (await it.refused("PATCH", "/v1/tags/VIP", 409, {"tag": "gold"}))[0] == "in_use"


async def test_a_snoozed_conversation_wakes_at_its_time_and_stays_with_its_agent(tmp_path):
    async with town(tmp_path) as it:
        await write_in(it, "Later please")
        path = f"/v1/conversations/{await only_conversation(it)}"
        await it.call("POST", path + "/claim", {"user_id": it.users["ada@1"]})
        until = (START + timedelta(hours=2)).isoformat().replace("+00:00", "Z")
        snoozed = await it.call("POST", path + "/snooze", {"until": until})
        assert (snoozed["status"], snoozed["snoozed_until"], snoozed["owner"]) == ("snoozed", until, "AGENT")
        await it.refused("POST", path + "/snooze", 400, {"until": "2026-04-01T08:59:00Z"})
        early = START + timedelta(hours=1, minutes=59)
        assert await it.read(lambda session: woken(session, early)) == []
        it.clock.move(START + timedelta(hours=2))
        events = await it.read(lambda session: woken(session, it.clock.now()))
        await it.entrance.append([*events, *events])
        await it.decided()
        awake = await it.call("GET", path)
        assert (awake["status"], awake["snoozed_until"], awake["owner"]) == ("active", None, "AGENT")
        assert await it.read(lambda session: woken(session, it.clock.now())) == []


async def test_an_old_alarm_does_not_wake_a_longer_snooze(tmp_path):
    async with town(tmp_path) as it:
        await write_in(it, "Later please")
        path = f"/v1/conversations/{await only_conversation(it)}"
        await it.call("POST", path + "/snooze", {"until": "2026-04-01T10:00:00Z"})
        it.clock.move(START + timedelta(hours=1))
        events = await it.read(lambda session: woken(session, it.clock.now()))
        await it.call("POST", path + "/snooze", {"until": "2026-04-02T10:00:00Z"})
        await it.entrance.append(events)
        await it.decided()
        assert (await it.call("GET", path))["status"] == "snoozed"
        assert (await it.call("POST", path + "/snooze"))["snoozed_until"] is None


async def test_queues_are_looked_at_again_once_a_minute(tmp_path):
    async with town(tmp_path) as it:
        assert await it.read(lambda session: waiting_queues(session, START)) == []
        await write_in(it, "Help")
        path = f"/v1/conversations/{await only_conversation(it)}"
        team = await it.read(lambda session: session.exec(select(ConversationRow)).one().tenant)
        await it.call("POST", path + "/transfer", {"team_id": team})
        await it.decided()
        first = await it.read(lambda session: waiting_queues(session, START + timedelta(seconds=10)))
        later = await it.read(lambda session: waiting_queues(session, START + timedelta(seconds=50)))
        assert [each.body for each in first] == [TeamChanged()]
        assert [each.external_id for each in first] == [each.external_id for each in later]


async def test_dead_events_are_listed_and_replayed(tmp_path):
    async with town(tmp_path) as it:
        await write_in(it, "Help")
        event = await it.read(lambda session: session.exec(select(EventRow).order_by(EventRow.id)).first())
        await it.refused("POST", f"/v1/events/{event.id}/replay", 409)

        def kill(session):
            row = session.get(EventRow, event.id)
            row.state, row.error, row.attempts, row.done_at = 2, "It broke.", 5, START

        await it.services.store.write(kill)
        (dead,) = (await it.call("GET", "/v1/events?state=dead"))["data"]
        assert (dead["kind"], dead["error"], dead["body"]["content"]["text"]) == ("message_received", "It broke.", "Help")
        assert (await it.call("GET", "/v1/events", headers=OTHER))["total"] == 0
        await it.refused("POST", f"/v1/events/{event.id}/replay", 404, headers=OTHER)
        assert (await it.call("POST", f"/v1/events/{event.id}/replay"))["state"] == "pending"
        await it.decided()
        assert (await it.call("GET", f"/v1/events/{event.id}"))["state"] == "done"


async def test_a_refused_event_tells_its_problem(tmp_path):
    async with town(tmp_path) as it:
        submitted = await it.entrance.submit(
            NewEvent(1, "api", "1", START, StartFlow(999), identities=(Identity("phone", PHONE),))
        )
        event = await it.call("GET", f"/v1/events/{submitted.event}")
        assert (event["answer"], event["problem"]["code"]) == (None, "not_published")


async def test_the_other_workspace_reaches_nothing(tmp_path):
    async with town(tmp_path) as it:
        await it.publish(ASK)
        await write_in(it, "hi")
        conversation = await only_conversation(it)
        (run,) = (await it.call("GET", "/v1/runs"))["data"]
        user = {"user_id": it.users["ada@2"]}
        for method, path, body in (
            ("GET", f"/v1/conversations/{conversation}", None),
            ("GET", f"/v1/conversations/{conversation}/messages", None),
            ("POST", f"/v1/conversations/{conversation}/messages", {**user, "content": TEXT}),
            ("POST", f"/v1/conversations/{conversation}/claim", user),
            ("POST", f"/v1/conversations/{conversation}/resolve", user),
            ("POST", f"/v1/conversations/{conversation}/return", user),
            ("POST", f"/v1/conversations/{conversation}/transfer", {"agent_id": it.users["ada@2"]}),
            ("POST", f"/v1/conversations/{conversation}/snooze", user),
            ("GET", f"/v1/runs/{run['id']}", None),
            ("GET", f"/v1/runs/{run['id']}/steps", None),
            ("POST", f"/v1/runs/{run['id']}/stop", None),
        ):
            await it.refused(method, path, 404, body, headers=OTHER)
        for path in ("/v1/conversations", "/v1/runs", "/v1/messages", "/v1/tags"):
            assert (await it.call("GET", path, headers=OTHER))["data"] == []
        assert (await it.call("GET", f"/v1/runs/{run['id']}"))["status"] == "waiting"


async def test_what_is_not_decided_in_time_is_202(tmp_path):
    async with town(tmp_path) as it:
        await write_in(it, "Help")
        path = f"/v1/conversations/{await only_conversation(it)}"
        it.entrance.answers = False
        await it.call("POST", path + "/claim", {"user_id": it.users["ada@1"]}, status=202)
