"""The operators of rules that compare: numbers, dates, instants, times of day."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

from engine.core.moment import as_moment, compare
from engine.core.number import read_number
from engine.core.plain import plain
from engine.core.verdict import NO_VALUE, Test, Verdict, is_set, shown
from schemas.duration import parse_duration


def as_number(value: Any) -> int | float | None:
    """Reads a finite number, or a text that is one; else None. A boolean is no number."""
    if value.__class__ is int:
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return read_number(value) if isinstance(value, str) else None


def numeric(holds: Callable[[float, float], bool], sign: str) -> Callable[[Any], Test | None]:
    """Makes an operator that compares numbers."""

    def build(expected: Any) -> Test | None:
        bound = as_number(expected)
        if bound is None:
            return None
        yes, no = f"{sign} {plain(bound)}", f"is not {sign} {plain(bound)}"

        def check(value: Any, now: datetime | None) -> Verdict:
            number = value if value.__class__ is int else as_number(value)
            if number is None:
                return Verdict(False, f"{shown(value)} is not a number") if is_set(value) else NO_VALUE
            ok = holds(number, bound)
            return Verdict(ok, f"{plain(number)} {yes if ok else no}")

        return check

    return build


def temporal(holds: Callable[[int], bool], words_: str) -> Callable[[Any], Test | None]:
    """Makes an operator that compares dates, instants or times of day."""

    def build(expected: Any) -> Test | None:
        bound = as_moment(expected)
        if bound is None:
            return None
        name = plain(bound)

        def check(value: Any, now: datetime | None) -> Verdict:
            found = as_moment(value)
            order = None if found is None else compare(found, bound)
            if order is None:
                return Verdict(False, f"{shown(value)} does not compare with {name}") if is_set(value) else NO_VALUE
            ok = holds(order)
            return Verdict(ok, f"{plain(found)} is {'' if ok else 'not '}{words_} {name}")

        return check

    return build


def between(expected: Any) -> Test | None:
    if not isinstance(expected, list | tuple) or len(expected) != 2:
        return None
    name = f"between {plain(expected[0])} and {plain(expected[1])}"
    low, high = as_number(expected[0]), as_number(expected[1])
    if low is not None and high is not None:
        lowest, highest = low, high

        def inside(value: Any, now: datetime | None) -> Verdict:
            number = as_number(value)
            if number is None:
                return Verdict(False, f"{shown(value)} is not a number") if is_set(value) else NO_VALUE
            ok = lowest <= number <= highest
            return Verdict(ok, f"{plain(number)} is {'' if ok else 'not '}{name}")

        return inside
    first, last = as_moment(expected[0]), as_moment(expected[1])
    if first is None or last is None:
        return None
    start, end = first, last
    overnight = isinstance(start, time) and isinstance(end, time) and start > end

    def within(value: Any, now: datetime | None) -> Verdict:
        found = as_moment(value)
        above = None if found is None else compare(found, start)
        below = None if found is None else compare(found, end)
        if above is None or below is None:
            return Verdict(False, f"{shown(value)} does not compare with {name}") if is_set(value) else NO_VALUE
        ok = (above >= 0 or below <= 0) if overnight else (above >= 0 and below <= 0)
        return Verdict(ok, f"{plain(found)} is {'' if ok else 'not '}{name}")

    return within


def relative(direction: int, words_: str) -> Callable[[Any], Test | None]:
    def build(expected: Any) -> Test | None:
        try:
            length = parse_duration(expected) if isinstance(expected, str) else None
        except ValueError:
            length = None
        if length is None:
            return None
        span: timedelta = length

        def check(value: Any, now: datetime | None) -> Verdict:
            found = as_moment(value)
            if found is None or isinstance(found, time) or now is None:
                return Verdict(False, f"{shown(value)} is not a date") if is_set(value) else NO_VALUE
            there = now + direction * span
            low, high = (there, now) if direction < 0 else (now, there)
            above, below = compare(found, low), compare(found, high)
            ok = above is not None and below is not None and above >= 0 and below <= 0
            return Verdict(ok, f"{plain(found)} is {'' if ok else 'not '}in the {words_} {expected}")

        return check

    return build
