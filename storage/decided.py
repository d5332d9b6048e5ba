"""Sorts what was decided into lanes that may be committed, and events that must be decided again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import orjson

from engine.core.decision import Decision, TeamDecision
from engine.core.desk import Desk
from engine.core.value import Contact, Conversation, Person, Run
from engine.runtime.protocol import Batch, Decided, Failed
from schemas.contact import Identity
from schemas.event import Event
from storage.desk import desk_versions
from storage.person import IdentityKey, Known, owners
from storage.take import Handle

ATTEMPTS = 3
"""Tries of an event that we fail to decide; the third failure declares it dead."""

PENDING = "SELECT id, attempts FROM event WHERE id IN (SELECT value FROM json_each(?)) AND state = 0"
VERSIONS = "SELECT id, tenant, version FROM contact WHERE id IN (SELECT value FROM json_each(?))"


@dataclass(slots=True)
class LanePlan:
    """One contact's lane as it will be written: the person after it, and the decisions in their order."""

    known: Known
    person: Person
    decisions: list[tuple[Event, Decision]] = field(default_factory=list)
    conversations: dict[int, Conversation] = field(default_factory=dict)
    runs: dict[int, Run] = field(default_factory=dict)
    refused: str = ""
    """Identities that belong to somebody else and were left out, for the operator."""


@dataclass(slots=True)
class TeamPlan:
    """One team's lane: the desk before and after it, and the decisions in their order."""

    before: Desk
    desk: Desk
    decisions: list[tuple[Event, TeamDecision]]


@dataclass(slots=True)
class Plan:
    """All that one commit writes."""

    lanes: list[LanePlan] = field(default_factory=list)
    teams: list[TeamPlan] = field(default_factory=list)
    statuses: list[Event] = field(default_factory=list)
    failed: list[tuple[int, int, str]] = field(default_factory=list)
    """Events that could not be decided: (id, attempts so far, error)."""
    again: list[int] = field(default_factory=list)
    stale: set[int] = field(default_factory=set)
    """Contacts that another writer changed: to be forgotten."""


def plan_commit(connection: sqlite3.Connection, batch: Batch, decided: Sequence[Decided]) -> Plan:
    """Check versions, identities and the events' states; say what is to be written."""
    handle: Handle = batch.handle
    by_event = {each.event.id: each.decision for each in decided}
    attempts = dict(connection.execute(PENDING, (_ids(by_event),)))
    lanes = [lane for lane in batch.contacts if any(event.id in by_event for event in lane.events)]
    ids = _ids(lane.person.contact.id for lane in lanes)
    versions = {(tenant, id): version for id, tenant, version in connection.execute(VERSIONS, (ids,))}
    plan = Plan()
    for lane in lanes:
        contact = lane.person.contact
        events = [event for event in lane.events if event.id in by_event]
        changed = versions.get((events[0].tenant, contact.id), 0) != contact.version
        if changed or any(event.id not in attempts for event in events):  # or another commit was faster
            plan.again.extend(event.id for event in events)
            plan.stale.add(contact.id)
        else:
            lane_plan = _lane(handle.known[contact.id], events, by_event, attempts, plan)
            if lane_plan.decisions:
                plan.lanes.append(lane_plan)
    _teams(connection, batch, by_event, attempts, plan)
    for event in batch.statuses:
        if event.id in attempts and event.id in by_event:
            outcome = by_event[event.id]
            if isinstance(outcome, Failed):
                plan.failed.append((event.id, attempts[event.id], outcome.error))
            else:
                plan.statuses.append(event)
    _settle_identities(connection, plan)
    return plan


def _lane(known: Known, events: list[Event], by_event: Mapping[int, object], attempts: Mapping[int, int], plan: Plan) -> LanePlan:
    lane = LanePlan(known, known.person)
    for place, event in enumerate(events):
        decision = by_event[event.id]
        if isinstance(decision, Failed):
            plan.failed.append((event.id, attempts[event.id], decision.error))
            if attempts[event.id] + 1 < ATTEMPTS:  # it is tried again: what is behind it waits
                plan.again.extend(each.id for each in events[place + 1 :])
                break
        elif isinstance(decision, Decision):
            lane.decisions.append((event, decision))
            lane.person = decision.person
            lane.conversations.update((each.id, each) for each in decision.conversations)
            lane.runs.update((each.id, each) for each in decision.runs)
    return lane


def _teams(
    connection: sqlite3.Connection,
    batch: Batch,
    by_event: Mapping[int, object],
    attempts: Mapping[int, int],
    plan: Plan,
) -> None:
    if not batch.teams:
        return
    versions = desk_versions(connection, [lane.team for lane in batch.teams])
    for lane in batch.teams:
        events = [event for event in lane.events if event.id in by_event]
        if versions.get(lane.team, 0) != lane.desk.version or any(event.id not in attempts for event in events):
            plan.again.extend(event.id for event in events)
            continue
        decisions: list[tuple[Event, TeamDecision]] = []
        desk = lane.desk
        for place, event in enumerate(events):
            decision = by_event[event.id]
            if isinstance(decision, Failed):
                plan.failed.append((event.id, attempts[event.id], decision.error))
                if attempts[event.id] + 1 < ATTEMPTS:
                    plan.again.extend(each.id for each in events[place + 1 :])
                    break
            elif isinstance(decision, TeamDecision):
                decisions.append((event, decision))
                desk = decision.desk
        if decisions:
            plan.teams.append(TeamPlan(lane.desk, replace(desk, version=lane.desk.version + 1), decisions))


def _settle_identities(connection: sqlite3.Connection, plan: Plan) -> None:
    """An identity belongs to one contact. A new contact that wants a taken one is decided again, and so meets its owner;
    one that stood before goes on without it, and its event says so.
    """
    wanted = {lane.person.contact.id: _new_identities(lane) for lane in plan.lanes}
    keys = [key for some in wanted.values() for key in some]
    if not keys:
        return
    whose = owners(connection, keys)
    kept: list[LanePlan] = []
    for lane in plan.lanes:
        contact = lane.person.contact
        taken = [key for key in wanted[contact.id] if whose.get(key, contact.id) != contact.id]
        if taken and lane.known.person.contact.version == 0:
            plan.again.extend(event.id for event, _ in lane.decisions)
            plan.stale.add(contact.id)
            continue
        if taken:
            lane.person = replace(lane.person, contact=_without(contact, taken))
            lane.refused = "These addresses belong to another contact: " + ", ".join(key[2] for key in taken)
        for key in wanted[contact.id]:
            whose.setdefault(key, contact.id)
        kept.append(lane)
    plan.lanes = kept


def _new_identities(lane: LanePlan) -> list[IdentityKey]:
    before = lane.known.person.contact
    had = () if before.version == 0 else before.identities
    after = lane.person.contact.identities
    if after == had:
        return []
    return [(lane.known.tenant, each.kind, each.value) for each in after if each not in had]


def _without(contact: Contact, taken: list[IdentityKey]) -> Contact:
    gone = {Identity(kind, value) for _, kind, value in taken}
    return replace(contact, identities=tuple(each for each in contact.identities if each not in gone))


def _ids(ids: Iterable[int]) -> str:
    return orjson.dumps(list(ids)).decode()
