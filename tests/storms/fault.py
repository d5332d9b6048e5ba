"""A process that dies at an await: its store, worlds and channels fail at moments from a seed, and for ever after its death."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from random import Random
from typing import Any, TypeVar

from engine.core.world import World
from engine.runtime.protocol import (
    Accepted,
    Appended,
    Batch,
    CallAnswer,
    CallClaim,
    CallFailed,
    CallResult,
    Channel,
    Claim,
    Committed,
    Decided,
    Lost,
    Offer,
    Outgoing,
    Refused,
    Settlement,
    ShareLost,
    Store,
    StoreUnavailable,
)
from engine.runtime.room import Room
from schemas.capability import Capabilities
from schemas.event import NewEvent
from schemas.problem import Problem
from tests.storms.book import Book

T = TypeVar("T")
CALLS = ("claim_calls", "take_back_calls", "finish_calls", "next_call")
STORE = ("append", "take", "commit", "due", "claim", "settle", "next_ready", *CALLS, "answer")
AWAITS = (*STORE, "worlds.get", "channels.get", "channel.send", "channel.call")
POINTS = tuple(f"{name}:{side}" for name in AWAITS for side in ("before", "after"))
"""Every moment at which a process may die: before what it awaits was done, and after."""
OFTEN, SELDOM = 8.0, 1.0
"""A death waits for this many passes of its point on average; rare points come by less often."""
RARE = {"channel.call", "take_back_calls", "finish_calls", "settle", "channels.get", "channel.send", "answer"}


class Crash(BaseException):
    """The process died here. Not an Exception: nothing of it may be caught by the process itself."""


class Fate:
    """What fails when: deaths at points in turn, each after some passes; outages by chance. Quiet once it is `over`."""

    def __init__(self, seed: int, crashes: int, outages: float) -> None:
        random = self._random = Random(f"fate {seed}")
        self._outages = outages
        self._deaths: set[tuple[str, int]] = set()
        for number in range(seed * crashes, (seed + 1) * crashes):
            point = POINTS[number % len(POINTS)]
            mean = SELDOM if point.partition(":")[0] in RARE else OFTEN
            self._deaths.add((point, 1 + int(random.expovariate(1 / mean))))
        self.passed: Counter[str] = Counter()
        self.crashed: Counter[str] = Counter()
        self.outages: Counter[str] = Counter()
        self.over = False

    def dies(self, point: str) -> bool:
        """True if the process dies here and now."""
        self.passed[point] += 1
        if self.over or (point, self.passed[point]) not in self._deaths:
            return False
        self.crashed[point] += 1
        return True

    def fails(self, name: str) -> Exception | None:
        """The trouble of a store's call that does nothing; None mostly."""
        if self.over or name not in STORE or self._random.random() >= self._outages:
            return None
        self.outages[name] += 1
        lost = name in ("take", "commit") and self._random.random() < 0.3
        return ShareLost() if lost else StoreUnavailable("out for a while")

    def turns(self) -> int:
        """Turns of the event loop that a call takes: others run meanwhile."""
        return 0 if self.over or self._random.random() >= 0.1 else self._random.randrange(1, 6)

    def meddles(self) -> bool:
        """True if another writer comes between this take and its commit."""
        return not self.over and self._random.random() < 0.03


class Process:
    """One life of a process: everything that it awaits goes through `reach`."""

    def __init__(self, fate: Fate) -> None:
        self.fate = fate
        self.dead = False

    async def reach(self, name: str, call: Callable[[], Awaitable[T]]) -> T:
        """Do the call, unless the process dies before it, or after it, or is dead."""
        self._pass(f"{name}:before")
        trouble = self.fate.fails(name)
        if trouble is not None:
            raise trouble
        if name != "channel.send":  # what was looked at just before still holds
            for _ in range(self.fate.turns()):
                await asyncio.sleep(0)
        result = await call()
        self._pass(f"{name}:after")
        return result

    def _pass(self, point: str) -> None:
        if self.dead or self.fate.dies(point):
            self.dead = True
            raise Crash(point)


