"""Sends signed webhooks to the hook URL: planned, batched, with chaos, and again until they are answered with 200."""

import asyncio
import heapq
from collections import Counter
from dataclasses import dataclass, field, replace
from random import Random

import aiohttp

from tests.fakes.graph import hooks
from tests.fakes.graph.errors import JsonObject
from tests.fakes.graph.settings import Chaos
from tests.fakes.graph.state import Accepted, State

BATCH = 12


@dataclass(frozen=True, slots=True, order=True)
class Planned:
    """A status that is to be told `delay` seconds after the message was accepted."""

    delay: float
    name: str
    early: bool = False


def plan(names: tuple[str, ...], step: float, chaos: Chaos, rng: Random) -> list[Planned]:
    """When each status of one message is told, in the order of telling. Same generator, same plan."""
    times = [step * (index + 1) for index in range(len(names))]
    early = rng.random() < chaos.early
    if len(names) > 1 and rng.random() < chaos.disorder:
        straight = list(times)
        while times == straight and len(set(straight)) > 1:
            rng.shuffle(times)
        order = rng.sample(names, len(names))
        if step == 0:  # equal times: the order of the list decides
            names = tuple(order) if tuple(order) != names else names[::-1]
    planned = []
    for name, at in zip(names, times, strict=True):
        late = chaos.late_s if rng.random() < chaos.late else 0.0
        planned.append(Planned(at + late, name))
        if rng.random() < chaos.twice:
            planned.append(Planned(at + late + step + chaos.late_s * rng.random() * (late > 0), name))
    planned.sort(key=lambda item: item.delay)
    if early:
        planned[0] = replace(planned[0], delay=0.0, early=True)
    return planned


@dataclass(slots=True)
class Deliverer:
    """One loop that tells what is due, and one task per body until it is answered with 200 or given up."""

    state: State
    session: aiohttp.ClientSession
    due: list[tuple[float, int, JsonObject]] = field(default_factory=list)
    posts: set[asyncio.Task[int | None]] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    gate: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self.gate = asyncio.Semaphore(self.state.settings.hook_connections)

    async def accepted(self, message: Accepted) -> None:
        """Plans the statuses of a message; returns after the first was told when the plan says so."""
        settings = self.state.settings
        if not settings.callbacks or not settings.hook_url:
            return
        rule = self.state.rule(message.recipient)
        rng = self.state.rng("status", message.seq)
        code = failure(self.state, message)
        names = rule.statuses if code is None else ("failed",)
        bsuid = message.recipient if "." in message.recipient else rule.bsuid
        for item in plan(names, settings.status_delay_s, settings.chaos, rng):
            told = hooks.status(message, item.name, self.state.now() + item.delay, code, bsuid, rng)
            if not item.early or await self.attempt(self.body([told], None), {}) != 200:
                self.schedule(item.delay, told)

    def schedule(self, delay: float, status: JsonObject) -> None:
        self.counts["planned"] += 1
        heapq.heappush(self.due, (asyncio.get_running_loop().time() + delay, self.counts["planned"], status))
        self.wake.set()

    def body(self, statuses: list[JsonObject], rng: Random | None) -> JsonObject:
        return hooks.spread(self.state.settings, "statuses", [{"statuses": [item]} for item in statuses], rng)

    async def run(self) -> None:
        """Tells what is due, for ever; cancelled at shutdown."""
        loop = asyncio.get_running_loop()
        while True:
            self.wake.clear()
            while self.due and self.due[0][0] <= loop.time():
                rng = self.state.rng("batch", self.counts["bodies"])
                size = rng.randint(2, BATCH) if rng.random() < self.state.settings.chaos.batch else 1
                batch: list[JsonObject] = []
                while self.due and len(batch) < size and self.due[0][0] <= loop.time():
                    batch.append(heapq.heappop(self.due)[2])
                self.counts["bodies"] += 1
                self.post(self.body(batch, rng if size > 1 else None))
            await self.state.announce()
            timeout = self.due[0][0] - loop.time() if self.due else None
            try:
                await asyncio.wait_for(self.wake.wait(), timeout)
            except TimeoutError:
                continue

    def post(self, body: JsonObject, headers: dict[str, str] | None = None) -> asyncio.Task[int | None]:
        """Starts telling one body, with retries; the task gives the last HTTP status, or None when never answered."""
        task = asyncio.create_task(self.persist(body, headers or {}))
        self.posts.add(task)
        task.add_done_callback(self.finished)
        return task

    def finished(self, task: asyncio.Task[int | None]) -> None:
        self.posts.discard(task)
        if self.idle():
            self.wake.set()

    async def persist(self, body: JsonObject, headers: dict[str, str]) -> int | None:
        """Attempts until 200, waiting twice as long each time, at most retry_max_s, at most retry_limit times."""
        settings = self.state.settings
        status: int | None = None
        for attempt in range(settings.retry_limit + 1):
            async with self.gate:
                status = await self.attempt(body, headers)
            if status == 200:
                return status
            if attempt < settings.retry_limit:
                self.counts["retries"] += 1
                await asyncio.sleep(min(settings.retry_max_s, settings.retry_base_s * 2.0**attempt))
        self.counts["given_up"] += 1
        return status

    async def attempt(self, body: JsonObject, headers: dict[str, str]) -> int | None:
        """One POST; None when nobody answered. Redirects are not followed, as Meta does not."""
        settings = self.state.settings
        raw = hooks.encode(body)
        signed = {"Content-Type": "application/json", "User-Agent": "facebookexternalua"}
        signed["X-Hub-Signature-256"] = hooks.signature(settings.app_secret, raw)
        timeout = aiohttp.ClientTimeout(total=settings.hook_timeout_s)
        try:
            async with self.session.post(
                settings.hook_url, data=raw, headers={**signed, **headers}, timeout=timeout, allow_redirects=False
            ) as answer:
                await answer.read()
                self.counts[f"answered_{answer.status}"] += 1
                return answer.status
        except (aiohttp.ClientError, OSError, TimeoutError):
            self.counts["unanswered"] += 1
            return None

    def idle(self) -> bool:
        """Whether nothing is planned and nothing is on its way."""
        return not self.due and not self.posts

    async def close(self) -> None:
        self.due.clear()
        for task in list(self.posts):
            task.cancel()
        await asyncio.gather(*self.posts, return_exceptions=True)


def failure(state: State, message: Accepted) -> int | None:
    """The code with which an accepted message fails later, if it does."""
    rule = state.rule(message.recipient)
    if rule.fail is not None:
        return rule.fail
    if rule.window == "fail" and message.kind != "template" and state.window_closed(message.recipient):
        return 131047
    return 131053 if state.wrong_media(message) else None
