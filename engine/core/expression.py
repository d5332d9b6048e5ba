"""Expressions: CEL where rules aren't enough. What compiles them is installed beside the node types, or missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Literal, Protocol

from engine.core.comparison import as_number
from engine.core.expression_source import Fault, Source, read_source
from engine.core.limit import MAX_RENDERED
from engine.core.moment import as_moment
from engine.core.plain import plain
from engine.core.text import Getter, Resolve
from engine.core.verdict import Verdict, shown
from schemas.error import PostDogError

MAX_ITEMS = 500
"""Items of a list that an expression takes: with the longest source, a loop over them took at most 0.2 s."""
MAX_PARTS = 2_000  # values within one object or list: each is copied for each evaluation
MAX_REASONS = 3  # values that a reason names

Kind = Literal["text", "number", "boolean", "date", "instant", "list", "texts", "object", "any"]
"""What a path gives, as far as it is known beforehand."""

KINDS: Mapping[str, Kind] = {
    "contact.tags": "texts",
    "contact.identities": "texts",
    "contact.created_at": "instant",
    "time.now": "instant",
    "time.hour": "number",
}
"""The fixed paths that give no text."""


class ExpressionsMissing(PostDogError):
    """A published flow has an expression, but what reads expressions is not installed. Install postdog-server[cel]."""

    code = "expressions_missing"


@dataclass(frozen=True, slots=True)
class Failed:
    """There is no value: why, in a phrase."""

    reason: str


Formula = Callable[[Mapping[str, Any]], Any]
"""Gives the value for these values of the paths, or `Failed`. Never raises."""


class Expressions(Protocol):
    """Compiles expressions, with types checked. Pure: equal arguments, equal formulas."""

    def compile(self, source: Source, kinds: Mapping[str, Kind], *, boolean: bool) -> Formula | tuple[Fault, ...]:
        """The formula, or what is wrong. `boolean`: it must give true or false."""
        ...


class NotInstalled:
    """Where nothing reads expressions: each one is at fault, and a flow that was published with one says so."""

    def compile(self, source: Source, kinds: Mapping[str, Kind], *, boolean: bool) -> Formula | tuple[Fault, ...]:
        """Always the same fault."""
        hint = "Install it on the server, or use a rule."
        return (Fault("expressions_missing", "Expressions need the extra postdog-server[cel].", hint),)


@dataclass(frozen=True, slots=True)
class Bound:
    """An expression whose paths are resolved. `run` gives its value or `Failed`, and the values that it read."""

    run: Callable[[Any], tuple[Any, Mapping[str, Any]]]


def kinds_of(paths: Iterable[str], types: Mapping[str, str], owned: Mapping[str, str] | None = None) -> dict[str, Kind]:
    """What paths give. `types` are those of declared variables, `owned` those of the workspace's fields and globals."""
    found: dict[str, Kind] = {}
    for path in paths:
        kind = KINDS.get(path) or types.get(path) or (owned or {}).get(path)
        if kind is None:
            prefix = path.partition(".")[0]
            kind = "boolean" if prefix == "hours" else "any" if prefix in ("contact", "global") or "." not in path else "text"
            kind = "text" if path in _TEXTS else kind
        found[path] = "texts" if kind == "list" and owned and path in owned else _kind(kind)
    return found


_TEXTS = frozenset(
    {"contact.name", "contact.first_name", "contact.language", "contact.timezone", "contact.phone", "contact.email", "contact.id"}
)


def _kind(name: str) -> Kind:
    match name:
        case "text" | "number" | "boolean" | "date" | "instant" | "list" | "texts" | "object":
            return name
        case _:
            return "any"


def bind(text: str, resolve: Resolve, types: Mapping[str, str], expressions: Expressions, *, boolean: bool) -> Bound:
    """Compiles an expression, once for a version. One that is at fault fails whenever it is asked; without what reads
    expressions, asking raises ExpressionsMissing: that is the operator's to mend, and the event can be tried again then.
    """
    source = read_source(text)
    paths = source.paths(resolve)
    kinds = kinds_of(paths, types)
    formula = source.faults or expressions.compile(source, kinds, boolean=boolean)
    getters = [(path, kinds[path], getter) for path in paths if (getter := resolve(path)) is not None]
    return Bound(_runner(formula, getters))


