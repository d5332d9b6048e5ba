"""Bytes to JSON and JSON to bytes: where the bytes are wrong, what is not allowed inside, how answers are written."""

from __future__ import annotations

from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, TypeAdapter, ValidationError

from api.http.error import BadRequest, Detail, MalformedJson
from api.http.plain import explain
from api.http.profile import Profile

NUL = "\x00"
INT_REFUSED = frozenset({"int_type", "int_from_float", "invalid_id"})
EXACT = 2**53
"""Above it, a float no longer names one whole number."""
T = TypeVar("T")


def parse(data: bytes) -> Any:
    """The JSON value in a body. Raises MalformedJson, which says where, and BadRequest for a NUL character."""
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise MalformedJson(f"The body is not valid JSON at {place}: {error.msg}.") from error
    refuse_nul(value)
    return value


def read(adapter: TypeAdapter[T], data: bytes, profile: Profile) -> T:
    """A validated body. Raises as `parse` does, and ValidationFailed."""
    sent = parse(data)
    try:
        return adapter.validate_json(data, context=profile)
    except ValidationError as error:
        if not any(finding["type"] in INT_REFUSED for finding in error.errors(include_url=False)):
            raise explain(error, sent) from error
    try:  # to JSON Schema 5.0 is a whole number, to a strict model it is not
        return adapter.validate_json(orjson.dumps(whole(sent)), context=profile)
    except ValidationError as error:
        raise explain(error, sent) from error


def whole(value: Any) -> Any:
    """The value with floats such as 5.0 as whole numbers, as far as floats are exact.

    >>> whole({"a": [5.0, 5.5]})
    {'a': [5, 5.5]}
    """
    match value:
        case float() if value.is_integer() and abs(value) <= EXACT:
            return int(value)
        case list():
            return [whole(item) for item in value]
        case dict():
            return {key: whole(item) for key, item in value.items()}
        case _:
            return value


def refuse_nul(value: Any) -> None:
    """Raise BadRequest if a text or key inside holds a NUL character, which PostgreSQL can't store.

    >>> refuse_nul({"a": ["b"]})
    """
    stack: list[tuple[str, Any]] = [("", value)]
    while stack:
        path, item = stack.pop()
        if isinstance(item, str):
            if NUL in item:
                detail = Detail(field=path, message="Must not hold a NUL character.")
                raise BadRequest("Text must not hold NUL characters.", type="nul_character", details=[detail])
        elif isinstance(item, dict):
            stack.extend((path, key) for key in item)
            stack.extend((f"{path}.{key}" if path else key, inner) for key, inner in item.items())
        elif isinstance(item, list):
            stack.extend((f"{path}[{index}]", inner) for index, inner in enumerate(item))


def write(model: BaseModel, profile: Profile) -> bytes:
    """An answer's bytes, ids and phones as the profile shows them."""
    return orjson.dumps(model.model_dump(mode="json", by_alias=True, context=profile))
