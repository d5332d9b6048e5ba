"""Texts with merge fields and spintax for one contact, outside of any flow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm.contacts import phone_of
from engine.core.text import Getter, compile_text
from engine.core.value import Contact

Facts = Mapping[str, Any]


def render_for(source: str, contact: Contact, seed: str) -> str:
    """The text as this contact gets it. The same seed spins the same; what contacts say is never read as grammar.

    >>> render_for("{Hi|Hi} {name}, {{contact.city|there}}!", Contact(1, name="{a|b}"), "1")
    'Hi {a|b}, there!'
    """
    return compile_text(source, _resolve).render(facts(contact), seed)


def facts(contact: Contact) -> Facts:
    """What a text may name of a contact, by path."""
    return {
        "contact.name": contact.name,
        "contact.first_name": contact.name.split(" ", 1)[0] if contact.name else None,
        "contact.phone": phone_of(contact),
        "contact.email": contact.identity("email"),
        "contact.language": contact.language,
        "contact.timezone": contact.timezone,
        "contact.tags": list(contact.tags),
        **{f"contact.fields.{key}": value for key, value in contact.fields.items()},
    }


def _resolve(path: str) -> Getter | None:
    if not path.startswith("contact."):
        return None
    key = path.removeprefix("contact.").removeprefix("fields.")
    return lambda known: known.get(path, known.get(f"contact.fields.{key}"))
