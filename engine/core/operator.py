"""The operators of rules: each turns its value, once, into a check of one found value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from engine.core.comparison import between, numeric, relative, temporal
from engine.core.fold import fold, spaced, words
from engine.core.pattern import compile_pattern
from engine.core.plain import plain
from engine.core.verdict import NO_VALUE, Test, Verdict, is_set, shown

MAX_COMPARED = 10_000  # items of a list that are compared


def as_list(value: Any) -> list[str] | None:
    """Folds the items of a list, or one text as a list of one; None for nothing."""
    if isinstance(value, list | tuple | set | frozenset):
        return [fold(item if item.__class__ is str else plain(item)) for item in list(value)[:MAX_COMPARED]]
    text = fold(plain(value))
    return [text] if text else None


def existing(wanted: bool) -> Test:
    """Checks whether there is a value at all."""

    def check(value: Any, now: datetime | None) -> Verdict:
        there = is_set(value) and bool(plain(value).strip() if isinstance(value, str) else True)
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


def boolean(wanted: bool) -> Test:
    """Checks a boolean, or a text or number that says one."""

    def check(value: Any, now: datetime | None) -> Verdict:
        if not is_set(value):
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
        wanted = {folded: plain(name) for name in names if (folded := fold(plain(name)))}
        if not wanted:
            return None
        if len(wanted) == 1:
            return _has_one(*wanted.popitem())

        def check(value: Any, now: datetime | None) -> Verdict:
            items = as_list(value)
            if items is None:
                return NO_VALUE
            found = [name for folded, name in wanted.items() if folded in items]
            missing = [name for folded, name in wanted.items() if folded not in items]
            if every:
                return Verdict(not missing, f"has not {shown(missing)}" if missing else f"has {shown(found)}")
            return Verdict(bool(found), f"has {shown(found)}" if found else f"has not any {shown(missing)}")

        return check

    return build


def _has_one(folded: str, name: str) -> Test:
    yes, no = Verdict(True, f"has {shown([name])}"), Verdict(False, f"has not {shown([name])}")

    def check(value: Any, now: datetime | None) -> Verdict:
        items = as_list(value)
        return NO_VALUE if items is None else yes if folded in items else no

    return check


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
    "between": between,
    "before": temporal(lambda order: order < 0, "before"),
    "after": temporal(lambda order: order > 0, "after"),
    "on": temporal(lambda order: order == 0, "on"),
    "in_last": relative(-1, "last"),
    "in_next": relative(1, "next"),
    "is_true": lambda expected: boolean(True),
    "is_false": lambda expected: boolean(False),
    "has": listed(True),
    "has_not": negated(listed(True)),
    "has_any": listed(False),
    "has_all": listed(True),
}
"""Operator -> builder: takes the rule's value, gives the test, or None when the value does not fit."""
