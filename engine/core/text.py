"""Message texts, compiled once: merge fields, spintax and known words; rendering is a join over resolved getters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from engine.core.filter import Filter, default, read_filter
from engine.core.grammar import Merge, Piece, Spin, Word, read_grammar
from engine.core.limit import MAX_RENDERED
from engine.core.plain import clean, plain

Getter = Callable[[Any], Any]
"""Takes the scope at run time; gives a str, int, float, bool, datetime, date, list, dict or None."""
Resolve = Callable[[str], Getter | None]
"""Turns a path such as `contact.name` into a getter, once, at compile; None for an unknown path."""
Render = Callable[[Any, str], str]

MAX_SOURCE = 10_000  # characters of a text that an author may save; the caller refuses longer ones
MAX_PATH = 200  # characters of a path

# What the words of the public API's campaign texts stand for.
_WORDS = {
    "name": "contact.name", "phone": "contact.phone", "email": "contact.email", "custom": "contact.fields.custom"
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Text:
    """A compiled text. `reads`: the paths it needs; `unknown`: the {{paths}} that nobody knows; `static`: when constant.

    `spun` says that it holds alternatives, so that the seed matters.
    """

    reads: tuple[str, ...]
    unknown: tuple[str, ...]
    static: str | None
    spun: bool
    _render: Render = field(repr=False, compare=False)

    def render(self, scope: Any, seed: str) -> str:
        """Gives the text for a scope, at most 10,000 characters. The same seed makes the same spintax choices."""
        return self._render(scope, seed)[:MAX_RENDERED]


def compile_text(source: str, resolve: Resolve) -> Text:
    """Compiles a text. Any source compiles: what is not grammar is literal, an unknown path is its fallback or nothing.

    The grammar (ACCEPTANCE 3.6), in this order; values are never read as grammar:
    1. `{{path}}`, `{{path|fallback}}`, `{{path | filter | default:"fallback"}}` (filters: see `engine.core.filter`);
    2. `{a|b|c}` spintax, nested up to 10 deep, may hold merge fields;
    3. `{word}` for a known path, with `{name}`, `{phone}`, `{email}`, `{custom}` of the contact; unknown `{x}` stays.

    >>> text = compile_text("Hi {{contact.name|there}}!", lambda path: lambda scope: scope.get(path))
    >>> text.render({"contact.name": "Anna"}, "1"), text.render({}, "1")
    ('Hi Anna!', 'Hi there!')
    """
    compiler = _Compiler(resolve)
    pieces = read_grammar(clean(source), lambda word: compiler.word(word) is not None)
    compiled = compiler.sequence(pieces)
    static = compiled[:MAX_RENDERED] if isinstance(compiled, str) else None
    render: Render = compiled if not isinstance(compiled, str) else _constant(compiled)
    return Text(tuple(compiler.reads), tuple(compiler.unknown), static, compiler.spun, render)


class _Compiler:
    """Turns pieces into closures and collects what they read."""

    def __init__(self, resolve: Resolve) -> None:
        self.resolve = resolve
        self.reads: dict[str, None] = {}
        self.unknown: dict[str, None] = {}
        self.spun = False
        self._known: dict[str, tuple[str, Getter] | None] = {}

    def word(self, word: str) -> tuple[str, Getter] | None:
        """Finds the path and getter of a word in single braces; None where it is only text."""
        if word not in self._known:
            self._known[word] = self._find_word(word)
        return self._known[word]

    def _find_word(self, word: str) -> tuple[str, Getter] | None:
        if len(word) > MAX_PATH or not word[:1].isalpha() or not word.replace(".", "").replace("_", "").isalnum():
            return None
        for path in (_WORDS.get(word), word):
            if path and (getter := self.resolve(path)) is not None:
                return path, getter
        return None

    def sequence(self, pieces: tuple[Piece, ...]) -> str | Render:
        """Compiles pieces that stand one after the other: a constant, or a closure that joins them."""
        parts = [self.piece(piece) for piece in pieces]
        moving = [(index, part) for index, part in enumerate(parts) if not isinstance(part, str)]
        if not moving:
            return "".join(part for part in parts if isinstance(part, str))
        if len(parts) == 1:
            return moving[0][1]
        frame = [part if isinstance(part, str) else "" for part in parts]

        def joined(scope: Any, seed: str) -> str:
            filled = frame.copy()
            for index, part in moving:
                filled[index] = part(scope, seed)
            return "".join(filled)

        return joined

    def piece(self, piece: Piece) -> str | Render:
        """Compiles one piece."""
        match piece:
            case str():
                return piece
            case Merge(path, segments):
                filters = tuple(read_filter(segment) or default(segment) for segment in segments)
                getter = self.resolve(path) if len(path) <= MAX_PATH else None
                if getter is None:
                    self.unknown[path] = None
                    return _value(lambda scope: None, filters)(None, "")
                self.reads[path] = None
                return _value(getter, filters)
            case Word(word):
                found = self.word(word)
                if found is None:
                    return f"{{{word}}}"
                self.reads[found[0]] = None
                return _value(found[1], ())
            case Spin(index, alternatives):
                self.spun = True
                return _spin(index, [self.sequence(each) for each in alternatives])


def _constant(text: str) -> Render:
    return lambda scope, seed: text


def _value(getter: Getter, filters: tuple[Filter, ...]) -> Render:
    if not filters:
        return lambda scope, seed: plain(getter(scope))
    if len(filters) == 1:
        only = filters[0]
        return lambda scope, seed: plain(only(getter(scope)))

    def filtered(scope: Any, seed: str) -> str:
        value = getter(scope)
        for each in filters:
            value = each(value)
        return plain(value)

    return filtered


def _spin(index: int, alternatives: list[str | Render]) -> Render:
    renders = tuple(_constant(each) if isinstance(each, str) else each for each in alternatives)
    count = len(renders)
    salt = index.to_bytes(4, "big")

    def spun(scope: Any, seed: str) -> str:
        digest = blake2b(seed.encode("utf-8", "replace"), digest_size=8, salt=salt).digest()
        return renders[int.from_bytes(digest, "big") % count](scope, seed)

    return spun
