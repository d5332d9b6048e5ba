"""Signing in: browser sessions, and the one-time links by which people get in or get in again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, select

from crm.keys import AccountInactive
from crm.users import create_user, get_user
from schemas.error import Conflict, NotFound
from storage.table import BrowserSessionRow, SignInLinkRow, TenantRow, UserRow

TOKEN_BYTES = 32
"""256 random bits in a cookie or a link: nobody guesses them, so a plain hash is enough to keep them."""
IDLE = timedelta(days=14)
"""A browser that asked nothing for so long is signed out."""
LONGEST = timedelta(days=90)
"""Then a password is asked for again, however busy the browser was."""
SEEN_EVERY = timedelta(minutes=5)
"""How exactly `seen_at` is kept: a write every five minutes and browser, not one a request."""
WELCOME_FOR = timedelta(days=1)
INVITE_FOR = timedelta(days=7)
RESET_FOR = timedelta(hours=24)
MOST_SESSIONS = 50
"""Browsers of one user; the one that was silent longest goes."""
MOST_NAMESAKES = 5
"""Workspaces in which one address is tried: each costs a hash."""


class LinkGone(NotFound):
    """This link doesn't work any more: it was used, has expired, or a newer one took its place. Ask for a new one."""

    code = "link_gone"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is behind a session. `stale`: call `note_seen`."""

    tenant: int
    user: int
    role: str
    session: int
    stale: bool


@dataclass(frozen=True, slots=True)
class Link:
    """A link as it is: whom it is for. `user` None: whoever opens it first becomes the owner."""

    row: SignInLinkRow
    workspace: str
    user: UserRow | None


def token_hash(token: str) -> str:
    """What is kept of a token: its SHA-256, in hex."""
    return hashlib.sha256(token.encode()).hexdigest()


# --- sessions ----------------------------------------------------------------------------------------------------------------
def open_session(session: Session, user: UserRow, token: str, agent: str, now: datetime) -> BrowserSessionRow:
    """The user is signed in in the browser that has this token."""
    wanted = select(BrowserSessionRow).where(BrowserSessionRow.user == user.id)
    others = session.exec(wanted.order_by(col(BrowserSessionRow.seen_at).desc())).all()
    for old in others[MOST_SESSIONS - 1 :]:
        session.delete(old)
    row = BrowserSessionRow(
        tenant=user.tenant,
        user=user.id,
        token_hash=token_hash(token),
        agent=agent[:200],
        created_at=now,
        seen_at=now,
        expires_at=now + IDLE,
    )
    session.add(row)
    session.flush()
    return row


def visitor_of(session: Session, token: str, now: datetime) -> Visitor | None:
    """Who is signed in with this token; None for a session that ended and a user who was removed. Raises AccountInactive."""
    row = session.exec(select(BrowserSessionRow).where(BrowserSessionRow.token_hash == token_hash(token))).first()
    if row is None or row.expires_at <= now:
        return None
    user, tenant = session.get(UserRow, row.user), session.get(TenantRow, row.tenant)
    if user is None or tenant is None or user.removed_at is not None:
        return None
    if tenant.status != "active":
        raise AccountInactive(f"This account is {tenant.status}. Ask the operator of this server.")
    return Visitor(row.tenant, user.id, user.role, row.id, now - row.seen_at >= SEEN_EVERY)


def is_open(session: Session, browser_session: int, now: datetime) -> bool:
    """Whether a session still holds: for connections that live longer than a request."""
    row = session.get(BrowserSessionRow, browser_session)
    return row is not None and row.expires_at > now


def note_seen(session: Session, browser_session: int, now: datetime) -> None:
    """The session was used: it lives on, up to LONGEST after it began."""
    row = session.get(BrowserSessionRow, browser_session)
    if row is not None:
        row.seen_at = now
        row.expires_at = min(now + IDLE, row.created_at + LONGEST)
        session.add(row)


def list_sessions(session: Session, tenant: int, user: int, now: datetime) -> list[BrowserSessionRow]:
    """The browsers in which a user is signed in, the last used first."""
    wanted = select(BrowserSessionRow).where(
        BrowserSessionRow.tenant == tenant, BrowserSessionRow.user == user, col(BrowserSessionRow.expires_at) > now
    )
    return list(session.exec(wanted.order_by(col(BrowserSessionRow.seen_at).desc(), col(BrowserSessionRow.id).desc())))


def close_session(session: Session, browser_session: int) -> None:
    """Sign one browser out."""
    session.exec(delete(BrowserSessionRow).where(col(BrowserSessionRow.id) == browser_session))


def close_sessions(session: Session, user: int, *, but: int = 0) -> None:
    """Sign a user out everywhere, but in one browser."""
    session.exec(delete(BrowserSessionRow).where(col(BrowserSessionRow.user) == user, col(BrowserSessionRow.id) != but))


def forget_old(session: Session, now: datetime) -> None:
    """Drop sessions and links whose time is over."""
    session.exec(delete(BrowserSessionRow).where(col(BrowserSessionRow.expires_at) <= now))
    session.exec(delete(SignInLinkRow).where(col(SignInLinkRow.expires_at) <= now))


# --- passwords ---------------------------------------------------------------------------------------------------------------
def namesakes(session: Session, email: str) -> list[UserRow]:
    """The users with this address who have a password, of all workspaces, the oldest first."""
    wanted = select(UserRow).where(
        UserRow.email == email.strip().lower(), col(UserRow.removed_at).is_(None), col(UserRow.password_hash).is_not(None)
    )
    return list(session.exec(wanted.order_by(col(UserRow.id)).limit(MOST_NAMESAKES)))


def set_password(session: Session, tenant: int, user: int, password_hash: str) -> UserRow:
    """The user with this password from now on."""
    row = get_user(session, tenant, user)
    row.password_hash = password_hash
    session.add(row)
    return row


def nobody_signs_in(session: Session, tenant: int) -> bool:
    """Whether no owner of a workspace has a password yet."""
    wanted = select(UserRow.id).where(
        UserRow.tenant == tenant,
        UserRow.role == "owner",
        col(UserRow.removed_at).is_(None),
        col(UserRow.password_hash).is_not(None),
    )
    return session.exec(wanted.limit(1)).first() is None


# --- links -------------------------------------------------------------------------------------------------------------------
def make_link(session: Session, tenant: int, user: int, token: str, now: datetime, *, made_by: int = 0) -> SignInLinkRow:
    """A link for a user: an invitation for who has no password yet, else for a new password. It replaces older ones."""
    row = get_user(session, tenant, user)
    purpose, lasts = ("reset", RESET_FOR) if row.password_hash else ("invite", INVITE_FOR)
    return _keep_link(session, tenant, user, purpose, token, now, lasts, made_by)


def make_welcome(session: Session, tenant: int, token: str, now: datetime) -> SignInLinkRow:
    """The link of the first start: whoever opens it becomes an owner."""
    return _keep_link(session, tenant, 0, "welcome", token, now, WELCOME_FOR, 0)


def read_link(session: Session, token: str, now: datetime) -> Link:
    """What a link is for. Raises LinkGone."""
    row = session.exec(select(SignInLinkRow).where(SignInLinkRow.token_hash == token_hash(token))).first()
    if row is None or row.expires_at <= now:
        raise LinkGone
    tenant = session.get(TenantRow, row.tenant)
    user = session.get(UserRow, row.user) if row.user else None
    if tenant is None or (row.user and (user is None or user.removed_at is not None)):
        raise LinkGone
    return Link(row, tenant.name, user)


def use_link(session: Session, token: str, password_hash: str, email: str, name: str, now: datetime) -> UserRow:
    """Set the password of whom the link is for; the link is spent, and other browsers are signed out.

    A welcome makes the owner with this address and name. Raises LinkGone, Conflict, InvalidEmail.
    """
    link = read_link(session, token, now)
    user = link.user
    if user is None:
        if not nobody_signs_in(session, link.row.tenant):
            raise LinkGone
        user = _owner(session, link.row.tenant, email, name, now)
    elif name:
        user.name = name
    user.password_hash = password_hash
    session.add(user)
    close_sessions(session, user.id)
    session.delete(link.row)
    session.flush()
    return user


def open_links(session: Session, tenant: int, now: datetime) -> dict[int, SignInLinkRow]:
    """The links that still work, by user."""
    wanted = select(SignInLinkRow).where(SignInLinkRow.tenant == tenant, col(SignInLinkRow.expires_at) > now)
    return {row.user: row for row in session.exec(wanted)}


def drop_access(session: Session, user: int) -> None:
    """A user was removed: no password, no session, no link."""
    close_sessions(session, user)
    session.exec(delete(SignInLinkRow).where(col(SignInLinkRow.user) == user))
    row = session.get(UserRow, user)
    if row is not None:
        row.password_hash = None
        session.add(row)


def _owner(session: Session, tenant: int, email: str, name: str, now: datetime) -> UserRow:
    if not email or not name:
        raise Conflict("Give your name and your e-mail address.")
    known = session.exec(
        select(UserRow).where(
            UserRow.tenant == tenant, UserRow.email == email.strip().lower(), col(UserRow.removed_at).is_(None)
        )
    ).first()
    if known is None:
        return create_user(session, tenant, email, name, "owner", now)
    known.name, known.role = name, "owner"
    return known


def _keep_link(
    session: Session, tenant: int, user: int, purpose: str, token: str, now: datetime, lasts: timedelta, made_by: int
) -> SignInLinkRow:
    session.exec(delete(SignInLinkRow).where(col(SignInLinkRow.tenant) == tenant, col(SignInLinkRow.user) == user))
    row = SignInLinkRow(
        tenant=tenant,
        user=user,
        purpose=purpose,
        token_hash=token_hash(token),
        made_by=made_by,
        created_at=now,
        expires_at=now + lasts,
    )
    session.add(row)
    session.flush()
    return row
