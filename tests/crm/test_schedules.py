"""Schedules that come due: who is started, once, whatever breaks on the way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crm.schedules import CHUNK, fire_due
from nodes import node_types
from schemas.event import StartFlow
from storage.table import ContactRow, ContactTagRow, ScheduleRow, TenantRow
from tests.api.office import KEY, START, PaperEngine, greeting, live_flow, office

DAILY = {"kind": "schedule", "cron": "0 9 * * *", "timezone": "Europe/Berlin", "tag": "news"}
FIRST = datetime(2026, 4, 2, 7, 0, tzinfo=UTC)


def contacts(count: int, **facts) -> list[ContactRow]:
    made = range(1, count + 1)
    return [ContactRow(id=each, tenant=1, part=0, created_at=START, updated_at=START, **facts) for each in made]


async def tagged(it, count: int) -> None:
    rows = [*contacts(count), *(ContactTagRow(tenant=1, tag="news", contact=each) for each in range(1, count + 1))]
    await it.store.write(lambda session: session.add_all(rows))


async def schedule(it):
    return await it.store.read(lambda session: session.get(ScheduleRow, 1))


async def test_publishing_sets_the_next_time_and_deactivating_takes_it_away():
    async with office() as it:
        flow = await live_flow(it, greeting(on=DAILY))
        row = await schedule(it)
        assert (row.next_at, row.node, row.version) == (FIRST, "start", 1)
        (shown,) = (await it.call("GET", f"/v1/flows/{flow['id']}/triggers"))["data"]
        assert (shown["kind"], shown["next_at"]) == ("schedule", "2026-04-02T07:00:00Z")
        await it.call("POST", f"/v1/flows/{flow['id']}/deactivate")
        assert await schedule(it) is None


async def test_the_workspaces_zone_counts_where_the_schedule_names_none():
    async with office() as it:
        await it.call("PATCH", "/v1/settings", {"timezone": "Asia/Tokyo"})
        await live_flow(it, greeting(on={**DAILY, "timezone": ""}))
        assert (await schedule(it)).next_at == datetime(2026, 4, 2, 0, 0, tzinfo=UTC)


async def test_contacts_with_the_tag_are_started_in_chunks_once():
    async with office() as it:
        await live_flow(it, greeting(on=DAILY))
        await tagged(it, CHUNK + 3)
        engine, types = PaperEngine(), node_types()
        assert await fire_due(it.store, engine, types, FIRST - timedelta(seconds=1)) == FIRST
        assert engine.events == []
        assert await fire_due(it.store, engine, types, FIRST) == FIRST + timedelta(days=1)
        assert (len(engine.events), engine.appends) == (CHUNK + 3, 2)
        first = engine.events[0]
        assert (first.contact, first.bulk, first.body) == (1, True, StartFlow(1, node="start", reason="schedule"))
        assert await fire_due(it.store, engine, types, FIRST) == FIRST + timedelta(days=1)
        assert len(engine.events) == CHUNK + 3


async def test_a_crash_between_chunks_repeats_nothing_and_loses_nothing(monkeypatch):
    async with office() as it:
        await live_flow(it, greeting(on=DAILY))
        await tagged(it, CHUNK + 3)
        engine = PaperEngine()
        whole = engine.append

        async def first_only(events):
            taken = await whole(events)
            engine.fails = RuntimeError("the power is gone")
            return taken

        monkeypatch.setattr(engine, "append", first_only)
        with pytest.raises(RuntimeError):
            await fire_due(it.store, engine, node_types(), FIRST)
        assert len(engine.events) == CHUNK
        engine.fails = None
        monkeypatch.setattr(engine, "append", whole)
        await fire_due(it.store, engine, node_types(), FIRST + timedelta(minutes=5))
        assert sorted(event.contact for event in engine.events) == list(range(1, CHUNK + 4))


async def test_missed_times_are_made_up_for_once():
    async with office() as it:
        await live_flow(it, greeting(on=DAILY))
        await tagged(it, 1)
        engine = PaperEngine()
        late = FIRST + timedelta(days=3, hours=1)
        assert await fire_due(it.store, engine, node_types(), late) == FIRST + timedelta(days=4)
        assert len(engine.events) == 1


async def test_who_opted_out_lacks_the_tag_or_was_merged_is_left_alone():
    async with office() as it:
        await live_flow(it, greeting(on=DAILY))
        out, merged, plain = contacts(3)
        out.opted_out, merged.merged_into = True, 9
        tags = [ContactTagRow(tenant=1, tag="news", contact=each) for each in (1, 2)]
        foreign = ContactRow(id=4, tenant=2, part=0, created_at=START, updated_at=START)
        await it.store.write(lambda session: session.add_all([out, merged, plain, foreign, *tags]))
        engine = PaperEngine()
        await fire_due(it.store, engine, node_types(), FIRST)
        assert engine.events == []


async def test_a_due_time_survives_publishing_again_just_then():
    async with office() as it:
        flow = await live_flow(it, greeting(on=DAILY))
        await tagged(it, 1)
        it.clock.at = FIRST + timedelta(seconds=2)
        path = f"/v1/flows/{flow['id']}"
        await it.client.put(path, json={"document": greeting(on=DAILY, text="Hi!")}, headers={**KEY, "If-Match": "*"})
        await it.call("POST", path + "/publish")
        assert (await schedule(it)).next_at == FIRST
        engine = PaperEngine()
        await fire_due(it.store, engine, node_types(), it.clock.at)
        assert len(engine.events) == 1


async def test_a_suspended_workspace_starts_nobody():
    async with office() as it:
        await live_flow(it, greeting(on=DAILY))
        await tagged(it, 1)
        await it.store.write(lambda session: setattr(session.get(TenantRow, 1), "status", "suspended"))
        engine = PaperEngine()
        await fire_due(it.store, engine, node_types(), FIRST)
        assert engine.events == []
