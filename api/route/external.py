"""External ids for the events that requests append."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from typing import Any

from api.http.request import Request
from api.route.token import fresh_token


def external_id(request: Request[Any, Any], random: Callable[[int], bytes]) -> str:
    """The external id of the event of a request: the same for a retry under the same Idempotency-Key, else new.

    So a retry can't double what the event does, even where the first answer was lost with the process.
    """
    if request.ticket is None:
        return fresh_token(random)
    scope = request.ticket.scope
    digest = blake2b(digest_size=16)
    for part in (scope.api_key, scope.method, scope.path, scope.key):
        digest.update(len(part).to_bytes(4, "big") + part.encode())
    return f"key:{digest.hexdigest()}"
