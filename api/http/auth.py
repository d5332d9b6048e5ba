"""Who asks: the key in the request, the principal behind it, and what a principal may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from aiohttp import web

from api.http.error import Forbidden, Unauthorized
from api.http.rate import RatePolicy

LONGEST_KEY = 512
"""Ours have 65 characters; anything much longer is not worth a hash."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Whoever a request is made for: a key of a tenant, perhaps in the name of a user.

    `scopes` are words such as `contacts:write`; `contacts:*` and `*` stand for all below. `policies` are the rate
    limits of the tenant's plan, empty for the server's default.
    """

    tenant: int
    key_id: str
    scopes: frozenset[str] = frozenset({"*"})
    user: int | None = None
    role: str = "owner"
    policies: tuple[RatePolicy, ...] = ()
    session: int = 0
    """The browser session by which a user is signed in; 0 for a key."""

    def may(self, scope: str) -> bool:
        """Whether the scopes cover this one.

        >>> Principal(1, "k", frozenset({"contacts:*"})).may("contacts:write")
        True
        """
        area = scope.partition(":")[0]
        return not self.scopes.isdisjoint({scope, f"{area}:*", "*"})


class Authenticate(Protocol):
    """Gives the principal behind a key, or None. May raise Refused for a suspended account (403)."""

    async def __call__(self, key: str) -> Principal | None: ...


class AuthenticateSession(Protocol):
    """The principal of a browser session (cookie) where no key was sent, or None. Must check the Origin."""

    async def __call__(self, request: web.Request) -> Principal | None: ...


def sent_key(headers: Mapping[str, str]) -> str | None:
    """The API key of a request, None without one. Raises Unauthorized for two different keys or another scheme.

    >>> sent_key({"Authorization": "Bearer abc"})
    'abc'
    """
    direct = headers.get("X-API-Key", "").strip()
    authorization = headers.get("Authorization", "").strip()
    scheme, _, bearer = authorization.partition(" ")
    bearer = bearer.strip()
    if authorization and (scheme.lower() != "bearer" or not bearer):
        raise Unauthorized('The Authorization header must be "Bearer <key>".')
    if direct and bearer and direct != bearer:
        raise Unauthorized("Authorization and X-API-Key hold two different keys. Send one of them.")
    key = bearer or direct
    if len(key) > LONGEST_KEY or not key.isascii():
        raise Unauthorized("This API key is not valid.")
    return key or None


async def authenticate(request: web.Request, by_key: Authenticate, by_session: AuthenticateSession | None) -> Principal:
    """The principal of a request. Raises Unauthorized."""
    key = sent_key(request.headers)
    if key is not None:
        principal = await by_key(key)
        if principal is None:
            raise Unauthorized("This API key is not valid.")
        return principal
    found = await by_session(request) if by_session else None
    if found is None:
        raise Unauthorized
    return found


def authorize(principal: Principal, scope: str | None, roles: tuple[str, ...]) -> None:
    """Raise Forbidden unless the principal has the scope and one of the roles (no roles: any)."""
    if scope is not None and not principal.may(scope):
        if principal.session:
            raise Forbidden(f"Your role ({principal.role}) doesn't allow this. Ask an owner.", type="missing_role")
        raise Forbidden(f"Your key lacks the scope {scope}. Add it under Settings, Developers.", type="missing_scope")
    if roles and principal.role not in roles:
        raise Forbidden(f"This takes the role {' or '.join(roles)}.", type="missing_role")
