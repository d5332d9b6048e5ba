"""Appending events, each once, and closing them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from engine.runtime.memory.state import EventRow, State
from engine.runtime.protocol import Appended
from schemas.event import Event, NewEvent

TRIES = 3
"""Times an event may fail before it is dead: once in its batch, twice alone."""


def append(state: State, events: Sequence[NewEvent], received_at: datetime | None) -> list[Appended]:
    """Append the events in this order; one whose key is known already does nothing."""
    return [_append(state, event, received_at) for event in events]


def _append(state: State, new: NewEvent, received_at: datetime | None) -> Appended:
    key = (new.tenant, new.source, new.external_id)
    if (known := state.keys.get(key)) is not None:
        return Appended(known, True)
    state.last_event += 1
    id = state.last_event
    event = Event(
        id=id,
        tenant=new.tenant,
        source=new.source,
        external_id=new.external_id,
        at=new.at,
        body=new.body,
        contact=new.contact,
        team=new.team,
        identities=new.identities,
        cause=new.cause,
        depth=new.depth,
        bulk=new.bulk,
        received_at=received_at,
    )
    state.keys[key] = id
    state.events[id] = EventRow(event)
    state.pending[id] = None
    return Appended(id, False)


def fail(state: State, id: int, error: str) -> bool:
    """Count a failure; True if it was the last one that the event may have."""
    row = state.events[id]
    dead = row.attempts + 1 >= TRIES
    state.events[id] = replace(row, attempts=row.attempts + 1, error=error, state="dead" if dead else "pending")
    if dead:
        state.pending.pop(id, None)
    return dead


def replay(state: State, id: int) -> bool:
    """Put a dead event back, as if it had never been tried; False if it isn't dead."""
    row = state.events.get(id)
    if row is None or row.state != "dead":
        return False
    state.events[id] = EventRow(row.event)
    state.pending = dict.fromkeys(sorted((*state.pending, id)))
    return True
