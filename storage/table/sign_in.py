"""Browsers that are signed in, and the one-time links by which people get in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import SQLModel

from storage.column import instant, no_reference, own_id, reference


class BrowserSessionRow(SQLModel, table=True):
    """A browser in which a user is signed in: the SHA-256 of its cookie, never the cookie. Signing out deletes it."""

    __tablename__ = "browser_session"
    __table_args__ = (
        Index("browser_session_token", "token_hash", unique=True),
        Index("browser_session_user", "user"),
        {"sqlite_autoincrement": True},
    )

    id: int = own_id()
    tenant: int = reference()
    user: int = reference()
    token_hash: str
    agent: str = ""
    """What the browser calls itself, cut."""
    created_at: datetime = instant()
    seen_at: datetime = instant()
    expires_at: datetime = instant()


class SignInLinkRow(SQLModel, table=True):
    """A one-time link: the SHA-256 of its token. `user` 0: whoever opens it becomes the first owner.

    `purpose` is welcome, invite or reset. A link that is used, or replaced by a newer one, is deleted.
    """

    __tablename__ = "sign_in_link"
    __table_args__ = (
        Index("sign_in_link_token", "token_hash", unique=True),
        Index("sign_in_link_user", "tenant", "user"),
        {"sqlite_autoincrement": True},
    )

    id: int = own_id()
    tenant: int = reference()
    user: int = no_reference()
    purpose: str
    token_hash: str
    made_by: int = no_reference()
    created_at: datetime = instant()
    expires_at: datetime = instant()
