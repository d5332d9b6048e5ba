"""Works out an assignment's value: a text, number or merge field, and what an operation makes of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

from engine.core.build import Build
from engine.core.comparison import as_number
from engine.core.expression import Failed
from engine.core.grammar import Merge, read_grammar
from engine.core.limit import MAX_RENDERED
from engine.core.plain import clean, plain
from engine.core.visit import Visit
from nodes.set_config import Operation
from schemas.value import value

LARGEST = 2**53 - 1  # whole numbers that JSON readers in every language keep exactly
DIGITS = 40  # of a result before it is cut: two operands of LARGEST multiply to 32
MAX_DECIMALS = 9  # a value is rounded to: a float keeps no more beside a large whole part


@value(frozen=True, slots=True)
class Impossible:
    """There is no such value: why, as a stable code and as a phrase."""

    code: str
    message: str


Get = Callable[[Visit], Any]


def operand(source: str | float, build: Build) -> Get:
    """A getter of a value: a lone merge field keeps its type, any other text is filled, a number stands for itself."""
    if not isinstance(source, str):
        return lambda visit: source
    pieces = read_grammar(clean(source).strip(), lambda word: False)
    if len(pieces) == 1 and isinstance(only := pieces[0], Merge) and not only.segments:
        get = build.resolve(only.path)
        return lambda visit: _kept(get(visit)) if get is not None else None
    text = build.text(source)
    return lambda visit: visit.say(text)


def _kept(found: Any) -> Any:
    """What a variable can keep: JSON has no instants."""
    return found.isoformat() if isinstance(found, datetime | date | time) else found


def by_expression(source: str, build: Build) -> Get:
    """A getter of what an expression gives, or `Impossible`."""
    bound = build.expression(source)

    def get(visit: Visit) -> Any:
        found, _ = bound.run(visit)
        return Impossible("bad_expression", f"expression: {found.reason}") if isinstance(found, Failed) else found

    return get


def work_out(operation: Operation, left: Any, right: Any) -> Any:
    """What an operation makes of its operands, or `Impossible`. Nothing counts as 0 and as an empty text; never raises.

    >>> work_out("add", "1,200", 0.1), work_out("divide", 10, 4), work_out("append", "A", 7)
    (1200.1, 2.5, 'A7')
    >>> work_out("divide", 1, 0).code
    'division_by_zero'
    """
    match operation:
        case "none":
            return left
        case "lower":
            return plain(left).lower()
        case "upper":
            return plain(left).upper()[:MAX_RENDERED]
        case "trim":
            return plain(left).strip()
        case "append":
            return (plain(left) + plain(right))[:MAX_RENDERED]
        case _:
            return _calculated(operation, left, right)


def _calculated(operation: Operation, left: Any, right: Any) -> Any:
    first, second = _number(left), _number(right)
    if first is None or second is None:
        return Impossible("not_number", f"“{plain(left if first is None else right)[:60]}” is not a number")
    with localcontext(prec=DIGITS):
        match operation:
            case "add":
                return _result(first + second)
            case "subtract":
                return _result(first - second)
            case "multiply":
                return _result(first * second)
            case "divide" if second == 0:
                return Impossible("division_by_zero", f"{plain(left)} is divided by 0")
            case "divide":
                return _result(first / second)
            case _:
                decimals = max(0, min(MAX_DECIMALS, int(second)))
                return _result(first.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))


def _number(found: Any) -> Decimal | None:
    """A decimal, so that 0.1 and 0.2 are 0.3; None for what is no number, or one beyond `LARGEST`."""
    if found is None or (isinstance(found, str) and not found.strip()):
        return Decimal(0)
    number = as_number(found)
    return Decimal(str(number)) if number is not None and abs(number) <= LARGEST else None


def _result(found: Decimal) -> Any:
    if abs(found) > LARGEST:
        return Impossible("too_large", "the result has too many digits")
    return int(found) if found == found.to_integral_value() else float(found)
