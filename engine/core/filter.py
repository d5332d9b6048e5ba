"""The filters of merge fields: `{{contact.name | upper | default:"there"}}`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from engine.core.number import read_number
from engine.core.plain import plain

Filter = Callable[[Any], Any]

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

MAX_DECIMALS = 6  # more is noise in a message
DEFAULT_TRUNCATE = 100

_DATE_PARTS: dict[str, Callable[[datetime], str]] = {
    "%d": lambda at: f"{at.day:02}",
    "%e": lambda at: str(at.day),
    "%m": lambda at: f"{at.month:02}",
    "%b": lambda at: MONTHS[at.month - 1][:3],
    "%B": lambda at: MONTHS[at.month - 1],
    "%y": lambda at: f"{at.year % 100:02}",
    "%Y": lambda at: f"{at.year:04}",
    "%a": lambda at: WEEKDAYS[at.weekday()][:3],
    "%A": lambda at: WEEKDAYS[at.weekday()],
    "%H": lambda at: f"{at.hour:02}",
    "%I": lambda at: f"{at.hour % 12 or 12:02}",
    "%M": lambda at: f"{at.minute:02}",
    "%p": lambda at: "AM" if at.hour < 12 else "PM",
    "%%": lambda at: "%",
}


def read_filter(source: str) -> Filter | None:
    """Gives the filter that a segment after `|` names, or None when it names none and is fallback text.

    | filter | gives |
    |---|---|
    | `upper`, `lower`, `title`, `trim` | the text so written |
    | `default:"there"` | this text where the value is empty |
    | `date:"%d %b"` | a date; knows %d %e %m %b %B %y %Y %a %A %H %I %M %p %% |
    | `number:2` | 1,234.50, with 0 to 6 decimals |
    | `truncate:20` | at most 20 characters, the last one an ellipsis when something is missing |

    >>> upper = read_filter("upper")
    >>> upper is not None and upper("anna")
    'ANNA'
    >>> read_filter("there")
    """
    name, colon, rest = source.strip().partition(":")
    argument = _unquoted(rest.strip()) if colon else None
    match name.strip(), argument:
        case "upper", None:
            return lambda value: plain(value).upper()
        case "lower", None:
            return lambda value: plain(value).lower()
        case "title", None:
            return lambda value: " ".join(word[:1].upper() + word[1:].lower() for word in plain(value).split(" "))
        case "trim", None:
            return lambda value: plain(value).strip()
        case "default", str():
            return default(argument)
        case "date", _:
            return _date("%d %b %Y" if argument is None else argument)
        case "number", _:
            return _number(_bounded(argument, 0, MAX_DECIMALS))
        case "truncate", _:
            return _truncate(_bounded(argument, 1, 10_000) or DEFAULT_TRUNCATE)
        case _:
            return None


def default(text: str) -> Filter:
    """Gives the filter that puts a text where a value is empty."""
    return lambda value: value if plain(value).strip() else text


def as_datetime(value: Any) -> datetime | None:
    """Reads a datetime, a date (its midnight) or an ISO text; else None.

    >>> as_datetime("2026-12-24")
    datetime.datetime(2026, 12, 24, 0, 0)
    """
    match value:
        case datetime():
            return value
        case date():
            return datetime(value.year, value.month, value.day)
        case str() if 8 <= len(value) <= 40:
            try:
                return datetime.fromisoformat(value.strip())
            except ValueError:
                return None
        case _:
            return None


def _date(form: str) -> Filter:
    parts: list[str | Callable[[datetime], str]] = []
    position = 0
    while position < len(form):
        found = _DATE_PARTS.get(form[position : position + 2])
        parts.append(found or form[position])
        position += 2 if found else 1

    def written(value: Any) -> Any:
        at = as_datetime(value)
        return value if at is None else "".join(part if isinstance(part, str) else part(at) for part in parts)

    return written


def _number(decimals: int | None) -> Filter:
    def written(value: Any) -> Any:
        number = read_number(value) if isinstance(value, str) else value
        if isinstance(number, bool) or not isinstance(number, int | float) or abs(number) > 1e300:
            return value
        places = decimals if decimals is not None else (0 if float(number).is_integer() else 2)
        return f"{number:,.{places}f}"

    return written


def _truncate(length: int) -> Filter:
    def shortened(value: Any) -> str:
        text = plain(value)
        return text if len(text) <= length else text[: length - 1].rstrip() + "…"

    return shortened


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) >= 2 and text[0] == text[-1] == '"' else text


def _bounded(argument: str | None, low: int, high: int) -> int | None:
    if argument is None or not argument.isascii() or not argument.isdigit() or len(argument) > 6:
        return None
    return min(max(int(argument), low), high)
