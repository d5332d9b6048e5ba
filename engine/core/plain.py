"""Writes any value as plain text for a person: the one way in which values become part of a message or a comparison."""

from __future__ import annotations

import math
import re
from datetime import date, datetime, time
from typing import Any

from engine.core.limit import MAX_RENDERED

MAX_PLAIN = MAX_RENDERED  # characters of one written value: as long as a whole rendered message may be
MAX_ITEMS = 1_000  # items of a list that are written
MAX_NESTING = 3  # lists within lists that are written
MAX_BITS = 10_000  # of a whole number that is written: Python refuses more than 4,300 digits

# C0 controls except tab and newline, DEL, and lone surrogates, which no wire format carries.
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


def plain(value: Any) -> str:
    """Writes a value: None as nothing, 3.0 as 3, a list with commas, an instant as 2026-12-24 18:30; never raises.

    >>> plain(3.0), plain(["a", 2]), plain(None), plain(True)
    ('3', 'a, 2', '', 'yes')

    At most 10,000 characters; control characters except tab and newline are left out.
    """
    if value.__class__ is str:
        if len(value) > MAX_PLAIN:
            value = value[:MAX_PLAIN]
        return value if value.isprintable() else _UNWANTED.sub("", value)
    if value.__class__ is int and value.bit_length() < MAX_BITS:
        return str(value)
    return clean(_written(value, MAX_NESTING)[:MAX_PLAIN])


def clean(text: str) -> str:
    """Leaves out control characters except tab and newline.

    >>> clean("a\\x00b\\r\\n")
    'ab\\n'
    """
    return text if text.isprintable() else _UNWANTED.sub("", text)


def _written(value: Any, nesting: int) -> str:
    match value:
        case None:
            return ""
        case str():
            return value[:MAX_PLAIN]
        case bool():
            return "yes" if value else "no"
        case int():
            return str(value) if value.bit_length() < MAX_BITS else ""
        case float():
            return _float(value)
        case datetime():
            return value.isoformat(" ", "minutes" if not value.second else "seconds")[: 16 if not value.second else 19]
        case date():
            return value.isoformat()
        case time():
            return value.isoformat("minutes")[:5]
        case list() | tuple() | set() | frozenset() if nesting:
            items = sorted(value, key=str) if isinstance(value, set | frozenset) else value
            return ", ".join(_written(item, nesting - 1) for item in list(items)[:MAX_ITEMS])
        case dict() if nesting:
            pairs = list(value.items())[:MAX_ITEMS]
            return ", ".join(f"{_written(key, 0)}: {_written(item, nesting - 1)}" for key, item in pairs)
        case _:
            return ""


def _float(value: float) -> str:
    if not math.isfinite(value):
        return ""
    if value.is_integer():
        return str(int(value))
    text = f"{value:.12f}".rstrip("0").rstrip(".")
    return text if float(text) else repr(value)
