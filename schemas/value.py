"""Values that are made for each event: frozen for whoever writes code, and quick to make.

A frozen dataclass pays for its promise at every birth: each field goes through `object.__setattr__`, ten times the price of
a plain one. An event makes some thirty values. So the promise is kept by the type checker, to which `value` is `dataclass`,
and by the tests, which seal every value for writing (`tests/conftest.py`); while the engine runs, nobody asks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

if TYPE_CHECKING:
    from dataclasses import dataclass as value
else:

    def value(*, frozen, slots):
        """As `dataclass(frozen=True, slots=True)`, without the guard that makes it slow."""
        assert frozen
        return dataclass(slots=slots, unsafe_hash=True)


def maker(kind: Callable[P, T]) -> Callable[P, T]:
    """A function that makes values of a class: as the class itself, but quick with keywords too.

    Calling a class with keywords packs and unpacks them in a dict; calling a function doesn't.

    >>> from schemas.contact import Identity
    >>> maker(Identity)(kind="phone", value="+4915112345678")
    Identity(kind='phone', value='+4915112345678')
    """
    known: dict[str, Any] = {"kind": kind, "new": object.__new__}
    parameters, lines = [], ["made = new(kind)"]
    for field in fields(kind):  # type: ignore[arg-type]
        given = field.name
        if field.default_factory is not MISSING:
            known[f"make_{field.name}"] = field.default_factory
            known["missing"] = MISSING
            given = f"make_{field.name}() if {field.name} is missing else {field.name}"
            parameters.append(f"{field.name}=missing")
        elif field.default is not MISSING:
            known[f"default_{field.name}"] = field.default
            parameters.append(f"{field.name}=default_{field.name}")
        else:
            parameters.append(field.name)
        lines.append(f"made.{field.name} = {given}")
    body = "\n    ".join([*lines, "return made"])
    exec(f"def make({', '.join(parameters)}):\n    {body}", known)
    make: Callable[P, T] = known["make"]
    return make


def copier(kind: type[T]) -> Callable[[T], T]:
    """A function that copies values of a class, field by field."""
    known: dict[str, Any] = {"kind": kind, "new": object.__new__}
    lines = [f"made.{field.name} = value.{field.name}" for field in fields(kind)]  # type: ignore[arg-type]
    exec("def copy(value):\n    " + "\n    ".join(["made = new(kind)", *lines, "return made"]), known)
    copy: Callable[[T], T] = known["copy"]
    return copy


__all__ = ["copier", "maker", "value"]
