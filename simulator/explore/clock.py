"""Instants at which the tests of the clock answer differently: both sides of every time condition."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import product
from typing import Any

from engine.core.calendar import at_local, zone
from engine.core.example import examples
from engine.core.moment import as_moment
from simulator.explore.key import Keys
from simulator.explore.study import Tried

DAY = timedelta(days=1)
HORIZON = 8
"""Days ahead that are looked at: every weekday at every tested time, and today's times that have passed already."""
NOON = time(12)


def instants(
    tests: Sequence[Tried],
    keys: Keys,
    now: datetime,
    until: datetime | None,
    timezone: str | None,
    offset: timedelta = timedelta(0),
) -> list[datetime]:
    """The earliest instant after `now` for each way in which the tests can answer, but for the way in which they answer now.

    Before `until`; `offset` is how much later the tests are made than the instant is chosen.
    """
    clock = [tried for tried in tests if tried.subject.startswith("time.")]
    if not clock:
        return []
    tz = zone(timezone)
    seen = {keys.verdicts((now + offset).astimezone(tz))}
    found: list[datetime] = []
    for instant in sorted(_candidates(clock, (now + offset).astimezone(tz))):
        chosen = instant - offset
        if chosen <= now or (until is not None and chosen >= until):
            continue
        answers = keys.verdicts(instant.astimezone(tz))
        if answers not in seen:
            seen.add(answers)
            found.append(chosen)
    return found


def _candidates(clock: Sequence[Tried], now: datetime) -> set[datetime]:
    times: set[time] = set()
    days: set[date] = set()
    for tried in clock:
        for value in (each for several in examples(tried.test, now=now).values() for each in several):
            _take(tried.subject, value, times, days)
    tz = zone(str(now.tzinfo))
    week = {now.date() + DAY * ahead for ahead in range(HORIZON)}
    moments = times or {now.time().replace(second=0, microsecond=0), NOON}
    return {at_local(day, moment, tz) for day, moment in product(days | week, moments | {NOON})}


def _take(subject: str, value: Any, times: set[time], days: set[date]) -> None:
    if subject == "time.hour" and isinstance(value, int | float) and 0 <= value < 24:
        times.add(time(int(value)))
    moment = as_moment(value)
    if isinstance(moment, datetime):
        days.add(moment.date())
        times.add(moment.time().replace(second=0, microsecond=0))
    elif isinstance(moment, date):
        days.add(moment)
    elif isinstance(moment, time):
        times.add(moment)
