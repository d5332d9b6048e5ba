"""A changed copy of a frozen value, made quickly: the interpreter makes several for each event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemas.value import copier

if TYPE_CHECKING:
    from dataclasses import replace as evolve  # what it means, and how its arguments are checked

    def complete(value: object, **rest: Any) -> None: ...
else:
    class _Copiers(dict):
        """The copier of each class, made when it is first asked for."""

        def __missing__(self, kind):
            made = self[kind] = copier(kind)
            return made

    _copiers = _Copiers()
    put = setattr  # the tests, which seal values, put another in its place

    def evolve(value: Any, **changes: Any) -> Any:
        """The value with these fields changed. As `dataclasses.replace`, which looks at every field anew each time.

        >>> from engine.core.value import Frame
        >>> evolve(Frame(1, "a"), node="b")
        Frame(version=1, node='b', variables={}, expires_at=None)
        """
        made = _copiers[value.__class__](value)
        for name, changed in changes.items():
            put(made, name, changed)
        return made

    def complete(value: Any, **rest: Any) -> None:
        """Write what was still open in a value that this decision has made and handed to nobody yet."""
        for name, written in rest.items():
            put(value, name, written)


__all__ = ["complete", "evolve"]
