"""One storm: a seed, a store, and everything that may go wrong."""

from __future__ import annotations

import asyncio
import heapq
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any
from unittest.mock import patch

from engine.core import decide
from engine.core.match import index_triggers
from engine.core.world import ChannelInfo, Successor, TemplateInfo, World
from engine.runtime.caller import ANY
from engine.runtime.clock import VirtualClock
from engine.runtime.protocol import StoreUnavailable
from engine.runtime.runtime import GRACE, Runtime
from engine.runtime.stepped import Stepped
from schemas.capability import Capabilities
from schemas.event import NewEvent
from tests.core.scene import PHONE, SITE, START, program, world_of
from tests.storms.book import CAPACITY, Book
from tests.storms.fault import Crash, Fate, FaultyCalls, FaultyChannels, FaultyStore, FaultyWorlds, Process
from tests.storms.flows import document, documents
from tests.storms.judge import judge
from tests.storms.people import People
from tests.storms.place import Place
from tests.storms.provider import Provider, StormChannel

ACTS = 8, 44
"""Things that people do in one storm, at least and at most."""
STEPS = 200
"""Steps after which a run goes round in circles through calls: they take no time here, and a storm lasts days."""
CRASHES = 8
"""Deaths that are planned for one storm; those of points that are not passed often enough don't come."""
PUBLISHED = 0.03
"""How often a newer version of a flow is published between two of them."""
OUTAGES = 0.01
"""Share of the store's calls that find it out of order."""
JUMPS = (0.5, 3, 31, 61, 130, 400, 3_700, 90_000, 200_000)
"""Seconds of a move of the clock: around timeouts, leases, second tries, waits and windows."""
SOONER = (0.2, 1.0, 5.0, 31.0, 61.0)
"""The same where loops run in the background: each looks up every second."""
BACKGROUND, BACKGROUND_IS = 20, 5
"""One storm in so many, the one with this remainder, has the loops in the background; the others are stepped, in any order."""
WAITED_FOR = 0.3
"""Share of the events for whose answer somebody waits, as the API does."""
PATIENCE = (0.0, 0.05, 5.0)
"""Seconds of that; who waits for none asks the store at once."""
STOPS = 0.15
"""How often a process with loops is stopped in good order, between two acts."""
REST = timedelta(hours=3)
"""After the storm: longer than any hold, retry or timeout of a queue."""
CAPABILITIES = {
    SITE: Capabilities(buttons=3, rows=10, identities=("webchat",)),
    PHONE: Capabilities(
        buttons=3,
        rows=10,
        identities=("whatsapp",),
        window=timedelta(hours=24),
        templates=True,
        idempotent=False,
        per_second=20.0,
    ),
}


@dataclass(frozen=True, slots=True)
class Report:
    """What a storm came to. `broken` are plain sentences; `log` what happened, in order."""

    seed: int
    broken: tuple[str, ...]
    counts: Counter[str]
    crashed: Counter[str]
    log: tuple[str, ...]


def storm_world(random: Random) -> World:
    """A tenant with generated flows on two channels: one that takes keys, one that doesn't."""
    template = TemplateInfo("hello", "en", "approved", "Hello {{1}}", ("1",))
    made = world_of(documents(random), templates={("hello", "en"): template})
    kinds = {SITE: "webchat", PHONE: "whatsapp"}
    return replace(
        made,
        channels={id: ChannelInfo(id, kinds[id], kinds[id], each) for id, each in CAPABILITIES.items()},
        teams={key: replace(team, capacity=CAPACITY) for key, team in made.teams.items()},
    )


def publish(world: World, random: Random) -> World:
    """The world with a newer version of one flow; runs on older ones move, begin anew, end, or stay."""
    flow = random.choice(sorted(world.live))
    newer = program(document(random, flow - 1), flow, max(world.programs) + 1)
    programs = {**world.programs, newer.version: newer}
    live = {**world.live, flow: newer.version}
    policy: Any = random.choice(("stay", "move", "restart", "end"))
    older = [version for version, each in world.programs.items() if each.flow == flow] if policy != "stay" else []
    return replace(
        world,
        number=world.number + 1,
        programs=programs,
        live=live,
        triggers=index_triggers([programs[version] for version in live.values()]),
        successors={**world.successors, **dict.fromkeys(older, Successor(policy, newer.version))},
    )


