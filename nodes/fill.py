"""Texts of a request: merge fields are filled in the step, secrets only when the request leaves.

Unlike a message's text nothing else in them has a meaning: no spintax, no words in single braces. Where a secret stands, the
call's data say so beside the text (`fill`), by places that the author wrote; so no value that a contact brings can ask for one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import orjson

from engine.core.build import Build
from engine.core.node import Reference
from engine.core.plain import clean
from engine.core.visit import Visit
from nodes.compute import operand

MERGE = re.compile(r"(\{\{[^{}]*\}\})")
LATER = re.compile(r"\{\{\s*(secret\.[A-Za-z_][A-Za-z0-9_]{0,63}|callback\.url)\s*\}\}")
SECRET = "secret."
CALLBACK = "callback.url"

Part = str | list[str]
"""A text, or in a list of its own the name of what stands there when the request leaves: `secret.NAME`, `callback.url`."""


@dataclass(frozen=True, slots=True)
class Filling:
    """A compiled text of a request. `late` are the names of what is filled when it leaves."""

    late: tuple[str, ...]
    parts: Callable[[Visit], list[Part]]

    def text(self, visit: Visit) -> str:
        """The text as it may be shown: what is filled later stands in it by its name."""
        return "".join(part if isinstance(part, str) else f"{{{{{part[0]}}}}}" for part in self.parts(visit))


def filling(source: str, build: Build) -> Filling:
    """Compiles a text."""
    return _together(_pieces(source, build))


def address(source: str, query: Mapping[str, str], build: Build) -> Filling:
    """Compiles an address with its query: values are encoded, but for one with which the address begins."""
    pieces = _pieces(source, build)
    pieces = [piece if at == 0 or piece.constant else _encoded(piece) for at, piece in enumerate(pieces)]
    joint = "&" if "?" in source else "?"
    for name, text in query.items():
        pieces.append(_constant(f"{joint}{quote(name, safe='')}="))
        pieces += [_encoded(piece) for piece in _pieces(text, build)]
        joint = "&"
    return _together(pieces)


@dataclass(frozen=True, slots=True)
class _Piece:
    make: Callable[[Visit], Part]
    constant: bool = False
    late: str = ""


def _pieces(source: str, build: Build) -> list[_Piece]:
    return [_piece(each, build) for each in MERGE.split(clean(source)) if each]


def _piece(source: str, build: Build) -> _Piece:
    found = LATER.fullmatch(source)
    if found is not None:
        name = found[1]
        return _Piece(lambda visit: [name], late=name)
    if MERGE.fullmatch(source):
        text = build.text(source)
        return _Piece(lambda visit: visit.say(text))
    return _constant(source)


def _constant(text: str) -> _Piece:
    return _Piece(lambda visit: text, constant=True)


def _encoded(piece: _Piece) -> _Piece:
    """The same, encoded for an address; what is filled later is encoded then."""

    def make(visit: Visit) -> Part:
        part = piece.make(visit)
        return quote(part, safe="") if isinstance(part, str) else part

    return _Piece(make, late=piece.late)


def _together(pieces: Sequence[_Piece]) -> Filling:
    return Filling(tuple(each.late for each in pieces if each.late), lambda visit: [each.make(visit) for each in pieces])


# --- JSON ----------------------------------------------------------------------------------------------------------------------
Make = Callable[[Visit, str, dict[str, list[Part]]], Any]
"""The value for a visit; where something is filled later, its place (a pointer below the second argument) and parts are noted."""


def read_json(source: str) -> Any:
    """The JSON of a text in which merge fields may stand without quotes, too. Raises orjson.JSONDecodeError.

    >>> read_json('{"day": "{{day}}", "people": {{people}}}')
    {'day': '{{day}}', 'people': '{{people}}'}
    """
    return orjson.loads(_quoted(source))


def _quoted(source: str) -> str:
    """Puts quotes around merge fields that stand outside of strings."""
    out: list[str] = []
    inside, at = False, 0
    while at < len(source):
        char = source[at]
        if inside and char == "\\":
            out.append(source[at : at + 2])
            at += 2
            continue
        field = None if inside else MERGE.match(source, at)
        if field is not None:
            out.append(orjson.dumps(field[0]).decode())
            at = field.end()
            continue
        inside ^= char == '"'
        out.append(char)
        at += 1
    return "".join(out)


def json_maker(found: Any, build: Build) -> Make:
    """Compiles a JSON value: a text that is one merge field keeps the type of what it brings."""
    match found:
        case dict():
            fields = {str(key): json_maker(each, build) for key, each in found.items()}
            return lambda visit, at, later: {key: make(visit, f"{at}/{escaped(key)}", later) for key, make in fields.items()}
        case list():
            makers = [json_maker(each, build) for each in found]
            return lambda visit, at, later: [make(visit, f"{at}/{index}", later) for index, make in enumerate(makers)]
        case str() if LATER.search(found):
            text = filling(found, build)

            def late(visit: Visit, at: str, later: dict[str, list[Part]]) -> str:
                later[at] = text.parts(visit)
                return text.text(visit)

            return late
        case str() if MERGE.fullmatch(found.strip()):
            get = operand(found.strip(), build)
            return lambda visit, at, later: get(visit)
        case str() if MERGE.search(found):
            text = filling(found, build)
            return lambda visit, at, later: text.text(visit)
        case _:
            return lambda visit, at, later: found


def json_texts(found: Any) -> Iterator[str]:
    """Every text in a JSON value."""
    match found:
        case dict():
            for each in found.values():
                yield from json_texts(each)
        case list():
            for each in found:
                yield from json_texts(each)
        case str():
            yield found
        case _:
            pass


def escaped(key: str) -> str:
    """A key as a part of a JSON pointer."""
    return key.replace("~", "~0").replace("/", "~1")


# --- for checks ----------------------------------------------------------------------------------------------------------------
def without_later(source: str) -> str:
    """The text without what is filled when the request leaves: what is left are ordinary merge fields."""
    return LATER.sub("", source)


def only_merges(source: str) -> str:
    """The merge fields alone, so that nothing else in the text is read as a message's grammar."""
    return " ".join(each for each in MERGE.findall(without_later(source)))


def secret_references(sources: Mapping[str, str]) -> tuple[Reference, ...]:
    """The secrets that texts (by their pointer) ask for: they must exist, and stay while the flow is published."""
    return tuple(Reference("secret", name, at) for at, source in sources.items() for name in secrets_in([source]))


def secrets_in(sources: Iterable[str]) -> tuple[str, ...]:
    """The names of the secrets that texts ask for."""
    names = [name.removeprefix(SECRET) for source in sources for name in LATER.findall(source) if name.startswith(SECRET)]
    return tuple(dict.fromkeys(names))
