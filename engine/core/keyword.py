"""Keywords of triggers: compiled once, matched without case and accents, in any script."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, Literal, NamedTuple, TypeVar

from engine.core.fold import fold, spaced, words
from engine.core.pattern import compile_pattern, compile_set, pattern_problem

__all__ = ["RANK", "Hit", "KeywordIndex", "KeywordKind", "KeywordPattern", "pattern_problem"]

KeywordKind = Literal["exact", "word", "starts_with", "contains", "pattern"]

RANK: Mapping[KeywordKind, int] = {"exact": 0, "word": 1, "starts_with": 2, "contains": 3, "pattern": 4}
"""The better a hit says what was meant, the lower."""

Owner = TypeVar("Owner")


class Hit(NamedTuple):
    """Which keyword was found, and how."""

    kind: KeywordKind
    word: str


Find = Callable[[str, str], str | None]
"""Takes the folded and the raw text; gives the keyword that was found."""


@dataclass(frozen=True, slots=True)
class KeywordPattern:
    """A kind of match and its words, compiled. Make it with `KeywordPattern.of`.

    | kind | `["order status"]` is found in |
    |---|---|
    | `exact` | "Order status", "order status!" |
    | `word` | "my order status please", not "reorder status" |
    | `starts_with` | "order status of 12" |
    | `contains` | "reorder statuses" |
    | `pattern` | what RE2 finds in the text or in its folded form |

    In scripts without spaces between words (Thai, Chinese, Japanese...) `word` is `contains`, and so it is for a
    keyword with signs in it, such as "c++".
    """

    kind: KeywordKind
    words: tuple[str, ...]
    _find: Find = field(repr=False, compare=False)

    @staticmethod
    def of(kind: KeywordKind, words: Iterable[str]) -> KeywordPattern:
        """Compiles keywords. Empty ones and bad patterns match nothing (`pattern_problem` says what is wrong).

        >>> hello = KeywordPattern.of("word", ["olá", "hi"])
        >>> hello.match(fold("Well, OLA!"), "Well, OLA!")
        Hit(kind='word', word='olá')
        """
        given = tuple(words)
        return KeywordPattern(kind, given, _finder(kind, given))

    def match(self, folded: str, raw: str) -> Hit | None:
        """Gives the first keyword that is found. `folded` is `fold(raw)`, made once for all triggers."""
        word = self._find(folded, raw)
        return None if word is None else Hit(self.kind, word)


def _finder(kind: KeywordKind, given: Sequence[str]) -> Find:
    if kind == "pattern":
        searches = [(word, search) for word in given if (search := compile_pattern(word)) is not None]
        return lambda folded, raw: next((word for word, search in searches if search(raw)), None)
    wanted = [(folded, word) for word in given if (folded := fold(word))]
    match kind:
        case "exact":
            exact = dict(reversed(wanted))
            return lambda folded, raw: exact.get(folded) or exact.get(" ".join(words(folded)))
        case "starts_with":
            return lambda folded, raw: next((word for each, word in wanted if folded.startswith(each)), None)
        case "contains":
            return lambda folded, raw: next((word for each, word in wanted if each in folded), None)
        case "word":
            parts = [(f" {each} " if _whole(each) else "", each, word) for each, word in wanted]
            return lambda folded, raw: _find_word(folded, parts)


def _find_word(folded: str, parts: Sequence[tuple[str, str, str]]) -> str | None:
    text = f" {' '.join(words(folded))} "
    return next((word for phrase, each, word in parts if (phrase in text if phrase else each in folded)), None)


def _whole(folded: str) -> bool:
    """Says whether a keyword can be found word by word."""
    return spaced(folded) and " ".join(words(folded)) == folded


@dataclass(frozen=True, slots=True)
class KeywordIndex(Generic[Owner]):
    """Many owners' keywords, matched at once: exact ones and words cost a look-up, however many there are.

    >>> index = KeywordIndex.of([("a", KeywordPattern.of("exact", ["hi"])), ("b", KeywordPattern.of("word", ["hi"]))])
    >>> [owner for owner, hit in index.matches(fold("Hi there"), "Hi there")]
    ['b']
    """

    _exact: dict[str, list[tuple[int, str]]]
    _phrases: dict[str, list[tuple[tuple[str, ...], int, str]]]
    _parts: list[tuple[KeywordKind, str, int, str]]
    _patterns: list[tuple[int, str]]
    _search: Callable[[str], list[int]]
    _owners: tuple[Owner, ...]

    @staticmethod
    def of(entries: Iterable[tuple[Owner, KeywordPattern]]) -> KeywordIndex[Owner]:
        """Builds the index over (owner, keywords); an owner may come more than once."""
        exact: dict[str, list[tuple[int, str]]] = {}
        phrases: dict[str, list[tuple[tuple[str, ...], int, str]]] = {}
        parts: list[tuple[KeywordKind, str, int, str]] = []
        patterns: list[tuple[int, str]] = []
        owners: list[Owner] = []
        for number, (owner, keywords) in enumerate(entries):
            owners.append(owner)
            for word in keywords.words:
                folded = fold(word)
                if keywords.kind == "pattern":
                    if not pattern_problem(word):
                        patterns.append((number, word))
                elif not folded:
                    continue
                elif keywords.kind == "exact":
                    exact.setdefault(folded, []).append((number, word))
                elif keywords.kind == "word" and _whole(folded):
                    tokens = tuple(folded.split())
                    phrases.setdefault(tokens[0], []).append((tokens, number, word))
                else:
                    parts.append((keywords.kind, folded, number, word))
        search = compile_set([word for _, word in patterns]) if patterns else _nothing
        return KeywordIndex(exact, phrases, parts, patterns, search, tuple(owners))

    def matches(self, folded: str, raw: str) -> list[tuple[Owner, Hit]]:
        """Gives each entry that is found with its best hit: exact before word, starts_with, contains and pattern."""
        best: dict[int, Hit] = {}
        tokens = words(folded)
        joined = " ".join(tokens)
        for key in (folded, joined) if joined != folded else (folded,):
            for number, word in self._exact.get(key, ()):
                best.setdefault(number, Hit("exact", word))
        for position, token in enumerate(tokens) if self._phrases else ():
            for phrase, number, word in self._phrases.get(token, ()):
                if len(phrase) == 1 or tuple(tokens[position : position + len(phrase)]) == phrase:
                    best.setdefault(number, Hit("word", word))
        for kind, part, number, word in self._parts:
            if part in folded and (kind != "starts_with" or folded.startswith(part)):
                best.setdefault(number, Hit(kind, word))
        for found in self._search(raw):
            number, word = self._patterns[found]
            best.setdefault(number, Hit("pattern", word))
        ordered = sorted(best.items(), key=_rank) if len(best) > 1 else best.items()
        return [(self._owners[number], hit) for number, hit in ordered]


def _rank(found: tuple[int, Hit]) -> tuple[int, int]:
    """The best hit first; among equals, the older owner."""
    number, hit = found
    return RANK[hit.kind], number


def _nothing(text: str) -> list[int]:
    return []
