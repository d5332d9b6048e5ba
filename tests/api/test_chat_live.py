"""The live connection: what is sent arrives once, what was missed is read on, and the server outlives every frame."""

from __future__ import annotations

import asyncio
import json

import pytest

from engine.runtime.protocol import Notice
from schemas.contact import Identity
from schemas.content import Button, Buttons, Choice, Location, Text
from schemas.event import MessageReceived, NewEvent, StatusReported
from schemas.public_id import public_id
from tests.channels.webchat.house import House, house

ONE, TWO, THREE = "client-0001", "client-0002", "client-0003"


@pytest.fixture
async def it(tmp_path):
    async with house(tmp_path) as running:
        yield running


async def test_a_message_is_confirmed_shown_and_answered(it: House):
    session = await it.session()
    tab = await it.knock()
    await tab.send({"type": "hello", "token": session["token"], "after": 0})
    assert await tab.next() == {"type": "ready", "visitor": session["visitor"], "last": 0}
    await tab.say("Hello <b>there</b> {{x}}", ONE)
    frames = [await tab.next() for _ in range(3)]
    assert {"type": "status", "client_id": ONE, "status": "received"} in frames
    mine, answer = (frame for frame in frames if frame["type"] == "message")
    assert mine["content"] == {"kind": "text", "text": "Hello <b>there</b> {{x}}"}
    assert (mine["from"], mine["client_id"], answer["from"], answer["client_id"]) == ("visitor", ONE, "bot", None)
    assert answer["content"]["text"] == "You said: Hello <b>there</b> {{x}}"
    assert isinstance(mine["seq"], int)
    assert mine["seq"] < answer["seq"] < 2**53
    assert mine["at"].endswith("Z")
    assert answer["id"].startswith("msg_")
    event = it.engine.appended[0]
    assert (event.tenant, event.source, event.external_id) == (1, "channel:7", f"{session['visitor']}:{ONE}")
    assert [(each.kind, each.value) for each in event.identities] == [("webchat", f"7:{session['visitor']}")]


async def test_a_repeated_message_is_taken_once_and_confirmed_again(it: House):
    tab = await it.browser((await it.session())["token"])
    for _ in range(3):
        await tab.say("once", ONE)
    frames = [await tab.next() for _ in range(5)]
    assert sum(frame["type"] == "status" and frame["status"] == "received" for frame in frames) == 3
    assert len(it.engine.seen) == 1
    await tab.quiet()


async def test_what_was_missed_is_read_on_without_loss_or_doubling(it: House):
    session = await it.session()
    tab = await it.browser(session["token"])
    await tab.say("one", ONE)
    seen = await tab.until("message", 2)
    await tab.socket.close()
    for number in range(250):
        it.say(session["visitor"], Text(f"missed {number}"))
    again = await it.knock()
    await again.send({"type": "hello", "token": session["token"], "after": seen[-1]["seq"]})
    ready = await again.next()
    frames = await again.until("message", 250)
    assert [frame["content"]["text"] for frame in frames] == [f"missed {number}" for number in range(250)]
    assert ready["last"] == frames[-1]["seq"]
    await again.quiet()


async def test_messages_that_come_during_the_replay_come_once_and_in_order(it: House):
    session = await it.session()
    tab = await it.browser(session["token"])
    await tab.say("one", ONE)
    await tab.until("message", 2)
    for number in range(300):
        it.say(session["visitor"], Text(f"old {number}"))
    again = await it.browser(session["token"])
    for number in range(50):
        it.say(session["visitor"], Text(f"new {number}"))
        await asyncio.sleep(0)
    frames = await again.until("message", 352)
    seqs = [frame["seq"] for frame in frames]
    assert seqs == sorted(set(seqs))
    assert frames[-1]["content"]["text"] == "new 49"
    await again.quiet()


async def test_a_message_that_comes_while_the_thread_is_first_read_is_not_lost(it: House):
    session = await it.session()
    tab = await it.browser(session["token"])
    await tab.say("one", ONE)
    await tab.until("message", 2)
    it.tables.after_thread = lambda: it.say(session["visitor"], Text("just now"))
    again = await it.browser(session["token"])
    assert (await again.texts(3))[2] == "just now"


