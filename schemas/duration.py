"""Durations as ISO 8601 writes them: weeks, days, hours, minutes, seconds."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, Field

SHORTEST = timedelta(seconds=1)
LONGEST = timedelta(days=366)
"""No wait and no expiry outlives a year: longer ones are a date, or a mistake."""

# Lookaheads: something stands after P and after T, and not everything is zero.
PATTERN = r"^P(?=[0-9T])(?=.*[1-9])([0-9]{1,4}W)?([0-9]{1,4}D)?(T(?=[0-9])([0-9]{1,5}H)?([0-9]{1,6}M)?([0-9]{1,8}S)?)?$"
_PATTERN = re.compile(PATTERN)
_CALENDAR = re.compile(r"^P[0-9TWDHMS.,]*?[0-9]+Y|^P[0-9YWD]*[0-9]+M")
_UNITS = ("weeks", "days", "hours", "minutes", "seconds")


def parse_duration(text: str) -> timedelta:
    """Gives the length of an ISO 8601 duration, from 1 second to 366 days; raises ValueError that says what is wrong.

    >>> parse_duration("P1DT2H")
    datetime.timedelta(days=1, seconds=7200)
    >>> parse_duration("P1M")
    Traceback (most recent call last):
    ...
    ValueError: Months and years have no fixed length; write days instead, such as P30D.
    """
    if len(text) > 40:
        raise ValueError("This is too long for a duration; write it as P30D, PT10M or P1DT2H.")
    found = _PATTERN.fullmatch(text)
    if found is None:
        if _CALENDAR.match(text):
            raise ValueError("Months and years have no fixed length; write days instead, such as P30D.")
        raise ValueError(f"{text!r} is not a duration; write it as P30D, PT10M or P1DT2H, with at least one second.")
    weeks, days, _, hours, minutes, seconds = found.groups()
    counts = (int(part[:-1]) if part else 0 for part in (weeks, days, hours, minutes, seconds))
    length = timedelta(**dict(zip(_UNITS, counts, strict=True)))
    if length > LONGEST:
        raise ValueError("A duration may not be longer than 366 days.")
    return length


def format_duration(length: timedelta) -> str:
    """Writes a length as an ISO 8601 duration, whole seconds.

    >>> format_duration(timedelta(days=1, minutes=90))
    'P1DT1H30M'
    """
    hours, rest = divmod(length.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    clock = "".join(f"{count}{unit}" for count, unit in ((hours, "H"), (minutes, "M"), (seconds, "S")) if count)
    day = f"{length.days}D" if length.days else ""
    return f"P{day}{'T' + clock if clock else ''}" if day or clock else "PT0S"


def _checked(text: str) -> str:
    parse_duration(text)
    return text


Duration = Annotated[
    str,
    AfterValidator(_checked),
    Field(
        max_length=40,
        description="A duration as ISO 8601 writes it, from 1 second to 366 days: P30D, PT10M, P1DT2H, P1W.",
        examples=["P30D", "PT10M"],
        json_schema_extra={"pattern": PATTERN},
    ),
]
"""A duration kept as it was written; `parse_duration` gives its length."""
