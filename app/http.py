"""The HTTP application: every route class over the graph."""

from __future__ import annotations

from aiohttp import web

from api.chat.limit import ChatSettings
from api.chat.routes import ChatRoutes
from api.http.app import Hooks, create_http_app
from api.http.auth import Principal
from api.http.endpoint import HttpServices
from api.http.rate import RatePolicy
from api.http.route import Route
from api.route.live import LiveRoutes
from api.route.people import people_routes
from api.route.setup import setup_routes
from api.services import Services
from api.system import SystemRoutes
from app.graph import Graph
from app.idempotency import DurableIdempotency
from crm.keys import holder_of, note_use


def http_app(graph: Graph) -> web.Application:
    """The application, ready to be served; the engine is started and stopped by whoever serves."""
    services = graph.services
    chat = ChatRoutes(services, graph.hub, ChatSettings(trusted_proxies=graph.settings.proxies))
    live = LiveRoutes(services, graph.hub)
    app = create_http_app(
        (*routes(services), *live.routes),
        HttpServices(
            authenticate=_Authenticate(graph),
            now=graph.clock.now,
            policies=(RatePolicy("default", graph.settings.rate_per_minute, 60, graph.settings.rate_burst),),
            idempotency=DurableIdempotency(graph.store.idempotency),
        ),
        hooks=Hooks(started=(chat.start,), stopping=(chat.stop, live.close)),
        version="0.1.0",
    )
    chat.mount(app)
    SystemRoutes(services, graph.counters).mount(app)
    return app


def routes(services: Services) -> tuple[Route, ...]:
    """Every documented route but the live stream."""
    return (*setup_routes(services), *people_routes(services))


class _Authenticate:
    """Keys against the table."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    async def __call__(self, key: str) -> Principal | None:
        """The principal behind a key. Raises Refused for an account that is not active."""
        tables, now = self._graph.tables, self._graph.clock.now()
        holder = await tables.read(lambda session: holder_of(session, key, now))
        if holder is None:
            return None
        if holder.stale:
            await tables.write(lambda session: note_use(session, holder.row, now))
        return Principal(holder.tenant, holder.key, holder.scopes)
