"""Webhooks: addresses of the tenant's own systems, what each is told, their secrets, and switching them off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlmodel import Session, col, delete, select

from crm.own import own
from crm.signature import make_secret
from crm.world_number import raise_world
from schemas.error import Conflict, Invalid
from storage.secret import SecretBox
from storage.table import DeliveryRow, WebhookRow

MOST_WEBHOOKS = 10
"""Webhooks of a workspace: each event may be told to all of them."""
USUAL_TIMEOUT, LONGEST_TIMEOUT = 5, 30
"""Seconds within which an address must answer: what our documents promise, enough to put it into a queue; and at most."""
DEFAULT = "default"
"""The label of the webhook for those who know one address only (`PUT /webhooks`)."""
BOTH_SECRETS = timedelta(hours=24)
"""After a rotation both secrets sign, so that receivers can change over without losing anything."""
OFF_AFTER = timedelta(hours=24)
"""A webhook that fails for so long, and `OFF_FAILURES` times in a row, is switched off."""
OFF_FAILURES = 10
LONGEST_REASON = 300


class BadAddress(Invalid):
    """The address must begin with https://, name a host, and hold no user name or password."""

    code = "bad_address"


def list_webhooks(session: Session, tenant: int) -> list[WebhookRow]:
    """All of them, the oldest first."""
    return list(session.exec(select(WebhookRow).where(WebhookRow.tenant == tenant).order_by(col(WebhookRow.id))))


def get_webhook(session: Session, tenant: int, webhook: int) -> WebhookRow:
    """The webhook. Raises NotFound."""
    return own(session, WebhookRow, tenant, webhook, "webhook")


def create_webhook(
    session: Session,
    tenant: int,
    url: str,
    events: Sequence[str],
    box: SecretBox,
    random: bytes,
    now: datetime,
    *,
    label: str = "",
    timeout: int = USUAL_TIMEOUT,
    plain_http: bool = False,
) -> tuple[WebhookRow, str]:
    """A new webhook and its secret, which is told this once. Raises BadAddress, Conflict."""
    if len(list_webhooks(session, tenant)) >= MOST_WEBHOOKS:
        raise Conflict(f"There are {MOST_WEBHOOKS} webhooks already. Delete one that nobody uses.")
    row = WebhookRow(
        tenant=tenant,
        url=checked_address(url, plain_http),
        label=label,
        timeout=timeout,
        events=list(dict.fromkeys(events)),
        secret=b"",
        created_at=now,
        updated_at=now,
    )
    session.add(row)
    session.flush()
    text = make_secret(random)
    row.secret = _sealed(row, text, box)
    raise_world(session, tenant)
    return row, text


def change_webhook(
    session: Session, tenant: int, webhook: int, changes: Mapping[str, Any], now: datetime, *, plain_http: bool = False
) -> WebhookRow:
    """Change its `url`, `label`, `events`, `timeout` or `status`. Switching it on forgets that it failed.

    Raises NotFound, BadAddress.
    """
    row = get_webhook(session, tenant, webhook)
    if "url" in changes:
        row.url = checked_address(changes["url"], plain_http)
    if "label" in changes:
        row.label = changes["label"]
    if "events" in changes:
        row.events = list(dict.fromkeys(changes["events"]))
    if "timeout" in changes:
        row.timeout = changes["timeout"]
    if "status" in changes:
        row.status, row.reason, row.failures, row.failing_since = changes["status"], "", 0, None
    row.updated_at = now
    session.add(row)
    raise_world(session, tenant)
    return row


def rotate_secret(
    session: Session, tenant: int, webhook: int, box: SecretBox, random: bytes, now: datetime
) -> tuple[WebhookRow, str]:
    """A new secret, told this once. The old one signs beside it for `BOTH_SECRETS`."""
    row = get_webhook(session, tenant, webhook)
    text = make_secret(random)
    row.old_secret, row.old_until = row.secret, now + BOTH_SECRETS
    row.secret, row.updated_at = _sealed(row, text, box), now
    session.add(row)
    return row, text


def set_default(
    session: Session,
    tenant: int,
    url: str | None,
    box: SecretBox,
    random: bytes,
    now: datetime,
    *,
    rotate: bool = False,
    plain_http: bool = False,
) -> tuple[WebhookRow | None, str]:
    """Have the webhook with the label `DEFAULT` tell this address of deliveries, or switch it off (None).

    It is made where there is none. With it comes its secret where it is new: "" where it stays. Raises BadAddress, Conflict.
    """
    row = next((each for each in list_webhooks(session, tenant) if each.label == DEFAULT), None)
    if row is None and url is None:
        return None, ""
    if row is None:
        return create_webhook(
            session, tenant, url or "", ("delivery.*",), box, random, now, label=DEFAULT, plain_http=plain_http
        )
    changes = {"status": "off"} if url is None else {"status": "on", "url": url}
    change_webhook(session, tenant, row.id, changes, now, plain_http=plain_http)
    return rotate_secret(session, tenant, row.id, box, random, now) if rotate else (row, "")


def delete_webhook(session: Session, tenant: int, webhook: int) -> None:
    """Forget a webhook and what was delivered to it; what was still to be delivered is dropped. Raises NotFound."""
    row = get_webhook(session, tenant, webhook)
    session.exec(delete(DeliveryRow).where(col(DeliveryRow.webhook) == row.id))
    session.delete(row)
    raise_world(session, tenant)


def secrets_of(row: WebhookRow, box: SecretBox, now: datetime) -> list[str]:
    """The secrets that sign now, the newest first."""
    sealed = [row.secret]
    if row.old_secret is not None and row.old_until is not None and now < row.old_until:
        sealed.append(row.old_secret)
    return [box.open(each, tenant=row.tenant, owner=f"webhook:{row.id}").decode() for each in sealed]


def note_outcome(session: Session, row: WebhookRow, ok: bool, gone: bool, error: str, now: datetime) -> bool:
    """Count how the webhook's deliveries go; True if that switches it off (for good, where the address says 410 Gone)."""
    if ok:
        if row.failures:
            row.failures, row.failing_since = 0, None
            session.add(row)
        return False
    row.failures += 1
    row.failing_since = row.failing_since or now
    session.add(row)
    lasting = row.failures >= OFF_FAILURES and now - row.failing_since >= OFF_AFTER
    if row.status != "on" or not (gone or lasting):
        return False
    row.status = "off"
    since = f"It failed {row.failures} times in a row since {row.failing_since:%Y-%m-%d %H:%M} UTC. The last time: {error}"
    row.reason = ("The address answered 410 Gone." if gone else since)[:LONGEST_REASON]
    raise_world(session, row.tenant)
    return True


def checked_address(url: str, plain_http: bool) -> str:
    """The address without spaces around it. Raises BadAddress; whether it leads into our own network shows when it is called."""
    text = url.strip()
    try:
        parts = urlsplit(text)
        bad = not parts.hostname or parts.username is not None or parts.password is not None or parts.port == 0
    except ValueError:
        raise BadAddress from None
    if bad or parts.scheme not in (("https", "http") if plain_http else ("https",)):
        raise BadAddress
    return text


def _sealed(row: WebhookRow, text: str, box: SecretBox) -> bytes:
    return box.seal(text.encode(), tenant=row.tenant, owner=f"webhook:{row.id}")
