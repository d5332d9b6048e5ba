"""What happened with a contact, the newest first: messages, ways through flows, and what colleagues wrote down."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlmodel import Session, col, select

from crm.contacts import get_contact
from crm.own import own
from schemas.content import load_content, text_of
from schemas.error import Conflict
from storage.table import ContactNoteRow, ConversationRow, FlowRow, MessageRow, RunRow

MOST_NOTES = 1_000
"""Notes of one contact: more is a program that writes a log."""
LONGEST = 200
"""Characters of a message that a line shows."""

What = Literal["message_in", "message_out", "flow_started", "flow_ended", "note"]


@dataclass(frozen=True, slots=True)
class Happening:
    """One line. `text` is what was said, the flow's name, or the note; `detail` a status or why a run ended."""

    at: datetime
    what: What
    id: int
    """Of the message, the run or the note."""
    text: str
    detail: str = ""
    user: int = 0
    conversation: int = 0
    run: int = 0


def timeline(session: Session, tenant: int, contact: int, *, before: datetime | None = None, limit: int = 50) -> list[Happening]:
    """The last happenings before an instant. Raises NotFound."""
    get_contact(session, tenant, contact)
    found = [
        *_messages(session, tenant, contact, before, limit),
        *_runs(session, tenant, contact, before, limit),
        *(_noted(row) for row in _notes(session, tenant, contact, before, limit)),
    ]
    return sorted(found, key=lambda each: (each.at, each.id), reverse=True)[:limit]


def notes(session: Session, tenant: int, contact: int) -> list[Happening]:
    """All notes about a contact, the newest first. Raises NotFound."""
    get_contact(session, tenant, contact)
    return [_noted(row) for row in _notes(session, tenant, contact, None, MOST_NOTES)]


def add_note(session: Session, tenant: int, contact: int, text: str, user: int, now: datetime) -> Happening:
    """A new note. Raises NotFound, and Conflict where there are too many."""
    get_contact(session, tenant, contact)
    count = len(_notes(session, tenant, contact, None, MOST_NOTES))
    if count >= MOST_NOTES:
        raise Conflict(f"There are {MOST_NOTES:,} notes about this contact already. Delete some first.")
    row = ContactNoteRow(tenant=tenant, contact=contact, user=user, text=text, at=now)
    session.add(row)
    session.flush()
    return _noted(row)


def get_note(session: Session, tenant: int, contact: int, note: int) -> ContactNoteRow:
    """A note about a contact. Raises NotFound."""
    row = own(session, ContactNoteRow, tenant, note, "note")
    return row if row.contact == contact else own(session, ContactNoteRow, 0, note, "note")


def _messages(session: Session, tenant: int, contact: int, before: datetime | None, limit: int) -> Iterator[Happening]:
    threads = select(ConversationRow.id).where(ConversationRow.tenant == tenant, ConversationRow.contact == contact)
    wanted = select(MessageRow).where(MessageRow.tenant == tenant, col(MessageRow.conversation).in_(threads))
    if before is not None:
        wanted = wanted.where(col(MessageRow.created_at) < before)
    for row in session.exec(wanted.order_by(col(MessageRow.created_at).desc()).limit(limit)):
        content = load_content(dict(row.content))
        yield Happening(
            at=row.created_at,
            what="message_in" if row.direction == "in" else "message_out",
            id=row.id,
            text=(text_of(content) or content.kind)[:LONGEST],
            detail=row.status,
            user=row.user,
            conversation=row.conversation,
            run=row.run,
        )


def _runs(session: Session, tenant: int, contact: int, before: datetime | None, limit: int) -> Iterator[Happening]:
    wanted = select(RunRow, FlowRow.name).join(FlowRow, col(FlowRow.id) == col(RunRow.flow), isouter=True)
    wanted = wanted.where(RunRow.tenant == tenant, RunRow.contact == contact)
    if before is not None:
        wanted = wanted.where(col(RunRow.started_at) < before)
    for row, name in session.exec(wanted.order_by(col(RunRow.id).desc()).limit(limit)):
        flow = name or "A flow that was deleted"
        yield Happening(row.started_at, "flow_started", row.id, flow, run=row.id, conversation=row.conversation)
        if row.ended_at is not None and (before is None or row.ended_at < before):
            detail = f"{row.status}: {row.reason}" if row.reason else row.status
            yield Happening(row.ended_at, "flow_ended", row.id, flow, detail, run=row.id, conversation=row.conversation)


def _notes(session: Session, tenant: int, contact: int, before: datetime | None, limit: int) -> list[ContactNoteRow]:
    wanted = select(ContactNoteRow).where(ContactNoteRow.tenant == tenant, ContactNoteRow.contact == contact)
    if before is not None:
        wanted = wanted.where(col(ContactNoteRow.at) < before)
    return list(session.exec(wanted.order_by(col(ContactNoteRow.id).desc()).limit(limit)))


def _noted(row: ContactNoteRow) -> Happening:
    return Happening(row.at, "note", row.id, row.text, user=row.user)
