"""Claiming messages in the order of each conversation, and settling them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from engine.core.delivery import advances
from engine.runtime.memory.load import share
from engine.runtime.memory.report import learn, reach, report
from engine.runtime.memory.state import MessageRow, State
from engine.runtime.protocol import Claim, Offer, Settlement
from engine.runtime.release import skip_reason
from schemas.effect import Message
from schemas.event import StatusReported


def claim(state: State, limit: int, now: datetime, lease_until: datetime, room: Mapping[int, int] | None) -> list[Claim]:
    """Commit an attempt on ready heads, live before bulk; settle as skipped what may not be said any more."""
    left = dict(room or {})
    fit: list[MessageRow] = []
    for conversation in list(state.open):
        head = _sayable(state, conversation, now)
        if head is not None:
            fit.append(head)
    fit.sort(key=lambda row: (row.message.bulk, row.message.id))
    queues: tuple[list[MessageRow], list[MessageRow]] = ([], [])
    for row in fit:
        channel = row.message.channel
        if channel in left:
            if left[channel] <= 0:
                continue
            left[channel] -= 1
        queues[row.message.bulk].append(row)
    live, bulk = share(len(queues[0]), len(queues[1]), limit)
    return [_claim(state, row, now, lease_until) for row in (*queues[0][:live], *queues[1][:bulk])]


def launch(state: State, made: Sequence[Message], now: datetime, offer: Offer) -> Iterator[Claim]:
    """Claim those of the messages made just now that are heads and may be said, live ones, as far as there is room."""
    left, new, claimed = dict(offer.room), {each.id for each in made}, 0
    for conversation in dict.fromkeys(each.conversation for each in made):
        head = ready(state, conversation, now)
        if head is None or head.message.id not in new or head.message.bulk or _skip_reason(state, head):
            continue
        channel = head.message.channel
        if claimed < offer.limit and left.get(channel, 1) > 0:
            left[channel] = left.get(channel, offer.limit) - 1
            claimed += 1
            yield _claim(state, head, now, offer.lease_until)


def ready(state: State, conversation: int, now: datetime) -> MessageRow | None:
    """The head of an open conversation, if its time has come: one in flight (claimed, or unknown and to be sent again), else a
    human's, else the oldest.
    """
    rows = [state.messages[id] for id in state.open[conversation]]
    head = min(rows, key=lambda row: (row.status == "queued", row.message.voice != "human", row.message.id))
    return head if _is_due(head, now) else None


def _is_due(row: MessageRow, now: datetime) -> bool:
    return row.next_at is None or row.next_at <= now


def _sayable(state: State, conversation: int, now: datetime) -> MessageRow | None:
    """What may be claimed and still be said, after those before it that may not were settled.

    One that the provider may have already can't be called skipped: it ends as unknown.
    """
    while conversation in state.open and (row := ready(state, conversation, now)) is not None:
        reason = _skip_reason(state, row)
        if not reason:
            return row
        if row.status == "queued":
            reach(state, row, "skipped", now, reason, now=now)
        else:
            reach(state, replace(row, status="claimed"), "unknown", now, reason, now=now)
    return None


def _skip_reason(state: State, row: MessageRow) -> str:
    contact, known = state.contacts.get(row.contact), state.conversations.get(row.message.conversation)
    return skip_reason(row.message, known[1] if known else None, contact[1] if contact else None)


def _claim(state: State, row: MessageRow, now: datetime, lease_until: datetime) -> Claim:
    ambiguous = row.status == "claimed"
    claimed = replace(
        row,
        status="claimed",
        next_at=lease_until,
        attempts=row.attempts + 1,
        resent=row.resent or row.status == "unknown",
        first_attempt_at=row.first_attempt_at or now,
    )
    state.put_message(claimed)
    contact, known = state.contacts.get(row.contact), state.conversations.get(row.message.conversation)
    return Claim(
        message=row.message,
        tenant=row.tenant,
        attempt=claimed.attempts,
        identities=contact[1].identities if contact else (),
        window_until=known[1].window_until if known else None,
        ambiguous=ambiguous,
        unknown=claimed.resent,
        first_attempt_at=claimed.first_attempt_at,
    )


def settle(state: State, settlements: Sequence[Settlement], now: datetime) -> int:
    """Commit outcomes; how many events were born of them."""
    before = state.last_event
    for settlement in settlements:
        row = state.messages.get(settlement.message)
        if row is not None:
            _settle(state, row, settlement, now)
    return state.last_event - before


def _settle(state: State, row: MessageRow, settlement: Settlement, now: datetime) -> None:
    if settlement.provider_id:
        row = replace(row, provider_id=settlement.provider_id)
    if settlement.content is not None:
        row = replace(row, content=settlement.content)
    learn(state, row, settlement.identities, settlement.at, now)
    code, detail, retry_at = settlement.code, settlement.detail, settlement.retry_at
    state.put_message(row)
    match settlement.outcome:
        case "retry" if row.status == "claimed":
            state.put_message(replace(row, status="queued", next_at=retry_at, code=code, detail=detail))
        case "retry":
            pass  # a status came meanwhile and says more
        case "unknown" if retry_at is not None:
            if advances(row.status, "unknown"):
                state.put_message(replace(row, status="unknown", next_at=retry_at, code=code, detail=detail))
        case outcome:
            reach(state, row, outcome, settlement.at, code, detail, now=now)
    for event in state.stray.pop((row.message.channel, row.provider_id), ()) if row.provider_id else ():
        if isinstance(event.body, StatusReported):
            report(state, event, event.body, now)


def next_ready(state: State, now: datetime) -> datetime | None:
    """When the first message that waits for time is ready."""
    waiting = (state.messages[id].next_at for queue in state.open.values() for id in queue)
    return min((at for at in waiting if at is not None and at > now), default=None)
