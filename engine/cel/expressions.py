"""Expressions by Google's CEL (https://cel.dev), through cel-expr-python: types checked, loops on a budget, no I/O.

All numbers of a conversation are one kind to an author, but CEL has whole ones and others and compares no 18 with an 18.5. So
numbers come in as decimals and whole numbers in the source become decimals. Where that meets one of CEL's own whole numbers, as
in `size(contact.tags) > 2`, the expression is compiled again with numbers of no fixed kind, which CEL compares when it is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

from cel_expr_python import cel

from engine.cel.message import Complaint, fault_of, mixed, read_complaints, reason_of
from engine.core.expression import Failed, Formula, Kind
from engine.core.expression_source import Fault, Rewritten, Source, rewrite

T = cel.Type
TYPES: Mapping[Kind, cel.Type] = {
    "text": T.STRING,
    "number": T.DOUBLE,
    "boolean": T.BOOL,
    "date": T.STRING,
    "instant": T.TIMESTAMP,
    "list": T.List(T.DYN),
    "texts": T.List(T.STRING),
    "object": T.Map(T.STRING, T.DYN),
    "any": T.DYN,
}
KEPT = ("BOOL", "INT", "DOUBLE", "STRING", "DYN", "NULL", "TIMESTAMP", "LIST", "MAP")
"""Types of values that a variable can keep, by the beginning of their names."""
BROKEN = (RuntimeError, ValueError, TypeError, OverflowError, MemoryError)
"""What the library raises where an evaluation is stopped, or a value is none of its own."""
LARGEST = 2**53  # whole numbers up to here are exact as decimals


class CelExpressions:
    """Compiles expressions with CEL."""

    def compile(self, source: Source, kinds: Mapping[str, Kind], *, boolean: bool) -> Formula | tuple[Fault, ...]:
        """The formula, or every fault with its place in the source."""
        rewritten = rewrite(source, "", ".0")
        made = _compiled(rewritten, {path: TYPES[kind] for path, kind in kinds.items()})
        if isinstance(made, list) and all(mixed(each) for each in made):
            rewritten = rewrite(source, "dyn(", ".0)")
            loose = {path: T.DYN if kind == "number" else TYPES[kind] for path, kind in kinds.items()}
            made = _compiled(rewritten, loose)
        if isinstance(made, list):
            told = [each for each in made if not mixed(each)] or made
            return tuple(fault_of(each, rewritten.origin(each.place(rewritten.text))) for each in told)
        gives = made.return_type().name()
        if boolean and gives not in ("BOOL", "DYN"):
            hint = "Compare it with something, such as contact.age >= 18."
            return (Fault("wrong_type", "A condition must be true or false; this gives something else.", hint),)
        if not gives.startswith(KEPT):
            return (Fault("wrong_type", "This gives nothing that can be kept.", "Give a text, a number, or true or false."),)
        return _formula(made)


def _compiled(source: Rewritten, variables: Mapping[str, cel.Type]) -> cel.Expression | list[Complaint]:
    try:
        return cel.NewEnv(variables=dict(variables)).compile(source.text)
    except RuntimeError as error:
        return read_complaints(str(error))


def _formula(expression: cel.Expression) -> Formula:
    def formula(values: Mapping[str, Any]) -> Any:
        try:
            found = expression.eval(data=dict(values))
            if found.type() == T.ERROR:
                return Failed(reason_of(str(found.value())))
            return _kept(found.plain_value())
        except BROKEN as error:
            return Failed(reason_of(str(error)))

    return formula


def _kept(value: Any) -> Any:
    """The value as a variable keeps it: whole numbers are whole again, instants are texts."""
    match value:
        case bool() | str() | None:
            return value
        case int():
            return value
        case float() if not isfinite(value):
            return Failed("it divides by 0, or is too large")
        case float():
            return int(value) if value.is_integer() and abs(value) <= LARGEST else value
        case list() | tuple():
            several = [_kept(each) for each in value]
            return next((each for each in several if isinstance(each, Failed)), several)
        case dict():
            named = {str(key): _kept(each) for key, each in value.items()}
            return next((each for each in named.values() if isinstance(each, Failed)), named)
        case _ if hasattr(value, "isoformat"):
            return value.isoformat()
        case _:
            return Failed("it gives nothing that can be kept")
