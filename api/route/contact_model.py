"""Contacts as the API takes and shows them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from api.http.model import IdOf, Input, Instant, Output, Phone
from api.http.page import PageQuery
from crm.contacts import Draft, Record
from crm.field_values import CUSTOM

LARGEST_NUMBER = 2**53
"""JSON numbers above it are not exact everywhere."""
MOST_AT_ONCE = 1_000

Name = Annotated[str, Field(min_length=1, max_length=200, description="Full name.", examples=["John Doe"])]
LOCAL = r"[^@\s\x00-\x20\x7f-\xa0<>()\[\],;:\\\x22]{1,64}"
LABEL = r"[^@\s\x00-\x2c\x2e\x2f\x3a-\x40\x5b-\x60\x7b-\xbf]{1,60}"
EMAIL = rf"^{LOCAL}@{LABEL}(\.{LABEL}){{1,3}}$"
"""What can be an address, in any script; whether it is one, only a message to it can tell."""
ADDRESS = re.compile(EMAIL)
INVALID_EMAIL = "Invalid email address. It looks like name@example.com."


def read_email(value: str) -> str:
    """The address. Raises PydanticCustomError, in words instead of the pattern."""
    if not ADDRESS.fullmatch(value):
        raise PydanticCustomError("invalid_email", INVALID_EMAIL)
    return value


Email = Annotated[
    str,
    AfterValidator(read_email),
    Field(description="Email address.", examples=["john@example.com"], json_schema_extra={"pattern": EMAIL}),
]
TagName = Annotated[str, Field(min_length=1, max_length=100, examples=["vip"])]
Tags = Annotated[tuple[TagName, ...], Field(max_length=100, description="Tags for segmentation.", examples=[["customer", "vip"]])]
Language = Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}([_-][A-Za-z0-9]{2,8}){0,3}$", examples=["en", "pt_BR"])]
Number = Annotated[int, Field(ge=-LARGEST_NUMBER, le=LARGEST_NUMBER)] | Annotated[float, Field(allow_inf_nan=False)]
Words = Annotated[str, Field(max_length=10_000)]
Value = bool | Number | Words | Annotated[tuple[Annotated[str, Field(max_length=1_000)], ...], Field(max_length=100)] | None
Key = Annotated[str, Field(min_length=1, max_length=64)]
Fields = Annotated[dict[Key, Value], Field(max_length=200, description="Values of fields by key; null clears one.")]
Custom = Annotated[str, Field(max_length=1_000, description="The field `custom`.", examples=["VIP"])]


Zone = Annotated[str, Field(min_length=1, max_length=64, description="An IANA time zone.", examples=["Europe/Berlin"])]


class ContactInput(Input):
    """What may be said of a contact."""

    email: Email | None = None
    tag: TagName | None = None
    tags: Tags = ()
    custom: Custom | None = None
    fields: Fields = Field(default_factory=dict)
    language: Language | None = None
    timezone: Zone | None = None

    def facts(self) -> dict[str, Any]:
        """The fields to set."""
        return plain(self.fields) | ({} if self.custom is None else {CUSTOM: self.custom})

    def draft(self, name: str | None, phone: str | None) -> Draft:
        """The contact to be made or updated."""
        tags = (*self.tags, self.tag) if self.tag else self.tags
        return Draft(name, phone, self.email, self.language, self.timezone, tags, self.facts())


class NamedContact(ContactInput):
    """A contact with at least a name. Who has the phone number or the email address already is updated."""

    name: Name
    phone: Phone | None = None


class PhonedContact(ContactInput):
    """A contact with at least a phone number. Who has it already is updated."""

    phone: Phone
    name: Name | None = None


class NamedContacts(Input):
    """Up to 1,000 contacts."""

    contacts: Annotated[tuple[NamedContact, ...], Field(min_length=1, max_length=MOST_AT_ONCE)]


class PhonedContacts(Input):
    """Up to 1,000 contacts."""

    contacts: Annotated[tuple[PhonedContact, ...], Field(min_length=1, max_length=MOST_AT_ONCE)]


class ChangeContactInput(Input):
    """What is to change. `tag` is added, `tags` replaces all; a phone number can't be changed."""

    name: Name | None = None
    phone: Phone | None = None
    email: Email | None = None
    tag: TagName | None = None
    tags: Tags | None = None
    custom: Custom | None = None
    fields: Fields = Field(default_factory=dict)
    language: Language | None = None
    timezone: Zone | None = None
    opted_out: bool | None = None


class TagContactInput(Input):
    """All tags of a contact."""

    tags: Tags


class ListContacts(PageQuery):
    """Which contacts."""

    tag: Annotated[str, Field(max_length=100, description="Only contacts with this tag.")] | None = None
    search: Annotated[str, Field(max_length=100, description="A part of the name, number or address.")] | None = None
    opted_out: bool | None = None


class ContactAddress(Output):
    """An address by which a kind of channel knows the contact."""

    kind: str
    value: str


class ContactShown(Output):
    """A contact."""

    id: Annotated[int, IdOf("ct")]
    name: str | None
    phone: Phone | None
    email: str | None
    tags: tuple[str, ...]
    custom: Any = Field(description="The field `custom`.")
    fields: dict[str, Any]
    identities: tuple[ContactAddress, ...]
    language: str | None
    timezone: str | None
    opted_out: bool
    created_at: Instant
    updated_at: Instant


class BulkError(Output):
    """A contact that was left out, by its place in the list, and why."""

    index: int
    message: str


class BulkAnswer(Output):
    """What became of the contacts. `errors` names those that were left out."""

    created: int
    updated: int
    total_processed: int
    errors: tuple[BulkError, ...] = ()


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as JSON keeps them: tuples are lists.

    >>> plain({"sizes": ("m", "l")})
    {'sizes': ['m', 'l']}
    """
    return {key: list(value) if isinstance(value, tuple) else value for key, value in values.items()}


def shown(record: Record) -> ContactShown:
    """The contact as the API shows it."""
    contact = record.contact
    return ContactShown(
        id=contact.id,
        name=contact.name,
        phone=record.phone,
        email=contact.identity("email"),
        tags=contact.tags,
        custom=contact.fields.get(CUSTOM),
        fields=dict(contact.fields),
        identities=tuple(ContactAddress(kind=each.kind, value=each.value) for each in contact.identities),
        language=contact.language,
        timezone=contact.timezone,
        opted_out=contact.opted_out,
        created_at=record.created_at,
        updated_at=record.updated_at,
    )