class FaultyStore:
    """A store as a mortal process sees it. The book notes what was committed, before anybody can die of it."""

    def __init__(self, store: Store, process: Process, book: Book, touch: Callable[[int], Awaitable[None]]) -> None:
        self._store = store
        self._process = process
        self._book = book
        self._touch = touch

    async def append(self, events: Sequence[NewEvent]) -> list[Appended]:
        return await self._process.reach("append", lambda: self._store.append(events))

    async def take(self, limit: int, now: datetime, beside: Sequence[Batch] = ()) -> Batch | None:
        async def noted() -> Batch | None:
            batch = await self._store.take(limit, now, beside)
            self._book.took(batch, now)
            return batch

        return await self._process.reach("take", noted)

    async def commit(self, batch: Batch, decided: Sequence[Decided], now: datetime, offer: Offer | None = None) -> Committed:
        async def noted() -> Committed:
            if batch.contacts and self._process.fate.meddles():
                await self._touch(batch.contacts[0].person.contact.id)
            committed = await self._store.commit(batch, decided, now, offer)
            self._book.committed(batch, decided, committed, now)
            await self._book.claimed(committed.claims)
            return committed

        return await self._process.reach("commit", noted)

    async def due(self, now: datetime, limit: int) -> tuple[int, datetime | None]:
        return await self._process.reach("due", lambda: self._store.due(now, limit))

    async def claim(self, limit: int, now: datetime, lease_until: datetime, room: Mapping[int, int] | None = None) -> list[Claim]:
        async def noted() -> list[Claim]:
            claims = await self._store.claim(limit, now, lease_until, room)
            await self._book.claimed(claims)
            return claims

        return await self._process.reach("claim", noted)

    async def settle(self, settlements: Sequence[Settlement], now: datetime) -> int:
        async def noted() -> int:
            born = await self._store.settle(settlements, now)
            self._book.settled(settlements)
            return born

        return await self._process.reach("settle", noted)

    async def next_ready(self, now: datetime) -> datetime | None:
        return await self._process.reach("next_ready", lambda: self._store.next_ready(now))

    async def claim_calls(self, room: Room, now: datetime, lease_until: datetime) -> list[CallClaim]:
        return await self._process.reach("claim_calls", lambda: self._store.claim_calls(room, now, lease_until))

    async def take_back_calls(self) -> None:
        await self._process.reach("take_back_calls", self._store.take_back_calls)

    async def finish_calls(self, results: Sequence[CallResult], now: datetime) -> None:
        await self._process.reach("finish_calls", lambda: self._store.finish_calls(results, now))

    async def next_call(self, now: datetime) -> datetime | None:
        return await self._process.reach("next_call", lambda: self._store.next_call(now))

    async def answer(self, event: int) -> Mapping[str, Any] | Problem | None:
        return await self._process.reach("answer", lambda: self._store.answer(event))


class FaultyWorlds:
    """The one tenant's world of the moment, as a mortal process reads it."""

    def __init__(self, world: Callable[[], World], process: Process) -> None:
        self._world = world
        self._process = process

    async def get(self, tenant: int, versions: frozenset[int] = frozenset()) -> World:
        return await self._process.reach("worlds.get", self._read)

    async def _read(self) -> World:
        return self._world()


class FaultyChannel:
    """A channel whose requests may leave a process that never hears the answer."""

    def __init__(self, channel: Channel, process: Process) -> None:
        self._channel = channel
        self._process = process

    @property
    def capabilities(self) -> Capabilities:
        return self._channel.capabilities

    async def send(self, outgoing: Outgoing) -> Accepted | Refused | Lost:
        return await self._process.reach("channel.send", lambda: self._channel.send(outgoing))

    async def call(self, kind: str, data: Mapping[str, Any]) -> None:
        await self._process.reach("channel.call", lambda: self._channel.call(kind, data))


ANSWERS: tuple[CallAnswer | CallFailed, ...] = (
    CallAnswer({"answer": "Within three days.", "confident": True}),
    CallAnswer({"answer": "", "confident": False}),
    CallAnswer({"choice": "order", "confidence": 0.9}),
    CallAnswer({"choice": "nobody offered this", "confidence": 1}),
    CallAnswer({"status": 200, "body": {"slots": [1]}, "headers": {}}),
    CallAnswer(),
    CallAnswer({"status": 404, "body": ""}, ok=False, code="status_404"),
    CallFailed("ai_busy", again=True),
    *(CallFailed("ai_busy", again=True, after=seconds) for seconds in (20.0, 40.0, 60.0)),
    CallFailed("ai_budget", again=False),
)
"""What calls of all kinds may bring, right and wrong ones: a node must go on with each."""


class FaultyCalls:
    """What runs have called: it answers this or that, says no for good, or wants to be asked again, by call and attempt."""

    def __init__(self, process: Process, book: Book) -> None:
        self._process = process
        self._book = book

    async def __call__(self, claim: CallClaim) -> CallAnswer | None:
        return await self._process.reach("channel.call", lambda: self._answer(claim))

    async def _answer(self, claim: CallClaim) -> CallAnswer | None:
        if not claim.call.run:
            return None
        found = Random(claim.call.id * 31 + claim.attempt).choice(ANSWERS)
        self._book.counts["calls answered" if isinstance(found, CallAnswer) else "calls refused"] += 1
        if isinstance(found, CallFailed):
            raise CallFailed(str(found), reason="refused by the storm", again=found.again, after=found.after)
        return found


class FaultyChannels:
    """The provider's channels, as a mortal process finds them."""

    def __init__(self, channels: Mapping[int, Channel], process: Process) -> None:
        self._channels = channels
        self._process = process

    async def get(self, channel: int) -> FaultyChannel | None:
        return await self._process.reach("channels.get", lambda: self._find(channel))

    async def _find(self, channel: int) -> FaultyChannel | None:
        found = self._channels.get(channel)
        return FaultyChannel(found, self._process) if found is not None else None
