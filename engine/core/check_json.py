"""From bytes to JSON that the models can take: size, syntax, depth, and values that no store can keep."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

from schemas.flow import MAX_DOCUMENT_BYTES
from schemas.problem import Problem, pointer

MAX_NESTING = 64
"""Levels of lists and objects: rules nest ten deep and take two levels each; deeper JSON is no flow."""
MAX_STRING = 10_000
"""Characters of any text in a flow: what a rendered message may have."""
MAX_INTEGER = 2**63 - 1
"""What SQL and JSON readers in other languages keep exactly."""
MAX_DIGITS = 20
MAX_FOUND = 100
"""Unsound values told in one go; the next check tells the rest."""

Report = Callable[[str, tuple[str | int, ...], str, str], None]


def read_document(raw: bytes) -> object | Problem:
    """The JSON value of a request's or a file's bytes, or the Problem that says where it can't be read. Never raises.

    >>> read_document(b'{"name": "Hi"}')
    {'name': 'Hi'}
    >>> read_document(b'{"name": }').message
    'This is not valid JSON: expecting value, at line 1, column 10.'
    """
    if len(raw) > MAX_DOCUMENT_BYTES:
        return _unreadable(
            "document_too_large",
            f"This flow has {len(raw):,} bytes; at most {MAX_DOCUMENT_BYTES:,} are allowed.",
            "Split it into several flows.",
        )
    if b"\0" in raw:
        return _unreadable("invalid_json", f"There is a NUL byte at position {raw.index(0):,}.", "Save it as UTF-8 text.")
    try:
        text = raw.decode("utf-8-sig")
        found: object = json.loads(text, parse_constant=_no_constant, parse_int=_integer, object_pairs_hook=_object)
        return found
    except UnicodeDecodeError as error:
        return _unreadable("invalid_json", f"The byte at position {error.start:,} is not UTF-8.", "Save it as UTF-8 text.")
    except json.JSONDecodeError as error:
        what = error.msg[:1].lower() + error.msg[1:]
        where = f"line {error.lineno}, column {error.colno}"
        return _unreadable("invalid_json", f"This is not valid JSON: {what}, at {where}.", "Correct the JSON there.")
    except _Unsound as error:
        return _unreadable(error.code, error.message, error.hint)
    except RecursionError:
        return _unreadable("too_deep", f"This is nested more than {MAX_NESTING} levels deep.", "A flow needs far fewer levels.")


def tidy(document: object) -> tuple[Any, list[Problem]]:
    """The document with JSON values only, and what had to be replaced. Never raises.

    5.0 becomes 5, because JSON knows one kind of number. NUL and lone surrogates, which no store keeps, numbers that aren't
    finite or have no exact form, texts above 10,000 characters and what is too deep are told, and replaced by harmless values
    so that everything else can still be checked.

    >>> tidy({"x": 5.0})
    ({'x': 5}, [])
    """
    if _sound(document, 0):
        return document, []
    problems: list[Problem] = []

    def report(code: str, parts: tuple[str | int, ...], message: str, hint: str) -> None:
        if len(problems) < MAX_FOUND:
            problems.append(Problem(code, "error", pointer(*(_encodable(part) for part in parts)), message, hint))

    return _tidy(document, (), report), problems


def _sound(value: Any, depth: int) -> bool:
    """Whether there is nothing to replace: most documents are sound, and looking is five times as quick as copying."""
    kind = type(value)
    if kind is str:
        return len(value) <= MAX_STRING and "\0" not in value and (value.isascii() or _encodable(value) == value)
    if kind is dict:
        return depth < MAX_NESTING and all(
            type(key) is str and _sound(key, depth) and _sound(each, depth + 1) for key, each in value.items()
        )
    if kind is list:
        return depth < MAX_NESTING and all(_sound(each, depth + 1) for each in value)
    if isinstance(value, int) and kind is int:
        return -MAX_INTEGER <= value <= MAX_INTEGER
    return value is None or kind is bool or (kind is float and value - value == 0 and not value.is_integer())


class _Unsound(Exception):
    """Found while parsing; carries what to say."""

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.code, self.message, self.hint = code, message, hint


def _unreadable(code: str, message: str, hint: str) -> Problem:
    return Problem(code, "error", "", message, hint)


def _no_constant(name: str) -> Any:
    raise _Unsound("invalid_json", f"{name} is not a JSON number.", "Write a number, or null.")


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise _Unsound("bad_number", f"A number with {len(digits):,} digits is too large.", "Write it as a text.")
    return int(digits)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        (twice, _), *_ = Counter(key for key, _ in pairs).most_common(1)
        raise _Unsound("duplicate_key", f"An object holds the key {twice[:100]!r} twice.", "Remove one of them.")
    return made


def _tidy(value: object, at: tuple[str | int, ...], report: Report) -> Any:
    match value:
        case None | bool():
            return value
        case str():
            return _text(value, at, report)
        case int():
            if abs(value) <= MAX_INTEGER:
                return value
            report("bad_number", at, "This number is too large.", "Write it as a text.")
            return 0
        case float():
            return _number(value, at, report)
        case list() | tuple() | dict() if len(at) >= MAX_NESTING:
            report("too_deep", at, f"This is nested more than {MAX_NESTING} levels deep.", "A flow needs far fewer levels.")
            return None
        case list() | tuple():
            return [_tidy(each, (*at, index), report) for index, each in enumerate(value)]
        case dict():
            return {
                _text(key, (*at, key), report): _tidy(each, (*at, key), report)
                for key, each in value.items()
                if isinstance(key, str)
            }
        case _:
            report("not_json", at, f"A {type(value).__name__} is not a JSON value.", "Use texts, numbers, lists and objects.")
            return None


def _number(value: float, at: tuple[str | int, ...], report: Report) -> int | float:
    if value - value != 0:  # infinite, or not a number
        report("bad_number", at, "This is not a finite number.", "Write a number.")
        return 0
    return int(value) if abs(value) <= MAX_INTEGER and value.is_integer() else value


def _text(value: str, at: tuple[str | int, ...], report: Report) -> str:
    if len(value) > MAX_STRING:
        message = f"This text has {len(value):,} characters; at most {MAX_STRING:,} are allowed."
        report("too_long", at, message, "Shorten it.")
        return value[:20]
    if value.isascii():
        if "\0" not in value:
            return value
    elif "\0" not in value and _encodable(value) == value:
        return value
    report("bad_character", at, "This text holds a character that can't be stored (NUL or half a character).", "Remove it.")
    return str(_encodable(value)).replace("\0", "?")


def _encodable(part: str | int) -> Any:
    return part.encode("utf-8", "replace").decode() if isinstance(part, str) else part
