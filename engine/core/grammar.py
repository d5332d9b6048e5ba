"""Reads the message grammar into a tree: merge fields, spintax, known words; hand-written, one pass, linear time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

MAX_NESTING = 10  # spintax within spintax; deeper braces are literal text


@dataclass(frozen=True, slots=True)
class Merge:
    """A merge field `{{path | filter | fallback}}`."""

    path: str
    segments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Word:
    """A known word in single braces: `{name}`."""

    word: str


@dataclass(frozen=True, slots=True)
class Spin:
    """Spintax `{a|b}`: one of its alternatives, chosen by the seed and `index`."""

    index: int
    alternatives: tuple[tuple[Piece, ...], ...]


Piece = str | Merge | Word | Spin


@dataclass(slots=True)
class _Group:
    alternatives: list[list[Piece]] = field(default_factory=lambda: [[]])


def read_grammar(source: str, known: Callable[[str], bool]) -> tuple[Piece, ...]:
    """Gives the pieces of a text. `known` says which words in single braces are variables; all else is literal text.

    >>> read_grammar("Hi {{contact.name|there}}, {good day|hello} {x}", lambda word: False)[1]
    Merge(path='contact.name', segments=('there',))
    """
    tokens = _tokens(source)
    partners = _partners(tokens)
    stack = [_Group()]
    ignored = 0  # open braces beyond the allowed nesting
    spins = 0
    for index, token in enumerate(tokens):
        top = stack[-1].alternatives
        if token == "{" and partners[index]:
            if ignored or len(stack) > MAX_NESTING:
                ignored += 1
                top[-1].append(token)
            else:
                stack.append(_Group())
        elif token == "}" and partners[index]:
            if ignored:
                ignored -= 1
                top[-1].append(token)
            else:
                stack.pop()
                spins = _close(top, stack[-1].alternatives[-1], known, spins)
        elif token == "|" and len(stack) > 1 and not ignored:
            top.append([])
        else:
            top[-1].append(token)
    return _joined(stack[0].alternatives[0])


def _close(alternatives: list[list[Piece]], outer: list[Piece], known: Callable[[str], bool], spins: int) -> int:
    if len(alternatives) > 1:
        outer.append(Spin(spins, tuple(_joined(each) for each in alternatives)))
        return spins + 1
    pieces = alternatives[0]
    if len(pieces) == 1 and isinstance(pieces[0], str) and known(pieces[0]):
        outer.append(Word(pieces[0]))
    else:
        outer += ["{", *pieces, "}"]
    return spins


def _joined(pieces: list[Piece]) -> tuple[Piece, ...]:
    result: list[Piece] = []
    run: list[str] = []
    for piece in pieces:
        if isinstance(piece, str):
            run.append(piece)
            continue
        if run:
            result.append("".join(run))
            run = []
        result.append(piece)
    if run:
        result.append("".join(run))
    return tuple(result)


def _tokens(source: str) -> list[str | Merge]:
    tokens: list[str | Merge] = []
    start = position = 0
    while position < len(source):
        character = source[position]
        if character not in "{|}":
            position += 1
            continue
        if start < position:
            tokens.append(source[start:position])
        end = _merge_end(source, position)
        merge = _merge(source[position + 2 : end]) if end else None
        if merge:
            tokens.append(merge)
            position = end + 2
        else:
            tokens.append(character)
            position += 1
        start = position
    if start < len(source):
        tokens.append(source[start:])
    return tokens


def _merge_end(source: str, position: int) -> int:
    """Where the `}}` of a merge field that opens here stands, or 0. Scans to the next brace only: linear in total."""
    if not source.startswith("{{", position):
        return 0
    end = position + 2
    while end < len(source) and source[end] not in "{}":
        end += 1
    return end if source.startswith("}}", end) else 0


def _merge(content: str) -> Merge | None:
    path, *rest = content.split("|")
    if not path.strip():
        return None
    segments: list[str] = []
    for part in rest:
        if segments and _open_quote(segments[-1]):
            segments[-1] += "|" + part  # a bar within quotes belongs to the text
        else:
            segments.append(part)
    return Merge(path.strip(), tuple(segment.strip() for segment in segments))


def _open_quote(segment: str) -> bool:
    name, _, argument = segment.partition(":")
    argument = argument.strip()
    return name.strip() in ("default", "date") and argument.startswith('"') and argument.count('"') < 2


def _partners(tokens: list[str | Merge]) -> list[bool]:
    """Says of each token whether it is a brace with a partner."""
    paired = [False] * len(tokens)
    waiting: list[int] = []
    for index, token in enumerate(tokens):
        if token == "{":
            waiting.append(index)
        elif token == "}" and waiting:
            paired[waiting.pop()] = paired[index] = True
    return paired