async def test_what_was_not_shown_was_not_seen(it: House):
    session = await it.session()
    tab = await it.browser(session["token"])
    await tab.say("one", ONE)
    await tab.until("message", 2)
    hidden = it.say(session["visitor"], Text("not told yet"), quiet=True)
    await tab.send({"type": "read", "seq": 2**53 - 1})
    await tab.quiet()
    assert f"{hidden}:read" not in {event.external_id for event in it.engine.appended}
    assert len(it.engine.appended) == 2


async def test_a_long_thread_begins_with_its_newest_500(it: House):
    session = await it.session()
    tab = await it.browser(session["token"])
    await tab.say("one", ONE)
    await tab.until("message", 2)
    for number in range(600):
        it.say(session["visitor"], Text(f"old {number}"))
    again = await it.browser(session["token"])
    assert (await again.texts(500))[0] == "old 100"
    await again.quiet()


async def test_a_browser_that_claims_to_have_more_than_there_is_gets_what_comes(it: House):
    tab = await it.browser((await it.session())["token"], after=2**53 - 1)
    await tab.say("here", ONE)
    assert await tab.texts(2) == ["here", "You said: here"]


async def test_two_tabs_of_one_visitor_show_the_same(it: House):
    token = (await it.session())["token"]
    first, second = await it.browser(token), await it.browser(token)
    await first.say("from the first", ONE)
    assert await second.texts(2) == ["from the first", "You said: from the first"]
    await second.say("from the second", TWO)
    assert (await first.texts(4))[2:] == ["from the second", "You said: from the second"]


async def test_who_never_wrote_sees_at_once_what_a_flow_begins_with(it: House):
    session = await it.session()
    tab = await it.browser(session["token"])
    other = await it.browser((await it.session())["token"])
    visitor = Identity("webchat", f"7:{session['visitor']}")
    known = NewEvent(1, "crm", "1", it.clock.now(), MessageReceived(7, "1", Text("")), identities=(visitor,))
    contact = it.engine.contact_of(known)
    it.engine.put("out", Text("Can we help?"), contact, 7)
    assert await tab.texts(1) == ["Can we help?"]
    await other.quiet()


async def test_a_visitor_sees_nothing_of_another_one(it: House):
    first, second = await it.session(), await it.session()
    one, two = await it.browser(first["token"]), await it.browser(second["token"])
    await one.say("my secret", ONE)
    await one.until("message", 2)
    await two.quiet()
    await two.say("mine", ONE)
    assert await two.texts(2) == ["mine", "You said: mine"]


async def test_a_tap_names_our_message(it: House):
    session = await it.session()
    tab = await it.browser(session["token"])
    await tab.say("hi", ONE)
    await tab.until("message", 2)
    number = it.say(session["visitor"], Buttons("Sure?", (Button("y", "Yes"), Button("n", "No"))))
    [asked] = await tab.until("message")
    assert asked["content"] == {
        "kind": "buttons", "text": "Sure?", "buttons": [{"id": "y", "title": "Yes"}, {"id": "n", "title": "No"}],
    }  # fmt: skip
    tap = {"kind": "choice", "button": "y", "title": "Yes", "message": asked["id"]}
    await tab.send({"type": "send", "client_id": TWO, "content": tap})
    [shown] = await tab.until("message")
    assert shown["content"] == tap
    body = it.engine.appended[-1].body
    assert isinstance(body, MessageReceived)
    assert body.content == Choice("y", "Yes", str(number))
    await tab.send({"type": "send", "client_id": THREE, "content": {**tap, "message": "msg_!"}})
    [status] = await tab.until("status")
    while status["client_id"] != THREE:
        [status] = await tab.until("status")
    assert status["status"] == "refused"


