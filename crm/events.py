"""Events as operators see them: what was decided, what died and why, and deciding the dead once more."""

from __future__ import annotations

from typing import Literal

from sqlmodel import Session, col, func, select

from crm.own import own
from schemas.error import Conflict
from storage.dead import replay
from storage.store import raw
from storage.table import EventRow
from storage.table.event import DEAD, DONE, PENDING

State = Literal["pending", "done", "dead"]
STATES: dict[int, State] = {PENDING: "pending", DONE: "done", DEAD: "dead"}
NUMBERS: dict[State, int] = {state: number for number, state in STATES.items()}


class NotDead(Conflict):
    """This event is not dead. Only what could not be decided can be replayed."""

    code = "not_dead"


def list_events(
    session: Session, tenant: int, state: Literal["pending", "dead"], *, offset: int = 0, limit: int = 50
) -> tuple[list[EventRow], int]:
    """One page of a tenant's undecided or dead events, the newest first, and how many there are."""
    where = (EventRow.tenant == tenant, EventRow.state == NUMBERS[state])
    total = session.exec(select(func.count()).select_from(EventRow).where(*where)).one()
    page = session.exec(select(EventRow).where(*where).order_by(col(EventRow.id).desc()).offset(offset).limit(limit))
    return list(page), total


def get_event(session: Session, tenant: int, id: int) -> EventRow:
    """The tenant's event. Raises NotFound, also after it was pruned (8 days after it was decided)."""
    return own(session, EventRow, tenant, id, "event")


def replay_event(session: Session, tenant: int, id: int) -> EventRow:
    """Let a dead event be decided once more, behind what is undecided of its lane. Raises NotFound, NotDead."""
    row = get_event(session, tenant, id)
    if not replay(raw(session), tenant, id):
        raise NotDead
    session.refresh(row)
    return row
