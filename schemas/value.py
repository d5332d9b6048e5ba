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
    known: dict[str, Any] = {"_class": kind, "_new": object.__new__, "_missing": MISSING}
    parameters, lines = [], ["_made = _new(_class)"]
    for field in fields(kind):  # type: ignore[arg-type]
        name = given = field.name
        if field.default_factory is not MISSING:
            known[f"_factory_{name}"] = field.default_factory
            parameters.append(f"{name}=_missing")
            given = f"_factory_{name}() if {name} is _missing else {name}"
        elif field.default is not MISSING:
            known[f"_default_{name}"] = field.default
            parameters.append(f"{name}=_default_{name}")
        else:
            parameters.append(name)
        lines.append(f"_made.{name} = {given}")
    made: Callable[P, T] = _function("make", ", ".join(parameters), [*lines, "return _made"], known)
    return made


def copier(kind: type[T]) -> Callable[[T], T]:
    """A function that copies values of a class, field by field."""
    known: dict[str, Any] = {"_class": kind, "_new": object.__new__}
    lines = [f"_made.{field.name} = value.{field.name}" for field in fields(kind)]  # type: ignore[arg-type]
    made: Callable[[T], T] = _function("copy", "value", ["_made = _new(_class)", *lines, "return _made"], known)
    return made


def _function(name: str, parameters: str, lines: list[str], known: dict[str, Any]) -> Any:
    """A function from its source, as `dataclass` makes its own."""
    exec(f"def {name}({parameters}):\n    " + "\n    ".join(lines), known)
    return known[name]


__all__ = ["copier", "maker", "value"]
