"""Web origins: which pages may show the chat in a frame and speak with it."""

from __future__ import annotations

import re
from collections.abc import Iterable

ANY = "*"
ORIGIN = re.compile(r"(https?)://((?:\*\.)?(?:[a-z0-9_-]+\.)*[a-z0-9_-]+|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?", re.ASCII)
DEFAULT_PORTS = {"http": "80", "https": "443"}
WRONG = "Write an origin such as https://shop.example or https://*.shop.example, or * for every site."


def read_origin(text: str) -> str:
    """An allowed origin in the form that browsers send. Raises ValueError with a sentence for people.

    >>> read_origin(" https://Shop.example:443/ "), read_origin("https://*.münchen.example"), read_origin("*")
    ('https://shop.example', 'https://*.xn--mnchen-3ya.example', '*')
    """
    plain = text.strip().rstrip("/").lower()
    if plain == ANY:
        return ANY
    try:
        found = ORIGIN.fullmatch(plain if plain.isascii() else plain.encode("idna").decode())
    except UnicodeError as error:
        raise ValueError(WRONG) from error
    if found is None or int(found[3] or 0) > 65_535:
        raise ValueError(WRONG)
    return f"{found[1]}://{found[2]}" + (f":{found[3]}" if found[3] not in (None, DEFAULT_PORTS[found[1]]) else "")


def allows(allowed: Iterable[str], origin: str) -> bool:
    """Whether an `Origin` header is among the allowed ones. `*.` stands for one or more labels, not for none.

    >>> allows(["https://*.shop.example"], "https://eu.shop.example"), allows(["https://*.shop.example"], "https://shop.example")
    (True, False)
    """
    return any(each in (ANY, origin) or _wildcard(each, origin) for each in allowed)


def is_own(origin: str, host: str, public_url: str) -> bool:
    """Whether a page of our own speaks: its host is the one that was asked, or that of our public address.

    >>> is_own("https://chat.example", "chat.example", ""), is_own("https://evil.example", "chat.example", "")
    (True, False)
    """
    own = {_comparable(f"http://{host}"), _comparable(f"https://{host}"), _comparable(public_url)} - {""}
    return _comparable(origin) in own


def frame_ancestors(allowed: Iterable[str]) -> str:
    """The value of the CSP directive of this name (CSP level 3, 6.4.2.1): our own pages, and the allowed ones."""
    listed = tuple(allowed)
    return ANY if ANY in listed else " ".join(("'self'", *listed))


def _wildcard(pattern: str, origin: str) -> bool:
    scheme, star, domain = pattern.partition("://*.")
    return bool(star) and origin.startswith(f"{scheme}://") and origin.endswith(f".{domain}")


def _comparable(url: str) -> str:
    found = re.match(r"(https?://[^/?#]+)", url.lower())
    try:
        return read_origin(found[1]) if found else ""
    except ValueError:
        return ""
