"""Taking events: which ones, in which lanes, with whom loaded."""

from __future__ import annotations

from engine.core.desk import Desk
from engine.core.value import Contact, Person, derived_id
from engine.runtime.busy import Busy
from engine.runtime.memory.state import State
from engine.runtime.protocol import Batch, ContactLane, TeamLane
from schemas.event import Event, StatusReported


def take(state: State, limit: int, busy: Busy) -> Batch | None:
    """Up to `limit` undecided events in their order, live before bulk; an event that failed before comes alone."""
    events = _choose(state, limit, busy)
    statuses = tuple(event for event in events if isinstance(event.body, StatusReported))
    contacts = _contact_lanes(state, [event for event in events if event not in statuses and not event.team], busy)
    teams = _team_lanes(state, [event for event in events if event.team], busy)
    if not (statuses or contacts or teams):
        return None
    return Batch(
        tenants=tuple(sorted({event.tenant for event in events})),
        contacts=contacts,
        teams=teams,
        statuses=statuses,
        versions=frozenset(
            (lane.events[0].tenant, frame.version) for lane in contacts for run in lane.person.runs for frame in run.frames
        ),
    )


def share(live: int, bulk: int, limit: int) -> tuple[int, int]:
    """How many of each go, live first and bulk at least a tenth.

    >>> share(100, 100, 10), share(3, 100, 10), share(100, 0, 10), share(5, 5, 1)
    ((9, 1), (3, 7), (10, 0), (1, 0))
    """
    reserved = min(bulk, max(limit // 10, 1) if limit > 1 else 0)
    first = min(live, limit - reserved)
    return first, min(bulk, limit - first)


def _choose(state: State, limit: int, busy: Busy) -> list[Event]:
    rows = [state.events[id] for id in state.pending if id not in busy.events]
    queues = [[row for row in rows if not row.event.bulk], [row for row in rows if row.event.bulk]]
    again = [queue[0].event for queue in queues if queue and queue[0].attempts]
    if again:
        return [min(again, key=lambda event: event.id)]
    for queue in queues:
        failed = next((index for index, row in enumerate(queue) if row.attempts), len(queue))
        del queue[failed:]
    live, bulk = share(len(queues[0]), len(queues[1]), limit)
    chosen = [row.event for row in (*queues[0][:live], *queues[1][:bulk])]
    return sorted(chosen, key=lambda event: event.id)


def person(state: State, contact: Contact) -> Person:
    """The contact with its conversations and live runs."""
    return Person(
        contact,
        tuple(state.conversations[id][1] for id in state.conversations_of.get(contact.id, ())),
        tuple(state.runs[id].run for id in state.live_runs_of.get(contact.id, ())),
    )


def _contact_lanes(state: State, events: list[Event], busy: Busy) -> tuple[ContactLane, ...]:
    contacts: dict[int, Contact] = {}
    lanes: dict[int, list[Event]] = {}
    met: dict[tuple[int, str, str], int] = {}
    for event in events:
        keys = [(event.tenant, each.kind, each.value) for each in event.identities]
        known = (state.identities.get(key) or met.get(key) for key in keys)
        id = event.contact or next((each for each in known if each), 0) or derived_id(event.id, 0)
        stored = state.contacts.get(id)
        if stored is None or stored[0] != event.tenant:
            contacts.setdefault(id, Contact(id, identities=event.identities))
        else:
            contacts.setdefault(id, stored[1])
        lanes.setdefault(id, []).append(event)
        for key in keys:
            met.setdefault(key, id)
    persons = {id: person(state, contact) for id, contact in contacts.items()}
    return tuple(ContactLane(persons[id], tuple(events)) for id, events in lanes.items() if not busy.holds(persons[id], events))


def _team_lanes(state: State, events: list[Event], busy: Busy) -> tuple[TeamLane, ...]:
    lanes: dict[tuple[int, int], list[Event]] = {}
    for event in events:
        lanes.setdefault((event.tenant, event.team), []).append(event)
    return tuple(
        TeamLane(key[1], state.desks.get(key, Desk(key[1])), tuple(events))
        for key, events in lanes.items()
        if key not in busy.teams
    )
