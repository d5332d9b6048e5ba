"""API keys at the door: the key in a request becomes the principal that handlers see."""

from __future__ import annotations

from api.http.auth import Principal
from api.http.rate import RatePolicy
from api.services import Store
from crm.keys import holder_of, note_use
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
