"""Keeps what flows tell teams, and says live that there is something new."""

from __future__ import annotations

from api.services import Store
from crm.notices import add_notice
from engine.runtime.protocol import CallClaim, Clock, Feed, Notice


class Notifier:
    """The handler of the calls by which flows notify teams. Called again for the same call, it writes nothing."""

    def __init__(self, store: Store, clock: Clock, feed: Feed) -> None:
        self._store = store
        self._clock = clock
        self._feed = feed

    async def __call__(self, claim: CallClaim) -> None:
        """Keep the notice."""
        tenant, call, facts, now = claim.tenant, claim.call.id, claim.call.data, self._clock.now()
        if await self._store.write(lambda session: add_notice(session, tenant, call, facts, now)):
            contact, conversation = int(facts["contact"]), int(facts["conversation"])
            seen = Notice(tenant, "contact", 0, contact)
            self._feed.publish([Notice(tenant, "conversation", conversation, conversation) if conversation else seen])
