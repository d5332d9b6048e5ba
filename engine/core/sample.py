"""A text that a pattern finds, for the simulator to try: short, plain, and by the first of alternatives."""

from __future__ import annotations

import re

from engine.core.pattern import compile_pattern

MAX_REPEATED = 100  # times that one part is written
_CLASSES = {
    "d": "1", "w": "a", "s": " ", "D": "a", "W": "!", "S": "a", "n": "\n", "t": "\t", "b": "", "A": "", "z": "", "B": ""
}  # fmt: skip
_LETTERS = "aA1 !-.:@_#"
_FLAGS = re.compile(r"\(\?[a-zA-Z]+\)")
_GROUP = re.compile(r"\?(?:[a-zA-Z]*:|P?<[A-Za-z_][A-Za-z0-9_]*>)")
_COUNT = re.compile(r"\{([0-9]+)(?:,[0-9]*)?\}")


def sample(pattern: str) -> str | None:
    """A text in which the pattern is found; None where none was made, as for some classes of other scripts.

    >>> sample("(?i)^[A-Z]{2}[- ]?[0-9]{6}$"), sample("yes|no"), sample(r"\\d+ ?(am|pm)")
    ('AA000000', 'yes', '1am')
    """
    search = compile_pattern(pattern)
    if search is None:
        return None
    try:
        made, _ = _alternatives(_FLAGS.sub("", pattern), 0)
    except (IndexError, ValueError):
        return None
    return made if search(made) else None


def _alternatives(source: str, at: int) -> tuple[str, int]:
    """The first alternative of a group, and where the group ends."""
    made, at = _sequence(source, at)
    while at < len(source) and source[at] == "|":
        _, at = _sequence(source, at + 1)
    return made, at


def _sequence(source: str, at: int) -> tuple[str, int]:
    made: list[str] = []
    while at < len(source) and source[at] not in "|)":
        piece, at = _piece(source, at)
        times, at = _times(source, at)
        made.append(piece * times)
    return "".join(made), at


def _piece(source: str, at: int) -> tuple[str, int]:
    match source[at]:
        case "(":
            start = at + 1
            if found := _GROUP.match(source, start):
                start = found.end()
            made, end = _alternatives(source, start)
            return made, end + 1
        case "[":
            return _one_of(source, at)
        case "\\":
            return _CLASSES.get(source[at + 1], source[at + 1]), at + 2
        case "^" | "$":
            return "", at + 1
        case ".":
            return "a", at + 1
        case plain:
            return plain, at + 1


def _one_of(source: str, at: int) -> tuple[str, int]:
    """A character of a class: its first, or one that a negated class leaves."""
    end = at + 1
    negated = source[end] == "^"
    end += negated
    first = end
    while source[end] != "]" or end == first:
        end += 2 if source[end] == "\\" else 1
    written = source[at : end + 1]
    if not negated:
        if source[first] == "\\":
            return _CLASSES.get(source[first + 1], source[first + 1]), end + 1
        return source[first], end + 1
    search = compile_pattern(f"^{written}$")
    return next((letter for letter in _LETTERS if search is not None and search(letter)), ""), end + 1


def _times(source: str, at: int) -> tuple[int, int]:
    """How often at least, and where the count ends."""
    if at >= len(source):
        return 1, at
    times = 1
    if source[at] in "*+?":
        times, at = (1 if source[at] == "+" else 0), at + 1
    elif found := _COUNT.match(source, at):
        times, at = min(int(found[1]), MAX_REPEATED), found.end()
    else:
        return 1, at
    return times, at + (at < len(source) and source[at] == "?")