async def test_a_place_is_taken_and_an_agent_is_named(it: House):
    session = await it.session()
    tab = await it.browser(session["token"])
    place = {"kind": "location", "latitude": 52.52, "longitude": 13}
    await tab.send({"type": "send", "client_id": ONE, "content": place})
    assert (await tab.until("message"))[0]["content"] == {"kind": "location", "latitude": 52.52, "longitude": 13.0}
    assert isinstance(it.engine.appended[0].body, MessageReceived)
    assert it.engine.appended[0].body.content == Location(52.52, 13.0)
    it.say(session["visitor"], Text("Hi, I'm Ann"), voice="human", user=3)
    frame = (await tab.until("message", 2))[1]
    assert (frame["from"], frame["name"]) == ("agent", "Ann Becker")


@pytest.mark.parametrize(
    ("frame", "sentence"),
    [
        ("{", "not valid JSON"),
        ('{"type": "hello"', "not valid JSON"),
        ("NaN", "not valid JSON"),
        ("[" * 5000, "not valid JSON"),
        ("[]", "JSON object"),
        ("7", "JSON object"),
        ("{}", "Load the page again"),
        ('{"type": "conquer"}', "not known"),
        ('{"type": "send", "content": {"kind": "text", "text": "no id"}}', "Load the page again"),
        ('{"type": "send", "client_id": "a:b:c:d:e:f", "content": {"kind": "text", "text": "x"}}', "Load the page again"),
        ('{"type": "read", "seq": -1}', "Load the page again"),
        ('{"type": "read", "seq": 1e400}', "Load the page again"),
    ],
)
async def test_a_frame_that_means_nothing_is_answered_and_forgotten(it: House, frame: str, sentence: str):
    tab = await it.browser((await it.session())["token"])
    await tab.socket.send_str(frame)
    answer = await tab.next()
    assert answer["type"] == "error"
    assert sentence in answer["error"]["message"]
    await tab.say("still here", ONE)
    assert await tab.texts(1) == ["still here"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ({"kind": "text", "text": "x" * 4097}, "too long"),
        ({"kind": "text", "text": "x" * 100_000}, "too long"),
        ({"kind": "text", "text": " \n "}, "empty"),
        ({"kind": "text"}, "Load the page again"),
        ({"kind": "image"}, "not uploaded"),
        ({"kind": "image", "media": "med_1"}, "Attach it again"),
        ({"kind": "sticker", "media": "med_1"}, "can't be sent"),
        ({"kind": "buttons", "text": "x", "buttons": []}, "can't be sent"),
        ({"kind": "location", "latitude": 91, "longitude": 0}, "Load the page again"),
        ("text", "Load the page again"),
    ],
)
async def test_a_message_that_can_not_be_taken_is_refused_in_plain_words(it: House, content: object, sentence: str):
    tab = await it.browser((await it.session())["token"])
    await tab.send({"type": "send", "client_id": ONE, "content": content})
    status = await tab.next()
    assert (status["client_id"], status["status"]) == (ONE, "refused")
    assert sentence in status["error"]["message"]
    assert it.engine.appended == []


async def test_4096_characters_of_any_script_are_taken(it: House):
    tab = await it.browser((await it.session())["token"])
    text = "\U0001f600" * 4096
    await tab.socket.send_str(json.dumps({"type": "send", "client_id": ONE, "content": {"kind": "text", "text": text}}))
    assert (await tab.until("status"))[0]["status"] == "received"


async def test_nul_and_half_characters_are_taken_out(it: House):
    tab = await it.browser((await it.session())["token"])
    await tab.socket.send_str(
        json.dumps({"type": "send", "client_id": ONE, "content": {"kind": "text", "text": "a\x00b\ud83d"}})
    )
    assert await tab.texts(1) == ["ab\ufffd"]


async def test_a_frame_of_megabytes_ends_the_connection(it: House):
    tab = await it.browser((await it.session())["token"])
    await tab.socket.send_str("x" * (1024 * 1024 + 1))
    assert await tab.ended() == 1009


async def test_binary_frames_and_many_bad_ones_end_the_connection(it: House):
    token = (await it.session())["token"]
    tab = await it.browser(token)
    await tab.socket.send_bytes(b"{}")
    assert await tab.ended() == 1003
    tab = await it.browser(token)
    for _ in range(12):
        await tab.socket.send_str("{")
    assert await tab.ended() == 1008


