"""Ids as the world sees them: `ct_g` for contact 42. The compat profile of the API shows the bare number."""

from __future__ import annotations

import re

from schemas.base62 import decode, encode
from schemas.error import Invalid

LARGEST_ID = 2**63 - 1
"""The largest integer that both SQLite and PostgreSQL keep as a primary key."""
LONGEST_BODY = 19
"""Digits of LARGEST_ID. A longer text is refused before it is read."""

PREFIXES = {
    "acct": "account",
    "camp": "campaign",
    "ch": "channel",
    "ct": "contact",
    "cv": "conversation",
    "dlv": "delivery",
    "ev": "event",
    "fld": "field",
    "flow": "flow",
    "glob": "global variable",
    "hrs": "hours",
    "job": "job",
    "key": "API key",
    "med": "media file",
    "msg": "message",
    "ntc": "notice",
    "post": "post",
    "run": "run",
    "seg": "segment",
    "sim": "simulation",
    "team": "team",
    "tpl": "template",
    "usr": "user",
    "ver": "version",
    "whk": "webhook",
}
"""The prefixes in use, and what each stands for in messages to people."""


class InvalidId(Invalid):
    """This is not an id of ours."""

    code = "invalid_id"


def public_id(prefix: str, number: int) -> str:
    """The public form of a primary key: the prefix, an underscore, base 62.

    >>> public_id("ct", 42)
    'ct_g'
    """
    if not 0 < number <= LARGEST_ID:
        raise ValueError(f"{number} can't be a primary key.")
    return f"{prefix}_{encode(number)}"


def read_id(prefix: str, text: str) -> int:
    """The primary key behind either form, `ct_g` or `42`. Raises InvalidId, which says what was expected.

    Each number has one text in each form: leading zeros, signs and spaces are refused.

    >>> read_id("ct", "ct_g"), read_id("ct", "42")
    (42, 42)
    """
    number = _read(prefix, text)
    if number is None or not 0 < number <= LARGEST_ID:
        raise InvalidId(f"{_shown(text)} is not the id of a {noun(prefix)}. Such an id looks like {prefix}_4f or 251.")
    return number


def noun(prefix: str) -> str:
    """What the prefix stands for, in words.

    >>> noun("ct"), noun("zz")
    ('contact', 'zz')
    """
    return PREFIXES.get(prefix, prefix)


def _read(prefix: str, text: str) -> int | None:
    head, separator, tail = text.rpartition("_")
    if (separator and head != prefix) or len(tail) > LONGEST_BODY or tail.startswith("0"):
        return None
    pattern = r"[0-9A-Za-z]+" if separator else r"[0-9]+"
    if not re.fullmatch(pattern, tail):
        return None
    return decode(tail) if separator else int(tail)


def _shown(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:40] + "…")