def _runner(
    formula: Formula | tuple[Fault, ...], getters: list[tuple[str, Kind, Getter]]
) -> Callable[[Any], tuple[Any, Mapping[str, Any]]]:
    def run(scope: Any) -> tuple[Any, Mapping[str, Any]]:
        if isinstance(formula, tuple):
            if formula[0].code == "expressions_missing":
                raise ExpressionsMissing
            return Failed(formula[0].message), {}
        read = {path: get(scope) for path, _, get in getters}
        values: dict[str, Any] = {}
        for path, kind, _ in getters:
            value = prepared(read[path], kind)
            if isinstance(value, Failed):
                return Failed(f"{path} {value.reason}"), read
            if value is not ABSENT:
                values[path] = value
        return formula(values), read

    return run


def condition(text: str, resolve: Resolve, types: Mapping[str, str], expressions: Expressions) -> Callable[[Any], Verdict]:
    """The check of an expression; what fails doesn't hold, and the reason says so."""
    bound = bind(text, resolve, types, expressions, boolean=True)

    def check(scope: Any) -> Verdict:
        found, read = bound.run(scope)
        if isinstance(found, Failed):
            return Verdict(False, f"expression: {found.reason}")
        if not isinstance(found, bool):
            return Verdict(False, f"expression: {shown(found)} is neither true nor false")
        told = ", ".join(f"{path} is {_told(value)}" for path, value in list(read.items())[:MAX_REASONS])
        return Verdict(found, told + (", …" if len(read) > MAX_REASONS else ""))

    return check


def _told(value: Any) -> str:
    return "nothing" if value is None else shown(value)


ABSENT = object()
"""A value that isn't there: what needs it fails, what doesn't is judged all the same."""


def prepared(value: Any, kind: Kind) -> Any:
    """A value as formulas take it: of its kind, or empty, or `ABSENT`; `Failed` where it is too large. All numbers are floats.

    >>> prepared("1,200", "number"), prepared(None, "text"), prepared(("vip",), "texts")
    (1200.0, '', ['vip'])
    """
    match kind:
        case "text":
            return _text("" if value is None else value)
        case "number":
            return _number(value)
        case "boolean":
            return value is True or value == "true"
        case "date":
            return _text(value) if value else ABSENT
        case "instant":
            moment = as_moment(value)
            return moment if isinstance(moment, datetime) else ABSENT
        case "texts":
            several = value if isinstance(value, list | tuple) else ()
            return [_text(each) for each in several] if len(several) <= MAX_ITEMS else Failed("is too long a list")
        case "list":
            return _nested(value if isinstance(value, list | tuple) else [])
        case "object":
            return _nested(value if isinstance(value, Mapping) else {})
        case "any":
            return _nested(value)


def _text(value: Any) -> str:
    text = (value if isinstance(value, str) else plain(value))[:MAX_RENDERED]
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8").replace("\0", "")


def _number(value: Any) -> Any:
    number = as_number(value)
    try:
        return ABSENT if number is None else float(number)
    except OverflowError:
        return ABSENT


def _nested(value: Any) -> Any:
    """The value with everything in it as formulas take it."""
    left = [MAX_PARTS]

    def copied(each: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise OverflowError
        match each:
            case bool() | None:
                return each
            case int() | float():
                return float(each)
            case datetime():
                return each
            case date() | time():
                return each.isoformat()
            case list() | tuple() if len(each) > MAX_ITEMS:
                raise OverflowError
            case list() | tuple():
                return [copied(item) for item in each]
            case Mapping():
                return {_text(str(key)): copied(item) for key, item in each.items()}
            case _:
                return _text(each)

    try:
        return copied(value)
    except (OverflowError, RecursionError):
        return Failed("is too large")
