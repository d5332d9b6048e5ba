"""A provider that outlives our process: takes, refuses, throttles, is slow, loses answers, and reports statuses as it likes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from engine.runtime.clock import VirtualClock
from engine.runtime.protocol import Accepted, Lost, Outgoing, Refused, Remedy
from engine.runtime.remedy import UNKNOWN_WAIT
from schemas.capability import Capabilities
from schemas.contact import Identity
from schemas.content import Content
from schemas.event import NewEvent, StatusReported
from tests.core.scene import PHONE

Post = Callable[[timedelta, NewEvent], None]
"""Sends an event on its way to our door; it arrives after so long."""

FATES = ("take", "slow", "hang", "lost", "lost before", "raise", "refuse", "throttle", "slow down", "closed", "never", "broken")
WEATHERS = (
    (90, 2, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0),
    (50, 8, 4, 6, 4, 3, 6, 4, 4, 3, 4, 1),
    (15, 15, 8, 12, 8, 6, 12, 8, 6, 4, 4, 2),
)
"""How often each happens, of a hundred: in fair, rough and dreadful weather."""
REMEDIES: dict[str, Remedy] = {
    "refuse": "retry",
    "throttle": "throttle_channel",
    "slow down": "throttle_contact",
    "closed": "window_closed",
    "never": "never",
    "broken": "channel_broken",
}


@dataclass(frozen=True, slots=True)
class Sight:
    """A request as the provider saw it. `taken`: the contact gets the message by it."""

    at: datetime
    channel: int
    message: int
    fate: str
    taken: bool


class Provider:
    """All that stands behind the channels."""

    def __init__(self, seed: int, clock: VirtualClock, post: Post, requested: Callable[[int, bool], None]) -> None:
        self.seed = seed
        self.clock = clock
        self.post = post
        self.requested = requested
        self.healed = False
        self.sights: list[Sight] = []
        self.shown: dict[int, tuple[int, Content, tuple[Identity, ...]]] = {}
        """Message -> (channel, content, to) of what contacts got."""
        self.called: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()
        self._weather = Random(f"weather {seed}").choices(WEATHERS, (1, 3, 1))[0]
        self._keys: dict[str, str] = {}
        self._requests: Counter[str] = Counter()

    def fate(self, key: str) -> tuple[str, Random]:
        """What becomes of the next request with this key."""
        self._requests[key] += 1
        random = Random(f"{self.seed}:{key}:{self._requests[key]}")
        return "take" if self.healed else random.choices(FATES, self._weather)[0], random


class StormChannel:
    """One channel of the provider."""

    def __init__(self, channel: int, capabilities: Capabilities, provider: Provider) -> None:
        self._channel = channel
        self._capabilities = capabilities
        self._provider = provider

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    async def send(self, outgoing: Outgoing) -> Accepted | Refused | Lost:
        fate, random = self._provider.fate(outgoing.key)
        self._provider.requested(outgoing.message, self._capabilities.idempotent)
        if fate in REMEDIES:
            self._see(outgoing, fate, False)
            await self._linger(random, 1.0)
            after = random.choice((None, None, 2.0, 20.0))
            return Refused(f"storm_{fate}", "refused by the storm", REMEDIES[fate], after)
        if fate == "lost before" or (fate == "raise" and random.random() < 0.5):
            self._see(outgoing, fate, False)
            return self._lose(fate)
        id = self._take(outgoing, fate, random)
        await self._linger(random, {"slow": 20.0, "hang": 60.0}.get(fate, 0.5))
        if fate in ("lost", "raise"):
            return self._lose(fate)
        learned = random.random() < 0.1 and outgoing.to
        return Accepted(id, (Identity("bsuid", f"b-{outgoing.to[0].value}"),) if learned else ())

    async def call(self, kind: str, data: Mapping[str, Any]) -> None:
        fate, random = self._provider.fate(f"call:{data}")
        self._provider.called[kind] += 1
        if fate in REMEDIES or fate == "raise":
            raise OSError("the line broke")
        await self._linger(random, 2.0)

    def _lose(self, fate: str) -> Lost:
        if fate == "raise":
            raise OSError("the line broke")
        return Lost("the line broke")

    def _see(self, outgoing: Outgoing, fate: str, taken: bool) -> None:
        self._provider.sights.append(Sight(self._provider.clock.now(), self._channel, outgoing.message, fate, taken))

    def _take(self, outgoing: Outgoing, fate: str, random: Random) -> str:
        """Take the message and report on it; one whose key is known is only answered, where keys are taken."""
        provider = self._provider
        keyed = self._capabilities.idempotent
        known = provider._keys.get(outgoing.key) if keyed else None
        self._see(outgoing, fate, known is None)
        if known is not None:
            return known
        id = f"p{len(provider.sights)}"
        provider._keys[outgoing.key] = id
        provider.shown[outgoing.message] = (self._channel, outgoing.content, outgoing.to)
        self._report(outgoing, id, random)
        return id

    def _report(self, outgoing: Outgoing, id: str, random: Random) -> None:
        """Statuses on their way: some never come, some twice, some before those that they follow."""
        provider, ours = self._provider, outgoing.message if self._channel == PHONE and random.random() < 0.8 else 0
        ends = random.choices(("read", "delivered", "failed"), (6, 3, 1))[0]
        names = {"read": ("sent", "delivered", "read"), "delivered": ("sent", "delivered"), "failed": ("sent", "failed")}[ends]
        for step, name in enumerate(names):
            if random.random() < 0.2:
                provider.counts["statuses that never come"] += 1
                continue
            code = random.choice(("131047", "131026")) if name == "failed" else ""
            for _ in range(2 if random.random() < 0.2 else 1):
                delay = timedelta(seconds=random.choice((0.0, 0.3, 3.0, 40.0, 70.0)) * (step + 1) * random.random())
                provider.counts["statuses after the second send"] += delay > UNKNOWN_WAIT
                body = StatusReported(self._channel, id, name, ours, code)
                provider.post(delay, NewEvent(1, f"channel:{self._channel}", f"{id}:{name}", provider.clock.now(), body))

    async def _linger(self, random: Random, most: float) -> None:
        if not self._provider.healed and random.random() < 0.7:
            await self._provider.clock.sleep(random.random() * most)
