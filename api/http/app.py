"""The aiohttp application: routes under their mounts, documentation, and hooks for start and stop."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

from aiohttp import web
from aiohttp.typedefs import Middleware

from api.http.docs import mount_docs
from api.http.endpoint import Endpoint, HttpServices
from api.http.exchange import set_headers
from api.http.middleware import surround
from api.http.route import BODY_LIMIT, Route

Hook = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Hooks:
    """What runs around serving, each in the given order.

    `started` before the first request. `stopping` when no new connection is taken: close long-lived streams here, so
    that the requests under way can end. `stopped` after the last answer: commit and close here.
    """

    started: Sequence[Hook] = ()
    stopping: Sequence[Hook] = ()
    stopped: Sequence[Hook] = ()


def fresh_request_id() -> str:
    """A new request id: 96 random bits."""
    return "req_" + secrets.token_hex(12)


def create_http_app(
    routes: Iterable[Route],
    services: HttpServices,
    *,
    hooks: Hooks | None = None,
    title: str = "PostDog API",
    version: str = "1",
    fresh_id: Callable[[], str] = fresh_request_id,
    inner: Sequence[Middleware] = (),
) -> web.Application:
    """The application with every route under its mounts, /openapi.json, /api/v1/openapi.json and /docs.

    Pages, WebSockets and other plain aiohttp routes may be added to its router before it starts; they get the request
    id, the log line, the envelope and the security headers too. `inner` are middlewares within these. Raises ValueError for
    two routes at one place.
    """
    listed = tuple(routes)
    app = web.Application(middlewares=[surround(services.now, fresh_id), *inner], client_max_size=BODY_LIMIT)
    app.on_response_prepare.append(set_headers)
    taken: set[tuple[str, str]] = set()
    for route in listed:
        for mount in route.profiles or (None,):
            endpoint = Endpoint(route, mount, services)
            place = (route.method, endpoint.path)
            if place in taken:
                raise ValueError(f"Two routes answer {route.method} {endpoint.path}.")
            taken.add(place)
            if route.method == "GET":
                app.router.add_get(endpoint.path, endpoint.serve)
            else:
                app.router.add_route(route.method, endpoint.path, endpoint.serve)
    mount_docs(app, listed, title=title, version=version)
    hang(app, hooks or Hooks())
    return app


def hang(app: web.Application, hooks: Hooks) -> None:
    """Run the hooks at aiohttp's own moments."""
    for signal, several in (
        (app.on_startup, hooks.started),
        (app.on_shutdown, hooks.stopping),
        (app.on_cleanup, hooks.stopped),
    ):
        for hook in several:
            signal.append(_ignoring_app(hook))


def _ignoring_app(hook: Hook) -> Callable[[web.Application], Awaitable[None]]:
    async def call(_: web.Application) -> None:
        await hook()

    return call
