"""`messages[]` of a webhook: who wrote what, as events."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import orjson

from channels.parsed import Attention, Echo
from channels.whatsapp.content import NO_WORD, content_of
from channels.whatsapp.identity import identities_of, join
from channels.whatsapp.limits import AD_WINDOW_HOURS, WINDOW
from channels.whatsapp.read import first, instant, keep_raw, mapping, objects, text
from schemas.contact import ContactChange, Identity
from schemas.event import ChangeContact, MessageReceived, NewEvent

WINDOW_HOURS = int(WINDOW.total_seconds() // 3600)
Value = Mapping[str, Any]


def received(value: Value, tenant: int, channel: int, now: datetime) -> Iterator[NewEvent | Attention]:
    """The messages of one change, each with the contact that stands beside it."""
    contacts = objects(value.get("contacts"))
    messages = objects(value.get("messages"))
    for message in messages:
        at = instant(message.get("timestamp"), now)
        sender = _sender(message, contacts, alone=len(messages) == 1)
        people = _people(message, sender)
        if text(message.get("group_id")):
            yield Attention("group_message", "info", "A message in a group came in.", at, channel, keep_raw(message))
            continue
        if not people:
            yield Attention("unknown_sender", "info", "A message came in without a sender.", at, channel, keep_raw(message))
            continue
        profile = mapping(sender, "profile")
        source, external_id = f"channel:{channel}", wamid_of(message)
        body = MessageReceived(
            channel,
            external_id,
            content_of(message),
            reply_to=text(mapping(message, "context").get("id"), 512),
            name=first(profile, "name", "username")[:200],
            window_hours=_window(message),
        )
        yield NewEvent(tenant, source, external_id, at, body, identities=people)
        if moved := _new_number(message):
            changes = tuple(ContactChange("add_identity", identity.kind, identity.value) for identity in moved)
            change = ChangeContact(changes, actor="whatsapp")
            yield NewEvent(tenant, source, f"{external_id}:number", at, change, identities=people)


def echoed(value: Value, key: str, channel: int, now: datetime) -> Iterator[Echo]:
    """What a person of the business wrote from the phone app (coexistence): `message_echoes[]`."""
    for message in objects(value.get(key)):
        people = identities_of(message.get("to"), message.get("to_user_id"))
        if people:
            quoted = text(mapping(message, "context").get("id"), 512)
            at = instant(message.get("timestamp"), now)
            yield Echo(channel, wamid_of(message), people, content_of(message), at, quoted)


def wamid_of(message: Value) -> str:
    """Meta's id of a message; of one without id, the hash of what it says, so that a repeated hook is known again."""
    found = text(message.get("id"), 512)
    return found or "sha256:" + hashlib.sha256(orjson.dumps(message, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _sender(message: Value, contacts: list[Value], *, alone: bool) -> Value:
    """The entry of `contacts[]` that belongs to a message: by wa_id, by user id, or the only one beside the only message."""
    wa_id, user_id = text(message.get("from")), text(message.get("from_user_id"))
    for contact in contacts:
        if (wa_id and text(contact.get("wa_id")) == wa_id) or (user_id and text(contact.get("user_id")) == user_id):
            return contact
    unnamed = alone and len(contacts) == 1 and (not wa_id or not text(contacts[0].get("wa_id")))
    return contacts[0] if unnamed else {}


def _people(message: Value, sender: Value) -> tuple[Identity, ...]:
    wa_id = first(message, "from") or first(sender, "wa_id")
    user_id = first(message, "from_user_id") or first(sender, "user_id")
    people = identities_of(wa_id, user_id)
    beside = first(sender, "wa_id"), first(sender, "user_id")
    if beside != (wa_id, user_id):
        people = join(people, identities_of(*beside))
    shared = tuple(_shared(message))
    return join(people, *shared) if people and shared else people


def _shared(message: Value) -> Iterator[tuple[Identity, ...]]:
    """The person's own number, given in answer to our request for it; Meta vouches for it by the card's `origin`."""
    listed = message.get("contacts")
    origin = listed.get("origin") if isinstance(listed, dict) else message.get("origin")
    for card in objects(listed.get("contacts") if isinstance(listed, dict) else listed):
        if "contact_request" in (origin, card.get("origin")):
            for phone in objects(card.get("phones")):
                yield identities_of(phone.get("wa_id"), None)


def _window(message: Value) -> int:
    if text(message.get("type")) in NO_WORD:
        return 0
    return AD_WINDOW_HOURS if text(mapping(message, "referral").get("source_type")) == "ad" else WINDOW_HOURS


def _new_number(message: Value) -> tuple[Identity, ...]:
    """The number to which a person moved: a `system` message of type user_changed_number."""
    system = mapping(message, "system")
    if message.get("type") != "system" or system.get("type") not in ("user_changed_number", "customer_changed_number"):
        return ()
    return identities_of(first(system, "wa_id", "new_wa_id"), system.get("user_id"))
