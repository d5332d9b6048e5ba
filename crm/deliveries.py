"""What webhooks were told: each notification with its attempts and the last answer, and sending one again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlmodel import Session, col, delete, func, select

from crm.notification import notification
from crm.own import own
from crm.webhooks import get_webhook, note_outcome, secrets_of
from schemas.error import Conflict
from storage.call import again
from storage.secret import SecretBox
from storage.store import raw
from storage.table import DeliveryRow, MessageRow, WebhookRow

SCHEDULE = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 21_600, 36_000)
)
"""After each failed attempt the next one is so much later: eleven in 24 hours, as Standard Webhooks advises."""
KEPT = timedelta(days=30)
LONGEST_ANSWER = 500  # characters of an answer that are kept


@dataclass(frozen=True, slots=True)
class Parcel:
    """A delivery that is ready to leave. `attempt` counts from 1."""

    webhook: int
    url: str
    secrets: tuple[str, ...]
    key: str
    event: str
    body: bytes
    attempt: int
    contact: int
    timeout: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came back: an HTTP status (0: nothing came), the beginning of the answer, and why it doesn't count."""

    code: int = 0
    answer: str = ""
    error: str = ""
    after: timedelta | None = None
    """How long the address asks to be left alone."""

    @property
    def ok(self) -> bool:
        """True if the address took it."""
        return 200 <= self.code < 300


def pack(session: Session, tenant: int, call: int, facts: Mapping[str, Any], box: SecretBox, now: datetime) -> Parcel | None:
    """What a call is to send: made when it is first tried, and from then on the same bytes.

    None where there is nothing to send any more: the webhook is gone or off, or what it is about was deleted.
    """
    webhook = session.get(WebhookRow, int(facts["webhook"]))
    if webhook is None or webhook.tenant != tenant or webhook.status != "on":
        return None
    known = _of_call(session, call)
    if known is not None:
        key, body, attempt, contact = known.key, known.payload.encode(), known.attempts + 1, known.contact
    else:
        made = notification(session, tenant, facts)
        if made is None:
            return None
        key, body, attempt, contact = str(made["id"]), orjson.dumps(made), 1, _about(session, facts)
    secrets = tuple(secrets_of(webhook, box, now))
    return Parcel(webhook.id, webhook.url, secrets, key, str(facts["event"]), body, attempt, contact, webhook.timeout)


def note(
    session: Session, tenant: int, call: int, facts: Mapping[str, Any], parcel: Parcel, outcome: Outcome, now: datetime
) -> tuple[timedelta | None, bool]:
    """Keep what came of an attempt. When to try again (None: never), and whether the webhook was switched off by it."""
    row = _of_call(session, call) or _fresh(tenant, call, facts, parcel, now)
    wait = None if outcome.ok or outcome.code == 410 else _wait(parcel.attempt, outcome)
    _fill(row, parcel.attempt, outcome, now)
    row.status = "delivered" if outcome.ok else "waiting" if wait is not None else "failed"
    row.next_at = None if wait is None else now + wait
    session.add(row)
    webhook = session.get(WebhookRow, parcel.webhook)
    off = webhook is not None and note_outcome(session, webhook, outcome.ok, outcome.code == 410, row.error, now)
    return wait, off


def give_up(session: Session, call: int) -> None:
    """A delivery will not be tried again: its webhook is off or gone, or what it was about."""
    row = _of_call(session, call)
    if row is not None and row.status == "waiting":
        row.status, row.next_at, row.error = "failed", None, row.error or "The webhook was switched off meanwhile."
        session.add(row)


def note_test(session: Session, tenant: int, parcel: Parcel, outcome: Outcome, now: datetime) -> DeliveryRow:
    """Keep what came of a test. It is not tried again, and doesn't count for or against the webhook."""
    row = _fresh(tenant, 0, None, parcel, now)
    _fill(row, 1, outcome, now)
    row.status = "delivered" if outcome.ok else "failed"
    session.add(row)
    session.flush()
    return row


def list_deliveries(
    session: Session, tenant: int, webhook: int, *, status: str | None = None, offset: int = 0, limit: int = 50
) -> tuple[list[DeliveryRow], int]:
    """One page of a webhook's deliveries, the newest first, and how many there are. Raises NotFound."""
    get_webhook(session, tenant, webhook)
    where: list[Any] = [DeliveryRow.webhook == webhook]
    if status is not None:
        where.append(DeliveryRow.status == status)
    total = session.exec(select(func.count()).select_from(DeliveryRow).where(*where)).one()
    page = select(DeliveryRow).where(*where).order_by(col(DeliveryRow.id).desc()).offset(offset).limit(limit)
    return list(session.exec(page)), total


def redeliver(session: Session, tenant: int, webhook: int, delivery: int, now: datetime) -> DeliveryRow:
    """Send a delivery again, now and with all its tries: the same body, the same id. Raises NotFound, Conflict."""
    row = own(session, DeliveryRow, tenant, delivery, "delivery")
    hook = get_webhook(session, tenant, webhook)
    if row.webhook != hook.id or row.facts is None:
        raise Conflict("A test can't be sent again. Send a new one.")
    if hook.status != "on":
        raise Conflict("This webhook is off. Switch it on first.")
    row.status, row.attempts, row.next_at = "waiting", 0, now
    session.add(row)
    session.flush()
    again(raw(session), row.call, tenant, row.facts, now)
    return row


def prune_deliveries(session: Session, now: datetime) -> None:
    """Forget deliveries after `KEPT`, whatever became of them."""
    session.exec(delete(DeliveryRow).where(col(DeliveryRow.created_at) < now - KEPT))


def _of_call(session: Session, call: int) -> DeliveryRow | None:
    return session.exec(select(DeliveryRow).where(DeliveryRow.call == call)).first()


def _about(session: Session, facts: Mapping[str, Any]) -> int:
    """The contact that the facts are about."""
    if "contact" in facts:
        return int(facts["contact"])
    message = session.get(MessageRow, int(facts["message"]))
    return message.contact if message is not None else 0


def _fresh(tenant: int, call: int, facts: Mapping[str, Any] | None, parcel: Parcel, now: datetime) -> DeliveryRow:
    return DeliveryRow(
        tenant=tenant,
        webhook=parcel.webhook,
        contact=parcel.contact,
        call=call,
        key=parcel.key,
        event=parcel.event,
        payload=parcel.body.decode(),
        facts=None if facts is None else dict(facts),
        created_at=now,
    )


def _fill(row: DeliveryRow, attempt: int, outcome: Outcome, now: datetime) -> None:
    row.attempts, row.last_at = attempt, now
    row.code, row.answer = outcome.code, outcome.answer[:LONGEST_ANSWER]
    row.error = "" if outcome.ok else outcome.error or f"The address answered {outcome.code}."


def _wait(attempt: int, outcome: Outcome) -> timedelta | None:
    if attempt > len(SCHEDULE):
        return None
    return max(SCHEDULE[attempt - 1], outcome.after or timedelta(0))
