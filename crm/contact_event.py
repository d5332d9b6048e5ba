"""Events of contacts that are appended in the transaction which changes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from engine.core.value import derived_id
from schemas.contact import Identity
from schemas.event import NewEvent
from storage.event_row import append_events
from storage.part import part_of, part_of_contact
from storage.store import raw

# The event that makes a contact gives it its id, as in a lane; so it can be addressed to it only afterwards.
ADDRESS = "UPDATE event SET contact = ?, part = ? WHERE id = ?"


def append_born(session: Session, events: Sequence[NewEvent], now: datetime) -> None:
    """Append events with what the session has written so far."""
    session.flush()
    append_events(raw(session), events, now)


def append_created(session: Session, event: NewEvent, first: Identity | None, now: datetime) -> tuple[int, int]:
    """Append the event that makes a contact, and give the contact's id and part; part -1 where it was appended before."""
    session.flush()
    connection = raw(session)
    (appended,) = append_events(connection, [event], now)
    contact = derived_id(appended.id, 0)
    if appended.duplicate:
        return contact, -1
    part = part_of(event.tenant, first) if first is not None else part_of_contact(event.tenant, contact)
    connection.execute(ADDRESS, (contact, part, appended.id))
    return contact, part
