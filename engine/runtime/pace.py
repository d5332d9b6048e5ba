"""How fast one channel may be sent to now: its rate, its requests in flight, and whether it is held."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.runtime.backoff import backoff

THROTTLED = 1.0, 300.0
"""Seconds that a throttled channel is held at first, and at most."""
BROKEN = 60.0, 600.0
"""Seconds until a broken channel is tried again at first, and at most: somebody must mend it."""


class Pace:
    """One channel's pace. The rate is kept by its theoretical arrival time (GCRA, ITU-T I.371), exact to the microsecond."""

    def __init__(self, channel: int, per_second: float | None, concurrency: int) -> None:
        self._key = f"channel:{channel}"
        self._interval = timedelta(seconds=1 / per_second) if per_second else timedelta(0)
        self._burst = (max(int(per_second), 1) - 1) * self._interval if per_second else timedelta(0)
        self._concurrency = concurrency
        self._arrival: datetime | None = None
        self._holds = 0
        self.held_until: datetime | None = None
        self.flying = 0

    def room(self, now: datetime) -> int:
        """How many may be sent now. After a hold one goes first, to see whether the provider takes it."""
        if self.held_until is not None and now < self.held_until:
            return 0
        free = (1 if self._holds else self._concurrency) - self.flying
        if self._interval:
            arrival = max(self._arrival or now, now)
            free = min(free, (now + self._burst - arrival) // self._interval + 1)
        return max(free, 0)

    def take(self, now: datetime) -> None:
        """One more is sent: it counts as in flight until `land`."""
        self.flying += 1
        if self._interval:
            self._arrival = max(self._arrival or now, now) + self._interval

    def land(self) -> None:
        """One has been answered, or was given up."""
        self.flying -= 1

    def hold(self, now: datetime, after: float | None, span: tuple[float, float]) -> datetime:
        """Hold the channel, longer each time in a row; until when. One that is held already stays as it is."""
        if self.held_until is None or now >= self.held_until:
            self._holds += 1
            first, most = span
            seconds = after if after is not None else backoff(self._key, self._holds, first=first, most=most)
            self.held_until = now + timedelta(seconds=seconds)
        return self.held_until

    def accepted(self) -> None:
        """The provider takes messages: no hold any more."""
        self._holds = 0
        self.held_until = None

    def ready_at(self, now: datetime) -> datetime | None:
        """When time alone makes room again; None if there is room, or only an answer makes it."""
        if self.held_until is not None and now < self.held_until:
            return self.held_until
        if self._interval and self._arrival is not None and self._arrival - self._burst > now:
            return self._arrival - self._burst
        return None
