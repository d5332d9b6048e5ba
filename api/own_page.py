"""Whether a request comes from a page of our own: the guard against other sites that use a browser's cookie (CSRF)."""

from __future__ import annotations

from aiohttp import web

from api.http.error import Forbidden
from channels.webchat.origin import is_own

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class ForeignPage(Forbidden):
    """This request came from a page of another site. Open PostDog itself and try again."""

    code = "origin_refused"


def is_foreign(request: web.Request, public_url: str) -> bool:
    """Whether a browser says that another site's page asks. Programs say nothing, and count as our own.

    Browsers send `Origin` with every request that changes something (Fetch, 3.2) and with WebSockets (RFC 6455, 4.1), and
    `Sec-Fetch-Site` with all of them.
    """
    origin = request.headers.get("Origin")
    if origin is not None:
        return not is_own(origin, request.host, public_url)
    return request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none")


def is_own_page(request: web.Request, public_url: str) -> bool:
    """Whether a browser says that a page of our own asks. A request that doesn't say is none."""
    said = "Origin" in request.headers or "Sec-Fetch-Site" in request.headers
    return said and not is_foreign(request, public_url)


def changes_something(request: web.Request) -> bool:
    """Whether a request may do more than read; a WebSocket may."""
    return request.method not in SAFE or request.headers.get("Upgrade", "").lower() == "websocket"
