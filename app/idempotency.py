"""The durable memory of requests under an Idempotency-Key, as the HTTP layer wants it."""

from __future__ import annotations

from api.http.idempotency import Begun, First, Mismatch, Replay, Running, Scope, StoredAnswer, Ticket
from storage.idempotency import Remembered, SqliteIdempotency


class DurableIdempotency:
    """`api.http.idempotency.IdempotencyStore` over the tables: it survives a restart."""

    def __init__(self, stored: SqliteIdempotency) -> None:
        self._stored = stored

    async def begin(self, ticket: Ticket) -> Begun:
        """Whether this request is the first of its key."""
        known = await self._stored.begin(_place(ticket.scope), ticket.fingerprint, ticket.at)
        if known is None:
            return First()
        if known.fingerprint != ticket.fingerprint:
            return Mismatch()
        if known.status is None:
            return Running()
        return Replay(StoredAnswer(known.status, dict(known.headers or {}), known.body))

    async def finish(self, ticket: Ticket, answer: StoredAnswer | None) -> None:
        """Keep the answer, or forget that the request began."""
        kept = None
        if answer is not None:
            kept = Remembered(ticket.fingerprint, answer.status, dict(answer.headers), answer.body)
        await self._stored.finish(_place(ticket.scope), kept, ticket.at)


def _place(scope: Scope) -> tuple[int, str, str, str, str]:
    return (scope.tenant, scope.api_key, scope.method, scope.path, scope.key)
