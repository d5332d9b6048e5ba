"""Who is at the door: the API key or the cookie of a request becomes the principal that handlers see."""

from __future__ import annotations

from aiohttp import web

from api.cookie import sent_token
from api.http.auth import Principal
from api.http.rate import RatePolicy
from api.own_page import ForeignPage, changes_something, is_own_page
from api.services import Store
from crm.keys import holder_of, note_use
from crm.role import scopes_of
from crm.sign_in import note_seen, visitor_of
from engine.runtime.protocol import Clock


class KeySignIn:
    """Looks keys up in the store at every request, so that a revoked key stops at once. An `api.http.auth.Authenticate`."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def __call__(self, key: str) -> Principal | None:
        """The principal behind a key, None for one that doesn't work. Raises AccountInactive (403)."""
        now = self._clock.now()
        holder = await self._store.read(lambda session: holder_of(session, key, now))
        if holder is None:
            return None
        if holder.stale:
            await self._store.write(lambda session: note_use(session, holder.row, now))
        policies = tuple(RatePolicy(**policy) for policy in holder.policies)
        return Principal(holder.tenant, holder.key, holder.scopes, policies=policies)


class CookieSignIn:
    """Looks browser sessions up at every request, so that signing out and a new role hold at once.

    An `api.http.auth.AuthenticateSession`.
    """

    def __init__(self, store: Store, clock: Clock, public_url: str) -> None:
        self._store = store
        self._clock = clock
        self._public_url = public_url

    async def __call__(self, request: web.Request) -> Principal | None:
        """The user behind a cookie, None without one that works.

        Raises AccountInactive (403), and ForeignPage (403) where another site's page wants to change something with it.
        """
        token, now = sent_token(request), self._clock.now()
        if not token:
            return None
        if changes_something(request) and not is_own_page(request, self._public_url):
            raise ForeignPage
        found = await self._store.read(lambda session: visitor_of(session, token, now))
        if found is None:
            return None
        if found.stale:
            await self._store.write(lambda session: note_seen(session, found.session, now))
        return Principal(
            found.tenant,
            f"user:{found.user}",
            scopes_of(found.role),
            user=found.user,
            role=found.role,
            session=found.session,
        )
