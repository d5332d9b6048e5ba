"""When a wait until a moment is over: instants, local times, weekly windows, hours; right across DST changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from engine.core.build import Build
from engine.core.calendar import at_local, clock, next_in_window, next_open, zone
from engine.core.filter import as_datetime
from engine.core.moment import as_moment
from engine.core.visit import Visit
from nodes.wait_config import LocalMoment, UntilWait, VariableMoment
from schemas.duration import parse_duration
from schemas.hours import Hours

When = Callable[[Visit], datetime | None]
"""The instant at which to go on; None where there is none."""

DAY = timedelta(days=1)


def when(config: UntilWait, build: Build) -> When:
    """The moment that a config means, worked out when the run comes to it."""
    match config.at:
        case str():
            instant = datetime.fromisoformat(config.at)
            return lambda visit: instant
        case LocalMoment(date=day, time=at):
            local_day, local_time = date.fromisoformat(day), clock(at)
            return lambda visit: at_local(local_day, local_time, _zone(visit))
        case VariableMoment():
            return _held(config.at, build)
        case None:
            return _recurring(config)


def _recurring(config: UntilWait) -> When:
    hours, named = config.hours, config.named
    if named:
        return lambda visit: visit.opening(named)
    if isinstance(hours, Hours):
        return lambda visit: next_open(hours, visit.now, _zone(visit))
    opens = clock(config.from_) if config.from_ else None
    closes = clock(config.to) if config.to else None
    return lambda visit: next_in_window(config.weekdays, opens, closes, visit.now, _zone(visit))


def _held(config: VariableMoment, build: Build) -> When:
    get = build.resolve(config.variable) or (lambda visit: None)
    earlier = parse_duration(config.before) if config.before else timedelta(0)
    at = clock(config.time)

    def instant(moment: Any, now: datetime, tz: ZoneInfo) -> datetime | None:
        if isinstance(moment, datetime):
            return moment if moment.tzinfo else at_local(moment.date(), moment.time(), tz)
        if isinstance(moment, date):
            return at_local(moment, at, tz)
        if not isinstance(moment, time):
            return None
        today = now.astimezone(tz).date()
        first = at_local(today, moment, tz)
        return first if first > now else at_local(today + DAY, moment, tz)

    def held(visit: Visit) -> datetime | None:
        try:
            found = instant(_moment(get(visit)), visit.now, _zone(visit))
            return (found - earlier).astimezone(UTC) if found is not None else None
        except OverflowError:  # the years 1 and 9999
            return None

    return held


def _moment(value: Any) -> Any:
    """As `as_moment`, but an instant without an offset stays naive: it is meant where the contact is."""
    if isinstance(value, str) and len(value.strip()) > len("2026-12-24"):
        return as_datetime(value.strip())
    return as_moment(value)


def _zone(visit: Visit) -> ZoneInfo:
    return zone(visit.zone_name(), visit.turn.world.timezone)
