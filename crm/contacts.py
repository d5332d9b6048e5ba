"""Contacts: found, listed, made or updated under their addresses, and changed by the same operations as in runs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, or_, select

from crm.contact_event import append_born, append_created
from engine.core.change import apply_change
from engine.core.phone import digits, is_e164
from engine.core.value import Contact
from schemas.contact import ContactChange, Identity
from schemas.error import Conflict, NotFound
from schemas.event import ContactChanged, NewEvent
from storage.table import ContactRow, ContactTagRow, IdentityRow

MOST_TAGS = 200
"""Tags of one contact: every decision about the contact carries them all."""


class AddressTaken(Conflict):
    """This address belongs to another contact."""

    code = "address_taken"


class TooManyTags(Conflict):
    """A contact can have at most 200 tags. Remove some first."""

    code = "too_many_tags"


@dataclass(frozen=True, slots=True)
class Record:
    """A contact as people see it: its value, and when it was made and changed."""

    contact: Contact
    created_at: datetime
    updated_at: datetime

    @property
    def phone(self) -> str | None:
        """The phone number in E.164 with +, perhaps known from WhatsApp only."""
        return phone_of(self.contact)


@dataclass(frozen=True, slots=True)
class Draft:
    """What is known of somebody to be made or updated. None says nothing; `tags` are added, `fields` set."""

    name: str | None = None
    phone: str | None = None
    email: str | None = None
    language: str | None = None
    timezone: str | None = None
    tags: tuple[str, ...] = ()
    fields: Mapping[str, Any] = field(default_factory=dict)

    def addresses(self) -> tuple[Identity, ...]:
        """The identities, the best first."""
        found = [Identity("phone", self.phone)] if self.phone else []
        return (*found, Identity("email", self.email.lower())) if self.email else tuple(found)

    def changes(self) -> tuple[ContactChange, ...]:
        """The operations by which a contact comes to be as the draft says."""
        facts = (
            ContactChange("set_name", value=self.name),
            ContactChange("set_language", value=self.language),
            ContactChange("set_timezone", value=self.timezone),
        )
        return (
            *(ContactChange("add_identity", each.kind, each.value) for each in self.addresses()),
            *(fact for fact in facts if fact.value is not None),
            *(ContactChange("set_field", key, value) for key, value in self.fields.items()),
            *(ContactChange("add_tag", tag) for tag in dict.fromkeys(self.tags)),
        )


def phone_of(contact: Contact) -> str | None:
    """The phone number of a contact, E.164 with +.

    >>> phone_of(Contact(1, identities=(Identity("whatsapp", "49301234567"),)))
    '+49301234567'
    """
    phone = contact.identity("phone")
    number = contact.identity("whatsapp") if phone is None else None
    return "+" + number if number and is_e164("+" + number) else phone


def get_contact(session: Session, tenant: int, id: int) -> Record:
    """The tenant's contact. Raises NotFound, also for one that was merged into another."""
    return _records(session, [_row(session, tenant, id)])[0]


def records_of(session: Session, tenant: int, ids: Collection[int]) -> dict[int, Record]:
    """Several contacts by id, as far as the tenant has them."""
    rows = session.exec(select(ContactRow).where(ContactRow.tenant == tenant, col(ContactRow.id).in_(ids)))
    return {record.contact.id: record for record in _records(session, list(rows))}


def find_contacts(session: Session, tenant: int, identities: Iterable[Identity]) -> list[int]:
    """Who has these addresses: ids in the order of the addresses, each once. A phone number also finds who has it on WhatsApp."""
    found: dict[int, None] = {}
    for identity in identities:
        for key in _spellings(identity):
            row = session.get(IdentityRow, (tenant, key.kind, key.value))
            if row is not None:
                found[row.contact] = None
    return list(found)


def list_contacts(
    session: Session,
    tenant: int,
    *,
    tag: str | None = None,
    search: str | None = None,
    opted_out: bool | None = None,
    offset: int = 0,
    limit: int = 50,
) -> tuple[list[Record], int]:
    """One page of contacts, the newest first, and how many there are. `search` looks in names, numbers and addresses."""
    wanted: list[Any] = [ContactRow.tenant == tenant, col(ContactRow.merged_into).is_(None)]
    if tag is not None:
        tagged = select(ContactTagRow.contact).where(ContactTagRow.tenant == tenant, ContactTagRow.tag == tag)
        wanted.append(col(ContactRow.id).in_(tagged))
    if opted_out is not None:
        wanted.append(col(ContactRow.opted_out).is_(opted_out))
    if search:
        wanted.append(_searched(tenant, search))
    total = session.exec(select(func.count()).select_from(ContactRow).where(*wanted)).one()
    page = select(ContactRow).where(*wanted).order_by(col(ContactRow.id).desc()).offset(offset).limit(limit)
    return _records(session, list(session.exec(page))), total


