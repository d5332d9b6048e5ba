"""ETags, so that two people who change the same thing notice (RFC 9110, section 13)."""

from __future__ import annotations

import hashlib
import re

from api.http.error import PreconditionFailed, PreconditionRequired

TAG = re.compile(r'(W/)?"([\x21\x23-\x7e]*)"')


def etag_of(*parts: str | int | bytes) -> str:
    """A strong ETag from what changes with the thing, such as its id and its version.

    >>> etag_of("flow", 7, 3) == etag_of("flow", 7, 3) != etag_of("flow", 7, 4)
    True
    """
    digest = hashlib.blake2b(digest_size=12)
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode()
        digest.update(len(data).to_bytes(8, "big") + data)
    return f'"{digest.hexdigest()}"'


def require_match(if_match: str | None, current: str) -> None:
    """Raise PreconditionRequired (428) without If-Match, PreconditionFailed (412) if it doesn't name the current tag.

    `*` matches anything that exists. Weak tags never match.

    >>> require_match('"a", "b"', '"b"')
    """
    if if_match is None:
        raise PreconditionRequired
    if if_match.strip() == "*":
        return
    strong = {f'"{found[2]}"' for found in TAG.finditer(if_match) if not found[1]}
    if current not in strong:
        raise PreconditionFailed


def not_modified(if_none_match: str | None, current: str | None) -> bool:
    """Whether the client already has this state, so that 304 will do. Weak comparison.

    >>> not_modified('W/"b"', '"b"')
    True
    """
    if if_none_match is None or current is None:
        return False
    if if_none_match.strip() == "*":
        return True
    return current.removeprefix("W/") in {f'"{found[2]}"' for found in TAG.finditer(if_none_match)}
