"""How an operation changes a contact: the one place that says so, for runs, the API and imports alike."""

from __future__ import annotations

from typing import Any

from engine.core.evolve import evolve
from engine.core.value import Contact
from schemas.contact import ContactChange, Identity


def apply_change(contact: Contact, change: ContactChange) -> Contact | None:
    """The contact after the operation, or None if it changes nothing (and so raises no event).

    >>> apply_change(Contact(1), ContactChange("add_tag", "vip")).tags
    ('vip',)
    >>> apply_change(Contact(1, tags=("vip",)), ContactChange("add_tag", "vip")) is None
    True
    """
    match change.op:
        case "set_name":
            return None if contact.name == change.value else evolve(contact, name=change.value)
        case "set_language":
            return None if contact.language == change.value else evolve(contact, language=change.value)
        case "set_timezone":
            return None if contact.timezone == change.value else evolve(contact, timezone=change.value)
        case "set_field":
            if contact.fields.get(change.key) == change.value:
                return None
            fields = {key: value for key, value in contact.fields.items() if key != change.key}
            if change.value is not None:
                fields[change.key] = change.value
            return evolve(contact, fields=fields)
        case "add_tag":
            return None if change.key in contact.tags else evolve(contact, tags=(*contact.tags, change.key))
        case "remove_tag":
            if change.key not in contact.tags:
                return None
            return evolve(contact, tags=tuple(tag for tag in contact.tags if tag != change.key))
        case "add_identity":
            identity = Identity(change.key, change.value)
            if identity in contact.identities:
                return None
            return evolve(contact, identities=(*contact.identities, identity))
        case "set_consent":
            return None if contact.opted_out != bool(change.value) else evolve(contact, opted_out=not change.value)


def fact_of(contact: Contact, change: ContactChange) -> tuple[str, Any]:
    """The path of the fact that the operation changes, and the fact as it is: whether anything changes depends on it.

    >>> fact_of(Contact(1, tags=("vip",)), ContactChange("add_tag", "new"))
    ('contact.tags', ['vip'])
    """
    match change.op:
        case "set_name":
            return "contact.name", contact.name
        case "set_language":
            return "contact.language", contact.language
        case "set_timezone":
            return "contact.timezone", contact.timezone
        case "set_field":
            return f"contact.fields.{change.key}", contact.fields.get(change.key)
        case "add_tag" | "remove_tag":
            return "contact.tags", list(contact.tags)
        case "add_identity":
            return "contact.identities", [[each.kind, each.value] for each in contact.identities]
        case "set_consent":
            return "contact.opted_out", contact.opted_out
