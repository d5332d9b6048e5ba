"""Results and errors as HTTP responses."""

from __future__ import annotations

import math

import orjson
from aiohttp import web
from pydantic import BaseModel

from api.http.error import (
    BadRequest,
    BodyTooLarge,
    HttpError,
    InternalError,
    MethodNotAllowed,
    UnknownRoute,
    envelope,
)
from api.http.etag import not_modified
from api.http.exchange import Exchange
from api.http.json_body import write
from api.http.page import Page, link_header
from api.http.profile import NATIVE, Profile
from api.http.request import Answer
from api.http.route import Result
from schemas.error import PostDogError

JSON = "application/json"


def respond(result: Result, status: int, profile: Profile, raw: web.Request) -> web.StreamResponse:
    """The response for what a handler answered."""
    match result:
        case None:
            return web.Response(status=204 if status == 200 else status)
        case web.StreamResponse():
            return result
        case Answer():
            return _model(result, result.status or status, profile, raw)
        case BaseModel():
            return _model(Answer(result), status, profile, raw)
    raise TypeError(f"A handler answered {type(result).__name__}.")


def _model(answer: Answer[BaseModel], status: int, profile: Profile, raw: web.Request) -> web.Response:
    headers = dict(answer.headers)
    if answer.etag is not None:
        headers["ETag"] = answer.etag
    reads = raw.method in ("GET", "HEAD")
    if reads and not_modified(raw.headers.get("If-None-Match"), answer.etag):
        return web.Response(status=304, headers=headers)
    model = answer.model
    if isinstance(model, Page):
        headers["Link"] = link_header(raw.rel_url, model.page, model.limit, model.total)
    return web.Response(status=status, body=write(model, profile), content_type=JSON, headers=headers)


def refuse(error: PostDogError, exchange: Exchange) -> web.Response:
    """The envelope for an error, with the headers that belong to it."""
    status, answer = envelope(error, exchange.profile, exchange.request_id)
    headers = error.headers if isinstance(error, HttpError) else {}
    if status == 401:
        headers = {"WWW-Authenticate": 'Bearer realm="PostDog"', **headers}
    shown = {"current"} if answer.current is None else set()
    data = orjson.dumps(answer.model_dump(mode="json", context=exchange.profile or NATIVE, exclude=shown))
    return web.Response(status=status, body=data, content_type=JSON, headers=headers)


def translate(error: web.HTTPException) -> PostDogError:
    """aiohttp's own refusals in our words."""
    match error:
        case web.HTTPMethodNotAllowed():
            allowed = ", ".join(sorted(error.allowed_methods))
            return MethodNotAllowed(
                f"This address doesn't take {error.method}. It takes {allowed}.", headers={"Allow": allowed}
            )
        case web.HTTPNotFound():
            return UnknownRoute()
        case web.HTTPRequestEntityTooLarge():
            return BodyTooLarge()
        case _ if error.status >= 500:
            return InternalError()
    other = BadRequest(error.reason, type=error.reason.lower().replace(" ", "_"))
    other.status = error.status
    return other


def seconds(value: float) -> str:
    """A duration for people.

    >>> seconds(30.0), seconds(0.5)
    ('30 seconds', '0.5 seconds')
    """
    number = math.floor(value) if value == math.floor(value) else value
    return f"{number} second" if number == 1 else f"{number} seconds"
