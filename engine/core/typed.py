"""Variables that a run is started with, in the types that the flow declares."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from engine.core.comparison import as_number
from engine.core.program import Program
from schemas.error import Invalid

TRUE, FALSE = frozenset({"true", "yes", "1", "on"}), frozenset({"false", "no", "0", "off"})
WANTED: dict[str, str] = {
    "text": "a text",
    "number": "a number",
    "boolean": "true or false",
    "date": "a date such as 2026-04-01",
    "list": "a list",
    "object": "an object",
}


class WrongVariable(Invalid):
    """A variable has another type than the flow declares."""

    code = "wrong_variable"


def typed(program: Program, values: Mapping[str, Any], *, strict: bool) -> dict[str, Any]:
    """The variables in their declared types; what isn't declared stays as it is.

    A value that can't be of its type raises WrongVariable (`strict`), or is left out: another system's call still counts.
    """
    types = {each.name: each.type for each in program.document.variables} if program.document else {}
    found: dict[str, Any] = {}
    for name, value in values.items():
        kind = types.get(name)
        read = value if kind is None or value is None else in_type(kind, value)
        if read is None and value is not None:
            if strict and kind is not None:
                raise WrongVariable(f"The variable {name} must be {WANTED[kind]}.")
            continue
        found[name] = read
    return found


def in_type(kind: str, value: Any) -> Any:
    """The value as this type of a variable or a contact field, None where it can't be.

    >>> in_type("number", "1200.5"), in_type("boolean", "yes"), in_type("date", "soon")
    (1200.5, True, None)
    """
    match kind:
        case "number":
            return as_number(value)
        case "boolean":
            word = str(value).strip().lower()
            return value if isinstance(value, bool) else True if word in TRUE else False if word in FALSE else None
        case "date":
            return _date(value)
        case "list":
            return value if isinstance(value, list) else None
        case "object":
            return value if isinstance(value, dict) else None
        case "text":
            return value if isinstance(value, str) else _plain(value)
        case _:
            return value


def _date(value: Any) -> str | None:
    try:
        return date.fromisoformat(value[:10]).isoformat() if isinstance(value, str) else None
    except ValueError:
        return None


def _plain(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else None
