"""Who looks on live: subscriptions in this process, each with a bounded queue of its own."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable

from engine.runtime.protocol import TOPICS, Notice, Topic

QUEUE = 256
"""Notices that a slow listener may lag behind before it loses the oldest: some seconds of a busy conversation."""

Wanted = Callable[[Notice], bool]


class Subscription:
    """The notices that one listener wants. `lagged` says that some were dropped: read the store again, then `caught_up`."""

    def __init__(self, hub: Hub, wanted: Wanted, size: int, topics: frozenset[Topic]) -> None:
        self._hub = hub
        self.topics = topics
        self._wanted = wanted
        self._notices: deque[Notice] = deque(maxlen=size)
        self._arrived = asyncio.Event()
        self._closed = False
        self.lagged = False

    async def next(self) -> Notice | None:
        """The next notice, waiting for it; None once the subscription is closed and empty."""
        while not self._notices:
            if self._closed:
                return None
            self._arrived.clear()
            await self._arrived.wait()
        return self._notices.popleft()

    def take(self) -> list[Notice]:
        """What has come so far, without waiting."""
        notices = list(self._notices)
        self._notices.clear()
        return notices

    def caught_up(self) -> None:
        """The listener has read the store again."""
        self.lagged = False

    def close(self) -> None:
        """No more notices; a waiting `next` returns."""
        self._closed = True
        self._arrived.set()
        self._hub.forget(self)

    def offer(self, notice: Notice) -> None:
        """Queue the notice if it is wanted; the oldest one goes when the queue is full."""
        if not self._wanted(notice):
            return
        self.lagged = self.lagged or len(self._notices) == self._notices.maxlen
        self._notices.append(notice)
        self._arrived.set()


class Hub:
    """The feed of one process: hands each notice to every subscription that wants it."""

    def __init__(self) -> None:
        self._subscriptions: dict[Subscription, None] = {}
        self._topics: frozenset[Topic] = frozenset()

    @property
    def topics(self) -> frozenset[Topic]:
        """What somebody listens to: notices of other topics needn't be made."""
        return self._topics

    def subscribe(self, wanted: Wanted, *, size: int = QUEUE, topics: frozenset[Topic] = TOPICS) -> Subscription:
        """Listen to the notices of these topics for which `wanted` is true. It must be quick and must not raise."""
        subscription = Subscription(self, wanted, size, topics)
        self._subscriptions[subscription] = None
        self._topics |= topics
        return subscription

    def publish(self, notices: Iterable[Notice]) -> None:
        """Hand the notices to who listens; never blocks. Where nobody does they are not even made."""
        if not self._subscriptions:
            return
        made = list(notices)
        for subscription in list(self._subscriptions):
            for notice in made:
                if notice.topic in subscription.topics:
                    subscription.offer(notice)

    def forget(self, subscription: Subscription) -> None:
        """Drop a closed subscription."""
        self._subscriptions.pop(subscription, None)
        self._topics = frozenset().union(*(each.topics for each in self._subscriptions))
