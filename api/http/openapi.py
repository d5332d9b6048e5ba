"""OpenAPI 3.1 of the routes, as one profile shows them. pydantic writes the schemas; this puts them together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from api.http.error import (
    BadRequest,
    BodyTooLarge,
    ErrorAnswer,
    Forbidden,
    InternalError,
    KeyInUse,
    KeyReused,
    MalformedJson,
    PreconditionFailed,
    PreconditionRequired,
    TimedOut,
    TooManyRequests,
    Unauthorized,
    UnsupportedMediaType,
    ValidationFailed,
    envelope,
    status_of,
)
from api.http.etag import FORM as ETAG_FORM
from api.http.idempotency import FORM as IDEMPOTENCY_FORM
from api.http.profile import NATIVE, Profile
from api.http.read import UnknownId
from api.http.route import Route, Signature, signature
from api.http.schema_of import id_schema, settle
from schemas.error import PostDogError, default_message

REF = "#/components/schemas/{model}"
JSON = "application/json"
Mode = Literal["validation", "serialization"]
Document = dict[str, Any]
References = Mapping[tuple[type[BaseModel], Mode], Document]

INTRODUCTION = """Send your key as `Authorization: Bearer <key>` or as `X-API-Key: <key>`. Bodies and answers are JSON in
UTF-8; times are ISO 8601 in UTC.

Ids look like `ct_4f`; the bare number behind them is taken too. Lists come in pages: `?page=1&limit=50`, at most 100 on a
page, and a `Link` header with the neighbours.

To repeat a POST or PATCH safely, send an `Idempotency-Key`: the same key with the same body gives the first answer again,
for 24 hours, with `Idempotent-Replayed: true`.

Every answer says where you stand: `X-RateLimit-Limit`, `X-RateLimit-Remaining`, `X-RateLimit-Reset`. After a 429 wait for
`Retry-After` seconds.

Every refusal has the same shape, see **ErrorAnswer**: `type` is stable, `message` is for people, and `request_id` is
what an operator needs to find the request in the log."""

HEADERS: Document = {
    "X-Request-Id": {"description": "The request's id, also in the log.", "schema": {"type": "string"}},
    "X-RateLimit-Limit": {"description": "Requests per window.", "schema": {"type": "integer"}},
    "X-RateLimit-Remaining": {"description": "Requests that may come at once now.", "schema": {"type": "integer"}},
    "X-RateLimit-Reset": {"description": "Unix time at which the limit resets.", "schema": {"type": "integer"}},
}
SECURITY: Document = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "Authorization: Bearer pd_live_…"},
    "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}


def document(routes: Iterable[Route], profile: Profile | None, *, title: str, version: str) -> Document:
    """The OpenAPI document of a profile's routes; None stands for NATIVE and the routes outside all mounts.

    Raises ValueError when two handlers have one name, since that is the operation's id.
    """
    shown = profile or NATIVE
    listed = [(route, mount, signature(route.handler)) for route in routes for mount in mounts(route, profile)]
    components, references = schemas([read for _, _, read in listed], shown)
    for _, _, read in listed:
        components = {**inner_schemas(read, shown), **components}
    paths: Document = {}
    names: set[str] = set()
    for route, mount, read in listed:
        if read.name in names:
            raise ValueError(f"Two handlers are named {read.name}; their operations need different names.")
        names.add(read.name)
        paths.setdefault(route.mounted(mount), {})[route.method.lower()] = operation(route, read, shown, references)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version, "description": INTRODUCTION},
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in dict.fromkeys(tag for route, _, _ in listed for tag in route.tags)],
        "security": [{"bearer": []}, {"apiKey": []}],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(components.items())),
            "headers": HEADERS,
            "securitySchemes": SECURITY,
        },
    }


def mounts(route: Route, profile: Profile | None) -> tuple[Profile | None, ...]:
    """Where a route appears in a profile's document."""
    if not route.profiles:
        return (None,) if profile is None else ()
    return (profile or NATIVE,) if (profile or NATIVE) in route.profiles else ()


def schemas(signatures: Sequence[Signature], profile: Profile) -> tuple[Document, References]:
    """All models that the handlers take and answer, by name, and where each model is found."""
    wanted: dict[tuple[type[BaseModel], Mode], None] = {(ErrorAnswer, "serialization"): None}
    for read in signatures:
        if read.body:
            wanted[(read.body, "validation")] = None
        if read.returns:
            wanted[(read.returns, "serialization")] = None
    names, definitions = models_json_schema(list(wanted), ref_template=REF)
    components = {name: settle(schema, profile) for name, schema in definitions.get("$defs", {}).items()}
    return components, {pair: names[pair] for pair in wanted}


