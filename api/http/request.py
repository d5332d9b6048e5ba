"""What a handler gets and what it may answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic

from aiohttp import web
from pydantic import BaseModel
from typing_extensions import TypeVar

from api.http.auth import Principal
from api.http.error import Unauthorized
from api.http.etag import require_match
from api.http.idempotency import Ticket
from api.http.profile import Profile
from schemas.value import value

Body = TypeVar("Body", default=None)
Query = TypeVar("Query", default=None)
Model = TypeVar("Model", bound=BaseModel)


@value(frozen=True, slots=True)
class Request(Generic[Body, Query]):
    """A request that was understood: signed in, within its limits, and validated.

    `Request[CreateContact]` has a JSON body, `Request[None, ListContacts]` query parameters, `Request` neither.
    `Request[Start | None]` has a body that may be missing. `now` is the instant at which it came in, in UTC.
    """

    body: Body
    query: Query
    profile: Profile
    who: Principal | None
    now: datetime
    request_id: str
    ids: Mapping[str, int]
    names: Mapping[str, str]
    raw: web.Request
    ticket: Ticket | None = None

    def id(self, placeholder: str) -> int:
        """The primary key in the path: 42 for `/contacts/{contact:ct}` and `/contacts/ct_g`."""
        return self.ids[placeholder]

    def name(self, placeholder: str) -> str:
        """The text in the path: "primary" for `/devices/{label}` and `/devices/primary`."""
        return self.names[placeholder]

    @property
    def principal(self) -> Principal:
        """Who asks. Raises Unauthorized on a public route."""
        if self.who is None:
            raise Unauthorized
        return self.who

    @property
    def tenant(self) -> int:
        """The tenant that the request is made for."""
        return self.principal.tenant

    @property
    def if_match(self) -> str | None:
        """The If-Match header."""
        return self.raw.headers.get("If-Match")

    def require_match(self, etag: str) -> None:
        """Raise 428 without If-Match and 412 when it names another state than `etag`."""
        require_match(self.if_match, etag)


@dataclass(frozen=True, slots=True)
class Answer(Generic[Model]):
    """A model with more to say: another status than the route's, an ETag, headers."""

    model: Model
    status: int | None = None
    etag: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


Response = web.StreamResponse
"""What handlers return that don't answer JSON: a file, a text, a stream."""
