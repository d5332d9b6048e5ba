"""Claims the heads of conversations: what may be sent now, each with its attempt and its lease committed first."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from engine.runtime.protocol import Claim
from engine.runtime.release import skip_reason
from schemas.contact import Identity
from schemas.content import load_content
from schemas.effect import Message
from schemas.event import NewEvent
from storage.backlog import BULK_SHARE, live_room
from storage.column import from_micros, maybe_instant, to_micros
from storage.status import Change, Sent, tell
from storage.told import tell_moved

# A head is what nothing in its conversation stands before: no row in flight (claimed, or unknown and to be sent again), no
# older row; and a human's message goes before all others that are queued. What is in flight is the head already.
# ?2 and ?3 bound `next_at`: 0 and 0 gives what is ready at once, 1 and now what waited for time. ?4 are channels
# that are full.
READY = """
SELECT m.id, m.tenant, m.contact, m.conversation, m.channel, m.run, m.node, m.status, m.reports, m.on_unknown,
       m.was_unknown, m.arm_seconds, m.provider_id,
       m.content, m.key, m.voice, m.epoch, m.step, m.user, m.bulk, m.consent, m.fallback, m.attempts, m.created_at,
       m.first_attempt_at, c.epoch, c.owner, c.window_until, t.opted_out
FROM message AS m INDEXED BY message_outbox
LEFT JOIN conversation AS c ON c.id = m.conversation
LEFT JOIN contact AS t ON t.id = m.contact
WHERE m.next_at IS NOT NULL AND m.bulk = ?1 AND m.next_at BETWEEN ?2 AND ?3
  AND m.channel NOT IN (SELECT value FROM json_each(?4))
  AND (m.status <> 'queued' OR NOT EXISTS (
    SELECT 1 FROM message AS o INDEXED BY message_unsettled
    WHERE o.conversation = m.conversation AND o.next_at IS NOT NULL AND o.id <> m.id
      AND (o.status <> 'queued' OR CASE WHEN m.voice = 'human' THEN o.voice = 'human' AND o.id < m.id
                                        ELSE o.voice = 'human' OR o.id < m.id END)))
ORDER BY m.next_at, m.id
"""
CLAIM = """
UPDATE message SET status = 'claimed', attempts = attempts + 1, next_at = ?, was_unknown = ?,
  first_attempt_at = coalesce(first_attempt_at, ?) WHERE id = ?
"""
GIVE_UP = """
UPDATE message SET status = ?, code = ?, detail = ?, next_at = NULL, timeout_at = ? + arm_seconds * 1000000 WHERE id = ?
"""
IDENTITIES = """
SELECT contact, kind, value FROM identity WHERE contact IN (SELECT value FROM json_each(?)) ORDER BY contact, position, kind
"""
REASONS = {
    "gone": "The contact was deleted.",
    "opted_out": "The contact opted out.",
    "taken_over": "A person took over the conversation.",
    "owned": "A person has the conversation.",
}


class Head(NamedTuple):
    """A head's row: the message, and what decides whether it may still be said."""

    sent: Sent
    content: str
    key: str
    voice: Any
    epoch: int
    step: int
    user: int
    bulk: int
    consent: bool
    fallback: str | None
    attempts: int
    created_at: int
    first_attempt_at: int | None
    epoch_now: int | None
    owner: Any
    window_until: int | None
    opted_out: int | None


class _Floor(NamedTuple):
    owner: str
    epoch: int


class _Recipient(NamedTuple):
    opted_out: bool