def save_contact(session: Session, tenant: int, draft: Draft, *, now: datetime, nonce: str, actor: str) -> tuple[Record, bool]:
    """Make the contact, or update the one that has one of its addresses; and whether it was made.

    `nonce` is unique per call, and the same when a call is repeated: then nobody is made twice. Raises AddressTaken where the
    phone number and the email address lead to two contacts.
    """
    owners = find_contacts(session, tenant, draft.addresses())
    if len(owners) > 1:
        raise AddressTaken("The phone number and the email address belong to two different contacts. Send one of them.")
    if owners:
        return change_contact(session, tenant, owners[0], draft.changes(), now=now, actor=actor), False
    return _create(session, tenant, draft, now, nonce, actor), True


def change_contact(
    session: Session, tenant: int, id: int, changes: Sequence[ContactChange], *, now: datetime, actor: str
) -> Record:
    """The contact after these operations. What changes nothing raises no event. Raises NotFound, AddressTaken, TooManyTags."""
    row = _row(session, tenant, id)
    before = _records(session, [row])[0].contact
    contact, done = before, []
    for change in changes:
        changed = apply_change(contact, change)
        if changed is not None:
            contact = changed
            done.append(change)
    if not done:
        return Record(before, row.created_at, row.updated_at)
    contact = replace(contact, version=before.version + 1)
    _write(session, row, before, contact, now)
    key = f"contact:{id}:{contact.version}"
    append_born(session, [NewEvent(tenant, "crm", key, now, ContactChanged(tuple(done), actor=actor), contact=id)], now)
    return Record(contact, row.created_at, row.updated_at)


def _create(session: Session, tenant: int, draft: Draft, now: datetime, nonce: str, actor: str) -> Record:
    changes = draft.changes()
    body = ContactChanged(changes, created=True, actor=actor)
    event = NewEvent(tenant, "crm", f"created:{nonce}", now, body)
    id, part = append_created(session, event, next(iter(draft.addresses()), None), now)
    if part < 0:
        return get_contact(session, tenant, id)
    blank = Contact(id)
    contact = replace(blank, version=1, created_at=now)
    for change in changes:
        contact = apply_change(contact, change) or contact
    row = ContactRow(id=id, tenant=tenant, part=part, created_at=now, updated_at=now)
    _write(session, row, blank, contact, now)
    return Record(contact, now, now)


def _write(session: Session, row: ContactRow, before: Contact, contact: Contact, now: datetime) -> None:
    if len(contact.tags) > max(MOST_TAGS, len(before.tags)):
        raise TooManyTags
    new = [each for each in contact.identities if each not in before.identities]
    if any(owner != contact.id for owner in find_contacts(session, row.tenant, new)):
        raise AddressTaken
    row.version, row.updated_at = contact.version, now
    row.name, row.language, row.timezone, row.opted_out = contact.name, contact.language, contact.timezone, contact.opted_out
    row.tags, row.fields = list(contact.tags), dict(contact.fields)
    session.add(row)
    for each in new:
        place = contact.identities.index(each)
        session.add(IdentityRow(tenant=row.tenant, kind=each.kind, value=each.value, contact=contact.id, position=place))
    for tag in set(contact.tags) - set(before.tags):
        session.add(ContactTagRow(tenant=row.tenant, tag=tag, contact=contact.id))
    for tag in set(before.tags) - set(contact.tags):
        gone = session.get(ContactTagRow, (row.tenant, tag, contact.id))
        if gone is not None:
            session.delete(gone)
    session.flush()


def _row(session: Session, tenant: int, id: int) -> ContactRow:
    row = session.get(ContactRow, id)
    if row is None or row.tenant != tenant or row.merged_into is not None:
        raise NotFound("There is no contact with this id.")
    return row


def _records(session: Session, rows: Sequence[ContactRow]) -> list[Record]:
    addresses: dict[int, list[Identity]] = {row.id: [] for row in rows}
    if rows:
        wanted = select(IdentityRow).where(col(IdentityRow.contact).in_(addresses))
        for each in session.exec(wanted.order_by(col(IdentityRow.position), col(IdentityRow.kind))):
            addresses[each.contact].append(Identity(each.kind, each.value))
    return [Record(_value(row, tuple(addresses[row.id])), row.created_at, row.updated_at) for row in rows]


def _value(row: ContactRow, identities: tuple[Identity, ...]) -> Contact:
    return Contact(
        id=row.id,
        version=row.version,
        name=row.name,
        language=row.language,
        timezone=row.timezone,
        fields=row.fields,
        tags=tuple(row.tags),
        identities=identities,
        opted_out=row.opted_out,
        created_at=row.created_at,
        starts=row.starts,
    )


def _spellings(identity: Identity) -> tuple[Identity, ...]:
    if identity.kind == "phone":
        return (identity, Identity("whatsapp", digits(identity.value)))
    return (identity,)


def _searched(tenant: int, search: str) -> ColumnElement[bool]:
    number = digits(search) if search.lstrip("+").replace(" ", "").isdigit() else ""
    value = col(IdentityRow.value)
    like = value.contains(number, autoescape=True) if number else value.contains(search, autoescape=True)
    addressed = select(IdentityRow.contact).where(IdentityRow.tenant == tenant, like)
    return or_(col(ContactRow.name).contains(search, autoescape=True), col(ContactRow.id).in_(addressed))
