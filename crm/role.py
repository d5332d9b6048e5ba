"""What each role may do, as the scopes that routes ask for."""

from __future__ import annotations

from typing import Literal

Role = Literal["owner", "editor", "agent"]

OWNER = frozenset({"*"})
AGENT = frozenset(
    {
        "channels:read",
        "contacts:read",
        "contacts:note",
        "contacts:tag",
        "conversations:*",
        "fields:read",
        "flows:read",
        "media:*",
        "messages:*",
        "presence:write",
        "runs:read",
        "settings:read",
        "teams:read",
        "templates:read",
        "users:read",
    }
)
"""An agent answers people: reads what that takes, writes messages and notes, tags contacts, has and resolves threads."""
EDITOR = AGENT | {
    "channels:write",
    "contacts:*",
    "events:*",
    "fields:write",
    "flows:*",
    "runs:*",
    "secrets:*",
    "settings:write",
    "teams:write",
    "templates:write",
}
"""An editor does everything but what gives others access: users, and keys."""

SCOPES: dict[str, frozenset[str]] = {"owner": OWNER, "editor": EDITOR, "agent": AGENT}


def scopes_of(role: str) -> frozenset[str]:
    """The scopes of a role; none for a role that this release doesn't know.

    >>> "flows:write" in scopes_of("agent"), scopes_of("janitor")
    (False, frozenset())
    """
    return SCOPES.get(role, frozenset())
