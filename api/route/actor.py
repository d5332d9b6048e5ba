"""Who asks, as audits and events name it; and in the name of which user."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session

from api.http.error import Detail, Forbidden, ValidationFailed
from api.http.request import Request
from crm.users import get_user


def actor_of(request: Request[Any, Any]) -> str:
    """`user:7` for somebody signed in, else `key:3f8a1c2b`."""
    who = request.principal
    return f"user:{who.user}" if who.user else f"key:{who.key_id}"


def acting_user(session: Session, request: Request[Any, Any], named: int | None) -> int:
    """The user in whose name something is done: the one that is named, else who is signed in; 0 for none.

    Raises NotFound for a user that the tenant doesn't have, Forbidden where somebody signed in names another.
    """
    signed_in = request.principal.user
    if signed_in and named and named != signed_in:
        raise Forbidden("You can only act in your own name.", type="not_yourself")
    user = named or request.principal.user or 0
    return get_user(session, request.tenant, user).id if user else 0


def required_user(session: Session, request: Request[Any, Any], named: int | None) -> int:
    """`acting_user`, where there must be one. Raises ValidationFailed."""
    user = acting_user(session, request, named)
    if not user:
        message = "Say in whose name: send user_id."
        raise ValidationFailed(message, type="user_required", details=[Detail(field="user_id", message=message)])
    return user
