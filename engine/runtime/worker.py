"""Takes events, decides them lane by lane, commits them together, and tells who waits."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Protocol

from engine.core.decision import Decision, TeamDecision
from engine.core.desk import Desk
from engine.core.value import Person
from engine.core.world import World
from engine.runtime.answers import Answers
from engine.runtime.metric import Metrics
from engine.runtime.notice import notices
from engine.runtime.protocol import (
    Batch,
    Claim,
    Clock,
    Committed,
    ContactLane,
    Decided,
    Failed,
    Feed,
    Offer,
    Share,
    ShareLost,
    StoreUnavailable,
    TeamLane,
    Worlds,
)
from schemas.event import Event, StatusReported
from schemas.problem import Problem

BATCH = 256
"""Events of one commit: with more, the first of them wait longer than the fsync they share."""
ERROR_CHARACTERS = 2_000
"""What is kept of a traceback: its end, which names the line."""

DEAD = Problem("event_failed", "error", "", "This could not be done: it failed three times.", "Ask your operator.")

NOBODY = Problem("unknown_contact", "error", "", "This contact doesn't exist.", "Check its id; it may have been deleted.")


def _nothing() -> None:
    """Nobody helps."""


class Decide(Protocol):
    """`engine.core.decide.decide`, or a stand-in."""

    def __call__(self, world: World, person: Person, event: Event, *, now: datetime) -> Decision:
        """What an event means for a person."""
        ...


class DecideTeam(Protocol):
    """`engine.core.desk.decide_team`, or a stand-in."""

    def __call__(self, world: World, desk: Desk, event: Event, *, now: datetime) -> TeamDecision:
        """What an event means for a team."""
        ...


class Sends(Protocol):
    """`engine.runtime.sender.Sender`, as far as a commit needs it: its room, and its taking over of what was claimed."""

    def offer(self, wanted: int) -> Offer | None: ...
    def launch(self, offer: Offer, claims: Sequence[Claim]) -> None: ...


class Worker:
    """One share's worker. `step` is one batch; `committed` is called after each commit that made work for others.

    `full` is called when a batch was full: another step may go on with the backlog while this one is written.
    """

    def __init__(
        self,
        share: Share,
        worlds: Worlds,
        clock: Clock,
        decide: Decide,
        decide_team: DecideTeam,
        sends: Sends,
        *,
        feed: Feed,
        answers: Answers,
        metrics: Metrics,
        committed: Callable[[Committed], None],
        full: Callable[[], None] = _nothing,
        limit: int = BATCH,
    ) -> None:
        self._share = share
        self._worlds = worlds
        self._clock = clock
        self._decide = decide
        self._decide_team = decide_team
        self._sends = sends
        self._feed = feed
        self._answers = answers
        self._metrics = metrics
        self._committed = committed
        self._full = full
        self._limit = limit
        self._taking = asyncio.Lock()
        self._under_way: dict[int, Batch] = {}

    async def step(self) -> int:
        """Take, decide and commit one batch; how many events it held. Raises StoreUnavailable; then nothing was changed.

        Steps may run at the same time: the lanes of one are left out of the others, so that one batch is decided while another
        is written.
        """
        batch: Batch | None = None
        try:
            async with self._taking:
                begun = self._clock.now()
                batch = await self._share.take(self._limit, begun, list(self._under_way.values()))
                if batch is None:
                    return 0
                self._under_way[id(batch)] = batch
            decided = await self._decide_or_release(batch, begun)
            if len(decided) >= self._limit:
                self._full()
            committed = await self._commit(batch, decided)
        except ShareLost:
            self._metrics.count("share_lost")
            return 0
        finally:
            if batch is not None:
                self._under_way.pop(id(batch), None)
        self._tell(decided, committed, begun)
        return len(decided)

    async def _decide_or_release(self, batch: Batch, now: datetime) -> list[Decided]:
        """Decide; where even that can't be done (no worlds), give the batch back untouched."""
        try:
            return await self._decide_batch(batch, now)
        except Exception:
            await self._share.commit(batch, (), now)
            raise

    async def _decide_batch(self, batch: Batch, now: datetime) -> list[Decided]:
        worlds = {
            tenant: await self._worlds.get(tenant, frozenset(id for owner, id in batch.versions if owner == tenant))
            for tenant in batch.tenants
        }
        decided: list[Decided] = []
        for lane in batch.contacts:
            decided.extend(self._contact_lane(worlds, lane, now))
        for team in batch.teams:
            decided.extend(self._team_lane(worlds, team, now))
        decided.extend(Decided(event, event.body) for event in batch.statuses if isinstance(event.body, StatusReported))
        return decided

    def _contact_lane(self, worlds: dict[int, World], lane: ContactLane, now: datetime) -> Iterator[Decided]:
        """Fold the lane: the person after one event meets the next. A failure leaves the rest for the next take."""
        person = lane.person
        for event in lane.events:
            if event.contact and person.contact.version == 0:
                yield Decided(event, Decision(person, person.contact, error=NOBODY.message, answer=NOBODY))
                continue
            try:
                decision = self._decide(worlds[event.tenant], person, event, now=now)
            except Exception:
                yield Decided(event, _failure())
                return
            yield Decided(event, decision)
            person = decision.person

    def _team_lane(self, worlds: dict[int, World], lane: TeamLane, now: datetime) -> Iterator[Decided]:
        desk = lane.desk
        for event in lane.events:
            try:
                decision = self._decide_team(worlds[event.tenant], desk, event, now=now)
            except Exception:
                yield Decided(event, _failure())
                return
            yield Decided(event, decision)
            desk = decision.desk

    async def _commit(self, batch: Batch, decided: list[Decided]) -> Committed:
        """Commit; where that fails for a reason of our own, count a failure for each, so that each is tried alone."""
        said = sum(len(each.decision.messages) for each in decided if type(each.decision) is Decision)
        offer = self._sends.offer(said) if said else None
        claims: Sequence[Claim] = ()
        try:
            committed = await self._share.commit(batch, decided, self._clock.now(), offer)
            claims = committed.claims
            return committed
        except (StoreUnavailable, ShareLost):
            raise
        except Exception:
            failure = _failure()
            decided[:] = [Decided(each.event, failure) for each in decided]
            return await self._share.commit(batch, decided, self._clock.now())
        finally:
            if offer is not None:
                self._sends.launch(offer, claims)

    def _tell(self, decided: list[Decided], committed: Committed, begun: datetime) -> None:
        now = self._clock.now()
        failed = sum(isinstance(each.decision, Failed) for each in decided)
        done = [each for each in decided if each.event.id not in committed.again]
        self._metrics.count("batches")
        self._metrics.count("events_decided", len(done) - failed)
        self._metrics.count("events_failed", failed)
        self._metrics.count("events_dead", len(committed.dead))
        self._metrics.count("events_again", len(committed.again))
        self._metrics.observe("batch_events", len(decided))
        self._metrics.observe("batch_seconds", (now - begun).total_seconds())
        for each in done:
            self._metrics.observe("event_age_seconds", max((now - each.event.at).total_seconds(), 0.0))
        self._committed(committed)
        topics = self._feed.topics
        if topics:
            self._feed.publish(notices(done, committed, topics))
        for each in done:
            if not isinstance(each.decision, Failed | StatusReported) and each.decision.answer is not None:
                self._answers.resolve(each.event.id, each.decision.answer)
        for event in committed.dead:
            self._answers.resolve(event, DEAD)


def _failure() -> Failed:
    return Failed(traceback.format_exc()[-ERROR_CHARACTERS:])
