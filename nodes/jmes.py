"""Takes parts out of an answer by JMESPath: compiled once, and what comes of it in the variables' types."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from engine.core.typed import WANTED, in_type
from engine.core.visit import Visit
from schemas.value import value

Save = Callable[[Visit, Mapping[str, Any]], "Missed | None"]


@value(frozen=True, slots=True)
class Missed:
    """A part that could not be taken: why."""

    code: str
    message: str


def expression_trouble(expression: str) -> str | None:
    """Why an expression is none; None if it is one."""
    try:
        jmespath.compile(expression)
    except (JMESPathError, RecursionError, ValueError) as error:
        return str(error).splitlines()[0].rstrip(":") if str(error) else "it nests too deep"
    return None


def saver(expressions: Mapping[str, str], types: Mapping[str, str]) -> Save:
    """Sets each variable to what its expression finds in an answer; the first one that can't be had is told."""
    compiled = [(name, jmespath.compile(expression), types.get(name)) for name, expression in expressions.items()]

    def save(visit: Visit, data: Mapping[str, Any]) -> Missed | None:
        missed: Missed | None = None
        if "status" not in data:
            return None
        whole = {"status": data["status"], "headers": data.get("headers", {}), "body": data.get("body")}
        for name, expression, declared in compiled:
            try:
                found = expression.search(whole)
            except (JMESPathError, RecursionError, ValueError, TypeError, ArithmeticError, LookupError) as error:
                missed = missed or Missed("mapping_failed", f"{name}: {str(error)[:200]}")
                found = None
            read = found if found is None or declared not in WANTED else in_type(declared, found)
            if found is not None and read is None:
                missed = missed or Missed("wrong_type", f"{name} takes {WANTED[declared or '']}")
            visit.set(name, read)
        return missed

    return save
