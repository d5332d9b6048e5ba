"""For operators: is it alive, is it ready, and what does it count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.registry import Collector
from sqlmodel import Session, func, select

from api.services import Services
from engine.runtime.metric import Counters
from storage.table import EventRow, MessageRow

PLAIN = "text/plain; version=0.0.4; charset=utf-8"
QUEUED = ("queued", "claimed")


class SystemRoutes:
    """/healthz, /readyz and /metrics. They name no tenant and no person."""

    def __init__(self, services: Services, counters: Counters) -> None:
        self._services = services
        self._registry = CollectorRegistry()
        self._gauges: dict[str, tuple[str, float]] = {}
        self._registry.register(_Exported(counters, self._gauges))

    def mount(self, app: web.Application) -> None:
        """Add the routes."""
        app.add_routes(
            [web.get("/healthz", self.health), web.get("/readyz", self.ready), web.get("/metrics", self.metrics)]
        )

    async def health(self, request: web.Request) -> web.Response:
        """The process answers."""
        return web.json_response({"status": "ok"})

    async def ready(self, request: web.Request) -> web.Response:
        """The database can be read and written: work can be taken."""
        try:
            await self._services.store.write(lambda session: session.exec(select(1)).one())
        except Exception:
            return web.json_response({"status": "the database can't be used now"}, status=503)
        return web.json_response({"status": "ready"})

    async def metrics(self, request: web.Request) -> web.Response:
        """Prometheus's text format."""
        self._gauges.update(await self._services.store.read(_gauges))
        return web.Response(body=generate_latest(self._registry), headers={"Content-Type": PLAIN})


def _gauges(session: Session) -> dict[str, tuple[str, float]]:
    waiting = session.exec(select(func.count()).select_from(EventRow).where(EventRow.state == 0)).one()
    dead = session.exec(select(func.count()).select_from(EventRow).where(EventRow.state == 2)).one()
    queued = session.exec(
        select(func.count()).select_from(MessageRow).where(MessageRow.status.in_(QUEUED))  # type: ignore[attr-defined]
    ).one()
    return {
        "events_waiting": ("Events that are not decided yet.", waiting),
        "events_dead_now": ("Events that could not be decided; see postdog doctor.", dead),
        "messages_waiting": ("Messages that are not settled yet.", queued),
    }


class _Exported(Collector):
    """The engine's counters as Prometheus sees them."""

    def __init__(self, counters: Counters, gauges: dict[str, tuple[str, float]]) -> None:
        self._counters = counters
        self._gauges = gauges

    def collect(self) -> Iterable[Metric]:
        """Every count, sum and gauge."""
        return [*self._counts(), *self._sums(), *self._levels()]

    def _counts(self) -> Iterator[Metric]:
        for name, value in sorted(self._counters.counts.items()):
            yield CounterMetricFamily(f"postdog_{name}", name.replace("_", " "), value=value)

    def _sums(self) -> Iterator[Metric]:
        for name, (number, total) in sorted(self._counters.totals.items()):
            yield SummaryMetricFamily(f"postdog_{name}", name.replace("_", " "), count_value=number, sum_value=total)

    def _levels(self) -> Iterator[Metric]:
        for name, (words, value) in sorted(self._gauges.items()):
            yield GaugeMetricFamily(f"postdog_{name}", words, value=value)
