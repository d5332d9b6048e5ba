"""Regular expressions of flow authors, run on RE2: linear time, bounded memory, never a backtracking engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import re2

from engine.core.fold import fold

MAX_PATTERN = 1_000  # characters; longer ones are lists of words in disguise
MAX_MEMORY = 1 << 20  # bytes for one compiled pattern and its states
MAX_SET_MEMORY = 1 << 24  # bytes for all patterns of a set together

Search = Callable[[str], bool]

# A text that no message holds (two noncharacters); a compiled set must find it, which proves that its memory suffices.
_PROBE = "\ufdd0\ufdd1"


def pattern_problem(source: str) -> str | None:
    """Says in plain words why a pattern cannot be used, or None when it can.

    >>> pattern_problem("order #?[0-9]+")
    >>> pattern_problem("(open")
    'The pattern is not valid: missing ): (open'
    """
    if not source:
        return "The pattern is empty."
    if len(source) > MAX_PATTERN:
        return f"The pattern has {len(source):,} characters; at most {MAX_PATTERN:,} are allowed."
    try:
        re2.compile(_encoded(source), _options(MAX_MEMORY))
    except re2.error as error:
        detail = error.args[0] if error.args else "unknown"
        text = detail.decode("utf-8", "replace") if isinstance(detail, bytes) else str(detail)
        if "perl operator" in text or "escape sequence" in text:
            return f"The pattern is not valid: {text} (look-around and back-references are not supported)"
        return f"The pattern is not valid: {text}"
    return None


def compile_pattern(source: str) -> Search | None:
    """Gives a search for a pattern, case-insensitive, over a text and its folded form; None for a bad pattern.

    >>> search = compile_pattern("caf[eé] [0-9]+")
    >>> search is not None and search("My CAFÉ 24")
    True
    """
    if pattern_problem(source):
        return None
    search = re2.compile(_encoded(source), _options(MAX_MEMORY)).search

    def found(text: str) -> bool:
        if search(_encoded(text)) is not None:
            return True
        return not text.isascii() and search(_encoded(fold(text))) is not None

    return found


def compile_set(sources: Sequence[str]) -> Callable[[str], list[int]]:
    """Gives one search over many good patterns that returns the numbers of those found, in order.

    One pass over the text for all of them; where their automaton needs more than 16 MB, one pass for each.
    """
    chosen = re2.Set.SearchSet(_options(MAX_SET_MEMORY))
    try:
        for source in sources:
            chosen.Add(_encoded(source))
        probe = chosen.Add(_encoded(_PROBE))
        chosen.Compile()
        complete = probe in (chosen.Match(_encoded(_PROBE)) or ())
    except re2.error:
        complete = False
    if not complete:
        return _one_by_one(sources)

    def found(text: str) -> list[int]:
        hits = set(chosen.Match(_encoded(text)) or ())
        if not text.isascii():
            hits.update(chosen.Match(_encoded(fold(text))) or ())
        hits.discard(probe)
        return sorted(hits)

    return found


def _one_by_one(sources: Sequence[str]) -> Callable[[str], list[int]]:
    searches = [compile_pattern(source) for source in sources]
    return lambda text: [index for index, search in enumerate(searches) if search is not None and search(text)]


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "replace")  # a lone surrogate must not raise


def _options(memory: int) -> re2.Options:
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = memory
    return options
