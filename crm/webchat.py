"""Web chat in the tables: visitors by their tokens, and the thread that a visitor may read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import String, cast, delete, exists, func
from sqlmodel import Session, col, select

from crm.media import link
from schemas.public_id import public_id, read_id
from storage.column import from_micros, to_micros
from storage.table import (
    ChannelRow,
    ConversationRow,
    IdentityRow,
    MediaRow,
    MessageRow,
    TenantRow,
    UserRow,
    WebchatVisitorRow,
)

KIND = "webchat"
HISTORY = 500
"""Messages of a thread that a browser without any gets: months of a chat; the page keeps all of them in its tree."""
SEEN_AGAIN = timedelta(hours=1)
"""A visitor's `seen_at` is not written more often: loading pages shouldn't cost commits."""
MARKED = 100
"""Messages that one look marks as read: more than a screen shows."""


@dataclass(frozen=True, slots=True)
class Chat:
    """A web-chat channel that is on. `config` is its settings as stored."""

    tenant: int
    channel: int
    name: str
    config: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """A message of the thread. `seq` is when it appeared, in microseconds; `sender` visitor, bot or agent.

    `provider_id` is what we were given: of a visitor's message, `{visitor}:{client_id}`.
    """

    id: int
    seq: int
    sender: str
    name: str
    at: datetime
    content: dict[str, Any]
    provider_id: str


@dataclass(frozen=True, slots=True)
class File:
    """A file that a line names. `url` is its public link, below the server's own address."""

    url: str
    mime: str
    name: str


@dataclass(frozen=True, slots=True)
class Thread:
    """What a visitor may read after some message: the conversations, the newest message's `seq`, and the next lines."""

    conversations: tuple[int, ...] = ()
    last: int = 0
    lines: tuple[Line, ...] = ()
    files: Mapping[str, File] = field(default_factory=dict)
    """The files that the lines name, by their public ids."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A message that went out and that the visitor has now seen. `provider_id` is what its send was answered with."""

    id: int
    contact: int
    provider_id: str


def find_chat(session: Session, channel: int) -> Chat | None:
    """The web chat with this id; None if there is none, it is switched off, or its tenant isn't active."""
    row = session.get(ChannelRow, channel)
    if row is None or row.kind != KIND or row.status == "off":
        return None
    tenant = session.get(TenantRow, row.tenant)
    if tenant is None or tenant.status != "active":
        return None
    return Chat(row.tenant, row.id, row.name, dict(row.config))


# --- visitors ----------------------------------------------------------------------------------------------------------------
def token_hash(token: str) -> str:
    """What is kept of a token. It is 256 random bits, so a fast hash is enough."""
    return sha256(token.encode(errors="replace")).hexdigest()


def find_visitor(session: Session, channel: int, token: str) -> WebchatVisitorRow | None:
    """The visitor of this channel with this token."""
    found = session.exec(select(WebchatVisitorRow).where(WebchatVisitorRow.token_hash == token_hash(token))).first()
    return found if found is not None and found.channel == channel else None


def add_visitor(session: Session, chat: Chat, visitor: str, token: str, now: datetime) -> None:
    """Keep a new visitor."""
    session.add(
        WebchatVisitorRow(
            channel=chat.channel, visitor=visitor, tenant=chat.tenant, token_hash=token_hash(token), created_at=now, seen_at=now
        )
    )


def is_long_ago(row: WebchatVisitorRow, now: datetime) -> bool:
    """Whether the visitor's `seen_at` should be written again."""
    return row.seen_at is None or now - row.seen_at >= SEEN_AGAIN


def note_visit(session: Session, channel: int, visitor: str, now: datetime) -> None:
    """The visitor is here."""
    row = session.get(WebchatVisitorRow, (channel, visitor))
    if row is not None:
        row.seen_at = now
        session.add(row)


def forget_silent_visitors(session: Session, before: datetime, limit: int = 1_000) -> int:
    """Delete up to `limit` visitors who never wrote and were last seen before an instant; how many went."""
    wrote = exists().where(
        col(IdentityRow.tenant) == col(WebchatVisitorRow.tenant),
        col(IdentityRow.kind) == KIND,
        col(IdentityRow.value) == cast(col(WebchatVisitorRow.channel), String) + ":" + col(WebchatVisitorRow.visitor),
    )
    silent = session.exec(select(WebchatVisitorRow).where(col(WebchatVisitorRow.seen_at) < before, ~wrote).limit(limit)).all()
    for row in silent:
        session.exec(
            delete(WebchatVisitorRow).where(
                col(WebchatVisitorRow.channel) == row.channel, col(WebchatVisitorRow.visitor) == row.visitor
            )
        )
    return len(silent)


