"""The async half, wired: worker, timer, sender and caller over one store, as loops that wake one another."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
from collections.abc import Mapping, Sequence

from engine.core.decide import decide as decide_event
from engine.core.desk import decide_team as decide_team_event
from engine.runtime.answers import Answers
from engine.runtime.caller import Caller, Handle
from engine.runtime.feed import Hub
from engine.runtime.loop import Loop
from engine.runtime.metric import Counters, Metrics
from engine.runtime.protocol import Appended, Channels, Clock, Committed, Feed, Store, StoreUnavailable, Worlds
from engine.runtime.sender import Attention, Sender
from engine.runtime.timer import Timer
from engine.runtime.worker import BATCH, Decide, DecideTeam, Worker
from schemas.event import NewEvent

GRACE = 30.0
"""Seconds that a stop waits for sends in flight: what one request may take."""
HELP = 60.0
"""Seconds until the second worker looks without being called: the first one calls it when there is a backlog."""
COLLECT = 50_000, 20, 50
"""When the process looks for garbage in cycles. By Python's own setting (700, 10, 10) it walks all persons that the store
remembers several times a second: a quarter of the time of an event under load."""
TURN = 0.0005
"""Seconds after which a busy thread lets another one run Python. The store's thread asks for its turn after each statement:
with Python's own 5 ms, a batch's statements wait for the deciding thread ten times longer than they run."""

log = logging.getLogger(__name__)


def _say(channel: int, code: str, detail: str) -> None:
    log.warning("channel %s needs attention: %s %s", channel, code, detail)


class Runtime:
    """Everything that moves. `start` runs the loops in the background; `Stepped` drives the same parts by hand."""

    def __init__(
        self,
        *,
        clock: Clock,
        store: Store,
        worlds: Worlds,
        channels: Channels,
        decide: Decide = decide_event,
        decide_team: DecideTeam = decide_team_event,
        feed: Feed | None = None,
        metrics: Metrics | None = None,
        handlers: Mapping[str, Handle] | None = None,
        attention: Attention = _say,
        batch: int = BATCH,
    ) -> None:
        self.clock = clock
        self.store = store
        self.feed = feed if feed is not None else Hub()
        self.metrics = metrics if metrics is not None else Counters()
        self.answers = Answers(clock, store)
        self.sender = Sender(
            store,
            channels,
            clock,
            feed=self.feed,
            metrics=self.metrics,
            woken=self._wake_sender,
            born=self._wake_worker,
            attention=attention,
        )
        self.worker = Worker(
            store,
            worlds,
            clock,
            decide,
            decide_team,
            self.sender,
            feed=self.feed,
            answers=self.answers,
            metrics=self.metrics,
            committed=self._committed,
            full=self._help,
            limit=batch,
        )
        self.timer = Timer(store, clock, metrics=self.metrics, fired=self._wake_worker)
        self.caller = Caller(
            store,
            channels,
            clock,
            handlers=handlers or {},
            metrics=self.metrics,
            woken=self._wake_caller,
            born=self._wake_worker,
        )
        self._deciding = Loop("worker", self.worker.step, clock, self.metrics)
        self._helping = Loop("second worker", self.worker.step, clock, self.metrics, poll=HELP)
        self._timing = Loop("timer", self.timer.step, clock, self.metrics, lambda: self.timer.next_due)
        self._sending = Loop("sender", self.sender.step, clock, self.metrics, lambda: self.sender.next_ready)
        self._calling = Loop("caller", self.caller.step, clock, self.metrics, lambda: self.caller.next_ready)
        self._tasks: dict[Loop, asyncio.Task[None]] = {}

    async def append(self, events: Sequence[NewEvent]) -> list[Appended]:
        """Make the events durable and have them decided. Raises StoreUnavailable; then nothing was taken."""
        appended = await self.store.append(events)
        self._wake_worker()
        return appended

    async def start(self) -> None:
        """Run the loops in the background."""
        gc.set_threshold(*COLLECT)
        sys.setswitchinterval(TURN)
        for loop in (self._deciding, self._helping, self._timing, self._sending, self._calling):
            self._tasks[loop] = asyncio.create_task(loop.run(), name=loop.name)

    async def stop(self, grace: float = GRACE) -> None:
        """Take nothing more, finish the batch under way and, within `grace` seconds, the sends and calls in flight."""
        for loop in self._tasks:
            loop.stop()
        if self._tasks:
            await asyncio.wait(self._tasks.values())
        self._tasks.clear()
        for stop in (self.sender.stop, self.caller.stop):
            try:
                await stop(grace)
            except StoreUnavailable as error:
                log.warning("what came back could not be stored: %s; it is ambiguous when its lease ends", error)

    def wake(self) -> None:
        """Something was appended behind our back: look now rather than at the next poll."""
        for loop in (self._deciding, self._timing, self._sending, self._calling):
            loop.wake()

    def _committed(self, committed: Committed) -> None:
        if committed.messages > len(committed.claims) or committed.moved:
            self._sending.wake()
        if committed.calls:
            self._calling.wake()
        self._timing.wake()

    def _help(self) -> None:
        self._helping.wake()

    def _wake_worker(self) -> None:
        self._deciding.wake()

    def _wake_sender(self) -> None:
        self._sending.wake()

    def _wake_caller(self) -> None:
        self._calling.wake()
