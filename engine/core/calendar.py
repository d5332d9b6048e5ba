"""Wall-clock time: opening hours, windows, local times and cron, right across DST changes.

Instants go in and come out as aware UTC datetimes; `now` is always a parameter.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from schemas.hours import WEEKDAYS, Hours, Weekday, is_zone

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
MAX_CRON = 100  # characters of a cron expression

_UTC = ZoneInfo("UTC")


@lru_cache(maxsize=1024)
def zone(name: str | None, default: str = "UTC") -> ZoneInfo:
    """Gives the time zone of this name, else the default one, else UTC; never raises.

    >>> zone("Europe/Berlin").key, zone("Middle/Earth", "Asia/Tokyo").key, zone(None).key
    ('Europe/Berlin', 'Asia/Tokyo', 'UTC')
    """
    for each in (name, default):
        if each and is_zone(each):
            return ZoneInfo(each)
    return _UTC


def clock(text: str) -> time:
    """Reads "HH:MM"; 24:00 is midnight. Raises ValueError for anything else.

    >>> clock("09:30")
    datetime.time(9, 30)
    """
    hour, minute = text.split(":")
    return time(int(hour) % 24 if text == "24:00" else int(hour), int(minute))


def at_local(day: date, at: time, tz: ZoneInfo) -> datetime:
    """Gives the instant of a local time: in a DST gap the first instant after it, in a fold the first of the two.

    >>> at_local(date(2026, 3, 29), time(2, 30), ZoneInfo("Europe/Berlin")).isoformat()
    '2026-03-29T01:00:00+00:00'
    """
    local = datetime.combine(day, at.replace(tzinfo=None))
    first = local.replace(tzinfo=tz, fold=0).astimezone(UTC)
    if first.astimezone(tz).replace(tzinfo=None) == local:
        return first
    return _transition(local.replace(tzinfo=tz, fold=1).astimezone(UTC), first, tz)


def _transition(before: datetime, after: datetime, tz: ZoneInfo) -> datetime:
    """Finds the first whole second with the offset that holds `after` the change, between two instants."""
    offset = after.astimezone(tz).utcoffset()
    low, high = 0, int((after - before).total_seconds())
    while low < high:
        middle = (low + high) // 2
        if (before + middle * SECOND).astimezone(tz).utcoffset() == offset:
            high = middle
        else:
            low = middle + 1
    return before + low * SECOND


def is_open(hours: Hours, now: datetime, tz: ZoneInfo) -> bool:
    """Says whether it is open at this instant; at closing time it is closed. The hours' own zone goes before `tz`."""
    return next_open(hours, now, tz) == now


def next_open(hours: Hours, now: datetime, tz: ZoneInfo) -> datetime | None:
    """Gives `now` when open, else the next opening; None when it never opens.

    >>> hours = Hours.model_validate({"weekly": [{"days": ["mon"], "from": "09:00", "to": "17:00"}]})
    >>> next_open(hours, datetime(2026, 4, 1, tzinfo=UTC), ZoneInfo("Europe/Berlin")).isoformat()
    '2026-04-06T07:00:00+00:00'

    An interval belongs to the day on which it starts: a holiday removes the intervals that start on it.
    """
    spans = [(frozenset(each.days), clock(each.from_), clock(each.to)) for each in hours.weekly]
    return _next(spans, hours.holidays, now, zone(hours.timezone) if hours.timezone else tz)


def next_in_window(weekdays: Collection[Weekday], from_: time | None, to: time | None, now: datetime, tz: ZoneInfo) -> datetime:
    """Gives `now` inside the window, else its next start. No weekdays means every day; no times mean the whole day.

    >>> next_in_window(["mon"], time(9), time(12), datetime(2026, 4, 1, tzinfo=UTC), ZoneInfo("UTC")).isoformat()
    '2026-04-06T09:00:00+00:00'

    A window whose end is not after its start ends on the next day.
    """
    days = frozenset(weekdays) or frozenset(WEEKDAYS)
    return _next([(days, from_ or time(0), to or time(0))], (), now, tz) or now


Span = tuple[frozenset[Weekday], time, time]


def _next(spans: Iterable[Span], holidays: Iterable[date], now: datetime, tz: ZoneInfo) -> datetime | None:
    spans = list(spans)
    closed = frozenset(holidays)
    today = now.astimezone(tz).date()
    for offset in range(-1, len(closed) + 22):  # 22: an interval may vanish in a DST gap, twice
        intervals = _day(today + offset * DAY, spans, closed, tz)
        opening = min((start for start, end in intervals if now < end), default=None)
        if opening is not None:
            return max(now, opening)
    return None


def _day(day: date, spans: Iterable[Span], closed: frozenset[date], tz: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    if day in closed:
        return
    weekday = WEEKDAYS[day.weekday()]
    for days, from_, to in spans:
        if weekday in days:
            start, end = at_local(day, from_, tz), at_local(day if to > from_ else day + DAY, to, tz)
            if start < end:
                yield start, end


def cron_problem(cron: str) -> str | None:
    """Says in plain words why a cron expression cannot be used, or None when it can.

    >>> cron_problem("0 9 * * mon-fri")
    >>> cron_problem("61 * * * *")
    'The minute of the cron expression is not valid.'
    """
    if len(cron) > MAX_CRON or len(cron.split()) != 5:
        return "A cron expression has five fields: minute, hour, day of month, month, weekday; such as 0 9 * * mon-fri."
    try:
        fires = CronSim(cron, datetime(2026, 1, 1, tzinfo=UTC))
        next(fires)
    except CronSimError as error:
        return f"The {str(error).removeprefix('Bad ')} of the cron expression is not valid."
    except StopIteration:
        return "This cron expression never fires."
    except ValueError:
        return "A number in the cron expression is not valid."
    return None


def next_fire(cron: str, tz: ZoneInfo, after: datetime) -> datetime | None:
    """Gives the first instant after `after` at which a cron expression fires in a zone; None when never or bad.

    >>> next_fire("0 9 * * mon", ZoneInfo("Europe/Berlin"), datetime(2026, 4, 1, tzinfo=UTC)).isoformat()
    '2026-04-06T07:00:00+00:00'

    A daily time in a DST gap fires right after it; in a fold it fires once, at the first (as Debian's cron does).
    """
    if len(cron) > MAX_CRON or len(cron.split()) != 5:
        return None
    try:
        for fire in CronSim(cron, after.astimezone(tz)):
            instant = fire.astimezone(UTC)
            if instant > after:
                return instant
    except (CronSimError, ValueError):
        pass
    return None
