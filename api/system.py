"""For operators: is it alive, is it ready, and what does it count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.registry import Collector
from sqlmodel import Session, col, func, select

from api.services import Services
from engine.runtime.metric import Counters
from storage.table import EventRow, IdempotencyRow, MessageRow

PLAIN = "text/plain; version=0.0.4; charset=utf-8"
QUEUED = ("queued", "claimed")
LOOK_AGAIN = timedelta(seconds=1)
"""How long an answer of /readyz stands: strangers may ask, and each look is a write to the disk."""


class SystemRoutes:
    """/healthz, /readyz and /metrics. They name no tenant and no person."""

    def __init__(self, services: Services, counters: Counters) -> None:
        self._services = services
        self._registry = CollectorRegistry()
        self._gauges: dict[str, tuple[str, float]] = {}
        self._looked_at: datetime | None = None
        self._well = False
        self._registry.register(_Exported(counters, self._gauges))

    def mount(self, app: web.Application) -> None:
        """Add the routes."""
        app.add_routes(
            [
                web.get("/healthz", self.health),
                web.get("/readyz", self.ready),
                web.get("/metrics", self.metrics),
            ]
        )

    async def health(self, request: web.Request) -> web.Response:
        """The process answers."""
        return web.json_response({"status": "ok"})

    async def ready(self, request: web.Request) -> web.Response:
        """The database can be read and written: work can be taken. Really written, because a full disk shows only then."""
        now = self._services.clock.now()
        if self._looked_at is None or now - self._looked_at >= LOOK_AGAIN:
            self._looked_at = now
            self._well = await self._writable(now)
        if not self._well:
            return web.json_response({"status": "the database can't be used now"}, status=503)
        return web.json_response({"status": "ready"})

    async def _writable(self, now: datetime) -> bool:
        try:
            await self._services.store.write(lambda session: _touch(session, now))
        except Exception:
            return False
        return True

    async def metrics(self, request: web.Request) -> web.Response:
        """Prometheus's text format."""
        self._gauges.update(await self._services.store.read(_gauges))
        return web.Response(body=generate_latest(self._registry), headers={"Content-Type": PLAIN})


def _touch(session: Session, now: datetime) -> None:
    """A real write that leaves nothing: a row comes and goes. (SQLite leaves out an update that changes no byte.)"""
    row = IdempotencyRow(tenant=0, api_key="", method="GET", path="/readyz", key="", fingerprint="", until=now)
    session.add(row)
    session.flush()
    session.delete(row)


def _gauges(session: Session) -> dict[str, tuple[str, float]]:
    waiting = session.exec(select(func.count()).select_from(EventRow).where(EventRow.state == 0)).one()
    dead = session.exec(select(func.count()).select_from(EventRow).where(EventRow.state == 2)).one()
    queued = session.exec(
        select(func.count())
        .select_from(MessageRow)
        .where(col(MessageRow.next_at).is_not(None), col(MessageRow.status).in_(QUEUED))  # the first is what the index holds
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
