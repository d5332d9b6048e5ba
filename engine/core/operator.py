"""The operators of rules: each turns its value, once, into a check of one found value."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from engine.core.filter import as_datetime
from engine.core.fold import fold, spaced, words
from engine.core.number import read_number
from engine.core.pattern import compile_pattern
from engine.core.plain import plain
from schemas.duration import parse_duration

MAX_SHOWN = 40  # characters of a value that a reason quotes
MAX_COMPARED = 10_000  # items of a list that are compared


class Verdict(NamedTuple):
    """Whether a rule holds, and why, in words: `Verdict(True, "34 >= 18")`."""

    ok: bool
    reason: str


Test = Callable[[Any, datetime | None], Verdict]
"""Checks a found value; the second argument is the present instant, for in_last and in_next."""

NO_VALUE = Verdict(False, "no value")


def shown(value: Any) -> str:
    """Writes a value as a reason quotes it: texts in quotes, at most 40 characters.

    >>> shown("gold"), shown(34), shown(["a", "b"])
    ("'gold'", '34', 'a, b')
    """
    text = plain(value)
    text = text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"
    return f"'{text}'" if isinstance(value, str) else text


def as_number(value: Any) -> int | float | None:
    """Reads a finite number, or a text that is one; else None. A boolean is no number."""
    if value.__class__ is int:
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return read_number(value) if isinstance(value, str) else None


def as_list(value: Any) -> list[str] | None:
    """Folds the items of a list, or one text as a list of one; None for nothing."""
    if isinstance(value, list | tuple | set | frozenset):
        return [fold(plain(item)) for item in list(value)[:MAX_COMPARED]]
    text = fold(plain(value))
    return [text] if text else None


def _is_set(value: Any) -> bool:
    return value is not None and value != "" and value != [] and value != () and value != {}


def existing(wanted: bool) -> Test:
    """Checks whether there is a value at all."""

    def check(value: Any, now: datetime | None) -> Verdict:
        there = _is_set(value) and bool(plain(value).strip() if isinstance(value, str) else True)
        return Verdict(there is wanted, f"{shown(value)} is set" if there else "no value")

    return check


def textual(holds: Callable[[str, str], bool], verb: str, negated: str) -> Callable[[Any], Test | None]:
    """Makes an operator that compares folded texts."""

    def build(expected: Any) -> Test | None:
        if expected is None or isinstance(expected, list | tuple):
            return None
        wanted, name = fold(plain(expected)), shown(plain(expected))
        yes, no = f"{verb} {name}", f"{negated} {name}"

        def check(value: Any, now: datetime | None) -> Verdict:
            if value is None or value == "" or value == []:
                return NO_VALUE
            if value.__class__ is not str:
                value = plain(value)
            ok = holds(fold(value), wanted)
            return Verdict(ok, f"{shown(value)} {yes if ok else no}")

        return check

    return build


def _holds_word(text: str, wanted: str) -> bool:
    if not spaced(wanted):
        return wanted in text
    phrase = " ".join(words(wanted))
    return f" {phrase} " in f" {' '.join(words(text))} " if phrase else wanted in text


def _one_of(expected: Any) -> Test | None:
    if not isinstance(expected, list | tuple) or not expected:
        return None
    wanted, names = {fold(plain(item)) for item in expected}, shown(list(expected))

    def check(value: Any, now: datetime | None) -> Verdict:
        if value is None or value == "":
            return NO_VALUE
        ok = fold(plain(value)) in wanted
        return Verdict(ok, f"{shown(value)} is {'' if ok else 'not '}one of {names}")

    return check


def _matches(expected: Any) -> Test | None:
    search = compile_pattern(expected) if isinstance(expected, str) else None
    if search is None:
        return None
    name = shown(expected)

    def check(value: Any, now: datetime | None) -> Verdict:
        if value is None:
            return NO_VALUE
        text = plain(value)
        ok = search(text)
        return Verdict(ok, f"{shown(text)} {'matches' if ok else 'does not match'} {name}")

    return check


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
                return Verdict(False, f"{shown(value)} is not a number") if _is_set(value) else NO_VALUE
            ok = holds(number, bound)
            return Verdict(ok, f"{plain(number)} {yes if ok else no}")

        return check

    return build


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
                return Verdict(False, f"{shown(value)} does not compare with {name}") if _is_set(value) else NO_VALUE
            ok = holds(order)
            return Verdict(ok, f"{plain(found)} is {'' if ok else 'not '}{words_} {name}")

        return check

    return build


def _between(expected: Any) -> Test | None:
    if not isinstance(expected, list | tuple) or len(expected) != 2:
        return None
    name = f"between {plain(expected[0])} and {plain(expected[1])}"
    low, high = as_number(expected[0]), as_number(expected[1])
    if low is not None and high is not None:
        lowest, highest = low, high

        def inside(value: Any, now: datetime | None) -> Verdict:
            number = as_number(value)
            if number is None:
                return Verdict(False, f"{shown(value)} is not a number") if _is_set(value) else NO_VALUE
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
            return Verdict(False, f"{shown(value)} does not compare with {name}") if _is_set(value) else NO_VALUE
        ok = (above >= 0 or below <= 0) if overnight else (above >= 0 and below <= 0)
        return Verdict(ok, f"{plain(found)} is {'' if ok else 'not '}{name}")

    return within


def _relative(direction: int, words_: str) -> Callable[[Any], Test | None]:
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
                return Verdict(False, f"{shown(value)} is not a date") if _is_set(value) else NO_VALUE
            there = now + direction * span
            low, high = (there, now) if direction < 0 else (now, there)
            above, below = compare(found, low), compare(found, high)
            ok = above is not None and below is not None and above >= 0 and below <= 0
            return Verdict(ok, f"{plain(found)} is {'' if ok else 'not '}in the {words_} {expected}")

        return check

    return build


def boolean(wanted: bool) -> Test:
    """Checks a boolean, or a text or number that says one."""

    def check(value: Any, now: datetime | None) -> Verdict:
        if not _is_set(value):
            return NO_VALUE
        said = value if isinstance(value, bool) else _SAID.get(fold(plain(value)))
        if said is None:
            return Verdict(False, f"{shown(value)} is neither true nor false")
        return Verdict(said is wanted, "is true" if said else "is false")

    return check


_SAID = {"true": True, "yes": True, "1": True, "on": True, "false": False, "no": False, "0": False, "off": False}


def listed(every: bool) -> Callable[[Any], Test | None]:
    """Makes an operator that looks for all or for any of its texts in a list."""

    def build(expected: Any) -> Test | None:
        names = expected if isinstance(expected, list | tuple) else [expected]
        wanted = {fold(plain(name)): plain(name) for name in names if plain(name)}
        if not wanted:
            return None
        quantity = "any" if len(wanted) > 1 else ""

        def check(value: Any, now: datetime | None) -> Verdict:
            items = as_list(value)
            if items is None:
                return NO_VALUE
            found = [name for folded, name in wanted.items() if folded in items]
            missing = [name for folded, name in wanted.items() if folded not in items]
            if every:
                return Verdict(not missing, f"has not {shown(missing)}" if missing else f"has {shown(found)}")
            return Verdict(bool(found), f"has {shown(found)}" if found else f"has not {quantity} {shown(missing)}")

        return check

    return build


def negated(build: Callable[[Any], Test | None]) -> Callable[[Any], Test | None]:
    """Turns an operator around; a missing or unfit value then holds."""

    def turned(expected: Any) -> Test | None:
        inner = build(expected)
        if inner is None:
            return None

        def check(value: Any, now: datetime | None) -> Verdict:
            ok, reason = inner(value, now)
            return Verdict(not ok, reason)

        return check

    return turned


_is = textual(lambda text, wanted: text == wanted, "is", "is not")
_contains = textual(lambda text, wanted: wanted in text, "contains", "does not contain")

OPERATORS: Mapping[str, Callable[[Any], Test | None]] = {
    "is_set": lambda expected: existing(True),
    "is_empty": lambda expected: existing(False),
    "is": _is,
    "is_not": negated(_is),
    "contains": _contains,
    "not_contains": negated(_contains),
    "starts_with": textual(str.startswith, "starts with", "does not start with"),
    "ends_with": textual(str.endswith, "ends with", "does not end with"),
    "contains_word": textual(_holds_word, "contains the word", "does not contain the word"),
    "matches": _matches,
    "one_of": _one_of,
    "eq": numeric(lambda a, b: a == b, "="),
    "ne": negated(numeric(lambda a, b: a == b, "=")),
    "gt": numeric(lambda a, b: a > b, ">"),
    "gte": numeric(lambda a, b: a >= b, ">="),
    "lt": numeric(lambda a, b: a < b, "<"),
    "lte": numeric(lambda a, b: a <= b, "<="),
    "between": _between,
    "before": temporal(lambda order: order < 0, "before"),
    "after": temporal(lambda order: order > 0, "after"),
    "on": temporal(lambda order: order == 0, "on"),
    "in_last": _relative(-1, "last"),
    "in_next": _relative(1, "next"),
    "is_true": lambda expected: boolean(True),
    "is_false": lambda expected: boolean(False),
    "has": listed(True),
    "has_not": negated(listed(True)),
    "has_any": listed(False),
    "has_all": listed(True),
}
"""Operator -> builder: takes the rule's value, gives the test, or None when the value does not fit."""
