"""The source of an expression, as far as it is read without CEL: what it names, what it may cost, what it compares.

CEL stops loops by an iteration budget, but nothing stops a text that a loop doubles: twenty loops within one another, in 400
characters, took 47 s and gigabytes. So loops don't nest and make no texts here, and patterns are written out; what is left is
linear in the expression and in what it reads.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from engine.core.pattern import pattern_problem
from engine.core.text import Resolve
from schemas.rule import Test

MAX_LOOPS = 5
"""Loops of one expression: what needs more is a node of its own."""

LOOPS = frozenset({"all", "exists", "exists_one", "existsOne", "filter"})
MAKING = frozenset({"map", "transformList", "transformMap", "transformMapEntry", "bind", "optMap", "optFlatMap"})
"""Loops that make lists, and names for parts: both let a short expression make something huge."""

TokenKind = Literal["string", "number", "name", "sign"]
KINDS: tuple[TokenKind, ...] = ("string", "number", "name", "sign")

_TOKEN = re.compile(
    r"""
      (?P<space>[ \t\r\n]+|//[^\n]*)
    | (?P<string>
          (?:[rR][bB]?|[bB][rR])(?:"[^"\n]*"|'[^'\n]*')
        | [bB]?(?:"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
      )
    | (?P<number>0[xX][0-9a-fA-F]+[uU]?|[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|[0-9]+[uU]?)
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<sign>&&|\|\||==|!=|<=|>=|[-+*/%!<>?:,.()\[\]{}])
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the source and where it begins."""

    kind: TokenKind
    text: str
    at: int

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.at + len(self.text)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with an expression; `at` counts characters from its beginning."""

    code: str
    message: str
    hint: str = ""
    at: int = 0


@dataclass(frozen=True, slots=True)
class Source:
    """An expression's text with its pieces. `faults`: why it isn't given to CEL."""

    text: str
    tokens: tuple[Token, ...]
    faults: tuple[Fault, ...] = ()

    def paths(self, resolve: Resolve) -> tuple[str, ...]:
        """The paths that it reads, each once, in their order: the longest beginning of each name that is one.

        >>> read_source("contact.age > 18 && order.total > 5").paths({"contact.age": len, "order": len}.get)
        ('contact.age', 'order')
        """
        found: dict[str, None] = {}
        for _, names in self._chains():
            for length in range(len(names), 0, -1):
                path = ".".join(names[:length])
                if resolve(path) is not None:
                    found[path] = None
                    break
        return tuple(found)

    def _chains(self) -> Iterator[tuple[int, list[str]]]:
        """Names with dots between them, without those that are called."""
        tokens = self.tokens
        for index, token in enumerate(tokens):
            if token.kind != "name" or _text(tokens, index - 1) == ".":
                continue
            names, last = [token.text], index
            while _text(tokens, last + 1) == "." and last + 2 < len(tokens) and tokens[last + 2].kind == "name":
                last += 2
                names.append(tokens[last].text)
            if _text(tokens, last + 1) == "(":
                names.pop()
            yield index, names

    def tests(self, resolve: Resolve) -> tuple[Test, ...]:
        """Tests that the expression makes of single paths, as rules would: what a simulator tries both sides of.

        >>> [test.op for test in read_source("contact.age >= 18 && 'vip' in contact.tags").tests(lambda path: len)]
        ['gte', 'has']
        """
        found: dict[tuple[str, str, str], Test] = {}
        for index, names in self._chains():
            path = ".".join(names)
            if not names or resolve(path) is None:
                continue
            for op, value in self._compared(index, index + 2 * len(names) - 2):
                test = Test.model_validate({"subject": path, "op": op, "value": value})
                found[path, op, str(value)] = test
        return tuple(found.values())

    def _compared(self, first: int, last: int) -> Iterator[tuple[str, object]]:
        """What stands beside a path: an operator and a literal, a method with one."""
        tokens = self.tokens
        after, before = _text(tokens, last + 1), _text(tokens, first - 1)
        if after in _OPS and (value := _literal(tokens, last + 2)) is not None:
            yield _op(after, value), value
        elif before in _OPS and (value := _literal(tokens, first - 2)) is not None:
            yield _op(_FLIPPED.get(before, before), value), value
        elif before == "in" and isinstance(value := _literal(tokens, first - 2), str):
            yield "has", value
        elif after == "in" and _text(tokens, last + 2) == "[":
            listed = [value for at in range(last + 3, len(tokens), 2) if (value := _literal(tokens, at)) is not None]
            texts = tuple(value for value in listed[:20] if isinstance(value, str))
            if texts:
                yield "one_of", texts
        elif after == "." and _text(tokens, last + 2) in _METHODS and _text(tokens, last + 3) == "(":
            if isinstance(value := _literal(tokens, last + 4), str) and value:
                yield _METHODS[_text(tokens, last + 2)], value
        elif after in ("", "&&", "||", "?", ")", ":") and before in ("", "&&", "||", "!", "(", "?", ":"):
            yield "is_true", None


_OPS = {"==": "eq", "!=": "ne", "<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}
_FLIPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
_METHODS = {"contains": "contains", "startsWith": "starts_with", "endsWith": "ends_with", "matches": "matches"}


def _op(sign: str, value: object) -> str:
    if isinstance(value, bool):
        return "is_true"
    if isinstance(value, str):
        return {"==": "is", "!=": "is_not"}.get(sign, "is")
    return _OPS[sign]


def _text(tokens: tuple[Token, ...], index: int) -> str:
    return tokens[index].text if 0 <= index < len(tokens) else ""


def _literal(tokens: tuple[Token, ...], index: int) -> str | float | None:
    """The value of a literal at this place, as far as it is plain."""
    if not 0 <= index < len(tokens):
        return None
    token = tokens[index]
    if token.kind == "number" and token.text[-1:] not in "uU" and token.text[:2].lower() != "0x":
        return float(token.text) if not token.text.isdigit() else int(token.text) if len(token.text) < 16 else None
    return plain_text(token) if token.kind == "string" else None


def plain_text(token: Token) -> str | None:
    """What a string says; None where it has escapes, which only CEL reads."""
    quote = 1 + max(0, min(token.text.find("'") % 1_000, token.text.find('"') % 1_000))
    inner = token.text[quote:-1]
    raw = token.text[0] in "rR"
    return None if token.text[0] in "bB" or ("\\" in inner and not raw) else inner


def read_source(text: str) -> Source:
    """Reads an expression. Never raises; what isn't fit for CEL has faults."""
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            fault = Fault("bad_expression", f"“{text[at]}” can't stand here.", "Check quotes and brackets.", at)
            return Source(text, tuple(tokens), (fault,))
        tokens += [Token(kind, found[0], at) for kind in KINDS if found[kind] is not None]
        at = found.end()
    return Source(text, tuple(tokens), tuple(_faults(tuple(tokens))))


def _faults(tokens: tuple[Token, ...]) -> Iterator[Fault]:
    loops: list[tuple[int, int]] = []
    for index, token in enumerate(tokens):
        if token.kind == "string" and index and tokens[index - 1].kind == "string":
            yield Fault("bad_expression", "Two texts stand side by side.", "Put one operator between them.", token.at)
        called = token.kind == "name" and _text(tokens, index + 1) == "("
        if called and token.text in MAKING:
            message = f"“{token.text}” is not allowed: it can make more than a conversation has time for."
            yield Fault("costly_expression", message, "Use exists, all or filter.", token.at)
        elif called and token.text in LOOPS:
            loops.append((index, _closing(tokens, index + 1)))
        elif called and token.text == "matches":
            yield from _pattern(tokens, index)
    for index, (begin, end) in enumerate(loops):
        at = tokens[begin].at
        if any(begin < other < end for other, _ in loops):
            yield Fault("costly_expression", "A loop stands within a loop.", "Use one exists, all or filter at a time.", at)
        if any(tokens[place].text == "+" for place in range(begin, end)):
            yield Fault("costly_expression", "A loop adds up.", "Keep + outside of exists, all and filter.", at)
        if index == MAX_LOOPS:
            yield Fault("costly_expression", f"There are more than {MAX_LOOPS} loops.", "Split it into branches.", at)


def _pattern(tokens: tuple[Token, ...], index: int) -> Iterator[Fault]:
    token = tokens[index]
    wanted = index + 2 < len(tokens) and tokens[index + 2].kind == "string" and _text(tokens, index + 3) == ")"
    if not wanted or _text(tokens, index - 1) != ".":
        hint = "Write it as message.text.matches('[0-9]+')."
        yield Fault("costly_expression", "The pattern of matches must be written out.", hint, token.at)
    elif (pattern := plain_text(tokens[index + 2])) is not None and (problem := pattern_problem(pattern)):
        yield Fault("bad_pattern", problem, "Correct the pattern; it follows RE2's syntax.", tokens[index + 2].at)


def _closing(tokens: tuple[Token, ...], opening: int) -> int:
    """The place of the bracket that closes the one at `opening`; the end where none does."""
    depth = 0
    for index in range(opening, len(tokens)):
        depth += {"(": 1, ")": -1}.get(tokens[index].text, 0) if tokens[index].kind == "sign" else 0
        if depth == 0:
            return index
    return len(tokens)


Insert = Callable[[Token], tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Rewritten:
    """The source with something put around tokens; `origin` leads back from a place in it."""

    text: str
    _moved: tuple[tuple[int, int], ...]
    """(place in the new text, how much was put in before it)."""

    def origin(self, at: int) -> int:
        """The place in the source that a place in the new text stands for."""
        shift = 0
        for place, amount in self._moved:
            if place > at:
                break
            shift = amount
        return max(0, at - shift)


def rewrite(source: Source, before: str, after: str) -> Rewritten:
    """The source with its whole numbers as decimals (and `before` and `after` around them): CEL compares no 18 with an 18.5.

    >>> rewrite(read_source("age >= 18 && l[0] % 2 == 1"), "", ".0").text
    'age >= 18.0 && l[0] % 2 == 1.0'
    """
    parts: list[str] = []
    moved: list[tuple[int, int]] = []
    at = shift = 0
    for index, token in enumerate(source.tokens):
        if token.kind != "number" or not token.text.isdigit() or _stays(source.tokens, index):
            continue
        parts += [source.text[at : token.at], before, token.text, after]
        moved.append((token.at + shift, shift + len(before)))
        shift += len(before) + len(after)
        moved.append((token.end + shift, shift))
        at = token.end
    return Rewritten("".join([*parts, source.text[at:]]), tuple(moved))


def _stays(tokens: tuple[Token, ...], index: int) -> bool:
    """An index of a list, and what a remainder is taken of or by, are whole numbers."""
    before, after = _text(tokens, index - 1), _text(tokens, index + 1)
    indexed = before == "[" and index >= 2 and (tokens[index - 2].kind == "name" or tokens[index - 2].text in (")", "]"))
    return (indexed and _text(tokens, index - 2) != "in") or "%" in (before, after)