class Storm:
    """Drives one runtime after the other over one store."""

    def __init__(self, seed: int, place: Place, *, verbose: bool = False) -> None:
        self.random = Random(seed)
        self.seed = seed
        self.place = place
        self.clock = VirtualClock(START)
        self.world = storm_world(self.random)
        self.book = Book(self.world, place.floor)
        self.provider = Provider(seed, self.clock, self._post, self.book.requested)
        self.fate = Fate(seed, CRASHES, OUTAGES)
        self.people = People(self.random, self.clock, self.book, self.provider, self._post, len(self.world.live))
        self.touched: dict[int, set[str]] = {}
        self.log: list[str] = []
        self._verbose = verbose
        self._mail: list[tuple[datetime, int, NewEvent]] = []
        self._posted = 0
        self._stepped: Stepped | None = None
        self._process = Process(self.fate)
        self._waiters: list[asyncio.Future[None]] = []
        self._background = seed % BACKGROUND == BACKGROUND_IS

    # --- the post ---
    def _post(self, delay: timedelta, event: NewEvent) -> None:
        self._posted += 1
        heapq.heappush(self._mail, (self.clock.now() + delay, self._posted, event))

    async def _deliver(self) -> None:
        """Hand in what has arrived, several at once. What is not acknowledged is handed in again later, as providers do."""
        arrived: list[NewEvent] = []
        while self._mail and self._mail[0][0] <= self.clock.now():
            arrived.append(heapq.heappop(self._mail)[2])
        while arrived:
            size = self.random.randint(1, 4)
            some, arrived = arrived[:size], arrived[size:]
            if not await self._survive(partial(self._hand_in, some)):
                for event in some:
                    self._post(timedelta(seconds=self.random.choice((1, 20))), event)

    async def _hand_in(self, events: list[NewEvent]) -> None:
        for each, appended in zip(events, await self.stepped.runtime.append(events), strict=True):
            self.book.acknowledged.add((each.source, each.external_id))
            self.book.counts["events"] += 1
            self.book.counts["duplicates"] += appended.duplicate
            self._say(f"{'again' if appended.duplicate else 'event'} {appended.id} {each.source} {each.external_id} {each.body}")
            if each.source == "storm" and self.random.random() < WAITED_FOR:
                waiting = self._wait_for(self.stepped.runtime, appended.id, self.random.choice(PATIENCE))
                self._waiters.append(asyncio.ensure_future(waiting))

    async def _wait_for(self, runtime: Runtime, event: int, patience: float) -> None:
        with suppress(StoreUnavailable):
            self.book.answered(event, await runtime.answers.wait(event, patience))

    # --- the process ---
    @property
    def stepped(self) -> Stepped:
        assert self._stepped is not None
        return self._stepped

    async def _start(self) -> None:
        """A new process over the same store; nothing of the old one is left but what it committed."""
        await self._bury()
        store = await self.place.open(self.clock)
        process = self._process = Process(self.fate)
        channels = {id: StormChannel(id, each, self.provider) for id, each in CAPABILITIES.items()}
        runtime = Runtime(
            clock=self.clock,
            store=FaultyStore(store, process, self.book, self._touch),
            worlds=FaultyWorlds(lambda: self.world, process),
            channels=FaultyChannels(channels, process),
            attention=lambda *_: None,
            handlers={ANY: FaultyCalls(process, self.book)},
            batch=self.random.choice((1, 3, 16, 256)),
        )
        self._stepped = Stepped(runtime, self.clock)
        if self._background:
            self.book.counts["lives with loops"] += 1
            await runtime.start()

    async def _bury(self) -> None:
        """What a dead process had under way ends with it."""
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _touch(self, contact: int) -> None:
        field = f"touched_{self.book.counts['touches']}"
        self.book.counts["touches"] += 1
        if await self.place.touch(contact, field):
            self.touched.setdefault(contact, set()).add(field)

    async def _survive(self, work: Callable[[], Awaitable[object]]) -> bool:
        """Do it; False if the process died of it, or the store was out. A dead one is started again, soon or later."""
        try:
            await work()
        except StoreUnavailable:
            self._say("the store is out")
            return False
        except Crash as crash:
            await self._die(str(crash))
            return False
        return True

    async def _die(self, where: str) -> None:
        self._say(f"crash at {where}")
        self.clock.move(self.clock.now() + timedelta(seconds=self.random.choice((0, 0.2, 5, 70))))
        await self._start()

    # --- the storm ---
    async def rage(self) -> Report:
        """All of it, then rest, then the judgement."""
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
        await self._start()
        self.people.arrive()
        for _ in range(self.random.randint(*ACTS)):
            self._say(self.people.act())
            if self.random.random() < PUBLISHED:
                self.world = self.book.world = publish(self.world, self.random)
                self._say(f"published: {self.world.successors}")
            await self._deliver()
            await self._move()
            if self.book.broken:
                break
        self.fate.over = self.provider.healed = True
        self._background = False
        await self._start()
        self.people.everybody_comes()
        await self._pass_time(REST)
        await self._survive(self.stepped.drain)
        facts = await self.place.facts()
        broken = [*self.book.broken, *judge(facts, self.book, self.provider.sights, self.touched, self.clock.now())]
        await self._bury()
        counts = self.book.counts
        counts.update(self.provider.counts)
        counts.update(sights=len(self.provider.sights), steps=len(facts.steps), messages=len(facts.messages))
        counts.update(resent=sum(n > 1 for n in Counter(each.message for each in self.provider.sights if each.taken).values()))
        counts.update(calls=sum(self.provider.called.values()))
        counts.update(Counter(f"ends as {each.status}" for each in facts.messages))
        return Report(self.seed, tuple(broken), counts, self.fate.crashed, tuple(self.log))

    async def _move(self) -> None:
        """Let the process work for a while, in one of several ways, or the clock jump while it does nothing."""
        random, kind = self.random, self.random.random()
        if self._background:
            await self._let_run()
        elif kind < 0.4:
            await self._survive(self._some_steps)
        elif kind < 0.7:
            await self._survive(self.stepped.drain)
        elif kind < 0.95:
            await self._pass_time(timedelta(seconds=random.choice(JUMPS) * random.random()))
        else:
            self._jump()

    def _jump(self) -> None:
        self.book.counts["clock jumps"] += 1
        self.clock.move(self.clock.now() + timedelta(seconds=self.random.choice(JUMPS)))
        self._say(f"the clock jumps to {self.clock.now()}")

    async def _let_run(self) -> None:
        """The loops run by themselves: for a while, over a jump of the clock, or until they are stopped in good order."""
        random, kind = self.random, self.random.random()
        if kind < 0.5:
            await self.clock.settle()
        elif kind < 0.95:
            end = self.clock.now() + timedelta(seconds=random.choice(SOONER) * random.random())
            while self.clock.now() < end and not self._process.dead:
                await self.clock.advance(to=min(end, max(self._mail[0][0], self.clock.now()) if self._mail else end))
                await self._deliver()
        else:
            self._jump()
            await self.clock.settle()
        if random.random() < STOPS and not self._process.dead:
            await self._stop()
        elif self._process.dead:
            await self._die("some await of a loop")

    async def _stop(self) -> None:
        """What SIGTERM does: nothing more is taken, what is in flight lands, and all is committed."""
        self.book.counts["orderly stops"] += 1
        self._say("stopped in good order")
        stopping = asyncio.ensure_future(self.stepped.runtime.stop())
        await self.clock.advance(GRACE + 1)
        if self._process.dead:
            stopping.cancel()
        elif not stopping.done():
            self.book.broken.append("an orderly stop did not end")
        await self._start()

    async def _some_steps(self) -> None:
        """The parts' steps in any order, as loops that run beside one another make them."""
        runtime = self.stepped.runtime
        steps = (runtime.worker.step, self._two_batches, runtime.timer.step, runtime.sender.step, runtime.caller.step)
        for _ in range(self.random.randint(1, 8)):
            await self.random.choice(steps)()
            for _ in range(self.random.randrange(6)):
                await asyncio.sleep(0)

    async def _two_batches(self) -> None:
        """Two workers at the same time; who dies of a crash dies with the other."""
        worker = self.stepped.runtime.worker
        ended = await asyncio.gather(worker.step(), worker.step(), return_exceptions=True)
        troubles = [each for each in ended if isinstance(each, BaseException)]
        for trouble in sorted(troubles, key=lambda each: isinstance(each, StoreUnavailable)):
            raise trouble

    async def _pass_time(self, span: timedelta) -> None:
        """Time passes, and the post arrives on the way."""
        end = self.clock.now() + span
        while self.clock.now() < end:
            to = min(end, self._mail[0][0]) if self._mail else end
            await self._survive(partial(self.stepped.advance, to))
            if self.clock.now() >= to:
                await self._deliver()
        self._say(f"it is {self.clock.now()}")

    def _say(self, words: str) -> None:
        if self._verbose:
            self.log.append(f"{self.clock.now():%d %H:%M:%S} {words}")


async def storm(seed: int, place: Place, *, verbose: bool = False) -> Report:
    """A storm from a seed; its place is closed afterwards."""
    try:
        with patch.object(decide, "MAX_STEPS", STEPS), patch.object(decide, "STEPS_AN_HOUR", 0):
            return await Storm(seed, place, verbose=verbose).rage()
    finally:
        await place.close()
