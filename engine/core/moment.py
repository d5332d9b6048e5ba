"""Dates, instants and times of day, read from values and compared with one another."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

from engine.core.filter import as_datetime

Moment = datetime | date | time


def as_moment(value: Any) -> Moment | None:
    """Reads a date, an instant (naive ones are UTC) or a time of day from a value or its ISO text; else None."""
    if isinstance(value, str):
        text = value.strip()
        if len(text) == 5 and text[2] == ":":
            try:
                return time.fromisoformat(text)
            except ValueError:
                return None
        if len(text) == 10:
            try:
                return date.fromisoformat(text)
            except ValueError:
                return None
        value = as_datetime(text)
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    return value if isinstance(value, date | time) else None


def compare(found: Moment, bound: Moment) -> int | None:
    """Compares two moments as exactly as the coarser one says: below 0, 0, above 0; None where they don't compare."""
    if isinstance(found, time) or isinstance(bound, time):
        clocks = [each.time() if isinstance(each, datetime) else each for each in (found, bound)]
        minutes = [each.hour * 60 + each.minute for each in clocks if isinstance(each, time)]
        return minutes[0] - minutes[1] if len(minutes) == 2 else None
    if isinstance(found, datetime) and isinstance(bound, datetime):
        return (found > bound) - (found < bound)
    left, right = (each.date() if isinstance(each, datetime) else each for each in (found, bound))
    return (left > right) - (left < right)
