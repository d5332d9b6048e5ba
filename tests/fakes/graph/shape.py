"""Small checks out of which the validator is made; each raises GraphError with the code that Meta would use."""

from collections.abc import Iterable, Mapping
from typing import Any

from tests.fakes.graph import limits
from tests.fakes.graph.errors import GraphError, JsonObject


def obj(value: Any, at: str, required: Iterable[str] = (), optional: Iterable[str] = ()) -> JsonObject:
    """An object with all of the required keys and no others than the optional ones."""
    if not isinstance(value, dict):
        raise GraphError(100, f"Param {at} must be a JSON object.")
    needed = list(required)
    known = {*needed, *optional}
    for key in value:
        if key not in known:
            raise GraphError(100, f'Unexpected key "{key}" on param "{at}".')
    for key in needed:
        if value.get(key) is None:
            raise GraphError(131008, f"Parameter '{key}' is mandatory in '{at}'.")
    return value


def mapping(value: Any, at: str) -> JsonObject:
    """An object with whatever keys."""
    if not isinstance(value, dict):
        raise GraphError(100, f"Param {at} must be a JSON object.")
    return value


def text(value: Any, at: str, longest: int, *, shortest: int = 1, code: int = 131009) -> str:
    """A string within its lengths, counted in characters."""
    if not isinstance(value, str):
        raise GraphError(100, f"Param {at} must be a string.")
    if len(value) < shortest or (shortest and not value.strip()):
        raise GraphError(131008, f"Param {at} must not be empty.")
    if len(value) > longest:
        raise GraphError(code, f"Param {at} must be at most {longest} characters long.")
    return value


def items(value: Any, at: str, least: int, most: int) -> list[Any]:
    """A list within its lengths."""
    if not isinstance(value, list):
        raise GraphError(100, f"Param {at} must be an array.")
    if not least <= len(value) <= most:
        raise GraphError(131009, f"Invalid count of {at}. Min allowed: {least}, max allowed: {most}.")
    return value


def one_of(value: Any, at: str, allowed: Iterable[str]) -> str:
    """One of the allowed words."""
    names = sorted(allowed)
    if value not in names:
        raise GraphError(100, f'Param {at} must be one of {{{", ".join(names)}}} - got "{value}".')
    return str(value)


def number(value: Any, at: str, low: float, high: float) -> float:
    """A number in its range; a string of digits counts, as Meta's location page writes coordinates so."""
    try:
        result = float("nan") if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        raise GraphError(100, f"Param {at} must be a number.") from None
    if not low <= result <= high:
        raise GraphError(131009, f"Param {at} must be between {low} and {high}.")
    return result


def flag(value: Any, at: str) -> bool:
    if not isinstance(value, bool):
        raise GraphError(100, f"Param {at} must be a boolean.")
    return value


def link(value: Any, at: str) -> str:
    """An http or https address."""
    address = text(value, at, limits.LINK)
    if not address.startswith(("http://", "https://")):
        raise GraphError(131009, f"Param {at} must be a valid http or https URL.")
    return address


def unique(values: list[str], at: str) -> None:
    if len(set(values)) != len(values):
        raise GraphError(131009, f"Duplicated {at}.")


def identifier(value: Any, at: str, longest: int) -> str:
    """A reply id: Meta refuses leading or trailing spaces."""
    name = text(value, at, longest)
    if name != name.strip():
        raise GraphError(131009, f"Param {at} must not have leading or trailing spaces.")
    return name


def amount(value: Any, at: str, *, described: bool = False) -> None:
    """Money of an order: an integer value and an offset."""
    more = ["description", "discount_program_name"] if described else []
    fields: Mapping[str, Any] = obj(value, at, ["value", "offset"], more)
    for key in ("value", "offset"):
        if not isinstance(fields[key], int) or isinstance(fields[key], bool):
            raise GraphError(100, f"Param {at}['{key}'] must be an integer.")
