"""What is wrong with something an author made, said so that the author can mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Level = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding about a document.

    `code` is stable and for machines, `pointer` is a JSON pointer (RFC 6901) into the document, `message` is a plain
    sentence, and `hint` says what to do next (may be empty).

    >>> Problem("dangling_edge", "error", "/edges/3/to", "This edge leads to a node that doesn't exist.").level
    'error'
    """

    code: str
    level: Level
    pointer: str
    message: str
    hint: str = ""


def has_errors(problems: Iterable[Problem]) -> bool:
    """True if any of the problems forbids publishing."""
    return any(problem.level == "error" for problem in problems)


def pointer(*parts: str | int) -> str:
    """A JSON pointer from its parts, escaped as RFC 6901 says.

    >>> pointer("nodes", 2, "config", "a/b")
    '/nodes/2/config/a~1b'
    """
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)
