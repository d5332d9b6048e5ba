"""Rules, compiled once into closures whose verdicts say why; and what is wrong with a rule, and what it reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from engine.core.moment import as_moment
from engine.core.operator import OPERATORS
from engine.core.pattern import pattern_problem
from engine.core.text import Getter, Resolve
from engine.core.verdict import Verdict
from schemas.problem import pointer as pointer_of
from schemas.rule import AllOf, AnyOf, Expression, NotOf, Rule, Test

Check = Callable[[Any], Verdict]
Finding = tuple[str, str, str, str]
"""(JSON pointer, code, message, hint)."""

NOW = "time.now"
MAX_REASONS = 3  # reasons that a group repeats

WITHOUT_VALUE = frozenset({"is_set", "is_empty", "is_true", "is_false"})
RELATIVE = frozenset({"in_last", "in_next"})

# What the value of an operator must be, in words.
_WANTED = {
    "one_of": "a list of texts, such as [\"silver\", \"gold\"]",
    "matches": "a regular expression",
    "between": "two numbers, dates or times, such as [18, 65]",
    "in_last": "a duration such as P7D or PT2H",
    "in_next": "a duration such as P7D or PT2H",
} | dict.fromkeys(("eq", "ne", "gt", "gte", "lt", "lte"), "a number") \
  | dict.fromkeys(("before", "after", "on"), "a date such as 2026-12-24 or a time such as 17:00")  # fmt: skip

_LISTS = frozenset({"contact.tags", "contact.identities"})
_NUMBERS = frozenset({"time.hour"})
_LIST_OPS = frozenset({"has", "has_not", "has_any", "has_all"})
_NUMBER_OPS = frozenset({"eq", "ne", "gt", "gte", "lt", "lte", "between"})


def compile_rule(rule: Rule, resolve: Resolve, express: Callable[[str], Check] | None = None) -> Check:
    """Gives the check of a rule. Checking never raises: missing or unfit values give False with a reason.

    `express` gives the check of an expression (see `engine.core.expression`); without it none holds.

    >>> rule = Test(subject="contact.age", op="gte", value=18)
    >>> check = compile_rule(rule, lambda path: lambda scope: scope.get(path))
    >>> check({"contact.age": 34}), check({})
    (Verdict(ok=True, reason='34 >= 18'), Verdict(ok=False, reason='no value'))
    """
    match rule:
        case AllOf():
            return _group([compile_rule(each, resolve, express) for each in rule.all], deciding=False)
        case AnyOf():
            return _group([compile_rule(each, resolve, express) for each in rule.any], deciding=True)
        case NotOf():
            return _not(compile_rule(rule.rule, resolve, express))
        case Expression():
            return express(rule.expression) if express is not None else _never("expressions are not judged here")
        case Test():
            return _test(rule, resolve)


def _test(rule: Test, resolve: Resolve) -> Check:
    getter = resolve(rule.subject)
    if getter is None:
        return _never(f"{rule.subject} is not known")
    test = OPERATORS[rule.op](rule.value)
    if test is None:
        return _never(f"{rule.op} can't use its value")
    get: Getter = getter
    if rule.op not in RELATIVE:
        return lambda scope: test(get(scope), None)
    clock = resolve(NOW)
    if clock is None:
        return _never("the time is not known")

    def timed(scope: Any) -> Verdict:
        now = as_moment(clock(scope))
        return test(get(scope), now if isinstance(now, datetime) else None)

    return timed


def _never(reason: str) -> Check:
    verdict = Verdict(False, reason)
    return lambda scope: verdict


def _not(check: Check) -> Check:
    def turned(scope: Any) -> Verdict:
        ok, reason = check(scope)
        return Verdict(not ok, reason)

    return turned


def _group(checks: list[Check], *, deciding: bool) -> Check:
    """The first verdict that is `deciding` decides alone; without one, all of them together."""
    if len(checks) == 1:
        return checks[0]

    def grouped(scope: Any) -> Verdict:
        reasons: list[str] = []
        for check in checks:
            verdict = check(scope)
            if verdict.ok is deciding:
                return verdict
            reasons.append(verdict.reason)
        return Verdict(not deciding, " and ".join(reasons[:MAX_REASONS]) + (", …" if reasons[MAX_REASONS:] else ""))

    return grouped


def each_test(rule: Rule, pointer: str) -> Iterator[tuple[str, Test]]:
    """Gives every test of a rule with its JSON pointer; expressions are left out (see `each_leaf`).

    >>> rule = NotOf.model_validate({"not": {"all": [{"subject": "a", "op": "is_set"}]}})
    >>> [at for at, _ in each_test(rule, "/rule")]
    ['/rule/not/all/0']
    """
    return ((at, leaf) for at, leaf in each_leaf(rule, pointer) if isinstance(leaf, Test))


def each_leaf(rule: Rule, pointer: str) -> Iterator[tuple[str, Test | Expression]]:
    """Gives every test and every expression of a rule with its JSON pointer."""
    match rule:
        case AllOf():
            for index, each in enumerate(rule.all):
                yield from each_leaf(each, pointer + pointer_of("all", index))
        case AnyOf():
            for index, each in enumerate(rule.any):
                yield from each_leaf(each, pointer + pointer_of("any", index))
        case NotOf():
            yield from each_leaf(rule.rule, pointer + pointer_of("not"))
        case Test() | Expression():
            yield pointer, rule


def expressions_of(rule: Rule, pointer: str) -> list[tuple[str, str]]:
    """The expressions of a rule, each with the JSON pointer to its text."""
    return [(at + "/expression", leaf.expression) for at, leaf in each_leaf(rule, pointer) if isinstance(leaf, Expression)]


def reads(rule: Rule) -> set[str]:
    """Gives the paths that a rule reads, as they are written in it.

    >>> reads(Test(subject="contact.created_at", op="in_last", value="P7D")) == {"contact.created_at", "time.now"}
    True
    """
    tests = [test for _, test in each_test(rule, "")]
    return {test.subject for test in tests} | ({NOW} if any(test.op in RELATIVE for test in tests) else set())


def problems_of_rule(rule: Rule, resolve: Resolve, pointer: str) -> Iterable[Finding]:
    """Gives all that is wrong with a rule: unknown_subject, missing_value, unused_value, bad_value, bad_pattern,
    operator_mismatch."""
    for at, test in each_test(rule, pointer):
        if resolve(test.subject) is None:
            yield (at + "/subject", "unknown_subject", f"Nothing is known as {test.subject!r}.",
                   "Choose a contact field, a variable, or a part of the message, channel or time.")  # fmt: skip
        yield from _value_problems(test, at)
        if test.subject in _LISTS and test.op not in _LIST_OPS | {"is_set", "is_empty"}:
            yield (at + "/op", "operator_mismatch", f"{test.subject} is a list; {test.op} is not for lists.",
                   "Use has, has_not, has_any, has_all, is_set or is_empty.")  # fmt: skip
        elif test.subject in _NUMBERS and test.op not in _NUMBER_OPS | {"is_set", "is_empty"}:
            yield (at + "/op", "operator_mismatch", f"{test.subject} is a number; {test.op} is not for numbers.",
                   "Use eq, ne, gt, gte, lt, lte or between.")  # fmt: skip


def _value_problems(test: Test, at: str) -> Iterator[Finding]:
    if test.op in WITHOUT_VALUE:
        if test.value is not None:
            yield at + "/value", "unused_value", f"{test.op} takes no value.", "Remove the value."
    elif test.value is None:
        yield at, "missing_value", f"{test.op} has nothing to compare with.", f"Give {_wanted(test.op)}."
    elif test.op == "matches" and isinstance(test.value, str):
        if problem := pattern_problem(test.value):
            yield at + "/value", "bad_pattern", problem, "Correct the pattern; it follows RE2's syntax."
    elif OPERATORS[test.op](test.value) is None:
        yield at + "/value", "bad_value", f"{test.op} can't use this value.", f"Give {_wanted(test.op)}."


def _wanted(op: str) -> str:
    return _WANTED.get(op, "a text")
