"""Sends what the outbox holds: many conversations at once, one message in flight in each."""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from engine.runtime.clock import Patience
from engine.runtime.flight import Flight
from engine.runtime.metric import Metrics
from engine.runtime.pace import Pace
from engine.runtime.protocol import (
    Accepted,
    Channel,
    Channels,
    Claim,
    Clock,
    Feed,
    Lost,
    Notice,
    Offer,
    Outbox,
    Outgoing,
    Refused,
    Settlement,
)
from engine.runtime.remedy import Sent, after_send, before_send, give_back
from schemas.capability import Capabilities
from schemas.content import Content

CLAIMS = 256
"""Messages claimed at once: what one batch of the worker may make, so that a batch's answers share a commit."""
FLYING = 512
"""Requests in flight of all channels together: each holds a socket."""
LEASE = timedelta(seconds=60)
"""How long a claim stands without a settlement: twice the time that a request may take."""
TIMEOUT = 30.0
"""Seconds until a request without an answer is given up as lost."""

Attention = Callable[[int, str, str], None]
"""(channel, code, detail): the channel needs an operator."""


class Sender:
    """The outbox's loop. `step` settles what came back and claims what is ready; sends run beside it.

    What a commit makes and nothing stands before needs no step: the commit claims it under an `offer`, and `launch` sends it.

    `woken` is called when a send came back, `born` when a settlement made events.
    """

    def __init__(
        self,
        outbox: Outbox,
        channels: Channels,
        clock: Clock,
        *,
        feed: Feed,
        metrics: Metrics,
        woken: Callable[[], None],
        born: Callable[[], None],
        attention: Attention,
    ) -> None:
        self._outbox = outbox
        self._channels = channels
        self._clock = clock
        self._feed = feed
        self._metrics = metrics
        self._woken = woken
        self._born = born
        self._attention = attention
        self._paces: dict[int, Pace] = {}
        self._flight = Flight(clock)
        self._patience = Patience(clock, TIMEOUT)
        self._back: list[tuple[Claim, Settlement]] = []
        self._stopping = False
        self._offered = 0
        """Room that is kept for commits under way."""
        self._behind = False
        self._full: set[int] = set()
        """More may be ready than the last claim took: of all channels, or of these. What is made now stands behind it."""
        self.next_ready: datetime | None = None

    @property
    def flying(self) -> int:
        """Sends in flight."""
        return len(self._flight)

    async def step(self) -> int:
        """Commit what came back, claim what is ready, send it; how many messages were moved. Raises StoreUnavailable."""
        settled = await self._settle()
        if self._stopping or self.flying >= FLYING:
            return settled
        now = self._clock.now()
        limit, room = min(CLAIMS, FLYING - self.flying), self._room(now)
        claims = await self._outbox.claim(limit, now, now + LEASE, room)
        self._look_behind(claims, limit, room)
        self._launch(claims, now + LEASE)
        moved = settled + len(claims)
        if not moved:  # else this step runs again at once
            await self._look_ahead()
        return moved

    def offer(self, wanted: int) -> Offer | None:
        """Room for up to so many messages of a commit, kept until `launch`; None where older ones wait for room."""
        limit = min(wanted, FLYING - self.flying - self._offered)
        if limit <= 0 or self._behind or self._stopping:
            return None
        now = self._clock.now()
        room = self._room(now) | dict.fromkeys(self._full, 0)
        self._offered += limit
        return Offer(limit, now + LEASE, room)

    def launch(self, offer: Offer, claims: Sequence[Claim]) -> None:
        """Send what was claimed under an offer, none if the commit failed; the rest of its room is free again."""
        self._offered -= offer.limit
        self._launch(claims, offer.lease_until)

    async def stop(self, grace: float) -> None:
        """Claim nothing more, wait up to `grace` seconds for answers, and commit them. What is cut off is ambiguous."""
        self._stopping = True
        await self._flight.land(grace)
        await self._settle()

    def mended(self, channel: int) -> None:
        """Somebody changed the channel: what it is held for may be over."""
        if channel in self._paces:
            self._paces[channel].accepted()
        self._woken()

    def _room(self, now: datetime) -> dict[int, int]:
        return {channel: max(pace.room(now) - self._offered, 0) for channel, pace in self._paces.items()}

    def _look_behind(self, claims: Sequence[Claim], limit: int, room: Mapping[int, int]) -> None:
        """Whether a claim took all that it could. One that was kept from a channel by an offer says nothing about it."""
        self._behind = len(claims) >= limit
        taken = Counter(claim.message.channel for claim in claims)
        for channel, free in room.items():
            if taken[channel] < free:
                self._full.discard(channel)
            elif free or not self._offered:
                self._full.add(channel)

    def _launch(self, claims: Sequence[Claim], until: datetime) -> None:
        for claim in claims:
            self._flight.launch(partial(self._carry, claim, until))

    async def _settle(self) -> int:
        if not self._back:
            return 0
        back = list(self._back)
        settlements = [settlement for _, settlement in back]
        if await self._outbox.settle(settlements, self._clock.now()):
            self._born()
        del self._back[: len(back)]
        for outcome, times in Counter(settlement.outcome for settlement in settlements).items():
            self._metrics.count(f"sends_{outcome}", times)
        if "message" in self._feed.topics:
            self._feed.publish(_notice(claim, settlement) for claim, settlement in back)
        return len(back)

    async def _carry(self, claim: Claim, until: datetime) -> None:
        channel = await self._channels.get(claim.message.channel)
        now = self._clock.now()
        if now >= until:  # the process slept: the message may be claimed again, and its turn may be over
            return
        if channel is None:
            self._land(claim, _gone(claim, now), now)
            return
        pace, prepared = self._pace(claim.message.channel, channel.capabilities), before_send(claim, channel.capabilities, now)
        if isinstance(prepared, Settlement):  # it needs no room; and what is in doubt must not be given back as unsent
            settlement = prepared
        elif pace.room(now) <= 0:  # a new channel's first claims, or one that was held meanwhile
            settlement = give_back(claim, pace.ready_at(now) or now, now)
        else:
            pace.take(now)
            try:
                settlement = await self._send(channel, claim, prepared, pace)
            finally:
                pace.land()
        self._land(claim, settlement, now)

    def _land(self, claim: Claim, settlement: Settlement, begun: datetime) -> None:
        self._back.append((claim, settlement))
        self._metrics.observe("send_seconds", (self._clock.now() - begun).total_seconds())
        self._woken()

    async def _send(self, channel: Channel, claim: Claim, content: Content, pace: Pace) -> Settlement:
        """Send one claim; what became of it."""
        result: Settlement | Content = content
        while not isinstance(result, Settlement):
            answer = await self._request(channel, claim, result)
            if isinstance(answer, Refused) and answer.remedy == "channel_broken":
                self._attention(claim.message.channel, answer.code, answer.detail)
            sent = Sent(claim, result, channel.capabilities)
            result = after_send(sent, answer, pace, self._clock.now())
        return result

    async def _request(self, channel: Channel, claim: Claim, content: Content) -> Accepted | Refused | Lost:
        message = claim.message
        outgoing = Outgoing(message.id, message.key, content, claim.identities, claim.provider_reply_to)
        try:
            return await self._patience.hold(channel.send(outgoing))
        except TimeoutError:
            return Lost(f"no answer within {TIMEOUT:.0f} s")
        except Exception:  # a channel's own fault, before or after the request left: what it means is persisted
            return Lost(traceback.format_exc()[-500:])

    def _pace(self, channel: int, capabilities: Capabilities) -> Pace:
        if channel not in self._paces:
            self._paces[channel] = Pace(channel, capabilities.per_second, capabilities.at_once)
        return self._paces[channel]

    async def _look_ahead(self) -> None:
        now = self._clock.now()
        waiting = [pace.ready_at(now) for pace in self._paces.values()]
        waiting.append(await self._outbox.next_ready(now))
        self.next_ready = min((at for at in waiting if at is not None and at > now), default=None)


def _gone(claim: Claim, now: datetime) -> Settlement:
    words = "the channel was removed or is switched off"
    return Settlement(claim.message.id, "failed", now, code="channel_gone", detail=words)


def _notice(claim: Claim, settlement: Settlement) -> Notice:
    status = "queued" if settlement.outcome == "retry" else settlement.outcome
    to = tuple(each.value for each in claim.identities)
    data = {"status": status, "code": settlement.code, "detail": settlement.detail, "to": to}
    return Notice(claim.tenant, "message", claim.message.conversation, claim.message.id, data)
