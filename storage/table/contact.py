"""People: contacts, the addresses that lead to them, and what is known of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from storage.column import Big, given_id, instant, json_list, json_object, no_reference, own_id, reference


class ContactRow(SQLModel, table=True):
    """A person. Every change raises `version`; a commit that meets another version decides again.

    `tags` and `fields` are the truth; `contact_tag` repeats the tags for filtering. `merged_into` is the tombstone of a
    contact that was taken into another one.
    """

    __tablename__ = "contact"
    __table_args__ = (
        Index("contact_tenant", "tenant", "id"),
        Index("contact_merged", "merged_into", sqlite_where=text("merged_into IS NOT NULL")),
    )

    id: int = given_id()
    tenant: int = reference()
    part: int
    version: int = 1
    name: str | None = None
    language: str | None = None
    timezone: str | None = None
    opted_out: bool = False
    tags: list[str] = json_list()
    fields: dict[str, Any] = json_object()
    starts: dict[str, str] = json_object()
    created_at: datetime = instant()
    updated_at: datetime = instant()
    merged_into: int | None = Field(default=None, sa_type=Big)


class ContactTagRow(SQLModel, table=True):
    """A tag of a contact, for filtering."""

    __tablename__ = "contact_tag"
    __table_args__ = (Index("contact_tag_contact", "contact"), {"sqlite_with_rowid": False})

    tenant: int = given_id()
    tag: str = Field(primary_key=True)
    contact: int = given_id()


class IdentityRow(SQLModel, table=True):
    """An address of a contact, unique per tenant and kind."""

    __tablename__ = "identity"
    __table_args__ = (Index("identity_contact", "contact"), {"sqlite_with_rowid": False})

    tenant: int = given_id()
    kind: str = Field(primary_key=True)
    value: str = Field(primary_key=True)
    contact: int = reference()
    position: int = 0
    """Its place in the contact's list: the best first."""


class FieldRow(SQLModel, table=True):
    """A field that contacts may have: its key, its label for people, its type."""

    __tablename__ = "field"
    __table_args__ = (Index("field_key", "tenant", "key", unique=True), {"sqlite_autoincrement": True})

    id: int = own_id()
    tenant: int = reference()
    key: str
    label: str
    type: str = "text"
    """text, number, boolean, date or list."""
    created_at: datetime = instant()


class ContactNoteRow(SQLModel, table=True):
    """Something that a colleague wrote down about a contact. `user` 0: an API key did."""

    __tablename__ = "contact_note"
    __table_args__ = (Index("contact_note_contact", "contact", "id"), {"sqlite_autoincrement": True})

    id: int = own_id()
    tenant: int = reference()
    contact: int = reference()
    user: int = no_reference()
    text: str
    at: datetime = instant()