# --- the thread --------------------------------------------------------------------------------------------------------------
def read_thread(session: Session, chat: Chat, visitor: str, after: int, limit: int) -> Thread:
    """Up to `limit` lines after `after`, in their order. After 0 the thread begins with the newest 500.

    A contact who was merged with another one has the conversations of both: the person is the same.
    """
    conversations = _conversations(session, chat, visitor)
    if not conversations:
        return Thread()
    thread = (
        col(MessageRow.conversation).in_(conversations),
        col(MessageRow.tenant) == chat.tenant,
        col(MessageRow.appeared_at).is_not(None),
    )
    newest = session.exec(select(func.max(MessageRow.appeared_at)).where(*thread)).one()
    if newest is None:
        return Thread(conversations)
    last = to_micros(newest)
    if not after:
        old = select(MessageRow.appeared_at).where(*thread).order_by(col(MessageRow.appeared_at).desc()).offset(HISTORY)
        cut = session.exec(old.limit(1)).first()
        after = to_micros(cut) if cut is not None else 0
    if after >= last:
        return Thread(conversations, last)
    rows = session.exec(
        select(MessageRow)
        .where(*thread, col(MessageRow.appeared_at) > from_micros(after))
        .order_by(col(MessageRow.appeared_at))
        .limit(limit)
    ).all()
    names = _names(session, chat.tenant, {row.user for row in rows if row.user})
    files = _files(session, chat.tenant, (row.content for row in rows))
    return Thread(conversations, last, tuple(_line(row, names) for row in rows), files)


def unread(session: Session, chat: Chat, visitor: str, until: int) -> list[Unread]:
    """The messages to the visitor up to `until` that are not marked as read, the newest 100."""
    conversations = _conversations(session, chat, visitor)
    if not conversations:
        return []
    rows = session.exec(
        select(MessageRow.id, MessageRow.contact, MessageRow.provider_id)
        .where(
            col(MessageRow.conversation).in_(conversations),
            col(MessageRow.tenant) == chat.tenant,
            col(MessageRow.appeared_at) <= from_micros(until),
            MessageRow.direction == "out",
            col(MessageRow.status).in_(("accepted", "sent", "delivered")),
        )
        .order_by(col(MessageRow.appeared_at).desc())
        .limit(MARKED)
    ).all()
    return [Unread(id, contact, provider_id or "") for id, contact, provider_id in reversed(rows)]


def _conversations(session: Session, chat: Chat, visitor: str) -> tuple[int, ...]:
    """The conversations on this channel of the contact that the visitor is; a visitor who never wrote has none."""
    identity = session.get(IdentityRow, (chat.tenant, KIND, f"{chat.channel}:{visitor}"))
    if identity is None:
        return ()
    found = session.exec(
        select(ConversationRow.id).where(
            ConversationRow.contact == identity.contact,
            ConversationRow.channel == chat.channel,
            ConversationRow.tenant == chat.tenant,
        )
    )
    return tuple(sorted(found.all()))


def _names(session: Session, tenant: int, users: set[int]) -> dict[int, str]:
    if not users:
        return {}
    found = session.exec(select(UserRow.id, UserRow.name).where(UserRow.tenant == tenant, col(UserRow.id).in_(users)))
    return dict(found.all())


def _files(session: Session, tenant: int, contents: Iterable[dict[str, Any]]) -> dict[str, File]:
    named = {part["media"] for content in contents for part in (content, content.get("header_media") or {}) if part.get("media")}
    ids = {read_id("med", media) for media in named}
    if not ids:
        return {}
    rows = session.exec(select(MediaRow).where(MediaRow.tenant == tenant, col(MediaRow.id).in_(ids)))
    return {public_id("med", row.id): File(link(row), row.mime, row.filename) for row in rows}


def _line(row: MessageRow, names: dict[int, str]) -> Line:
    assert row.appeared_at is not None
    human = row.voice == "human" or row.user != 0
    sender = "visitor" if row.direction == "in" else "agent" if human else "bot"
    at = row.appeared_at
    return Line(row.id, to_micros(at), sender, names.get(row.user, ""), at, row.content, row.provider_id or "")
