"""ETags, so that two people who change the same thing notice (RFC 9110, section 13)."""

from __future__ import annotations

import hashlib
import re

from api.http.error import BadRequest, PreconditionFailed, PreconditionRequired

TAG = re.compile(r'(W/)?"([!#-~]*)"')
FORM = r'^(\*|(W/)?"[!#-~]*"([ \t]*,[ \t]*(W/)?"[!#-~]*")*)$'


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
    """Raise 428 without If-Match, 412 if it doesn't name the current tag, 400 if it holds no tag at all.

    `*` matches anything that exists. Weak tags never match.

    >>> require_match('"a", "b"', '"b"')
    """
    if if_match is None:
        raise PreconditionRequired
    if not re.fullmatch(FORM, if_match.strip()):
        raise BadRequest("If-Match must be * or an ETag in its quotes, as it was sent to you.", type="invalid_etag")
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
