"""Whom the API writes to: somebody known by id or by an address, or somebody still to be made."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session, col, select

from crm.contacts import Record, find_contacts, get_contact
from crm.own import own
from schemas.contact import Identity
from schemas.error import NotFound, Unavailable
from storage.table import ChannelRow

PRIMARY = "primary"


@dataclass(frozen=True, slots=True)
class Recipient:
    """A contact, or the addresses of somebody unknown, who is made by the first event to them."""

    contact: Record | None = None
    identities: tuple[Identity, ...] = ()


class ChannelOff(Unavailable):
    """This channel is switched off or disconnected. Switch it on in its settings."""

    code = "channel_off"


def recipient_of(session: Session, tenant: int, identity: Identity) -> Recipient:
    """Who has this address. Of a phone number also who is known by it on WhatsApp."""
    found = find_contacts(session, tenant, [identity])
    return Recipient(get_contact(session, tenant, found[0])) if found else Recipient(identities=(identity,))


def sending_channel(session: Session, tenant: int, id: int) -> ChannelRow:
    """The tenant's channel, if it can send. Raises NotFound, ChannelOff (503)."""
    return _on(own(session, ChannelRow, tenant, id, "channel"))


def labelled_channel(session: Session, tenant: int, label: str) -> ChannelRow:
    """The channel with a device label. `primary` without such a label is the oldest WhatsApp channel.

    Raises NotFound, ChannelOff (503).
    """
    mine = select(ChannelRow).where(ChannelRow.tenant == tenant).order_by(col(ChannelRow.id))
    row = session.exec(mine.where(ChannelRow.label == label)).first()
    if row is None and label == PRIMARY:
        row = session.exec(mine.where(ChannelRow.kind == "whatsapp", ChannelRow.label == "")).first()
    if row is None:
        raise NotFound(f"There is no device with the label “{label}”. Give a channel this label in its settings.")
    return _on(row)


def _on(row: ChannelRow) -> ChannelRow:
    if row.status == "off":
        raise ChannelOff
    return row
