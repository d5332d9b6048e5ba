"""From undecided events to a batch: whose lane each event is in, and the persons and desks that they meet."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field

from engine.core.value import Contact, Person, derived_id
from engine.runtime.busy import Busy
from engine.runtime.protocol import Batch, ContactLane, TeamLane
from schemas.contact import Identity
from schemas.event import Event, StatusReported
from schemas.value import value
from storage.backlog import next_events
from storage.desk import load_desks
from storage.event_row import Row, read_event
from storage.memory import Memory
from storage.part import part_of, part_of_contact
from storage.person import IdentityKey, Known, load_known, owners

MERGES = 8
"""How many tombstones are followed: a longer chain of merges is a loop."""


@value(frozen=True, slots=True)
class Handle:
    """What the commit must remember of a take."""

    known: dict[int, Known]
    bodies: dict[int, tuple[str, bytes]]


@value(frozen=True, slots=True)
class Taken:
    """A batch, and the rows that this release can't read: (event id, error)."""

    batch: Batch | None
    unreadable: tuple[tuple[int, str], ...] = ()


@dataclass(slots=True)
class _Sorted:
    lanes: dict[int, list[Event]] = field(default_factory=dict)
    teams: dict[int, list[Event]] = field(default_factory=dict)
    statuses: list[Event] = field(default_factory=list)
    made: dict[int, Known] = field(default_factory=dict)


def take(connection: sqlite3.Connection, memory: Memory, limit: int, after_tenant: int, busy: Busy) -> Taken:
    """The next batch, with everything loaded. Reads only."""
    rows = next_events(connection, limit, after_tenant, busy)
    if not rows:
        return Taken(None)
    events, unreadable = _read(rows)
    sorted_ = _sort(connection, events, busy)
    known = _meet(connection, memory, sorted_)
    for contact, lane in sorted_.lanes.items():
        if contact not in known:  # deleted, or another tenant's: the worker refuses it
            tenant = lane[0].tenant
            known[contact] = Known(Person(Contact(contact)), tenant, part_of_contact(tenant, contact))
    for contact in [each for each, lane in sorted_.lanes.items() if busy.holds(known[each].person, lane)]:
        del sorted_.lanes[contact]
    desks = load_desks(connection, memory, sorted_.teams)
    bodies = {row[0]: (row[5], row[6]) for row in rows}
    handle = Handle(known, bodies)
    batch = Batch(
        tenants=tuple(sorted({event.tenant for event in events})),
        contacts=tuple(ContactLane(known[contact].person, tuple(lane)) for contact, lane in sorted_.lanes.items()),
        teams=tuple(TeamLane(team, desks[team], tuple(lane)) for team, lane in sorted_.teams.items()),
        statuses=tuple(sorted_.statuses),
        handle=handle,
        versions=frozenset(
            (known[contact].tenant, frame.version)
            for contact in sorted_.lanes
            for run in known[contact].person.runs
            for frame in run.frames
        ),
    )
    return Taken(batch if batch.contacts or batch.teams or batch.statuses else None, unreadable)


def _read(rows: list[Row]) -> tuple[list[Event], tuple[tuple[int, str], ...]]:
    events, unreadable = [], []
    for row in rows:
        try:
            events.append(read_event(row))
        except (KeyError, TypeError, ValueError) as error:
            unreadable.append((row[0], f"This release can't read the event: {error!r}"))
    events.sort(key=lambda event: event.id)
    return events, tuple(unreadable)


def _sort(connection: sqlite3.Connection, events: list[Event], busy: Busy) -> _Sorted:
    """The events by lane, without the lanes that are under way.

    Those of one unknown identity share the lane of the contact that the first of them makes.
    """
    sorted_ = _Sorted()
    keys = {key: None for event in events if not event.contact and not event.team for key in _keys(event)}
    whose: dict[IdentityKey, int] = owners(connection, list(keys)) if keys else {}
    for event in events:
        if type(event.body) is StatusReported:
            sorted_.statuses.append(event)
        elif event.team:
            sorted_.teams.setdefault(event.team, []).append(event)
        elif event.contact:
            sorted_.lanes.setdefault(event.contact, []).append(event)
        else:
            contact = _contact_of(event, whose, sorted_.made)
            sorted_.lanes.setdefault(contact, []).append(event)
            for key in _keys(event):
                whose.setdefault(key, contact)
    for contact in busy.contacts.intersection(sorted_.lanes):
        del sorted_.lanes[contact]
    for tenant, team in busy.teams:
        if team in sorted_.teams and sorted_.teams[team][0].tenant == tenant:
            del sorted_.teams[team]
    return sorted_


def _contact_of(event: Event, whose: dict[IdentityKey, int], made: dict[int, Known]) -> int:
    for key in _keys(event):
        if key in whose:
            return whose[key]
    contact = derived_id(event.id, 0)
    first = event.identities[0] if event.identities else Identity("", str(contact))
    made[contact] = Known(Person(Contact(contact, identities=event.identities)), event.tenant, part_of(event.tenant, first))
    return contact


def _keys(event: Event) -> list[IdentityKey]:
    return [(event.tenant, each.kind, each.value) for each in event.identities]


def _meet(connection: sqlite3.Connection, memory: Memory, sorted_: _Sorted) -> dict[int, Known]:
    """The persons of all lanes. Lanes of a merged contact become the winner's; another tenant's contact is unknown."""
    known = dict(sorted_.made)
    wanted = [contact for contact in sorted_.lanes if contact not in known]
    for _ in range(MERGES):
        missing = []
        for contact in wanted:
            remembered = memory.get(contact)
            if remembered is None:
                missing.append(contact)
            else:
                known[contact] = remembered
        if missing:
            for contact, loaded in load_known(connection, missing).items():
                known[contact] = loaded
                memory.put(loaded)
        wanted = _forward(sorted_.lanes, known)
        if not wanted:
            break
    for contact, lane in sorted_.lanes.items():
        if contact in known and known[contact].tenant != lane[0].tenant:
            del known[contact]
    return known


def _forward(lanes: dict[int, list[Event]], known: dict[int, Known]) -> list[int]:
    """Move lanes of merged contacts to the contacts that took them in; those that must be loaded for it."""
    wanted = []
    for loser in [contact for contact in lanes if contact in known and known[contact].merged_into]:
        winner = known.pop(loser).merged_into
        lanes[winner] = sorted([*lanes.get(winner, []), *lanes.pop(loser)], key=lambda event: event.id)
        if winner not in known:
            wanted.append(winner)
    return wanted