def claim(
    connection: sqlite3.Connection, limit: int, now: datetime, lease_until: datetime, room: Mapping[int, int] | None
) -> tuple[list[Claim], list[NewEvent]]:
    """Up to `limit` claims, live before bulk, and the events born of what was skipped.

    `room` bounds the claims of the channels that it names. What is skipped frees the head behind it in the same call.
    """
    left = dict(room or {})
    born: list[NewEvent] = []
    bulk_waits = len(_sayable(connection, 1, max(limit // BULK_SHARE, 1), now, left, born))
    live = _sayable(connection, 0, live_room(bulk_waits, limit), now, left, born)
    for head in live:
        if head.sent.channel in left:
            left[head.sent.channel] -= 1
    bulk = _sayable(connection, 1, limit - len(live), now, left, born) if bulk_waits else []
    heads = live + bulk
    lease, first = to_micros(lease_until), to_micros(now)
    connection.executemany(
        CLAIM,
        [(lease, int(each.sent.was_unknown or each.sent.status == "unknown"), first, each.sent.id) for each in heads],
    )
    identities = _identities(connection, {head.sent.contact for head in heads})
    return [_claim(head, identities[head.sent.contact], now) for head in heads], born


def _sayable(
    connection: sqlite3.Connection, bulk: int, limit: int, now: datetime, left: Mapping[int, int], born: list[NewEvent]
) -> list[Head]:
    """Up to `limit` heads that may be said, by id, after those before them that may not were settled.

    Asks again when something was skipped, which frees the head behind it, and when a channel is full, whose backlog need not
    be walked then.
    """
    heads: dict[int, Head] = {}
    used: Counter[int] = Counter()
    again = limit > 0
    while again:
        again = False
        full = [channel for channel, room in left.items() if used[channel] >= room]
        skipped: list[tuple[Head, str]] = []
        for head in _heads(connection, bulk, now, full):
            sent = head.sent
            if sent.id in heads:
                continue
            reason = _skip_reason(head)
            if reason:
                skipped.append((head, reason))
                continue
            heads[sent.id] = head
            used[sent.channel] += 1
            if len(heads) == limit:
                break
            if sent.channel in left and used[sent.channel] == left[sent.channel]:
                again = True
                break
        changes = [(head.sent, _skip(connection, head, reason, now, born)) for head, reason in skipped]
        tell_moved(connection, changes, now)
        again = again or bool(changes and len(heads) < limit)
    return [heads[id] for id in sorted(heads)]


def _heads(connection: sqlite3.Connection, bulk: int, now: datetime, full: list[int]) -> Iterator[Head]:
    """Heads that are ready: first those that waited for time, which are the older ones."""
    channels = orjson.dumps(full).decode()
    for bounds in ((1, to_micros(now)), (0, 0)):
        for row in connection.execute(READY, (bulk, *bounds, channels)):
            yield Head(Sent(*row[:13]), *row[13:])


def _skip_reason(head: Head) -> str:
    floor = None if head.epoch_now is None else _Floor(head.owner, head.epoch_now)
    return skip_reason(head, floor, None if head.opted_out is None else _Recipient(bool(head.opted_out)))


def _skip(connection: sqlite3.Connection, head: Head, reason: str, now: datetime, born: list[NewEvent]) -> Change:
    """Settle what may not be said. What perhaps left already is unknown, and says so."""
    perhaps_sent = head.sent.status in ("claimed", "unknown")
    change = Change("unknown" if perhaps_sent else "skipped", now, reason, REASONS[reason])
    connection.execute(GIVE_UP, (change.status, change.code, change.detail, to_micros(now), head.sent.id))
    told = tell(head.sent, change)
    born.extend([] if told is None else [told])
    return change


def _identities(connection: sqlite3.Connection, contacts: Iterable[int]) -> defaultdict[int, list[Identity]]:
    identities: defaultdict[int, list[Identity]] = defaultdict(list)
    for contact, kind, value in connection.execute(IDENTITIES, (orjson.dumps(list(contacts)).decode(),)):
        identities[contact].append(Identity(kind, value))
    return identities


def _message(head: Head) -> Message:
    sent = head.sent
    return Message(
        id=sent.id,
        key=head.key,
        conversation=sent.conversation,
        channel=sent.channel,
        content=load_content(orjson.loads(head.content)),
        voice=head.voice,
        epoch=head.epoch,
        at=from_micros(head.created_at),
        run=sent.run,
        step=head.step,
        node=sent.node,
        user=head.user,
        reports=bool(sent.reports),
        arms=sent.arm_seconds,
        fallback=None if head.fallback is None else load_content(orjson.loads(head.fallback)),
        on_unknown="resend" if sent.on_unknown == "resend" else "keep",
        consent=bool(head.consent),
        bulk=bool(head.bulk),
    )


def _claim(head: Head, identities: list[Identity], now: datetime) -> Claim:
    sent = head.sent
    return Claim(
        message=_message(head),
        tenant=sent.tenant,
        attempt=head.attempts + 1,
        identities=tuple(identities),
        window_until=maybe_instant(head.window_until),
        ambiguous=sent.status == "claimed",
        unknown=bool(sent.was_unknown or sent.status == "unknown"),
        first_attempt_at=now if head.first_attempt_at is None else from_micros(head.first_attempt_at),
    )
