"""Deleting a contact: the person's rows in all tables, in one transaction."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, SQLModel, col, delete, select

from crm.contact_event import append_born
from crm.contacts import get_contact
from schemas.event import AssignWithdrawn, NewEvent
from storage.table import (
    AuditRow,
    ContactNoteRow,
    ContactRow,
    ContactTagRow,
    ConversationRow,
    DeliveryRow,
    IdentityRow,
    MessageRow,
    NoticeRow,
    RunRow,
    StepRow,
)


def delete_contact(session: Session, tenant: int, id: int, *, now: datetime, actor: str) -> None:
    """Forget a contact: its addresses, tags, notes, conversations, messages, runs and their history, and what webhooks were told.

    Runs end without a trace, queued messages are not sent, and whoever had a conversation of the contact gets the slot back.
    Events that were on their way to the contact find nobody. Raises NotFound.
    """
    get_contact(session, tenant, id)
    conversations = list(session.exec(select(ConversationRow).where(ConversationRow.contact == id)))
    withdrawn = [
        NewEvent(tenant, "crm", f"deleted:{each.id}", now, AssignWithdrawn(each.id), team=each.team)
        for each in conversations
        if each.owner in ("QUEUE", "AGENT") and each.team
    ]
    runs = list(session.exec(select(RunRow.id).where(RunRow.contact == id)))
    _drop(session, StepRow, col(StepRow.run).in_(runs))
    _drop(session, RunRow, col(RunRow.contact) == id)
    _drop(session, MessageRow, col(MessageRow.conversation).in_([each.id for each in conversations]))
    _drop(session, ConversationRow, col(ConversationRow.contact) == id)
    _drop(session, DeliveryRow, col(DeliveryRow.contact) == id)
    _drop(session, NoticeRow, col(NoticeRow.contact) == id)
    _drop(session, ContactNoteRow, col(ContactNoteRow.contact) == id)
    _drop(session, ContactTagRow, col(ContactTagRow.contact) == id)
    _drop(session, IdentityRow, col(IdentityRow.contact) == id)
    _drop(session, ContactRow, col(ContactRow.id) == id)
    session.add(AuditRow(tenant=tenant, at=now, actor=actor, action="delete contact", subject=f"contact:{id}"))
    append_born(session, withdrawn, now)


def _drop(session: Session, kind: type[SQLModel], where: object) -> None:
    session.exec(delete(kind).where(where))  # type: ignore[arg-type]
