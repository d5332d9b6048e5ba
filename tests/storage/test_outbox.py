"""Messages leave in order, under leases, while they may still be said; what comes back moves them forward."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.core.decision import Call
from engine.runtime.protocol import CallResult, Claim, Decided, Settlement
from engine.runtime.room import Room
from schemas.contact import Identity
from schemas.content import Text
from schemas.event import StatusReported
from storage.column import to_micros
from storage.store import Store
from tests.storage.world import LEASE, NOW, after, answering, message, rows, step


async def sent(store: Store, *numbers: int, person: str = "ann", **changes: Any) -> None:
    """Put the answers to these messages into the outbox."""
    for number in numbers:
        await store.append([message(number, person)])
        await step(store, **changes)


async def claim(store: Store, seconds: float = 0, limit: int = 10, **room: Any) -> list[Claim]:
    return await store.claim(limit, after(seconds), after(seconds) + LEASE, **room)


def texts(claims: list[Claim]) -> list[str]:
    return [each.message.content.text for each in claims if isinstance(each.message.content, Text)]


async def settle(store: Store, claims: list[Claim], outcome: Any = "accepted", **more: Any) -> int:
    return await store.settle([Settlement(each.message.id, outcome, NOW, **more) for each in claims], NOW)


async def report(store: Store, status: str, **more: Any) -> None:
    count = (await rows(store, "SELECT count(*) FROM event"))[0][0]
    body = StatusReported(1, more.pop("provider_id", "wamid.1"), status, **more)
    await store.append([message(1000 + count, body=body, identities=())])
    await step(store)


async def status(store: Store) -> Any:
    return [row[0] for row in await rows(store, "SELECT status FROM message WHERE direction = 'out' ORDER BY id")]


async def test_one_conversation_sends_one_at_a_time_in_order(store: Store) -> None:
    await sent(store, 1, 2)
    await sent(store, 3, person="bob")

    first = await claim(store)
    assert texts(first) == ["answer to in-1", "answer to in-3"]
    assert first[0].identities == (Identity("webchat", "ann"),)
    assert first[0].attempt == 1
    assert first[0].window_until is not None
    assert await claim(store) == []
    await settle(store, first)
    assert texts(await claim(store)) == ["answer to in-2"]


async def test_a_humans_message_waits_only_for_what_is_in_flight(store: Store) -> None:
    await sent(store, 1, 2)
    in_flight = await claim(store)
    await sent(store, 3, voice="human", run=0)
    assert await claim(store) == []
    await settle(store, in_flight)
    assert texts(await claim(store)) == ["answer to in-3"]


async def test_a_webhook_is_told_flatly_of_what_left_failed_and_was_skipped(store: Store) -> None:
    columns = "id, tenant, url, label, events, secret, status, reason, failures, created_at, updated_at"
    values = "1, 1, 'https://a.example', '', '[\"delivery.*\", \"message.failed\"]', x'', 'on', '', 0, 0, 0"
    await store.write(lambda connection: connection.execute(f"INSERT INTO webhook ({columns}) VALUES ({values})"))
    await sent(store, 1)
    await settle(store, await claim(store))
    await report(store, "sent")
    await sent(store, 2, person="bob")
    await store.write(lambda connection: connection.execute("UPDATE conversation SET epoch = epoch + 1"))
    assert await claim(store) == []
    await sent(store, 3, person="cid")
    await settle(store, await claim(store), "failed", code="131026")
    told = await rows(store, "SELECT json_extract(data, '$.event'), place FROM call WHERE kind = 'webhook'")
    assert sorted(told) == [(event, "1") for event in ("delivery.failed", "delivery.sent", "delivery.skipped", "message.failed")]


async def test_what_may_not_be_said_is_skipped_and_frees_what_is_behind(store: Store) -> None:
    await sent(store, 1, 2, 3, reports=True)
    await sent(store, 4, voice="human")
    await store.write(lambda c: c.execute("UPDATE conversation SET epoch = 1, owner = 'AGENT'"))
    assert texts(await claim(store)) == ["answer to in-4"]
    await settle(store, await claim(store, 60))
    assert texts(await claim(store, 61)) == []
    assert await status(store) == ["skipped", "skipped", "skipped", "accepted"]
    assert await rows(store, "SELECT DISTINCT code FROM message WHERE status = 'skipped'") == [("taken_over",)]
    assert await rows(store, "SELECT count(*) FROM event WHERE kind = 'message_settled'") == [(3,)]


async def test_someone_who_opted_out_gets_the_confirmation_only(store: Store) -> None:
    await sent(store, 1)
    await sent(store, 2, consent=False, voice="system")
    await store.write(lambda c: c.execute("UPDATE contact SET opted_out = 1"))
    assert texts(await claim(store)) == ["answer to in-2"]
    assert await status(store) == ["skipped", "claimed"]


async def test_a_lost_lease_comes_back_ambiguous(store: Store) -> None:
    await sent(store, 1)
    await claim(store)
    assert await store.next_ready(NOW) == NOW + LEASE
    assert await claim(store, 29) == []
    (again,) = await claim(store, 31)
    assert (again.ambiguous, again.attempt, again.first_attempt_at) == (True, 2, NOW)


async def test_a_retry_holds_its_place_until_its_time(store: Store) -> None:
    await sent(store, 1, 2)
    await settle(store, await claim(store), "retry", retry_at=after(10), code="131056")
    assert await claim(store, 9) == []
    assert await store.next_ready(NOW) == after(10)
    (again,) = await claim(store, 10)
    assert (texts([again]), again.ambiguous) == (["answer to in-1"], False)


async def test_an_unknown_one_waits_and_is_claimed_once_more(store: Store) -> None:
    await sent(store, 1, 2, reports=True)
    assert await settle(store, await claim(store), "unknown", retry_at=after(60)) == 0
    assert await claim(store, 59) == [], "it holds what is behind it"
    (again,) = await claim(store, 60)
    assert (again.unknown, again.ambiguous) == (True, False)
    assert await settle(store, [again], "unknown") == 1
    assert texts(await claim(store, 200)) == ["answer to in-2"]
    assert await status(store) == ["unknown", "claimed"]


async def test_a_status_ends_the_waiting_of_an_unknown_one(store: Store) -> None:
    await sent(store, 1)
    claims = await claim(store)
    await settle(store, claims, "unknown", retry_at=after(60))
    await report(store, "delivered", message=claims[0].message.id)
    assert await claim(store, 100) == []
    assert await status(store) == ["delivered"]


async def test_statuses_only_go_forward(store: Store) -> None:
    await sent(store, 1)
    await settle(store, await claim(store), provider_id="wamid.1")
    for reported in ("read", "delivered", "failed", "sent"):
        await report(store, reported)
    assert await status(store) == ["read"]
    times = "SELECT sent_at IS NOT NULL, delivered_at IS NOT NULL, failed_at IS NULL, appeared_at IS NOT NULL FROM message"
    assert await rows(store, times + " WHERE direction = 'out'") == [(1, 1, 1, 1)]


async def test_a_status_that_is_faster_than_the_answer_is_kept(store: Store) -> None:
    await sent(store, 1)
    claims = await claim(store)
    await report(store, "delivered")
    await settle(store, claims, provider_id="wamid.1")
    assert await status(store) == ["delivered"]
    assert await rows(store, "SELECT count(*) FROM stray_report") == [(0,)]


async def test_another_tenants_report_moves_nothing(store: Store) -> None:
    await sent(store, 1)
    claims = await claim(store)
    await settle(store, claims, provider_id="wamid.1")
    body = StatusReported(1, "wamid.1", "failed", claims[0].message.id)
    await store.append([message(77, tenant=2, body=body, identities=())])
    await step(store)
    assert await status(store) == ["accepted"]


async def test_a_failure_is_told_once(store: Store) -> None:
    await sent(store, 1)
    claims = await claim(store)
    assert await settle(store, claims, "failed", code="131026", provider_id="wamid.1") == 1
    assert await settle(store, claims, "failed", code="131026") == 0
    assert await rows(store, "SELECT source, external_id FROM event WHERE kind = 'message_settled'") == [
        ("outbox", f"{claims[0].message.id}:failed")
    ]


async def test_settling_writes_no_run(store: Store) -> None:
    await sent(store, 1, timeout=60)
    before = await rows(store, "SELECT due, awaits FROM run")
    [claimed] = await claim(store)
    await store.settle([Settlement(claimed.message.id, "accepted", after(5))], after(5))
    assert await rows(store, "SELECT due, awaits FROM run") == before == [(to_micros(after(60)), claimed.message.id)]
    assert await rows(store, "SELECT timeout_at FROM message WHERE direction = 'out'") == [(to_micros(after(65)),)]


async def test_addresses_that_the_provider_tells_reach_the_contacts_lane(store: Store) -> None:
    await sent(store, 1)
    claims = await claim(store)
    identities = (Identity("whatsapp", "4930"), Identity("webchat", "ann"))
    assert await settle(store, claims, identities=identities) == 1
    assert await rows(store, "SELECT external_id FROM event WHERE kind = 'change_contact'") == [
        (f"{claims[0].message.id}:identity",)
    ]


async def test_live_goes_before_bulk_within_the_room_of_a_channel(store: Store) -> None:
    for number in range(20):
        await sent(store, number, person=f"v{number}", bulk=number < 15)
    assert await claim(store, room={1: 0}) == []
    claims = await claim(store, room={1: 6})
    assert [each.message.bulk for each in claims] == [False] * 5 + [True]
    assert len(await claim(store, limit=5)) == 5


async def test_what_was_really_sent_is_kept(store: Store) -> None:
    await sent(store, 1)
    await settle(store, await claim(store), content=Text("the template"))
    assert await rows(store, "SELECT content FROM message WHERE direction = 'out'") == [
        ('{"kind":"text","text":"the template"}',)
    ]


async def test_calls_are_claimed_and_come_back_until_they_are_done(store: Store) -> None:
    await store.append([message(1)])
    batch = await store.take(10, NOW)
    assert batch is not None
    event = batch.contacts[0].events[0]
    decision = replace(answering(batch.contacts[0].person, event), calls=(Call(1029, "mark_read", 1, {"id": "x"}),))
    committed = await store.commit(batch, [Decided(event, decision)], NOW)
    assert committed.calls == 1

    (first,) = await store.claim_calls(Room(), NOW, NOW + LEASE)
    assert (first.call.kind, first.call.data, first.attempt) == ("mark_read", {"id": "x"}, 1)
    assert await store.claim_calls(Room(), NOW, NOW + LEASE) == []
    assert await store.next_call(NOW) == NOW + LEASE
    (second,) = await store.claim_calls(Room(), after(31), after(61))
    assert second.attempt == 2
    await store.finish_calls([CallResult(1029, "503", after(100))], NOW)
    assert await store.next_call(NOW) == after(100)
    await store.finish_calls([CallResult(1029)], NOW)
    await store.finish_calls([CallResult(1029, "late")], NOW)
    assert await rows(store, "SELECT state, error FROM call") == [(1, "")]
    assert await store.next_call(NOW) is None


async def test_two_outcomes_of_one_message_in_one_call_apply_in_their_order(store: Store) -> None:
    await sent(store, 1)
    (only,) = await claim(store)
    failed = Settlement(only.message.id, "failed", NOW, code="131026")
    accepted = Settlement(only.message.id, "accepted", NOW, "wamid.1")
    assert await store.settle([failed, accepted], NOW) == 1
    assert await status(store) == ["failed"]
