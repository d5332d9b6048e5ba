"""The HTTP application: every route class over the graph."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

from api.builder import Builder
from api.chat.limit import ChatSettings
from api.chat.routes import ChatRoutes
from api.http.app import Hooks, create_http_app
from api.http.endpoint import HttpServices
from api.http.rate import RatePolicy
from api.http.route import Route
from api.route.live import LiveRoutes
from api.route.people import people_routes
from api.route.setup import setup_routes
from api.route.sign_in import SignInRoutes
from api.route.simulations import SimulationRoutes
from api.services import Services
from api.sign_in import CookieSignIn, KeySignIn
from api.system import SystemRoutes
from app.graph import Graph
from app.idempotency import DurableIdempotency

PAGES = Path(__file__).parent / "web"
"""What is built from the project's folder `web/`; not in the repository."""


def http_app(graph: Graph, pages: Path = PAGES) -> web.Application:
    """The application, ready to be served; the engine is started and stopped by whoever serves."""
    services = graph.services
    builder = Builder(pages)
    chat = ChatRoutes(services, graph.hub, ChatSettings(trusted_proxies=graph.settings.proxies))
    live = LiveRoutes(services, graph.hub)
    simulations = SimulationRoutes(services)
    app = create_http_app(
        (*routes(services), *SignInRoutes(services, graph.settings.proxies).routes, *live.routes, *simulations.routes),
        HttpServices(
            authenticate=KeySignIn(services.store, graph.clock),
            now=graph.clock.now,
            session=CookieSignIn(services.store, graph.clock, services.public_url),
            policies=(RatePolicy("default", graph.settings.rate_per_minute, 60, graph.settings.rate_burst),),
            idempotency=DurableIdempotency(graph.store.idempotency),
        ),
        hooks=Hooks(started=(chat.start,), stopping=(chat.stop, live.close, simulations.close)),
        version="0.1.0",
        inner=(builder.middleware(),),
    )
    builder.mount(app)
    chat.mount(app)
    graph.on_channel_changed.append(chat.channel_changed)
    SystemRoutes(services, graph.counters).mount(app)
    return app


def routes(services: Services) -> tuple[Route, ...]:
    """Every documented route but signing in and those that hold connections open."""
    return (*people_routes(services), *setup_routes(services))
