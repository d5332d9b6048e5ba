"""The simulations that are open now: a bounded number for each tenant, gone when nobody used them for a while."""

from __future__ import annotations

from datetime import datetime, timedelta

from schemas.error import NotFound
from simulator.live import LiveSimulation

MOST_OF_TENANT = 50
"""Simulations of a workspace: one for each tab of a team. One more closes that which was used longest ago."""
MOST = 500
"""Simulations of all workspaces: some hundred kB each."""
IDLE = timedelta(minutes=30)
"""How long a simulation that nobody uses is kept."""


class UnknownSimulation(NotFound):
    """There is no such simulation (any more): they are kept in memory, for 30 minutes after their last use."""


class Shelf:
    """Open simulations, by their id."""

    def __init__(self) -> None:
        self._open: dict[int, LiveSimulation] = {}

    def put(self, live: LiveSimulation, now: datetime) -> None:
        """Keep it. What is idle goes, and what was used longest ago where there are too many."""
        self._sweep(now)
        self._open[live.id] = live
        own = [each for each in self._open.values() if each.tenant == live.tenant]
        for several, most in ((own, MOST_OF_TENANT), (list(self._open.values()), MOST)):
            for each in sorted(several, key=lambda each: each.used_at)[: max(len(several) - most, 0)]:
                self._drop(each)

    def get(self, tenant: int, id: int, now: datetime) -> LiveSimulation:
        """The tenant's simulation, used now. Raises UnknownSimulation."""
        self._sweep(now)
        live = self._open.get(id)
        if live is None or live.tenant != tenant:
            raise UnknownSimulation
        live.used_at = now
        return live

    def remove(self, tenant: int, id: int, now: datetime) -> None:
        """Close it. Raises UnknownSimulation."""
        self._drop(self.get(tenant, id, now))

    def close(self) -> None:
        """Close all of them."""
        for live in tuple(self._open.values()):
            self._drop(live)

    def __len__(self) -> int:
        return len(self._open)

    def _sweep(self, now: datetime) -> None:
        for live in tuple(self._open.values()):
            if now - live.used_at > IDLE:
                self._drop(live)

    def _drop(self, live: LiveSimulation) -> None:
        self._open.pop(live.id, None)
        live.close()
