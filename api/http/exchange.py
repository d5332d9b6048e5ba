"""What is known about one request while it is answered, and the headers that every answer carries."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime

from aiohttp import web

from api.http.profile import Profile

REQUEST_ID = re.compile(r"[A-Za-z0-9._:+/=@-]{8,128}")
"""What we take over from X-Request-Id: long enough to be one, and safe in logs and headers."""
CONTENT_POLICY = "default-src 'none'; frame-ancestors 'none'"
"""JSON needs nothing. A page that needs more sends its own policy, which stands."""


@dataclass(slots=True)
class Exchange:
    """The notes on a request. Filled by the layers that it passes, read by the log and by the header hook."""

    request_id: str
    now: datetime
    route: str | None = None
    profile: Profile | None = None
    tenant: int | None = None
    key_id: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    begun: bool = False
    quiet: bool = False
    """Its log line is for debugging only, unless something is wrong."""


EXCHANGE = web.RequestKey("exchange", Exchange)


def request_id(sent: str | None, fresh: str) -> str:
    """The id of a request: the one that was sent when it is sane, else the fresh one.

    >>> request_id("trace-12345", "req_1"), request_id("a b", "req_1"), request_id(None, "req_1")
    ('trace-12345', 'req_1', 'req_1')
    """
    return sent if sent and REQUEST_ID.fullmatch(sent) else fresh


async def set_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Called before any answer leaves, streams and WebSockets included."""
    exchange = request.get(EXCHANGE)
    if exchange is None:
        return
    exchange.begun = True
    response.headers["Server"] = "PostDog"  # aiohttp would tell its own version and Python's
    response.headers["X-Request-Id"] = exchange.request_id
    response.headers.update(exchange.headers)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    response.headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
    if exchange.profile is not None:
        response.headers.setdefault("Cache-Control", "no-store")
