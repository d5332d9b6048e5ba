"""What a test of a rule answers, and how a reason writes values."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from engine.core.plain import plain

MAX_SHOWN = 40  # characters of a value that a reason quotes


class Verdict(NamedTuple):
    """Whether a rule holds, and why, in words: `Verdict(True, "34 >= 18")`."""

    ok: bool
    reason: str


Test = Callable[[Any, datetime | None], Verdict]
"""Checks a found value; the second argument is the present instant, for in_last and in_next."""

NO_VALUE = Verdict(False, "no value")


def shown(value: Any) -> str:
    """Writes a value as a reason quotes it: texts in quotes, at most 40 characters.

    >>> shown("gold"), shown(34), shown(["a", "b"])
    ("'gold'", '34', 'a, b')
    """
    text = plain(value)
    text = text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"
    return f"'{text}'" if isinstance(value, str) else text


def is_set(value: Any) -> bool:
    """Says whether there is a value: not None, and not an empty text, list or dict."""
    return value is not None and value != "" and value != [] and value != () and value != {}
