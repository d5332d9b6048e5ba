"""The parts of a request that a handler asked for: path, query and body, each checked."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientPayloadError, web
from multidict import MultiMapping
from pydantic import BaseModel, TypeAdapter, ValidationError

from api.http.error import BadRequest, BodyTimeout, BodyTooLarge, Detail, UnsupportedMediaType, ValidationFailed
from api.http.json_body import NUL, read, refuse_nul
from api.http.plain import explain
from api.http.profile import Profile
from schemas.error import NotFound
from schemas.public_id import InvalidId, noun, read_id


class UnknownId(NotFound):
    """There is nothing with this id."""


def path_values(raw: web.Request, placeholders: dict[str, str | None]) -> tuple[dict[str, int], dict[str, str]]:
    """The ids and the texts in the path. An id that can't be one is not found: UnknownId."""
    ids: dict[str, int] = {}
    names: dict[str, str] = {}
    for name, prefix in placeholders.items():
        text = raw.match_info[name]
        if NUL in text:
            raise BadRequest("The address must not hold NUL characters.", type="nul_character")
        if prefix is None:
            names[name] = text
            continue
        try:
            ids[name] = read_id(prefix, text)
        except InvalidId as error:
            raise UnknownId(f"There is no {noun(prefix)} with this id. {error.message}") from error
    return ids, names


@dataclass(frozen=True, slots=True)
class QueryReader:
    """Reads the query parameters of one model. Parameters of list fields may be repeated."""

    adapter: TypeAdapter[BaseModel]
    lists: frozenset[str]

    def read(self, query: MultiMapping[str], profile: Profile) -> BaseModel:
        """Raises ValidationFailed, and BadRequest for NUL characters."""
        values: dict[str, Any] = {}
        for name in dict.fromkeys(query):
            several = query.getall(name)
            if name not in self.lists and len(several) > 1:
                detail = Detail(field=name, message="This parameter must be given once only.")
                raise ValidationFailed(f"{name} must be given once only.", details=[detail])
            values[name] = several if name in self.lists else several[0]
        refuse_nul(values)
        try:
            return self.adapter.validate_python(values, context=profile)
        except ValidationError as error:
            raise explain(error, values) from error


def query_reader(model: type[BaseModel]) -> QueryReader:
    """The reader for a query model."""
    properties = model.model_json_schema().get("properties", {})
    return QueryReader(TypeAdapter(model), frozenset(name for name, schema in properties.items() if is_list(schema)))


def is_list(schema: dict[str, Any]) -> bool:
    """Whether a JSON Schema takes lists.

    >>> is_list({"anyOf": [{"type": "array"}, {"type": "null"}]})
    True
    """
    return schema.get("type") == "array" or any(is_list(branch) for branch in schema.get("anyOf", ()))


async def body_bytes(raw: web.Request, limit: int, seconds: float) -> bytes:
    """The whole body. Raises BodyTooLarge, BodyTimeout, and BadRequest where its encoding is broken."""
    try:
        if raw.content.is_eof():  # a small body came with its headers: there is nothing to wait for
            return await raw.read()
        async with asyncio.timeout(seconds):
            return await raw.read()
    except TimeoutError as error:
        raise BodyTimeout from error
    except web.HTTPRequestEntityTooLarge as error:
        raise too_large(limit) from error
    except (web.RequestPayloadError, ClientPayloadError) as error:
        # aiohttp drops the connection after this, so the client must not send its next request on it.
        raise BadRequest(
            "The body is cut off, or not encoded as its headers say.",
            type="broken_body",
            headers={"Connection": "close"},
        ) from error


def too_large(limit: int) -> BodyTooLarge:
    """The refusal, with the limit."""
    words = f"{limit // 1_000_000} MB" if limit >= 1_000_000 and limit % 1_000_000 == 0 else f"{limit:,} bytes"
    return BodyTooLarge(f"The body is too large: at most {words} are taken here.")


def json_model(
    raw: web.Request, adapter: TypeAdapter[BaseModel], optional: bool, data: bytes, profile: Profile
) -> BaseModel | None:
    """The validated JSON body; None where it is missing and may be."""
    if not data:
        if optional:
            return None
        raise BadRequest("This request needs a JSON body.", type="body_required")
    if not (raw.content_type == "application/json" or raw.content_type.endswith("+json")):
        raise UnsupportedMediaType
    if (raw.charset or "utf-8").lower() not in ("utf-8", "utf8", "us-ascii"):
        raise UnsupportedMediaType("Send JSON in UTF-8.")
    return read(adapter, data, profile)
