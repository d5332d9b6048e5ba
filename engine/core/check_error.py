"""A model's errors as Problems: which place in the document each is about, and one finding where a choice failed as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, to_json

from engine.core.check_words import listing, one_of_types, suggestion, wanted_type, words
from schemas.problem import Problem, pointer

M = TypeVar("M", bound=BaseModel)
Path = tuple[str | int, ...]

DISCRIMINATORS = ("kind", "type")
"""The keys by which documents say which of several shapes a value has."""
MAX_ERRORS = 500
"""Findings of one model told in one go."""


def read_model(model: type[M], value: object, at: Path = ()) -> tuple[M | None, list[Problem]]:
    """The model of a tidied JSON value, or all that is wrong with it, with pointers below `at`.

    JSON's own types only: "5" is no number, 1 is not true, and a Python name is not an alias.
    """
    try:
        return model.model_validate_json(to_json(value), strict=True, by_alias=True, by_name=False), []
    except ValidationError as error:
        return None, problems_of_errors(error.errors(include_url=False, include_input=False), value, at)


def problems_of_errors(errors: list[ErrorDetails], value: object, at: Path) -> list[Problem]:
    """Problems for the errors that a model found in a value."""
    root = _Place()
    for error in errors[:MAX_ERRORS]:
        if _phantom(error, value):
            continue
        place, path = root, []
        for tag, part in _walk(error, value):
            place = place.branches.setdefault(str(part), _Place()) if tag else place.parts.setdefault(part, _Place())
            if not tag:
                path.append(part)
        place.errors.append(_plainer(error, _at(value, path)))
    found = [Problem(code, "error", pointer(*at, *path), message, hint) for path, code, message, hint in _settle(root, ())]
    return _with_suggestions(found)


def _plainer(error: ErrorDetails, said: object) -> ErrorDetails:
    """An empty text is told as empty, not as one that misses a pattern."""
    if error["type"] == "string_pattern_mismatch" and said == "":
        return {**error, "type": "string_too_short", "ctx": {"min_length": 1}}
    return error


def _at(value: Any, path: list[str | int]) -> object:
    for part in path:
        inside = isinstance(value, dict | list) and (part in value if isinstance(value, dict) else isinstance(part, int))
        value = value[part] if inside else None
    return value


def _phantom(error: ErrorDetails, value: Any) -> bool:
    """A list whose only item is broken is also reported as empty; it isn't."""
    if error["type"] != "too_short":
        return False
    for part in error["loc"]:
        if isinstance(value, dict) and part in value:
            value = value[part]
            continue
        if isinstance(value, list) and isinstance(part, int):
            value = value[part]
    return isinstance(value, list) and len(value) >= error["ctx"]["min_length"]


@dataclass(slots=True)
class _Place:
    """A place in the value: what is wrong here, below it, and in each shape that was tried for it."""

    errors: list[ErrorDetails] = field(default_factory=list)
    parts: dict[str | int, _Place] = field(default_factory=dict)
    branches: dict[str, _Place] = field(default_factory=dict)


def _walk(error: ErrorDetails, value: Any) -> Iterator[tuple[bool, str | int]]:
    """The steps of an error's location: (True, name of a tried shape) or (False, key or index)."""
    location = error["loc"]
    for index, part in enumerate(location):
        rest = location[index + 1 :]
        item = isinstance(value, list) and isinstance(part, int) and part < len(value)
        key = isinstance(value, dict) and part in value
        if item or (key and not _is_tag(part, rest, value, error["type"])):
            yield False, part
            value = value[part]
        elif not rest and error["type"] == "missing":
            yield False, part
        elif part != "[key]":
            yield True, part
    if error["type"] in ("union_tag_invalid", "union_tag_not_found"):
        yield False, str(error.get("ctx", {}).get("discriminator", "kind")).strip("'")


def _is_tag(part: str | int, rest: tuple[str | int, ...], value: dict[str, Any], kind: str) -> bool:
    """Whether a part that is also a key names the shape instead, as `text` does in {"kind": "text", "text": 5}."""
    if not rest or all(value.get(key) != part for key in DISCRIMINATORS):
        return False
    inner = value[str(part)]
    if not isinstance(inner, dict | list):
        return True
    return rest[0] in value or (len(rest) == 1 and kind == "missing" and not isinstance(inner, dict))


def _settle(place: _Place, path: Path) -> Iterator[tuple[Path, str, str, str]]:
    for error in place.errors:
        yield path, *words(error["type"], error.get("ctx", {}), error["msg"])
    for part, inner in place.parts.items():
        yield from _settle(inner, (*path, part))
    if not place.branches:
        return
    # Where several shapes were tried, the author meant the one whose type fits, and of two, the one whose keys fit.
    meant = [branch for branch in place.branches.values() if _beyond_type(branch)]
    if len(meant) > 1:
        meant = [branch for branch in meant if not any(_wrong_key(inner) for inner in branch.parts.values())]
    if len(meant) == 1:
        yield from _settle(meant[0], path)
    else:
        yield (
            path,
            "wrong_type",
            one_of_types([_wanted(error) for branch in place.branches.values() for error in branch.errors]),
            "",
        )


def _beyond_type(branch: _Place) -> bool:
    return bool(branch.parts or branch.branches) or any(not _wanted(error) for error in branch.errors)


def _wanted(error: ErrorDetails) -> str:
    """What would have been right, where the error is about the kind of value or names its few words."""
    return str(error["ctx"]["expected"]) if error["type"] == "literal_error" else wanted_type(error["type"])


def _wrong_key(place: _Place) -> bool:
    return any(error["type"] in ("missing", "extra_forbidden") for error in place.errors)


def _with_suggestions(problems: list[Problem]) -> list[Problem]:
    """An unknown key beside a missing one is probably its misspelling."""
    missing: dict[str, list[str]] = {}
    for problem in problems:
        if problem.code == "missing":
            parent, _, key = problem.pointer.rpartition("/")
            missing.setdefault(parent, []).append(key)
    result = []
    for problem in problems:
        parent, _, key = problem.pointer.rpartition("/")
        if problem.code == "unknown_key" and (hint := suggestion(key, missing.get(parent, []))):
            problem = replace(problem, hint=hint)
        elif problem.code == "missing":
            problem = replace(problem, message=f"“{key}” is missing.")
        elif problem.code == "unknown_key":
            problem = replace(problem, message=f"Nothing is known as {listing([f'“{key}”'])} here.")
        result.append(problem)
    return result
