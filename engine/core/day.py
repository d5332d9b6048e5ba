"""Finds a date in a text as people write it."""

from __future__ import annotations

import re
from datetime import date, timedelta

from engine.core.filter import MONTHS
from engine.core.number import ascii_digits

MAX_SEARCHED = 200  # characters of a reply in which a date is looked for

_ISO = re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)", re.ASCII)
_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})([-/.]) ?(\d{1,2})(?:\2 ?(\d{4}|\d{2})|\.?)(?!\d)", re.ASCII)
_MONTH = {month[:length].lower(): index for index, month in enumerate(MONTHS, 1) for length in (3, len(month))} | {"sept": 9}
_TOKEN = re.compile(r"[a-z]+|\d+", re.ASCII)


def find_date(text: str, today: date, *, month_first: bool = False) -> date | None:
    """Gives the date within the first 200 characters of a text, else None.

    >>> today = date(2026, 4, 1)
    >>> [str(find_date(each, today)) for each in ("24.12.2026", "tomorrow", "Dec 24", "on 3/4/2027", "2026-13-01")]
    ['2026-12-24', '2026-04-02', '2026-12-24', '2027-04-03', 'None']

    Day before month, or month before day (except with dots) where `month_first`; the other way round when only that is
    possible. Without a year: the next such day, today included. Two digits of a year are of this century. Month names,
    "today" and "tomorrow" in English.
    """
    plain = ascii_digits(text[:MAX_SEARCHED]).lower()
    if iso := _ISO.search(plain):
        year, month, day = map(int, iso.groups())
        return _date(year, month, day)
    if numeric := _NUMERIC.search(plain):
        first, separator, second, year_text = numeric.groups()
        if year_text or separator != "." or numeric.group().endswith("."):
            pair = (int(first), int(second))
            swapped = month_first and separator != "."
            for day, month in (pair[::-1], pair) if swapped else (pair, pair[::-1]):
                if found := _dated(day, month, year_text, today):
                    return found
            return None
    tokens = _TOKEN.findall(plain)
    for index, token in enumerate(tokens):
        if token in ("today", "tomorrow"):
            return today + timedelta(days=token == "tomorrow")
        if token in _MONTH and (found := _named(tokens, index, today)):
            return found
    return None


def _named(tokens: list[str], index: int, today: date) -> date | None:
    """Reads "24 December 2026", "24th of Dec", "December 24th, 2026" around the month's name."""
    before = [token for token in tokens[max(0, index - 3) : index] if token not in ("st", "nd", "rd", "th", "of")]
    after = [token for token in tokens[index + 1 : index + 4] if token not in ("st", "nd", "rd", "th")]
    if before and before[-1].isdigit() and len(before[-1]) <= 2:
        day, rest = before[-1], after
    elif after and after[0].isdigit() and len(after[0]) <= 2:
        day, rest = after[0], after[1:]
    else:
        return None
    year = rest[0] if rest and rest[0].isdigit() and len(rest[0]) == 4 else None
    return _dated(int(day), _MONTH[tokens[index]], year, today)


def _dated(day: int, month: int, year: str | None, today: date) -> date | None:
    if year:
        return _date(int(year) + (2000 if len(year) == 2 else 0), month, day)
    for ahead in range(9):  # 29 February may be eight years away
        found = _date(today.year + ahead, month, day)
        if found and found >= today:
            return found
    return None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
