"""Reading JSON of which nothing is certain: each function gives a value of its type, whatever stands there."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

MAX_RAW_BYTES = 65_536  # of one payload that is kept raw; Meta's own are a few hundred
MAX_RAW_DEPTH = 32  # deeper nesting is kept as text, so that nothing that walks it later can run out of stack
EARLIEST = 1_230_768_000  # 2009, the year of WhatsApp: a timestamp before it is no time

_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")


def read_json(body: bytes) -> Any:
    """The JSON of a body, without NUL characters and lone surrogates, which no database keeps. Raises ValueError."""
    clean = _NUL.sub(rb"\1", body) if b"\\u0000" in body else body
    try:
        return orjson.loads(clean)
    except ValueError:
        try:
            loose = json.dumps(json.loads(clean.decode("utf-8", "replace")), ensure_ascii=False, allow_nan=False)
        except RecursionError:
            raise ValueError("nested too deeply") from None
        return orjson.loads(loose.encode("utf-8", "replace"))


def mapping(value: Any, *keys: str) -> Mapping[str, Any]:
    """The object at these keys, an empty one if there is none.

    >>> mapping({"a": {"b": 1}}, "a"), mapping({"a": 3}, "a", "b")
    ({'b': 1}, {})
    """
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def objects(value: Any) -> list[Mapping[str, Any]]:
    """The objects in a list; nothing if it is no list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def text(value: Any, limit: int = 4096) -> str:
    """A string, or a whole number as one; "" for anything else.

    >>> text("a"), text(12), text(None), text(True)
    ('a', '12', '', '')
    """
    if isinstance(value, str):
        return value[:limit]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def first(source: Mapping[str, Any], *keys: str) -> str:
    """The first of these keys that says something."""
    for key in keys:
        if found := text(source.get(key)):
            return found
    return ""


def instant(value: Any, now: datetime) -> datetime:
    """A timestamp in seconds, as a string or a number; `now` if it is none, or lies in the future."""
    digits = text(value, 20)
    seconds = int(digits) if digits.isascii() and digits.isdigit() else 0
    return datetime.fromtimestamp(seconds, UTC) if EARLIEST <= seconds <= now.timestamp() else now


def number(value: Any, most: float) -> float | None:
    """A number within +-most, also one written as a string; else None."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if -most <= found <= most else None


def keep_raw(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """A payload as it is kept: itself, or its text if it is too deep, or its beginning if it is too long."""
    written = orjson.dumps(value)
    if len(written) > MAX_RAW_BYTES:
        return {"json": written[:MAX_RAW_BYTES].decode("utf-8", "ignore"), "cut": True}
    return {"json": written.decode()} if _deeper(value, MAX_RAW_DEPTH) else value


def _deeper(value: Any, limit: int) -> bool:
    level = [value]
    for _ in range(limit):
        level = [
            child
            for item in level
            if isinstance(item, dict | list)
            for child in (item.values() if isinstance(item, dict) else item)
        ]
        if not level:
            return False
    return True
