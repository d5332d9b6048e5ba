"""The cookie of a browser session."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Callable

from aiohttp import web

from crm.sign_in import LONGEST, TOKEN_BYTES

PLAIN, HOST_ONLY = "postdog_session", "__Host-postdog_session"
"""Over HTTPS the name itself forbids other hosts of the domain to set it (RFC 6265bis, 4.1.3.2)."""
LONGEST_TOKEN = 100


def fresh_secret(random: Callable[[int], bytes]) -> str:
    """A token for a cookie or a link: 256 random bits in letters that need no escaping."""
    return urlsafe_b64encode(random(TOKEN_BYTES)).rstrip(b"=").decode()


def sent_token(request: web.Request) -> str:
    """The token in a request's cookie, "" without one."""
    token = request.cookies.get(HOST_ONLY) or request.cookies.get(PLAIN) or ""
    return token if len(token) <= LONGEST_TOKEN else ""


def set_cookie(token: str, secure: bool) -> dict[str, str]:
    """The header that gives a browser its token. Scripts can't read it, other sites' pages don't send it."""
    return {"Set-Cookie": f"{_name(secure)}={token}; Max-Age={int(LONGEST.total_seconds())}; {_attributes(secure)}"}


def clear_cookie(secure: bool) -> dict[str, str]:
    """The header that takes it away."""
    return {"Set-Cookie": f"{_name(secure)}=; Max-Age=0; {_attributes(secure)}"}


def is_secure(request: web.Request, public_url: str) -> bool:
    """Whether the browser speaks HTTPS, as the page's origin says; a proxy may end it before us."""
    return (request.headers.get("Origin") or public_url).startswith("https://")


def _name(secure: bool) -> str:
    return HOST_ONLY if secure else PLAIN


def _attributes(secure: bool) -> str:
    return "Path=/; HttpOnly; SameSite=Strict" + ("; Secure" if secure else "")
