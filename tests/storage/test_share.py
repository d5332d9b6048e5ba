"""Take, decide, commit: nothing lost, nothing doubled, each contact's events in their order."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from dataclasses import replace

from engine.core.decision import Decision, TeamDecision
from engine.core.queue import Queue, Queued
from engine.core.value import Contact, Person
from engine.runtime.protocol import Decided, Failed
from schemas.contact import Identity
from schemas.event import PresenceChanged, WaitDue
from storage import backlog, claim, person
from storage.memory import Memory
from storage.person import Known
from storage.store import Store
from tests.storage.world import NOW, after, answering, decide_all, decide_one, message, rows, step, with_contact


async def test_an_answered_message_is_in_the_file_with_all_that_belongs_to_it(store: Store) -> None:
    appended = await store.append([message(1)])
    committed = await step(store)

    assert committed is not None
    assert (committed.messages, committed.again) == (1, ())
    assert await store.take(10, NOW) is None
    assert await rows(store, "SELECT count(*), max(version) FROM contact") == [(1, 1)]
    assert await rows(store, "SELECT direction, status FROM message ORDER BY direction") == [
        ("in", "received"),
        ("out", "queued"),
    ]
    assert await rows(store, "SELECT status, node, wait_id FROM run") == [("waiting", "ask", 1)]
    assert await rows(store, "SELECT number FROM step") == [(1,)]
    assert await rows(store, "SELECT node, port, count FROM node_count") == [("ask", "", 1)]
    assert await store.answer(appended[0].id) == {"run": appended[0].id * 1024 + 2}


async def test_a_duplicate_is_known_and_does_nothing(store: Store) -> None:
    first = await store.append([message(1)])
    again = await store.append([message(1), message(2)])

    assert (again[0].id, again[0].duplicate) == (first[0].id, True)
    assert not again[1].duplicate
    await step(store)
    assert (await store.append([message(1)]))[0].duplicate, "a done event keeps its key"
    assert await store.take(10, NOW) is None


async def test_two_events_of_one_unknown_person_share_a_lane(store: Store) -> None:
    await store.append([message(1), message(2), message(3, "bob")])
    batch = await store.take(10, NOW)

    assert batch is not None
    assert [len(lane.events) for lane in batch.contacts] == [2, 1]
    await store.commit(batch, decide_all(batch), NOW)
    assert await rows(store, "SELECT fields FROM contact ORDER BY id") == [('{"seen":[1,2]}',), ('{"seen":[3]}',)]
    assert await rows(store, "SELECT contact FROM identity WHERE value = 'ann'") == [(1024,)]


async def test_a_person_is_loaded_as_it_was_committed(store: Store) -> None:
    await store.append([message(1)])
    await step(store)
    await store.append([message(2)])
    remembered = await store.take(10, NOW)
    await store.share.forget()
    loaded = await store.take(10, NOW)

    assert remembered is not None
    assert loaded is not None
    assert loaded.contacts == remembered.contacts
    assert loaded.contacts[0].person.runs[0].frames[0].variables == {"n": 1}


async def test_a_contact_that_another_writer_changed_is_decided_again(store: Store) -> None:
    await store.append([message(1)])
    await step(store)
    ids = [each.id for each in await store.append([message(2), message(3)])]
    batch = await store.take(10, NOW)
    assert batch is not None
    await store.write(lambda connection: connection.execute("UPDATE contact SET version = version + 1, name = 'Ann'"))

    committed = await store.commit(batch, decide_all(batch), NOW)
    assert committed.again == tuple(ids)
    assert committed.messages == 0

    await step(store)
    assert await rows(store, "SELECT name, fields FROM contact") == [("Ann", '{"seen":[1,2,3]}')]


async def test_a_batch_that_is_never_committed_is_taken_again_and_only_one_commit_counts(store: Store) -> None:
    await store.append([message(1)])
    first = await store.take(10, NOW)
    await store.append([message(2)])
    second = await store.take(10, NOW)
    assert first is not None
    assert second is not None

    await store.commit(first, decide_all(first), NOW)
    committed = await store.commit(second, decide_all(second), NOW)
    assert len(committed.again) == 2
    await step(store)
    assert await rows(store, "SELECT fields FROM contact") == [('{"seen":[1,2]}',)]
    assert await rows(store, "SELECT count(*) FROM message") == [(4,)]


async def test_two_new_contacts_that_want_one_address_become_one(store: Store) -> None:
    await store.append([message(1, "ann"), message(2, "bob")])
    batch = await store.take(10, NOW)
    assert batch is not None
    decided = [
        Decided(
            lane.events[0],
            with_contact(
                answering(lane.person, lane.events[0]),
                identities=(*lane.events[0].identities, Identity("phone", "+4930")),
            ),
        )
        for lane in batch.contacts
    ]

    committed = await store.commit(batch, decided, NOW)
    assert len(committed.again) == 1, "the loser decides again"
    assert await rows(store, "SELECT count(*) FROM contact") == [(1,)]


async def test_an_address_of_another_stays_with_its_owner(store: Store) -> None:
    await store.append([message(1, "ann"), message(2, "bob")])
    await step(store)
    await store.append([message(3, "ann")])
    batch = await store.take(10, NOW)
    assert batch is not None
    event, decision = decide_one(batch)
    greedy = with_contact(decision, identities=(*event.identities, Identity("webchat", "bob")))

    committed = await store.commit(batch, [Decided(event, greedy)], NOW)
    assert committed.again == ()
    assert await rows(store, "SELECT contact FROM identity WHERE value = 'bob'") == [(2048,)]
    assert "bob" in (await rows(store, "SELECT error FROM event WHERE id = ?", event.id))[0][0]


async def test_a_failed_event_comes_back_alone_and_dies_after_three_tries(store: Store) -> None:
    ids = [each.id for each in await store.append([message(1), message(2), message(3, "bob")])]
    for attempt in range(3):
        batch = await store.take(10, NOW)
        assert batch is not None
        events = [event for lane in batch.contacts for event in lane.events]
        assert len(events) == (3 if attempt == 0 else 1)
        committed = await store.commit(batch, [Decided(events[0], Failed("boom"))], NOW)
    assert committed.dead == (ids[0],)
    assert [(dead.id, dead.error) for dead in await store.share.dead_events(1)] == [(ids[0], "boom")]

    await step(store)
    assert await rows(store, "SELECT fields FROM contact ORDER BY id") == [('{"seen":[2]}',), ('{"seen":[3]}',)]
    assert not await store.share.replay_event(2, ids[0]), "another tenant's"
    assert await store.share.replay_event(1, ids[0])
    await step(store)
    assert await rows(store, "SELECT json_extract(fields, '$.seen') FROM contact ORDER BY id LIMIT 1") == [("[2,1]",)]


async def test_an_event_that_this_release_cannot_read_is_dead_at_once(store: Store) -> None:
    await store.append([message(1), message(2)])
    await store.write(lambda connection: connection.execute("UPDATE event SET kind = 'of_the_future' WHERE id = 1"))
    await step(store)
    assert await rows(store, "SELECT id, state FROM event ORDER BY id") == [(1, 2), (2, 1)]


async def test_live_goes_before_bulk_and_bulk_gets_a_tenth(store: Store) -> None:
    await store.append([message(n, f"bulk-{n}", bulk=True) for n in range(30)])
    await store.append([message(n, f"live-{n}") for n in range(30, 60)])
    batch = await store.take(20, NOW)
    assert batch is not None
    bulk = [event.bulk for lane in batch.contacts for event in lane.events]
    assert (bulk.count(False), bulk.count(True)) == (18, 2)


async def test_a_tenant_with_a_backlog_does_not_hold_up_another(store: Store) -> None:
    await store.append([message(n, f"v{n}") for n in range(100)])
    await store.append([message(200, tenant=2)])
    batch = await store.take(10, NOW)
    assert batch is not None
    assert batch.tenants == (1, 2)


async def test_tenants_never_share_a_contact(store: Store) -> None:
    await store.append([message(1), message(1, tenant=2)])
    await step(store)
    assert await rows(store, "SELECT tenant, contact FROM identity ORDER BY tenant") == [(1, 1024), (2, 2048)]
    await store.append([message(9, contact=1024, identities=(), tenant=2)])
    batch = await store.take(10, NOW)
    assert batch is not None
    assert batch.contacts[0].person.contact.version == 0
    assert batch.contacts[0].person.runs == ()


async def test_many_events_at_once_get_their_own_ids_and_parts_also_beside_duplicates(store: Store) -> None:
    ann = Identity("whatsapp", "1")
    await store.append([message(1, identities=(ann,))])
    await step(store)
    [(contact, part)] = await rows(store, "SELECT id, part FROM contact")
    events = [message(number, identities=(Identity("whatsapp", str(number)),)) for number in range(2, 72)]
    events[40] = replace(events[40], contact=contact, identities=())
    appended = await store.append(events)
    again = await store.append([message(200), *events, events[3], message(201), *(message(each) for each in range(300, 340))])
    assert [each.duplicate for each in again] == [False, *[True] * 71, *[False] * 41]
    assert [each.id for each in again[1:71]] == [each.id for each in appended]
    found = await rows(store, "SELECT id, external_id, part FROM event")
    ids = {external_id: id for id, external_id, _ in found}
    assert [ids[event.external_id] for event in events] == [each.id for each in appended]
    assert [found_part for _, external_id, found_part in found if external_id == events[40].external_id] == [part]
    assert len(found) == 1 + 70 + 42


async def test_a_desk_is_kept_with_its_version(store: Store) -> None:
    body = PresenceChanged(7, "online")
    for round in (1, 2):
        await store.append([message(round, body=body, team=5, identities=())])
        batch = await store.take(10, NOW)
        assert batch is not None
        (lane,) = batch.teams
        assert lane.desk.version == round - 1
        decision = TeamDecision(replace(lane.desk, seats={}))
        await store.commit(batch, [Decided(lane.events[0], decision)], NOW)
    assert await rows(store, "SELECT team, version FROM desk") == [(5, 2)]


async def test_a_long_queue_is_neither_read_nor_written_again(store: Store) -> None:
    """Who comes and who leaves is a row; and a new process finds the same order."""

    async def change(number: int, queue: Callable[[Queue], Queue]) -> list[int]:
        await store.append([message(number, body=PresenceChanged(7, "online"), team=5, identities=())])
        batch = await store.take(10, NOW)
        assert batch is not None
        (lane,) = batch.teams
        decision = TeamDecision(replace(lane.desk, queue=queue(lane.desk.queue)))
        statements: list[str] = []
        connection = store.writer._connection
        assert connection is not None
        connection.set_trace_callback(statements.append)
        await store.commit(batch, [Decided(lane.events[0], decision)], NOW)
        connection.set_trace_callback(None)
        assert sum("queued" in each for each in statements) <= 2 or number == 1
        return [each.conversation for each in lane.desk.queue]

    many = [Queued(each, 1, f"c{each}", "", 0) for each in range(600)]
    assert await change(1, lambda _: Queue(many)) == []
    assert await change(2, lambda queue: queue.without(3).put(Queued(900, 1, "c900", "", 0))) == list(range(600))
    assert await change(3, lambda queue: queue.put(many[7])) == [*range(3), *range(4, 600), 900]
    await store.share.forget()
    assert await change(4, lambda queue: queue) == [*range(3), *range(4, 7), *range(8, 600), 900, 7]


async def test_a_wait_that_is_due_rings_once(store: Store) -> None:
    await store.append([message(1)])
    await step(store)
    at = after(60)
    await store.write(lambda connection: connection.execute("UPDATE run SET due = ?", (int(at.timestamp() * 1e6),)))

    assert await store.due(NOW, 10) == (0, at)
    assert await store.due(at, 10) == (1, None)
    assert await store.due(at, 10) == (0, None)
    batch = await store.take(10, at)
    assert batch is not None
    assert batch.contacts[0].events[0].body == WaitDue(1026, 1)


async def test_a_timer_that_rang_for_nothing_leaves_the_run_its_expiry(store: Store) -> None:
    await store.append([message(1)])
    await step(store)
    await store.write(lambda connection: connection.execute("UPDATE run SET due = 1"))
    await store.due(NOW, 10)
    batch = await store.take(10, NOW)
    assert batch is not None
    lane = batch.contacts[0]
    nothing = Decision(lane.person, lane.person.contact, trace=("nothing was due",))
    await store.commit(batch, [Decided(lane.events[0], nothing)], NOW)
    _, due = await store.due(NOW, 10)
    assert due == lane.person.runs[0].expires_at


async def test_appends_and_commits_at_once_lose_and_double_nothing(store: Store) -> None:
    async def writer(number: int) -> None:
        for each in range(10):
            await store.append([message(number * 10 + each, f"visitor-{number % 5}")])

    async def worker() -> None:
        idle = 0
        while idle < 50:
            idle = idle + 1 if await step(store, 16) is None else 0
            await asyncio.sleep(0)

    await asyncio.gather(worker(), *(writer(number) for number in range(20)))
    while await step(store):
        pass
    seen = await rows(store, "SELECT value FROM contact, json_each(contact.fields, '$.seen')")
    assert sorted(row[0] for row in seen) == list(range(200))
    for contact, fields in await rows(store, "SELECT id, json_extract(fields, '$.seen') FROM contact"):
        order = await rows(store, "SELECT external_id FROM event WHERE contact = ? ORDER BY id", contact)
        assert fields == "[" + ",".join(row[0][3:] for row in order) + "]"
    appeared = await rows(store, "SELECT appeared_at FROM message WHERE direction = 'in' ORDER BY id")
    assert len(set(appeared)) == 200


async def test_the_hot_path_uses_its_indexes(store: Store) -> None:
    def plans(connection: sqlite3.Connection) -> list[str]:
        asked = (
            (backlog.OLDEST, (0, 1, "[]", 10)),
            (person.OWNERS, (1, "phone", "+49") * person.CHUNK),
            (person.RUNS, ("[1]",)),
            (person.CONVERSATIONS, ("[1]",)),
            (claim.READY, (0, 0, 0, "[]")),
        )
        return [row[3] for sql, values in asked for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", values)]

    details = await store.write(plans)
    scans = [
        each
        for each in details
        if each.startswith("SCAN") and "json_each" not in each and each != "SCAN w" and "CONSTANT" not in each
    ]
    assert scans == []


async def test_events_of_a_merged_contact_go_to_the_one_that_took_it_in(store: Store) -> None:
    await store.append([message(1, "ann"), message(2, "bob")])
    await step(store)
    await store.share.forget()
    await store.write(lambda c: c.execute("UPDATE contact SET merged_into = 2048 WHERE id = 1024"))
    await store.append([message(3, "bob"), message(4, "ann")])
    batch = await store.take(10, NOW)
    assert batch is not None
    (lane,) = batch.contacts
    assert lane.person.contact.id == 2048
    assert [event.external_id for event in lane.events] == ["in-3", "in-4"]


async def test_tags_are_repeated_for_filtering(store: Store) -> None:
    for number, tags in enumerate((("vip", "new"), ("vip",), ("vip", "old"))):
        await store.append([message(number)])
        batch = await store.take(10, NOW)
        assert batch is not None
        event, decision = decide_one(batch)
        await store.commit(batch, [Decided(event, with_contact(decision, tags=tags))], NOW)
    assert await rows(store, "SELECT tag FROM contact_tag ORDER BY tag") == [("old",), ("vip",)]


async def test_done_events_are_pruned_after_eight_days_and_others_never(store: Store) -> None:
    await store.append([message(1)])
    await step(store)
    await store.append([message(2)])
    assert await store.share.prune(after(7 * 86_400)) == 0
    assert await store.share.prune(after(9 * 86_400)) == 1
    assert await rows(store, "SELECT external_id FROM event") == [("in-2",)]
    assert not (await store.append([message(1)]))[0].duplicate


def test_only_so_many_persons_are_remembered() -> None:
    memory = Memory(2)
    for id in (1, 2):
        memory.put(Known(Person(Contact(id)), 1, 0))
    memory.get(1)
    memory.put(Known(Person(Contact(3)), 1, 0))
    assert [memory.get(id) is not None for id in (1, 2, 3)] == [True, False, True]
