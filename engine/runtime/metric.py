"""What the loops count. The app exports it; the loops only say that something happened."""

from __future__ import annotations

from collections import Counter
from typing import Protocol


class Metrics(Protocol):
    """Where counts and measures go; must be quick and must not raise."""

    def count(self, name: str, amount: int = 1) -> None:
        """So many more of it."""
        ...

    def observe(self, name: str, value: float) -> None:
        """One measured value, in the unit that the name ends with."""
        ...


class Counters:
    """Counts in memory: for tests, the simulator, and an exporter that reads totals.

    | name | what |
    |---|---|
    | `events_decided`, `events_failed`, `events_dead`, `events_again` | by the worker |
    | `batches`, `waits_due` | commits of the worker, events of the timer |
    | `sends_accepted`, `sends_failed`, `sends_skipped`, `sends_unknown`, `sends_retry` | by the sender |
    | `calls_done`, `calls_failed`, `calls_retry` | by the caller |
    | `store_unavailable`, `share_lost`, `loop_errors` | trouble of our own |
    | `batch_seconds`, `batch_events`, `event_age_seconds`, `send_seconds` | measured |
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.totals: dict[str, tuple[int, float]] = {}

    def count(self, name: str, amount: int = 1) -> None:
        """So many more of it."""
        self.counts[name] += amount

    def observe(self, name: str, value: float) -> None:
        """Add to the number and the sum of what was measured."""
        number, total = self.totals.get(name, (0, 0.0))
        self.totals[name] = (number + 1, total + value)
