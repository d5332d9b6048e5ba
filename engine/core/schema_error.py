"""What JSON Schema alone finds in a flow document: no models, no pydantic, each error where the author must look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, ValidationError

from engine.core.schema_shape import FORMATS
from schemas.problem import pointer

Path = tuple[str | int, ...]
Finding = tuple[str, str]
"""(JSON pointer, message)."""


def validator(schema: Mapping[str, Any]) -> Draft202012Validator:
    """The validator of a composed schema, with dates and our own formats judged. Make it once."""
    formats = FormatChecker(formats=["date"])
    for name, holds in FORMATS.items():
        formats.checks(name, raises=ValueError)(_of_text(holds))
    return Draft202012Validator(schema, format_checker=formats)


def schema_problems(document: object, checker: Draft202012Validator) -> list[Finding]:
    """Everything that the schema refuses in a JSON value, in the document's order, each once.

    Where several shapes are possible, the errors of the one that was meant; for a missing or an unknown key, its own pointer.
    """
    found = dict.fromkeys(finding for error in checker.iter_errors(document) for finding in _findings(error, ()))
    return [(pointer(*path), message) for path, message in found]


def _of_text(holds: Any) -> Any:
    return lambda value: not isinstance(value, str) or holds(value)


def _findings(error: ValidationError, base: Path) -> Iterator[tuple[Path, str]]:
    path = (*base, *error.relative_path)
    value: Any = error.instance
    wanted: Any = error.validator_value
    schema: Any = error.schema
    match error.validator:
        case "required":
            for name in wanted:
                if name not in value:
                    yield (*path, name), "is missing"
        case "additionalProperties":
            for name in value:
                if name not in schema.get("properties", {}):
                    yield (*path, name), "is not known"
        case _ if list(error.relative_schema_path)[-2:-1] == ["propertyNames"]:
            yield (*path, str(value)), error.message
        case "anyOf" | "oneOf":
            yield from _meant(error, path)
        case _:
            yield path, error.message


def _wrong_key(error: ValidationError) -> bool:
    return error.validator in ("required", "additionalProperties") and not error.relative_path


def _meant(error: ValidationError, path: Path) -> Iterator[tuple[Path, str]]:
    """The errors of the one shape whose type fits; else the choice as a whole."""
    branches: dict[str | int, list[ValidationError]] = {}
    for inner in error.context or ():
        branches.setdefault(inner.relative_schema_path[0], []).append(inner)
    fitting = [
        inner for inner in branches.values() if not any(each.validator == "type" and not each.relative_path for each in inner)
    ]
    if len(fitting) > 1:
        fitting = [inner for inner in fitting if not any(_wrong_key(each) for each in inner)]
    if len(fitting) != 1:
        yield path, "fits none of the possible shapes"
        return
    for inner in fitting[0]:
        yield from _findings(inner, path)
