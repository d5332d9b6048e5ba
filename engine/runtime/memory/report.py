"""Moving a message's status forward, whoever says so, and telling who must know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from engine.core.delivery import advances, settled_event
from engine.runtime.memory.intake import append
from engine.runtime.memory.state import MessageRow, State
from engine.runtime.protocol import Moved
from schemas.contact import ContactChange, Identity
from schemas.effect import Message
from schemas.event import ChangeContact, Event, NewEvent, StatusReported


def report(state: State, event: Event, status: StatusReported, now: datetime) -> list[Moved]:
    """Apply a provider's status; one for a message that we don't know yet is kept until its send settles."""
    key = (status.channel, status.provider_id)
    id = status.message if status.message in state.messages else state.by_provider.get(key, 0)
    row = state.messages.get(id)
    if row is None or row.tenant != event.tenant:
        state.stray[key] = (*state.stray.get(key, ()), event)
        return []
    if status.provider_id and not row.provider_id:
        row = replace(row, provider_id=status.provider_id)
    learn(state, row, status.identities, event.at, now)
    before = row.status
    reach(state, row, status.status, event.at, status.code, status.detail, now=now)
    if state.messages[id].status == before:
        return []
    return [Moved(row.tenant, id, row.message.conversation, status.status)]


def reach(state: State, row: MessageRow, status: str, at: datetime, code: str = "", detail: str = "", *, now: datetime) -> None:
    """Settle the message at a status, if that says more than what is known: arm the timeout, tell the run."""
    if not advances(row.status, status):
        state.put_message(row)
        return
    message = row.message
    row = replace(row, status=status, next_at=None, settled_at=row.settled_at or at, code=code, detail=detail)
    if message.arms is not None and not row.armed:
        _arm(state, message, message.arms, at)
        row = replace(row, armed=True)
    state.put_message(row)
    told = settled_event(
        tenant=row.tenant,
        contact=row.contact,
        message=message.id,
        conversation=message.conversation,
        run=message.run,
        node=message.node,
        reports=message.reports,
        status=status if status in ("failed", "skipped", "unknown") else "accepted",
        code=code,
        detail=detail,
        at=at,
    )
    if told is not None:
        append(state, [told], now)


def _arm(state: State, message: Message, seconds: int, at: datetime) -> None:
    row = state.runs.get(message.run)
    if row is None or not row.run.live or row.run.wait is None or row.run.wait.id != message.step:
        return
    state.put_run(replace(row, due=min(at + timedelta(seconds=seconds), row.run.ends_at)))


def learn(state: State, row: MessageRow, identities: Sequence[Identity], at: datetime, now: datetime) -> None:
    """Tell the contact's lane of addresses that the provider named and the contact hasn't got."""
    stored = state.contacts.get(row.contact)
    new = [each for each in identities if stored is not None and each not in stored[1].identities]
    if not new:
        return
    changes = tuple(ContactChange("add_identity", each.kind, each.value) for each in new)
    append(
        state,
        [
            NewEvent(
                tenant=row.tenant,
                source="outbox",
                external_id=f"{row.message.id}:identity",
                at=at,
                body=ChangeContact(changes),
                contact=row.contact,
            )
        ],
        now,
    )
