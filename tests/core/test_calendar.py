"""Wall-clock time is right across DST changes, at midnight and on holidays."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from engine.core.calendar import at_local, cron_problem, is_open, next_fire, next_in_window, next_open, zone
from schemas.duration import format_duration, parse_duration
from schemas.flow import Settings
from schemas.hours import WEEKDAYS, Hours

BERLIN, NEW_YORK, APIA = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), ZoneInfo("Pacific/Apia")


def hours(*weekly: tuple[str, str, str], holidays: tuple[str, ...] = (), timezone: str | None = None) -> Hours:
    intervals = [{"days": days.split(), "from": from_, "to": to} for days, from_, to in weekly]
    return Hours.model_validate({"weekly": intervals, "holidays": holidays, "timezone": timezone})


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "at", "tz", "expected"),
    [
        ("2026-03-28", "02:30", BERLIN, "2026-03-28 01:30"),
        ("2026-03-29", "02:30", BERLIN, "2026-03-29 01:00"),  # gap: 02:00 to 03:00 is missing
        ("2026-03-29", "02:00", BERLIN, "2026-03-29 01:00"),
        ("2026-03-29", "03:00", BERLIN, "2026-03-29 01:00"),
        ("2026-10-25", "02:30", BERLIN, "2026-10-25 00:30"),  # fold: the first 02:30
        ("2026-03-08", "02:15", NEW_YORK, "2026-03-08 07:00"),
        ("2026-11-01", "01:30", NEW_YORK, "2026-11-01 05:30"),
        ("2011-12-30", "12:00", APIA, "2011-12-30 10:00"),  # a whole day is missing
    ],
)
def test_local_times(day: str, at: str, tz: ZoneInfo, expected: str) -> None:
    assert at_local(date.fromisoformat(day), time.fromisoformat(at), tz) == utc(expected)


OFFICE = ("mon tue wed thu fri", "09:00", "17:00")


@pytest.mark.parametrize(
    ("plan", "now", "tz", "expected"),
    [
        (hours(OFFICE), "2026-04-01 07:00", BERLIN, "2026-04-01 07:00"),
        (hours(OFFICE), "2026-04-01 06:59:59", BERLIN, "2026-04-01 07:00"),
        (hours(OFFICE), "2026-04-01 15:00", BERLIN, "2026-04-02 07:00"),
        (hours(OFFICE), "2026-04-03 15:00", BERLIN, "2026-04-06 07:00"),
        (hours(OFFICE), "2026-03-27 17:00", BERLIN, "2026-03-30 07:00"),  # an hour earlier in UTC after the change
        (hours(OFFICE, timezone="America/New_York"), "2026-04-01 07:00", BERLIN, "2026-04-01 13:00"),
        (hours(OFFICE, holidays=("2026-04-03", "2026-04-06")), "2026-04-02 16:00", BERLIN, "2026-04-07 07:00"),
        (hours(("fri", "22:00", "02:00")), "2026-04-03 23:30", BERLIN, "2026-04-03 23:30"),
        (hours(("fri", "22:00", "02:00")), "2026-04-04 00:00", BERLIN, "2026-04-10 20:00"),
        (hours(("fri", "22:00", "02:00"), holidays=("2026-04-04",)), "2026-04-03 23:30", BERLIN, "2026-04-03 23:30"),
        (hours(("sun", "00:00", "24:00")), "2026-04-05 21:59", BERLIN, "2026-04-05 21:59"),
        (hours(("sun", "00:00", "24:00")), "2026-04-05 22:00", BERLIN, "2026-04-11 22:00"),
        (hours(("sun", "02:00", "03:00")), "2026-03-28 00:00", BERLIN, "2026-04-05 00:00"),  # vanishes in the gap
    ],
)
def test_opening(plan: Hours, now: str, tz: ZoneInfo, expected: str) -> None:
    assert next_open(plan, utc(now), tz) == utc(expected)
    assert is_open(plan, utc(now), tz) is (now == expected)


def test_never_open() -> None:
    assert next_open(hours(), utc("2026-04-01"), BERLIN) is None
    assert not is_open(hours(), utc("2026-04-01"), BERLIN)


DAYS = st.lists(st.sampled_from(WEEKDAYS), min_size=1, unique=True).map(" ".join)
CLOCK = st.times().map(lambda at: at.strftime("%H:%M"))
ZONES = st.sampled_from([BERLIN, NEW_YORK, APIA, ZoneInfo("Australia/Lord_Howe"), ZoneInfo("UTC")])
INSTANTS = st.datetimes(datetime(2010, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))


@given(st.lists(st.tuples(DAYS, CLOCK, CLOCK), min_size=1, max_size=4), INSTANTS, ZONES)
def test_the_next_opening_is_open_and_not_in_the_past(weekly: list[tuple[str, str, str]], now: datetime, tz: ZoneInfo) -> None:
    plan = hours(*weekly)
    opening = next_open(plan, now, tz)
    assert opening is not None
    assert opening >= now
    assert is_open(plan, opening, tz)
    assert opening - now <= timedelta(days=15)
    if opening > now:
        assert not is_open(plan, opening - timedelta(microseconds=1), tz)


@given(INSTANTS, ZONES, st.times())
def test_a_local_time_is_itself_or_right_after_a_gap(now: datetime, tz: ZoneInfo, at: time) -> None:
    at = at.replace(microsecond=0)
    instant = at_local(now.date(), at, tz)
    local = instant.astimezone(tz).replace(tzinfo=None)
    wanted = datetime.combine(now.date(), at)
    assert local == wanted or (local > wanted and (instant - timedelta(seconds=1)).astimezone(tz).replace(tzinfo=None) < wanted)


def test_windows() -> None:
    now = utc("2026-04-01 08:00")  # Wednesday, 10:00 in Berlin
    assert next_in_window([], None, None, now, BERLIN) == now
    assert next_in_window(["wed"], time(9), time(12), now, BERLIN) == now
    assert next_in_window(["wed"], time(11), time(12), now, BERLIN) == utc("2026-04-01 09:00")
    assert next_in_window(["mon", "tue"], time(9), None, now, BERLIN) == utc("2026-04-06 07:00")
    assert next_in_window(["wed"], time(9), time(10), now, BERLIN) == utc("2026-04-08 07:00")
    assert next_in_window([], time(22), time(6), utc("2026-04-01 02:00"), BERLIN) == utc("2026-04-01 02:00")


@pytest.mark.parametrize(
    ("cron", "tz", "after", "expected"),
    [
        ("0 9 * * mon", BERLIN, "2026-04-01 00:00", "2026-04-06 07:00"),
        ("30 2 * * *", BERLIN, "2026-03-28 12:00", "2026-03-29 01:00"),  # in the gap: right after it
        ("30 2 * * *", BERLIN, "2026-03-29 01:00", "2026-03-30 00:30"),
        ("30 1 * * *", NEW_YORK, "2026-10-31 12:00", "2026-11-01 05:30"),  # in the fold: once
        ("30 1 * * *", NEW_YORK, "2026-11-01 05:30", "2026-11-02 06:30"),
        ("30 1 * * *", NEW_YORK, "2026-11-01 06:10", "2026-11-02 06:30"),
        ("*/15 * * * *", BERLIN, "2026-04-01 00:15", "2026-04-01 00:30"),
        ("0 0 29 2 *", BERLIN, "2026-04-01 00:00", "2028-02-28 23:00"),
    ],
)
def test_cron(cron: str, tz: ZoneInfo, after: str, expected: str) -> None:
    assert cron_problem(cron) is None
    assert next_fire(cron, tz, utc(after)) == utc(expected)


@given(st.sampled_from(["30 1 * * *", "0 2,3 * * sun", "*/10 1-3 * * *", "59 23 L * *"]), INSTANTS, ZONES)
def test_cron_always_moves_on(cron: str, after: datetime, tz: ZoneInfo) -> None:
    first = next_fire(cron, tz, after)
    assert first is not None
    assert first > after
    second = next_fire(cron, tz, first)
    assert second is not None
    assert second > first


@pytest.mark.parametrize(
    "cron", ["", "* * * *", "61 * * * *", "* * * * * *", "0 0 31 2 *", "a b c d e", "9" * 200, "x" * 90 + " 1 1 1 1"]
)
def test_a_bad_cron_is_explained_and_never_fires(cron: str) -> None:
    assert (cron_problem(cron) or "").endswith(".")
    assert next_fire(cron, BERLIN, utc("2026-04-01")) is None


def test_zones() -> None:
    assert zone("Nowhere/Land", "Europe/Berlin") == BERLIN
    assert zone("../../etc/passwd") == zone(None) == zone("Europe", "\x00") == ZoneInfo("UTC")
    for name in ("Europe", "nonsense", ""):
        with pytest.raises(ValidationError):
            hours(OFFICE, timezone=name)


@pytest.mark.parametrize(
    "interval", [("mon", "9:00", "17:00"), ("mon", "24:00", "25:00"), ("", "09:00", "17:00"), ("may", "09:00", "10:00")]
)
def test_bad_intervals_are_refused(interval: tuple[str, str, str]) -> None:
    with pytest.raises(ValidationError):
        hours(interval)


@pytest.mark.parametrize(
    ("text", "length"),
    [("P30D", timedelta(days=30)), ("PT10M", timedelta(minutes=10)), ("P1W", timedelta(weeks=1)), ("P366D", timedelta(days=366))],
)
def test_durations(text: str, length: timedelta) -> None:
    assert parse_duration(text) == length
    assert parse_duration(format_duration(length)) == length


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "PT0S", "30D", "p30d", "P367D", "P1Y", "P1M", "P1DT", "PT1.5S", "P-1D", "P30D\n", "P" * 99]
)
def test_bad_durations_are_explained(text: str) -> None:
    with pytest.raises(ValueError, match=r"^(Months and years|This is too long|A duration may|'.*' is not a duration)"):
        parse_duration(text)
    with pytest.raises(ValidationError):
        Settings.model_validate({"expires_after": text})


@given(st.integers(1, 366 * 86_400))
def test_durations_are_read_as_they_are_written(seconds: int) -> None:
    assert parse_duration(format_duration(timedelta(seconds=seconds))) == timedelta(seconds=seconds)
