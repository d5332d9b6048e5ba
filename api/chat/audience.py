"""Who is connected, and who is to look when something was committed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from channels.webchat.frame import Frame, typing
from engine.runtime.feed import Hub
from engine.runtime.protocol import Clock, Notice

BEAT_SECONDS = 25
"""Between two pings of a connection: proxies drop what is silent for 60 s. A third of what the page waits for."""
BACKLOG = 4_096
"""Notices that the audience may lag behind; when more come at once, everybody looks."""
VISIBLE = frozenset({"received", "accepted"})
"""The statuses by which a message appears in its thread."""


class Listener(Protocol):
    """One connection, as the audience needs it. None of these may block or raise."""

    @property
    def key(self) -> tuple[int, str]:
        """Channel and visitor."""
        ...

    def wake(self) -> None:
        """Look at the thread."""
        ...

    def beat(self) -> None:
        """Ping, and look whether all is still as it was."""
        ...

    def tell(self, frame: Frame) -> None:
        """Pass on something that is not kept, such as that somebody writes."""
        ...

    async def close(self, code: int, reason: str) -> None:
        """End the connection with a WebSocket close code (RFC 6455, 7.4)."""
        ...


class Audience:
    """The connections of this process by visitor and by conversation.

    A connection whose visitor has just written for the first time has no conversation yet: it *seeks* one, and is woken by
    every arriving message until it found it or the next beat gives up. A visitor who never wrote is woken by the first message
    that goes to their address: a flow or a colleague began.
    """

    def __init__(self, hub: Hub, clock: Clock) -> None:
        self._hub = hub
        self._clock = clock
        self._listeners: dict[Listener, tuple[int, ...]] = {}
        self._by_visitor: dict[tuple[int, str], set[Listener]] = {}
        self._by_conversation: dict[int, set[Listener]] = {}
        self._seeking: set[Listener] = set()

    def __len__(self) -> int:
        return len(self._listeners)

    def of(self, key: tuple[int, str]) -> frozenset[Listener]:
        """The connections of one visitor."""
        return frozenset(self._by_visitor.get(key, ()))

    def join(self, listener: Listener) -> None:
        """Listen from now on."""
        self._listeners[listener] = ()
        self._by_visitor.setdefault(listener.key, set()).add(listener)

    def leave(self, listener: Listener) -> None:
        """Listen no more. Leaving twice is leaving once."""
        if listener not in self._listeners:
            return
        self.follow(listener, ())
        del self._listeners[listener]
        self._seeking.discard(listener)
        _take_out(self._by_visitor, listener.key, listener)

    def follow(self, listener: Listener, conversations: tuple[int, ...]) -> bool:
        """These are the listener's conversations. True if that is new: what came before must be read once more."""
        before = self._listeners.get(listener)
        if before is None or before == conversations:
            return False
        for each in before:
            _take_out(self._by_conversation, each, listener)
        for each in conversations:
            self._by_conversation.setdefault(each, set()).add(listener)
        self._listeners[listener] = conversations
        if conversations:
            self._seeking.discard(listener)
        return True

    def seek(self, key: tuple[int, str]) -> None:
        """The visitor wrote: tabs without a conversation look for one."""
        self._seeking.update(each for each in self._by_visitor.get(key, ()) if not self._listeners[each])

    def conversations(self, listener: Listener) -> tuple[int, ...]:
        """What the listener follows."""
        return self._listeners.get(listener, ())

    async def close(self, code: int, reason: str, channel: int = 0) -> None:
        """End all connections, or those of one channel."""
        ending = [each for each in self._listeners if channel in (0, each.key[0])]
        await asyncio.gather(*(each.close(code, reason) for each in ending))

    # --- the two loops -------------------------------------------------------------------------------------------------------
    async def listen(self) -> None:
        """Pass on what was committed, until cancelled."""
        subscription = self._hub.subscribe(_concerns_chats, size=BACKLOG, topics=frozenset({"message", "conversation"}))
        try:
            while (notice := await subscription.next()) is not None:
                if subscription.lagged:
                    subscription.caught_up()
                    self.wake(self._listeners)
                self.pass_on(notice)
        finally:
            subscription.close()

    async def beat(self) -> None:
        """Let each connection ping every 25 seconds, a few of them each second, until cancelled."""
        second = 0
        while True:
            await self._clock.sleep(1)
            second += 1
            self.beat_some(second)

    def beat_some(self, second: int) -> None:
        """Let those beat whose turn is in this second."""
        for listener in list(self._listeners):
            if hash(listener) % BEAT_SECONDS == second % BEAT_SECONDS:
                self._seeking.discard(listener)
                listener.beat()

    def pass_on(self, notice: Notice) -> None:
        """Wake or tell those whom a notice concerns."""
        listeners = self._by_conversation.get(notice.conversation, ())
        if notice.topic == "message":
            self.wake({*(listeners or self._addressed(notice.data.get("to", ()))), *self._seeking})
            return
        told: Any = notice.data["typing"]
        if isinstance(told, Mapping) and told.get("from") != "visitor":
            for listener in list(listeners):
                listener.tell(typing(told))

    def _addressed(self, to: Iterable[str]) -> Iterator[Listener]:
        """The connections of those visitors whose addresses (`7:visitor`) these are."""
        for address in to:
            channel, _, visitor = address.partition(":")
            yield from self._by_visitor.get((int(channel), visitor), ()) if channel.isdecimal() else ()

    def wake(self, listeners: Iterable[Listener]) -> None:
        """Let these look at their threads."""
        for listener in list(listeners):
            listener.wake()


def _concerns_chats(notice: Notice) -> bool:
    if notice.topic == "message":
        return notice.data.get("status") in VISIBLE
    return notice.topic == "conversation" and "typing" in notice.data


def _take_out(index: dict[Any, set[Listener]], key: object, listener: Listener) -> None:
    left = index.get(key, set())
    left.discard(listener)
    if not left:
        index.pop(key, None)
