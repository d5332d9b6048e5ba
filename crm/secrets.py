"""Secrets: what flows may send as `{{secret.NAME}}`, and nobody may read again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from crm.used_by import refuse_if_used
from crm.world_number import raise_world
from engine.core.program import NodeTypes
from schemas.error import Conflict, NotFound
from storage.secret import SecretBox
from storage.table import SecretRow

MOST_SECRETS = 200
NOTED_EVERY = timedelta(minutes=1)
"""How exactly `used_at` is kept: one write a minute and secret, not one a request."""


def list_secrets(session: Session, tenant: int) -> list[SecretRow]:
    """All secrets by name; their values stay sealed."""
    return list(session.exec(select(SecretRow).where(SecretRow.tenant == tenant).order_by(col(SecretRow.name))))


def put_secret(session: Session, tenant: int, name: str, value: str, box: SecretBox, now: datetime) -> SecretRow:
    """Enter a secret, or another value for it: the next request takes the new one. Raises Conflict."""
    row = _find(session, tenant, name)
    if row is None:
        if len(list_secrets(session, tenant)) >= MOST_SECRETS:
            raise Conflict(f"There are {MOST_SECRETS} secrets already. Delete one that nobody uses.")
        row = SecretRow(tenant=tenant, name=name, sealed=b"", created_at=now, changed_at=now)
        raise_world(session, tenant)
    row.sealed, row.changed_at = box.seal(value.encode(), tenant=tenant, owner=_owner(name)), now
    session.add(row)
    session.flush()
    return row


def delete_secret(session: Session, tenant: int, name: str, node_types: NodeTypes) -> None:
    """Forget a secret. Raises NotFound, and InUse while a published flow sends it."""
    row = _find(session, tenant, name)
    if row is None:
        raise NotFound("There is no secret with this name.")
    refuse_if_used(session, tenant, node_types, "secret", (name,), f"The secret “{name}”")
    session.delete(row)
    raise_world(session, tenant)


def open_secrets(session: Session, tenant: int, names: Iterable[str], box: SecretBox) -> dict[str, str]:
    """The values of those that exist. Raises UnreadableSecret. Call it where the request leaves, and keep nothing of it."""
    wanted = select(SecretRow).where(SecretRow.tenant == tenant, col(SecretRow.name).in_(list(names)))
    return {row.name: box.open(row.sealed, tenant=tenant, owner=_owner(row.name)).decode() for row in session.exec(wanted)}


def note_secret_use(session: Session, tenant: int, names: Iterable[str], now: datetime) -> None:
    """Remember when they were last sent."""
    wanted = select(SecretRow).where(SecretRow.tenant == tenant, col(SecretRow.name).in_(list(names)))
    for row in session.exec(wanted):
        if row.used_at is None or now - row.used_at >= NOTED_EVERY:
            row.used_at = now
            session.add(row)


def _find(session: Session, tenant: int, name: str) -> SecretRow | None:
    return session.exec(select(SecretRow).where(SecretRow.tenant == tenant, SecretRow.name == name)).first()


def _owner(name: str) -> str:
    return f"secret:{name}"
