"""Values worth trying against a rule: for each subject some that make its tests hold and some that don't."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from engine.core.comparison import as_number
from engine.core.moment import as_moment
from engine.core.operator import OPERATORS
from engine.core.plain import plain
from engine.core.rule import each_test
from engine.core.sample import sample
from schemas.duration import parse_duration
from schemas.rule import Rule, Test

OTHER = "something else"  # a text that no author tests for
DAY = timedelta(days=1)


def examples(rule: Rule, *, now: datetime) -> dict[str, list[Any]]:
    """Gives candidate values for each subject of a rule, each once, in the order of the rule.

    >>> examples(Test(subject="age", op="gte", value=18), now=datetime(2026, 4, 1))
    {'age': [17, 18]}
    >>> examples(Test(subject="plan", op="one_of", value=("silver", "gold")), now=datetime(2026, 4, 1))
    {'plan': ['silver', 'gold', 'something else']}

    A pattern for which no text can be made has only values that don't hold.
    """
    found: dict[str, list[Any]] = {}
    for _, test in each_test(rule, ""):
        values = found.setdefault(test.subject, [])
        for value in _values(test, now):
            if not any(value == known and type(value) is type(known) for known in values):
                values.append(value)
    return found


def _values(test: Test, now: datetime) -> list[Any]:
    expected: Any = test.value
    if OPERATORS[test.op](expected) is None:
        return []
    match test.op:
        case "is_set" | "is_empty":
            return [OTHER, None]
        case "is_true" | "is_false":
            return [True, False]
        case "one_of":
            return [*expected, OTHER]
        case "has" | "has_not":
            return [[plain(expected)], []]
        case "has_any" | "has_all":
            items = [plain(each) for each in expected] if isinstance(expected, tuple) else [plain(expected)]
            return [items, items[:1], []]
        case "eq" | "ne" | "gt" | "gte" | "lt" | "lte":
            return _around(expected, test.op)
        case "between":
            low, high = expected
            return [*_around(low, "gte"), *_around(high, "lte")]
        case "before" | "after" | "on":
            return _around(expected, "eq")
        case "in_last":
            length = parse_duration(expected)
            return [now - length / 2, now - 2 * length, now + DAY]
        case "in_next":
            length = parse_duration(expected)
            return [now + length / 2, now + 2 * length, now - DAY]
        case "matches":
            fits = sample(expected)
            return [fits, OTHER] if fits else [OTHER, ""]
        case _:
            return [plain(expected), OTHER]


def _around(expected: Any, op: str) -> list[Any]:
    """The bound itself and its neighbours on the sides that an operator tells apart."""
    number = as_number(expected)
    if number is not None:
        below, above = [number - 1, number], [number, number + 1]
        return below if op in ("gte", "lt") else above if op in ("gt", "lte") else [*below, number + 1]
    moment = as_moment(expected)
    if isinstance(moment, datetime | date):
        return [moment - DAY, moment, moment + DAY]
    if moment is None:
        return []
    minutes = moment.hour * 60 + moment.minute
    near = [minutes + step for step in (-1, 0, 1) if 0 <= minutes + step < 24 * 60]
    return [f"{each // 60:02}:{each % 60:02}" for each in near]