def operation(route: Route, read: Signature, profile: Profile, references: References) -> Document:
    """One operation."""
    described: Document = {
        "operationId": read.name,
        "summary": read.summary,
        "tags": list(route.tags),
        "parameters": [*path_parameters(route), *query_parameters(read, profile), *headers(route)],
        "responses": {**successes(route, read, references), **failures(route, read, profile)},
    }
    if read.description:
        described["description"] = read.description
    if route.public:
        described["security"] = []
    if route.scope:
        described["x-scope"] = route.scope
    if read.body:
        schema = references[(read.body, "validation")]
        described["requestBody"] = {"required": not read.body_optional, "content": {JSON: {"schema": schema}}}
    elif route.consumes:
        described["requestBody"] = {"required": True, "content": {media: {} for media in route.consumes}}
    return described


def path_parameters(route: Route) -> list[Document]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": id_schema(prefix) if prefix else {"type": "string", "minLength": 1},
        }
        for name, prefix in route.placeholders.items()
    ]


def inner_schemas(read: Signature, profile: Profile) -> Document:
    """The definitions that query parameters refer to."""
    if read.query is None:
        return {}
    definitions = read.query.model_json_schema(ref_template=REF).get("$defs", {})
    return {name: settle(inner, profile) for name, inner in definitions.items()}


def query_parameters(read: Signature, profile: Profile) -> list[Document]:
    if read.query is None:
        return []
    schema = read.query.model_json_schema(ref_template=REF)
    parameters = []
    for name, field in schema.get("properties", {}).items():
        settled = settle(field, profile)
        parameter: Document = {"name": name, "in": "query", "schema": settled}
        if text := settled.pop("description", None):
            parameter["description"] = text
        if name in schema.get("required", ()):
            parameter["required"] = True
        parameters.append(parameter)
    return parameters


def headers(route: Route) -> list[Document]:
    found: list[Document] = []
    if route.takes_key:
        found.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": route.idempotency == "required",
                "description": "Repeat a request under the same key and it has one effect; kept for 24 hours.",
                "schema": {"type": "string", "pattern": IDEMPOTENCY_FORM, "examples": ["8e03978e-40d5"]},
            }
        )
    if route.if_match:
        found.append(
            {
                "name": "If-Match",
                "in": "header",
                "required": True,
                "description": "The ETag of the state that you loaded, or *.",
                "schema": {"type": "string", "pattern": ETAG_FORM},
            }
        )
    return found


def successes(route: Route, read: Signature, references: References) -> Document:
    content: Document = {}
    if read.returns:
        content = {"content": {JSON: {"schema": references[(read.returns, "serialization")]}}}
    elif not read.empty:
        content = {"content": {route.produces: {}}}
    names = ["X-Request-Id"] if route.public else list(HEADERS)
    shown = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    status = 204 if read.empty and route.status == 200 else route.status
    return {str(each): {"description": "Done.", "headers": shown, **content} for each in (status, *route.also)}


def failures(route: Route, read: Signature, profile: Profile) -> Document:
    """The refusals of a route by status, each with an example."""
    several: dict[int, list[type[PostDogError]]] = {}
    for kind in dict.fromkeys(refusals(route, read)):
        several.setdefault(status_of(kind, profile), []).append(kind)
    return {
        str(status): {
            "description": "\n\n".join(f"`{kind.code}`: {default_message(kind)}" for kind in kinds),
            "content": {
                JSON: {
                    "schema": {"$ref": REF.format(model=ErrorAnswer.__name__)},
                    "examples": {kind.code: {"value": example(kind, profile)} for kind in kinds},
                }
            },
        }
        for status, kinds in sorted(several.items())
    }


def refusals(route: Route, read: Signature) -> list[type[PostDogError]]:
    found: list[type[PostDogError]] = [BadRequest, InternalError, TimedOut]
    if not route.public:
        found += [Unauthorized, Forbidden, TooManyRequests]
    if read.query or read.body:
        found.append(ValidationFailed)
    if read.body:
        found += [MalformedJson, BodyTooLarge, UnsupportedMediaType]
    elif route.takes_key or route.consumes:
        found.append(BodyTooLarge)
    if any(route.placeholders.values()):
        found.append(UnknownId)
    if route.takes_key:
        found += [KeyInUse, KeyReused]
    if route.if_match:
        found += [PreconditionFailed, PreconditionRequired]
    return [*found, *route.errors]


def example(kind: type[PostDogError], profile: Profile) -> Document:
    return envelope(kind(), profile, "req_4f2c81d07a35b9e61c0d8f24")[1].model_dump(mode="json", exclude={"current"})
