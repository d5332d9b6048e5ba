"""Bytes to JSON and JSON to bytes: where the bytes are wrong, what is not allowed inside, how answers are written."""

from __future__ import annotations

from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, TypeAdapter, ValidationError

from api.http.error import BadRequest, Detail, MalformedJson
from api.http.plain import explain
from api.http.profile import Profile

NUL = "\x00"
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
        raise explain(error, sent) from error


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
