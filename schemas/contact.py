"""A person's addresses, and the operations by which a contact changes."""

from __future__ import annotations

from typing import Any, Literal

from schemas.value import value

JSON = Any
"""A value that JSON can hold: str, int, float, bool, None, list, dict."""


@value(frozen=True, slots=True)
class Identity:
    """An address by which a kind of channel knows a person.

    `kind` is one of `phone` (E.164 with +), `whatsapp` (wa_id, digits), `bsuid` (Meta's business-scoped user id),
    `email`, `webchat` (visitor id), or a third-party channel's own. Unique per (tenant, kind, value).
    """

    kind: str
    value: str


ChangeKind = Literal[
    "set_name", "set_language", "set_timezone", "set_field", "add_tag", "remove_tag", "add_identity", "set_consent"
]


@value(frozen=True, slots=True)
class ContactChange:
    """One operation on a contact, wherever it comes from: a node, the API, an import.

    | op | key | value |
    |---|---|---|
    | `set_name`, `set_language`, `set_timezone` | - | str or None |
    | `set_field` | the field's key | a JSON value; None clears it |
    | `add_tag`, `remove_tag` | the tag | - |
    | `add_identity` | the identity's kind | the identity's value |
    | `set_consent` | - | True (may be written to) or False (opted out) |

    >>> ContactChange("add_tag", "vip")
    ContactChange(op='add_tag', key='vip', value=None)
    """

    op: ChangeKind
    key: str = ""
    value: JSON = None
