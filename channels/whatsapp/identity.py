"""Who somebody is on WhatsApp: a wa_id, a business-scoped user id, the phone numbers behind them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from channels.whatsapp.read import mapping, text
from engine.core.phone import is_e164, phone_variants
from schemas.contact import Identity

_WA_ID = re.compile(r"[1-9][0-9]{4,19}", re.ASCII)
_BSUID = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}", re.ASCII)


def identities_of(wa_id: Any, user_id: Any) -> tuple[Identity, ...]:
    """What Meta's two ids say of a person, the best first; either may be missing since people take usernames (2026).

    >>> [i.kind for i in identities_of("16505551234", "US.13491208655302741918")]
    ['whatsapp', 'bsuid', 'phone']

    The phone number comes in all its forms: a Brazilian, Mexican or Argentine wa_id often isn't the number that people dial.
    """
    number, user = text(wa_id, 64).removeprefix("+"), text(user_id, 256)
    found: list[Identity] = []
    known = _WA_ID.fullmatch(number) is not None
    if known:
        found.append(Identity("whatsapp", number))
    if _BSUID.fullmatch(user):
        found.append(Identity("bsuid", user))
    if known and is_e164("+" + number):
        found.extend(Identity("phone", phone) for phone in dialled("+" + number))
    return tuple(found)


def dialled(phone: str) -> tuple[str, ...]:
    """The forms of a number, the one that people dial first: Brazil and Argentina with the 9, Mexico without the 1.

    >>> dialled("+553188888888"), dialled("+5215512345678")
    (('+5531988888888', '+553188888888'), ('+525512345678', '+5215512345678'))
    """
    return tuple(sorted(phone_variants(phone), key=len, reverse=not phone.startswith("+52")))


def join(*groups: Sequence[Identity]) -> tuple[Identity, ...]:
    """All identities, each once, in their order, by rank of kind."""
    order = {"whatsapp": 0, "bsuid": 1, "phone": 2}
    every = dict.fromkeys(identity for group in groups for identity in group)
    return tuple(sorted(every, key=lambda identity: order.get(identity.kind, 3)))


def address(identities: Sequence[Identity]) -> dict[str, str]:
    """Whom a message goes to: `to` with a number, or `recipient` with a business-scoped user id; {} if nobody can be reached.

    >>> address([Identity("bsuid", "US.1"), Identity("whatsapp", "16505551234")])
    {'to': '16505551234'}
    """
    by_kind: dict[str, str] = {}
    for identity in identities:
        by_kind.setdefault(identity.kind, identity.value)
    if "whatsapp" in by_kind:
        return {"to": by_kind["whatsapp"]}
    if "bsuid" in by_kind:
        return {"recipient": by_kind["bsuid"]}
    return {"to": by_kind["phone"].removeprefix("+")} if "phone" in by_kind else {}


def learned(answer: Any) -> tuple[Identity, ...]:
    """What the answer to a send says of the person: Meta's own id for a dialled number."""
    contacts = answer.get("contacts") if isinstance(answer, dict) else None
    entry = mapping(contacts[0]) if isinstance(contacts, list) and contacts else {}
    found = identities_of(entry.get("wa_id"), entry.get("user_id"))
    return tuple(identity for identity in found if identity.kind != "phone")
