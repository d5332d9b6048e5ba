"""Problems as lines for people and as JSON for machines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from engine.core.check_words import listing
from schemas.problem import Level, Problem

_NOUNS: dict[Level, tuple[str, str]] = {
    "error": ("error", "errors"),
    "warning": ("warning", "warnings"),
    "info": ("remark", "remarks"),
}


def problem_json(problem: Problem) -> dict[str, str]:
    """A problem as a JSON object.

    >>> problem_json(Problem("dead_end", "info", "/nodes/1", "The flow ends after “Bye”."))["pointer"]
    '/nodes/1'
    """
    return {
        "code": problem.code,
        "level": problem.level,
        "pointer": problem.pointer,
        "message": problem.message,
        "hint": problem.hint,
    }


def problem_line(problem: Problem) -> str:
    """A problem as one line of text.

    >>> problem_line(Problem("missing", "error", "/name", "“name” is missing.", "Fill it in."))
    'error /name: “name” is missing. Fill it in. [missing]'
    """
    where = problem.pointer or "the document"
    return " ".join(filter(None, (f"{problem.level} {where}: {problem.message}", problem.hint, f"[{problem.code}]")))


def summary(problems: Sequence[Problem]) -> str:
    """How many problems of each level there are.

    >>> summary([])
    'No problems.'
    """
    counts = Counter(problem.level for problem in problems)
    parts = [f"{counts[level]:,} {one if counts[level] == 1 else many}" for level, (one, many) in _NOUNS.items() if counts[level]]
    return f"{listing(parts)}." if parts else "No problems."
