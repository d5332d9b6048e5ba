"""A route: one value from which validation, documentation and OpenAPI are made."""

from __future__ import annotations

import inspect
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import NoneType
from typing import Any, Literal, TypeAlias, get_args, get_origin, get_type_hints

from pydantic import BaseModel, TypeAdapter

from api.http.profile import BOTH, Profile
from api.http.request import Answer, Request, Response
from schemas.error import PostDogError

BODY_LIMIT = 1024 * 1024
"""Bytes. Enough for 1,000 contacts; uploads raise it on their own route."""
TIMEOUT = 30.0
"""Seconds. Proxies give up at 60; an honest answer must come before."""

Result: TypeAlias = BaseModel | Answer[Any] | Response | None
Handler: TypeAlias = Callable[[Request[Any, Any]], Awaitable[Result]]
Method: TypeAlias = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
PLACEHOLDER = re.compile(r"\{(\w+)(?::(\w+))?\}")


@dataclass(frozen=True, slots=True)
class Route:
    """One method at one path.

    Body, query and answer are read from the handler's annotations, summary and description from its docstring.
    `{contact:ct}` in the path is a public id (`request.id("contact")`), `{label}` a text (`request.name("label")`).

    | field | meaning |
    |---|---|
    | `status`, `also` | the status of success (204 where the handler returns None), and others it may answer |
    | `errors` | error classes to document, besides 400/422, 401, 403, 404 on ids, 413, 415, 429 and 500 |
    | `scope`, `roles` | what the key must hold, such as `contacts:write`; one of these roles (none: any) |
    | `public` | needs no key and knows no rate limit |
    | `profiles` | where it is mounted: /v1 and /api/v1, or `()` for its path as it stands |
    | `body_limit`, `timeout` | bytes, seconds |
    | `idempotency` | for POST and PATCH: takes an Idempotency-Key, requires it, or ignores it |
    | `if_match` | If-Match is required (428); compare with `request.require_match(etag)` |
    | `quiet` | requests that went well are logged at debug: there are thousands a second |
    | `consumes`, `produces` | media types of a body read from `request.raw` or of a Response |
    """

    method: Method
    path: str
    handler: Handler
    tags: tuple[str, ...] = ()
    status: int = 200
    also: tuple[int, ...] = ()
    errors: tuple[type[PostDogError], ...] = ()
    scope: str | None = None
    roles: tuple[str, ...] = ()
    public: bool = False
    profiles: tuple[Profile, ...] = BOTH
    body_limit: int = BODY_LIMIT
    timeout: float = TIMEOUT
    idempotency: Literal["optional", "required", "off"] = "optional"
    if_match: bool = False
    quiet: bool = False
    consumes: tuple[str, ...] = ()
    produces: str = "application/json"

    @property
    def placeholders(self) -> dict[str, str | None]:
        """The names in the path, each with its id's prefix, or None for a text."""
        return {name: prefix or None for name, prefix in PLACEHOLDER.findall(self.path)}

    @property
    def plain_path(self) -> str:
        """The path without prefixes: `/contacts/{contact}`."""
        return PLACEHOLDER.sub(r"{\1}", self.path)

    @property
    def takes_key(self) -> bool:
        """Whether an Idempotency-Key counts here. Uploads are left out: their bodies are not kept for comparing."""
        writes = self.method in ("POST", "PATCH")
        return writes and not self.public and not self.consumes and self.idempotency != "off"

    def mounted(self, profile: Profile | None) -> str:
        """The path under a profile's mount.

        >>> Route("GET", "/contacts/{contact:ct}", handler=print).mounted(BOTH[0])
        '/v1/contacts/{contact}'
        """
        return (profile.mount if profile else "") + self.plain_path


@dataclass(frozen=True, slots=True)
class Signature:
    """What a handler's annotations and docstring say."""

    name: str
    summary: str
    description: str
    body: type[BaseModel] | None
    body_optional: bool
    query: type[BaseModel] | None
    returns: type[BaseModel] | None
    empty: bool

    @property
    def body_adapter(self) -> TypeAdapter[BaseModel] | None:
        return TypeAdapter(self.body) if self.body else None


def signature(handler: Handler) -> Signature:
    """Read a handler. Raises TypeError, which says what to write, when it is not written as the guide says."""
    name = getattr(handler, "__name__", repr(handler))
    hints = get_type_hints(handler)
    returns = hints.pop("return", None)
    if len(hints) != 1:
        raise TypeError(f"{name} must be written: async def {name}(request: Request[Body, Query]) -> Model")
    (taken,) = hints.values()
    body, query = (*get_args(taken), None, None)[:2]
    if taken is not Request and get_origin(taken) is not Request:
        raise TypeError(f"{name} must take a Request, not {taken!r}.")
    doc = inspect.getdoc(handler)
    if not doc:
        raise TypeError(f"{name} needs a docstring: its first line is the summary in the documentation.")
    summary, _, description = doc.partition("\n")
    body_model, body_optional = model_of(name, body)
    return Signature(
        name=name.strip("_"),
        summary=summary.strip().removesuffix("."),
        description=description.strip(),
        body=body_model,
        body_optional=body_optional,
        query=model_of(name, query)[0],
        returns=answer_of(name, returns),
        empty=returns in (None, NoneType),
    )


def model_of(name: str, hint: Any) -> tuple[type[BaseModel] | None, bool]:
    """The model of an annotation such as `Model` or `Model | None`, and whether None is allowed."""
    if hint in (None, NoneType):
        return None, True
    members = [member for member in get_args(hint) if member is not NoneType] or [hint]
    optional = NoneType in get_args(hint)
    if len(members) == 1 and inspect.isclass(members[0]) and issubclass(members[0], BaseModel):
        return members[0], optional
    raise TypeError(f"{name} must take pydantic models, not {hint!r}. Put a union into a RootModel.")


def answer_of(name: str, hint: Any) -> type[BaseModel] | None:
    """The model that a handler answers with, or None where it answers nothing or a Response."""
    if get_origin(hint) is Answer:
        (hint,) = get_args(hint)
    if hint in (None, NoneType) or (inspect.isclass(hint) and issubclass(hint, Response)):
        return None
    if inspect.isclass(hint) and issubclass(hint, BaseModel):
        return hint
    raise TypeError(f"{name} must return a pydantic model, Answer[Model], Response or None, not {hint!r}.")
