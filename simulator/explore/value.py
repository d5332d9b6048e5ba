"""Values worth trying against all tests of one subject: every region that the tests tell apart has one in it.

Numbers and moments are ordered, so bounds, the middles between them and what lies outside are all that can differ. Texts get each
tested text and one that nobody tests for; a pattern may be met by texts that this list doesn't hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from engine.core.comparison import as_number
from engine.core.example import OTHER, examples
from engine.core.moment import as_moment
from engine.core.plain import plain
from engine.core.rule import RELATIVE
from schemas.rule import AllOf, Expression, NotOf, Rule, Test

ORDERED = frozenset({"eq", "ne", "gt", "gte", "lt", "lte", "between", "before", "after", "on"})
PARTIAL = frozenset({"contains", "not_contains", "starts_with", "ends_with", "contains_word"})
PATTERN = frozenset({"matches"})
SOON = timedelta(days=3)
MAX_VALUES = 60
"""Values of one subject: above what people test one fact for, and it bounds every fork."""


def values_for(tests: Sequence[Test], *, now: datetime) -> list[Any]:
    """JSON values that tell the tests of one subject apart, each once; None, which is no value, comes last.

    >>> now = datetime(2026, 4, 1)
    >>> values_for([Test(subject="age", op="gt", value=18), Test(subject="age", op="lt", value=19)], now=now)
    [18, 19, 18.5, 17, 20, None]
    >>> values_for([Test(subject="plan", op="one_of", value=("silver", "gold"))], now=now)
    ['silver', 'gold', 'something else', None]
    """
    found: list[Any] = []
    for test in tests:
        for several in examples(test, now=now).values():
            found.extend(several)
    found.extend(_middles(tests))
    found.extend(_near(tests, now))
    return _distinct([*(_json(value) for value in found), None])[:MAX_VALUES]


def exhaustive(tests: Iterable[Test]) -> bool:
    """True if no value outside `values_for` could answer these tests otherwise than one of the list does."""
    return not any(test.op in PATTERN | RELATIVE for test in tests)


def _middles(tests: Sequence[Test]) -> list[Any]:
    bounds: list[Any] = []
    for test in tests:
        if test.op in ORDERED:
            bounds.extend(test.value if isinstance(test.value, tuple) else (test.value,))
    numbers = sorted({number for bound in bounds if (number := as_number(bound)) is not None})
    if numbers:
        between = [low + (high - low) / 2 for low, high in pairwise(numbers)]
        return [*between, numbers[0] - 1, numbers[-1] + 1]
    moments = sorted({moment for bound in bounds if isinstance(moment := as_moment(bound), datetime)})
    days = sorted({moment for bound in bounds if isinstance(moment := as_moment(bound), date) and moment not in moments})
    return [low + (high - low) / 2 for low, high in pairwise(moments)] + [
        low + timedelta(days=(high - low).days // 2) for low, high in pairwise(days)
    ]


def _near(tests: Sequence[Test], now: datetime) -> list[datetime]:
    """For tests against the present instant, also moments that a run still lives to see."""
    ops = {test.op for test in tests}
    return [now + sign * SOON for sign, op in ((-1, "in_last"), (1, "in_next")) if op in ops]


def joined(rule: Rule, subject: str) -> str:
    """One text that holds all texts which a rule wants to find in a subject together; "" where it wants no two.

    >>> both = [{"subject": "message.text", "op": "contains", "value": word} for word in ("order", "late")]
    >>> joined(AllOf.model_validate({"all": both}), "message.text")
    'order late'
    """
    if isinstance(rule, Expression):
        return ""
    if isinstance(rule, NotOf):
        return joined(rule.rule, subject)
    if isinstance(rule, Test):
        return plain(rule.value) if rule.subject == subject and rule.op in PARTIAL else ""
    several = [text for each in (rule.all if isinstance(rule, AllOf) else rule.any) if (text := joined(each, subject))]
    return " ".join(several) if isinstance(rule, AllOf) else (several or [""])[0]


def _json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime | date) else value


def _distinct(values: Iterable[Any]) -> list[Any]:
    found: list[Any] = []
    for value in values:
        if value == OTHER and OTHER in found:
            continue
        if not any(value == known and type(value) is type(known) for known in found):
            found.append(value)
    return found
