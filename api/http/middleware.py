"""What surrounds every request, also those outside the API: its id, its log line, and the envelope for errors."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from datetime import datetime
from time import perf_counter

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from api.http.answer import refuse, translate
from api.http.error import InternalError, status_of
from api.http.exchange import EXCHANGE, Exchange, request_id
from api.http.profile import NATIVE
from engine.runtime.protocol import StoreUnavailable
from schemas.error import PostDogError, Unavailable

LOGGED_ID: ContextVar[str] = ContextVar(f"{structlog.contextvars.STRUCTLOG_KEY_PREFIX}request_id")
"""Stands in every log line of the request. structlog's own way of binding it costs ten times as much, for each webhook."""

log: structlog.stdlib.BoundLogger = structlog.get_logger("postdog.http")


def surround(now: Callable[[], datetime], fresh_id: Callable[[], str]) -> Middleware:
    """The one middleware. `fresh_id` gives a new request id, such as req_4f2c….

    Queries, headers, bodies and the filled parts of a path are never logged: they hold keys and secret addresses.
    """

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        exchange = Exchange(request_id(request.headers.get("X-Request-Id"), fresh_id()), now())
        request[EXCHANGE] = exchange
        started = perf_counter()
        status = 499  # the client left before there was an answer
        named = LOGGED_ID.set(exchange.request_id)
        try:
            response = await answered(request, handler, exchange)
            status = response.status
            return response
        except web.HTTPException as error:
            status = error.status
            raise
        finally:
            tell = log.debug if exchange.quiet and status < 400 else log.info
            tell(
                "request",
                method=request.method,
                route=exchange.route or route_of(request),
                status=status,
                milliseconds=round((perf_counter() - started) * 1000, 1),
                tenant=exchange.tenant,
                key_id=exchange.key_id,
            )
            LOGGED_ID.reset(named)

    return middleware


async def answered(request: web.Request, handler: Handler, exchange: Exchange) -> web.StreamResponse:
    """The handler's answer, or the envelope for what it raised. Redirects pass."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return refuse(translate(error), exchange)
    except PostDogError as error:
        if status_of(error, exchange.profile or NATIVE) == 500:
            log.exception("request_failed", route=exchange.route)
        return refuse(error, exchange)
    except StoreUnavailable as error:
        log.warning("store_unavailable", route=exchange.route, reason=str(error))
        return refuse(Unavailable("Nothing can be stored now. Nothing was changed; try again in a moment."), exchange)
    except Exception:
        log.exception("request_failed", route=exchange.route)
        if exchange.begun:  # half an answer is out; the broken connection must tell the client
            raise
        return refuse(InternalError(), exchange)


def route_of(request: web.Request) -> str | None:
    """The pattern of the route that serves the request, None where nothing is mounted."""
    resource = request.match_info.route.resource
    return resource.canonical if resource else None
