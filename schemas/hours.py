"""Opening hours: weekly intervals, holidays and the time zone in which they are meant."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

MAX_INTERVALS = 50  # seven days with some breaks each
MAX_HOLIDAYS = 400  # a year of days off, and some


def is_zone(name: str) -> bool:
    """Says whether this is a time zone of the IANA database.

    >>> is_zone("Europe/Berlin"), is_zone("Middle/Earth"), is_zone("../etc/passwd")
    (True, False, False)
    """
    try:
        return bool(name) and len(name) <= 64 and ZoneInfo(name).key == name
    except (KeyError, ValueError, OSError):  # unknown; not a name; a folder of the database such as "Europe"
        return False


def _zone(name: str) -> str:
    if not is_zone(name):
        raise ValueError(f"{name!r} is not a time zone; use a name such as Europe/Berlin.")
    return name


ZoneName = Annotated[
    str,
    AfterValidator(_zone),
    Field(max_length=64, description="An IANA time zone.", examples=["Europe/Berlin", "UTC"]),
]
ClockTime = Annotated[
    str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", description="A time of day.", examples=["09:00", "17:30"])
]
ClosingTime = Annotated[
    str,
    Field(
        pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$",
        description="A time of day, or 24:00. Not after `from`: then it is on the next day.",
        examples=["17:00", "24:00"],
    ),
]


class Interval(BaseModel):
    """Open from one time to another on some weekdays; an interval belongs to the day on which it starts.

    >>> Interval.model_validate({"days": ["fri"], "from": "22:00", "to": "02:00"}).to
    '02:00'
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    days: tuple[Weekday, ...] = Field(min_length=1, max_length=7, description="The weekdays on which it starts.")
    from_: ClockTime = Field(alias="from", description="Opens at this time.")
    to: ClosingTime


HoursKey = Annotated[
    str,
    Field(pattern=r"^[a-z_][a-z0-9_]{0,63}$", description="Hours of the workspace, by their key.", examples=["shop"]),
]


class Hours(BaseModel):
    """When a business or a team is open.

    >>> Hours.model_validate({"weekly": [{"days": ["mon"], "from": "09:00", "to": "17:00"}]}).timezone is None
    True

    Without intervals it is never open. Without a time zone, the zone of whoever asks counts.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    weekly: tuple[Interval, ...] = Field(default=(), max_length=MAX_INTERVALS, description="Opening intervals.")
    holidays: tuple[date, ...] = Field(
        default=(), max_length=MAX_HOLIDAYS, description="Days on which nothing opens.", examples=[["2026-12-25"]]
    )
    timezone: ZoneName | None = Field(default=None, description="The time zone of the intervals.")