async def test_an_unknown_token_is_told_and_turned_away(it: House):
    for token in ("", "wct_unknown", "x" * 199):
        tab = await it.knock()
        await tab.send({"type": "hello", "token": token, "after": 0})
        frame = await tab.next()
        assert frame["error"]["code"] == "invalid_token"
        assert await tab.ended() == 1008


async def test_who_does_not_say_hello_is_turned_away(it: House):
    tab = await it.knock()
    await tab.say("no hello", ONE)
    assert await tab.ended() == 1008
    assert it.engine.appended == []
    silent = await it.knock()
    await it.clock.advance(11)
    assert await silent.ended() == 1008


async def test_a_store_that_recovers_loses_nothing(it: House):
    tab = await it.browser((await it.session())["token"])
    it.engine.broken = 2
    await tab.say("patience", ONE)
    while it.engine.broken or not it.engine.seen:
        await it.clock.advance(1)
        await asyncio.sleep(0)
    assert (await tab.until("status"))[0]["status"] == "received"


async def test_a_store_that_does_not_recover_sends_the_browser_away_unrefused(it: House):
    tab = await it.browser((await it.session())["token"])
    it.engine.broken = 100
    await tab.say("patience", ONE)
    while not tab.socket.closed and it.engine.broken > 95:
        await it.clock.advance(1)
        await asyncio.sleep(0)
    assert await tab.ended() == 1013
    assert it.engine.seen == {}


async def test_what_was_seen_is_reported_once(it: House):
    session = await it.session()
    tab = await it.browser(session["token"])
    await tab.say("hi", ONE)
    first = (await tab.until("message", 2))[1]
    number = it.say(session["visitor"], Text("later"))
    await tab.until("message")
    for _ in range(2):
        await tab.send({"type": "read", "seq": first["seq"]})
    await tab.quiet()
    reports = [event for event in it.engine.appended if isinstance(event.body, StatusReported)]
    assert [public_id("msg", event.body.message) for event in reports] == [first["id"]]  # type: ignore[union-attr]
    assert reports[0].body.status == "read"  # type: ignore[union-attr]
    assert reports[0].contact == it.contact(session["visitor"])
    await tab.send({"type": "read", "seq": 2**53 - 1})
    await tab.quiet()
    assert it.engine.appended[-1].external_id == f"{number}:read"


async def test_who_writes_is_told_both_ways_and_kept_nowhere(it: House):
    session = await it.session()
    tab = await it.browser(session["token"])
    await tab.say("hi", ONE)
    await tab.until("message", 2)
    conversation = next(iter(it.chat._audience._by_conversation))
    told = it.hub.subscribe(lambda notice: "typing" in notice.data)
    await tab.send({"type": "typing"})
    await tab.quiet()
    assert [notice.data for notice in told.take()] == [{"typing": {"from": "visitor", "on": True}}]
    from_agent = {"typing": {"from": "agent", "on": True}}
    it.hub.publish([Notice(1, "conversation", conversation, conversation, from_agent)])
    assert await tab.next() == {"type": "typing", "on": True, "from": "agent"}


async def test_every_connection_is_pinged_within_25_seconds(it: House):
    tab = await it.browser((await it.session())["token"])
    pings = 0
    for _ in range(50):
        await it.clock.advance(1)
        try:
            frame = await tab.socket.receive_json(timeout=0.01)
        except TimeoutError:
            continue
        pings += frame["type"] == "ping"
    assert pings == 2


async def test_the_server_that_stops_sends_browsers_to_the_next_one(it: House):
    tab = await it.browser((await it.session())["token"])
    await it.chat.stop()
    assert await tab.ended() == 1001
    await it.chat.start()


async def test_nothing_is_left_of_connections_that_ended(it: House):
    token = (await it.session())["token"]
    for _ in range(3):
        tab = await it.browser(token)
        await tab.say("hi", ONE)
        await tab.until("message", 2)
        await tab.socket.close()
    await it.left(0)
    assert it.chat._audience._by_conversation == {}
    assert it.chat._audience._by_visitor == {}
    assert it.chat._audience._seeking == set()
