"""API keys: made, shown once, listed, revoked, rotated, and recognised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from crm.own import own
from schemas.api_key import ApiKey, InvalidKey, Mode, hash_key, make_key, parse_key
from schemas.error import Conflict, NotFound, Refused
from storage.table import ApiKeyRow, TenantRow

ALL = ("*",)
MOST_KEYS = 100
"""Unrevoked keys of a workspace: more is a program that makes keys, not people who use them."""
NOTED_EVERY = timedelta(minutes=1)
"""How exactly `last_used_at` is kept: one write a minute and key, not one a request."""


class AccountInactive(Refused):
    """This account is not active. Ask the operator of this server."""

    code = "account_inactive"


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """Whose key it is and what it may do. `key` is its public id, `row` its primary key."""

    tenant: int
    row: int
    key: str
    scopes: frozenset[str]
    policies: tuple[Any, ...]
    stale: bool
    """Its last use was noted more than a minute ago: call `note_use`."""


def create_key(
    session: Session,
    tenant: int,
    random: bytes,
    now: datetime,
    *,
    name: str = "",
    mode: Mode = "live",
    scopes: Sequence[str] = ALL,
    policies: Sequence[Any] = (),
) -> tuple[ApiKeyRow, str]:
    """A new key and its text, which is told this once. `random` are `schemas.api_key.RANDOM_BYTES` bytes."""
    if len(list_keys(session, tenant)) >= MOST_KEYS:
        raise Conflict(f"There are {MOST_KEYS} keys already. Revoke one that nobody uses.")
    return _keep(session, tenant, make_key(random, mode), now, name, scopes, policies)


def adopt_key(session: Session, tenant: int, text: str, now: datetime, *, name: str = "") -> ApiKeyRow:
    """The key with a text that the operator chose; made, unless it is there already. It needs not have our form."""
    known = session.exec(select(ApiKeyRow).where(ApiKeyRow.hash == hash_key(text))).first()
    if known is not None:
        return known
    try:
        key = parse_key(text)
    except InvalidKey:
        key = ApiKey("live", hash_key(text)[:8], text)
    return _keep(session, tenant, key, now, name, ALL, ())[0]


def list_keys(session: Session, tenant: int) -> list[ApiKeyRow]:
    """The keys that work, the oldest first."""
    wanted = select(ApiKeyRow).where(ApiKeyRow.tenant == tenant, col(ApiKeyRow.revoked_at).is_(None))
    return list(session.exec(wanted.order_by(col(ApiKeyRow.id))))


def revoke_key(session: Session, tenant: int, key: int, now: datetime) -> ApiKeyRow:
    """The key stops at once; revoking it again changes nothing."""
    row = own(session, ApiKeyRow, tenant, key, "API key")
    if row.revoked_at is None:
        row.revoked_at = now
        session.add(row)
    return row


def rotate_key(session: Session, tenant: int, public_id: str, random: bytes, now: datetime) -> tuple[ApiKeyRow, str]:
    """A new key with the name, scopes and limits of the old one, which stops at once."""
    wanted = select(ApiKeyRow).where(
        ApiKeyRow.tenant == tenant, ApiKeyRow.public_id == public_id, col(ApiKeyRow.revoked_at).is_(None)
    )
    old = session.exec(wanted).first()
    if old is None:
        raise NotFound("This request wasn't made with an API key. Make a new one under Settings, Developers.")
    old.revoked_at = now
    session.add(old)
    mode: Mode = "test" if old.mode == "test" else "live"
    return _keep(session, tenant, make_key(random, mode), now, old.name, old.scopes, old.policies)


def holder_of(session: Session, text: str, now: datetime) -> KeyHolder | None:
    """Whoever holds this key; None for one that was never made or was revoked. Raises AccountInactive."""
    row = session.exec(select(ApiKeyRow).where(ApiKeyRow.hash == hash_key(text))).first()
    if row is None or row.revoked_at is not None:
        return None
    tenant = session.get(TenantRow, row.tenant)
    if tenant is None:
        return None
    if tenant.status != "active":
        raise AccountInactive(f"This account is {tenant.status}. Ask the operator of this server.")
    stale = row.last_used_at is None or now - row.last_used_at >= NOTED_EVERY
    return KeyHolder(row.tenant, row.id, row.public_id, frozenset(row.scopes), tuple(row.policies), stale)


def note_use(session: Session, key: int, now: datetime) -> None:
    """Remember when the key was last used."""
    row = session.get(ApiKeyRow, key)
    if row is not None:
        row.last_used_at = now
        session.add(row)


def _keep(
    session: Session, tenant: int, key: ApiKey, now: datetime, name: str, scopes: Sequence[str], policies: Sequence[Any]
) -> tuple[ApiKeyRow, str]:
    row = ApiKeyRow(
        tenant=tenant,
        public_id=key.id,
        hash=hash_key(key.text),
        name=name,
        mode=key.mode,
        scopes=list(scopes),
        policies=list(policies),
        created_at=now,
    )
    session.add(row)
    session.flush()
    return row, key.text
