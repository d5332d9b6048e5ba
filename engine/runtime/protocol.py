"""What the runtime needs from outside: a clock, a store in three parts, worlds, channels, and a feed of what was committed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import Any, Literal, Protocol, get_args

from engine.core.decision import Call, Decision, TeamDecision
from engine.core.desk import Desk
from engine.core.value import Person
from engine.core.world import World
from engine.runtime.room import Room
from schemas.capability import Capabilities
from schemas.contact import Identity
from schemas.content import Content
from schemas.effect import Message
from schemas.event import Event, NewEvent, StatusReported
from schemas.problem import Problem
from schemas.value import value


class Clock(Protocol):
    """The only source of time in the async half."""

    def now(self) -> datetime:
        """The instant, aware and in UTC; never goes back."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait; on the virtual clock this takes no time of the world's."""
        ...


# --- intake ------------------------------------------------------------------------------------------------------------------
@value(frozen=True, slots=True)
class Appended:
    """What became of an appended event: its id, and whether it had been there before."""

    id: int
    duplicate: bool


class Intake(Protocol):
    """The table of events to be decided; any process may append."""

    async def append(self, events: Sequence[NewEvent]) -> list[Appended]:
        """Commit the events; when this returns they are durable, in this order. One list is one transaction.

        Calls that come together share a commit. Raises `StoreUnavailable` when the store can't take them (disk full, locked);
        then nothing of the list was taken.
        """
        ...


# --- share -------------------------------------------------------------------------------------------------------------------
@value(frozen=True, slots=True)
class ContactLane:
    """The events of one contact in a batch, in their order, with the person they meet."""

    person: Person
    events: tuple[Event, ...]


@value(frozen=True, slots=True)
class TeamLane:
    """The events of one team in a batch, in their order, with its desk."""

    team: int
    desk: Desk
    events: tuple[Event, ...]


@value(frozen=True, slots=True)
class Batch:
    """What one take gives: lanes, and statuses that load nobody. `handle` is the store's own."""

    tenants: tuple[int, ...]
    contacts: tuple[ContactLane, ...]
    teams: tuple[TeamLane, ...]
    statuses: tuple[Event, ...]
    handle: Any = None
    versions: frozenset[tuple[int, int]] = frozenset()
    """(tenant, version id) on which loaded runs stand: the worlds must hold their programs."""


@value(frozen=True, slots=True)
class Failed:
    """An event that could not be decided or committed: our own trouble. It is tried again alone, then declared dead."""

    error: str


@value(frozen=True, slots=True)
class Decided:
    """An event and what was decided of it."""

    event: Event
    decision: Decision | TeamDecision | StatusReported | Failed


@value(frozen=True, slots=True)
class Moved:
    """A message whose status a provider's report moved forward."""

    tenant: int
    message: int
    conversation: int
    status: str


@value(frozen=True, slots=True)
class Committed:
    """What a commit did: events that met a changed person and must be taken again, and whether due or outbox work was made.

    `dead` are the events that failed for the last time, `moved` the messages that statuses moved, for who looks on.
    """

    again: tuple[int, ...] = ()
    messages: int = 0
    born: int = 0
    calls: int = 0
    dead: tuple[int, ...] = ()
    moved: tuple[Moved, ...] = ()
    claims: tuple[Claim, ...] = ()
    """Those of its messages that were claimed with it: whoever offered to send them must do so now."""


@value(frozen=True, slots=True)
class Offer:
    """What a sender can take on from a commit: up to `limit` claims under a lease; `room` bounds those of the channels in it."""

    limit: int
    lease_until: datetime
    room: Mapping[int, int]


FEW = 256
"""Waits that come due beside live events are live themselves while all of them fit in one batch."""


class Share(Protocol):
    """The part of all lanes that this process owns: take, commit, due."""

    async def take(self, limit: int, now: datetime, beside: Sequence[Batch] = ()) -> Batch | None:
        """Up to `limit` undecided events in their order, live ones before bulk, with what they need loaded; None if none.

        Lanes that meet a batch in `beside`, which is decided or committed at this time, are left out (`engine.runtime.busy`).
        """
        ...

    async def commit(self, batch: Batch, decided: Sequence[Decided], now: datetime, offer: Offer | None = None) -> Committed:
        """One transaction: persons, messages, history, born events, counts, statuses, events done. Or nothing at all.

        A contact that another writer changed since it was loaded is left out, with all its events, and named in `again`.
        With an offer, messages that `Outbox.claim` would give next are claimed at once, as far as the sender has room: live ones,
        each the head of its conversation.
        Raises `StoreUnavailable` when the store can't take it; then nothing was changed.
        """
        ...

    async def due(self, now: datetime, limit: int) -> tuple[int, datetime | None]:
        """Turn runs whose time has come into `WaitDue` events, one transaction; how many, and when the next one is due.

        Those of runs that wait for nobody (drips) are bulk. So are all of them where they and the live events that stand
        undecided are more than a `FEW`: a crowd whose waits end together doesn't stand before people who write.
        """
        ...


class ShareLost(Exception):
    """The ownership of some lanes was lost: what is remembered of them must be forgotten."""


class StoreUnavailable(Exception):
    """The store can't take writes now (disk full, database locked); nothing was changed; try again later."""


# --- outbox ------------------------------------------------------------------------------------------------------------------
@value(frozen=True, slots=True)
class Claim:
    """A message claimed to be sent, its attempt committed. The facts decide whether it may still be said."""

    message: Message
    tenant: int
    attempt: int
    identities: tuple[Identity, ...]
    provider_reply_to: str = ""
    window_until: datetime | None = None
    ambiguous: bool = False
    """The lease of an earlier claim ran out without a settlement: the provider may have it already."""
    unknown: bool = False
    """It was settled as unknown before and no status came: it may be sent this once more, and never again."""
    first_attempt_at: datetime | None = None
    """When it was first claimed; retries give up by it."""


Outcome = Literal["accepted", "failed", "skipped", "unknown", "retry"]


@value(frozen=True, slots=True)
class Settlement:
    """What became of a claim. `retry` gives it back until `retry_at`; `unknown` waits until `retry_at` for a status."""

    message: int
    outcome: Outcome
    at: datetime
    provider_id: str = ""
    code: str = ""
    detail: str = ""
    retry_at: datetime | None = None
    identities: tuple[Identity, ...] = ()
    """Addresses that the provider told us of the contact, such as the wa_id of a dialled number."""
    content: Content | None = None
    """What was really sent, where it is not what was decided (the template fallback)."""


class Outbox(Protocol):
    """The messages to be sent, in order per conversation; any sender may claim.

    The head of a conversation is the row in flight, else a human's oldest, else the oldest one.
    """

    async def claim(self, limit: int, now: datetime, lease_until: datetime, room: Mapping[int, int] | None = None) -> list[Claim]:
        """Commit an attempt on the heads of conversations that are ready, and give them, live ones before bulk.

        What may not be said any more (epoch, owner, consent) is settled as skipped in the same transaction. A claim whose lease
        ran out is ambiguous: it comes back with `ambiguous` set. An unknown one that waits for its second try is in flight still:
        it holds what is behind it, and comes back with `unknown` set from then on. `room` says how many may be claimed of a
        channel (0: it is held); a channel that isn't named has no bound of its own.
        """
        ...

    async def settle(self, settlements: Sequence[Settlement], now: datetime) -> int:
        """Commit outcomes, arm reply timeouts, append `MessageSettled` where somebody must know. How many events were born."""
        ...

    async def next_ready(self, now: datetime) -> datetime | None:
        """When the next one after `now` is ready (a retry, an unknown's answer, a lease), None if nothing waits for time."""
        ...


# --- calls -------------------------------------------------------------------------------------------------------------------
@value(frozen=True, slots=True)
class CallClaim:
    """A call claimed to be made, its attempt (from 1) committed."""

    call: Call
    tenant: int
    attempt: int


@value(frozen=True, slots=True)
class CallResult:
    """What became of a call: done, given up (`error`), or tried again at `retry_at`.

    `answer` is appended in the transaction that closes the call; not where it was closed before.
    """

    call: int
    error: str = ""
    retry_at: datetime | None = None
    answer: NewEvent | None = None


@value(frozen=True, slots=True)
class CallAnswer:
    """What a handler brings back of a call that a run made. Not `ok`: the other side said no, for good."""

    data: Mapping[str, Any] = field(default_factory=dict)
    ok: bool = True
    code: str = ""
    detail: str = ""


class CallFailed(Exception):
    """A call could not be done. `again` says whether a later try may help, `after` how many seconds to wait, if known.

    For a run that made the call the message is the code, `reason` the detail and `data` what is known of the last try.
    """

    def __init__(
        self,
        message: str,
        *,
        reason: str = "",
        again: bool = True,
        after: float | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.data = data or {}
        self.again = again
        self.after = after


class Calls(Protocol):
    """The work outside that is no message: durable, in no queue; any process may claim."""

    async def claim_calls(self, room: Room, now: datetime, lease_until: datetime) -> list[CallClaim]:
        """Commit an attempt on calls that are ready or whose lease ran out, and give them: of each sort the lowest ids first.

        Those that find no `room` are left for another time.
        """
        ...

    async def take_back_calls(self) -> None:
        """Make ready what is claimed. For a process that begins, and has claimed nothing: who did is dead."""
        ...

    async def finish_calls(self, results: Sequence[CallResult], now: datetime) -> None:
        """Commit what became of calls, with the answers' events. One that is finished or not there is left as it is."""
        ...

    async def next_call(self, now: datetime) -> datetime | None:
        """When the next call after `now` is ready (a retry, a lease), None if none waits for time."""
        ...


class StoredAnswers(Protocol):
    """The answers that were committed with their events."""

    async def answer(self, event: int) -> Mapping[str, Any] | Problem | None:
        """The answer of a decided event; None while it is undecided, and if it has none."""
        ...


class Store(Intake, Share, Outbox, Calls, StoredAnswers, Protocol):
    """All parts of one store."""


# --- the rest ----------------------------------------------------------------------------------------------------------------
class Worlds(Protocol):
    """What each tenant has published."""

    async def get(self, tenant: int, versions: frozenset[int] = frozenset()) -> World:
        """The tenant's current world, with the programs of these versions in it."""
        ...


@value(frozen=True, slots=True)
class Outgoing:
    """A message as a channel gets it. `to` are the contact's identities; `key` is our correlation and idempotency key."""

    message: int
    key: str
    content: Content
    to: tuple[Identity, ...]
    reply_to: str = ""


@value(frozen=True, slots=True)
class Accepted:
    """The provider took the message."""

    provider_id: str
    identities: tuple[Identity, ...] = ()


Remedy = Literal["retry", "throttle_channel", "throttle_contact", "window_closed", "never", "channel_broken"]


@value(frozen=True, slots=True)
class Refused:
    """The provider did not take the message. `after` is how many seconds to wait before the next try, if it says so."""

    code: str
    detail: str
    remedy: Remedy
    after: float | None = None


@value(frozen=True, slots=True)
class Lost:
    """The request left and no answer came: the provider may have the message or not."""

    detail: str


class Channel(Protocol):
    """One connected channel: what the sender needs of it."""

    @property
    def capabilities(self) -> Capabilities:
        """What it can show, how long things may be."""
        ...

    async def send(self, outgoing: Outgoing) -> Accepted | Refused | Lost:
        """Hand the message to the provider. Never raises for the provider's or the network's trouble."""
        ...

    async def call(self, kind: str, data: Mapping[str, Any]) -> None:
        """Do other work, such as `mark_read`; best effort."""
        ...


class Channels(Protocol):
    """The connected channels."""

    async def get(self, channel: int) -> Channel | None:
        """The channel with this id; None if it was removed or is switched off."""
        ...


Topic = Literal["message", "conversation", "run", "contact", "answer", "flow"]
TOPICS: frozenset[Topic] = frozenset(get_args(Topic))


@value(frozen=True, slots=True)
class Notice:
    """Something that was committed, for whoever looks on live: chat sockets, the agent page, the builder."""

    tenant: int
    topic: Topic
    conversation: int = 0
    id: int = 0
    data: Mapping[str, Any] = field(default_factory=dict)


class Feed(Protocol):
    """Where notices go after their commit. Losing one loses nothing but liveliness."""

    @property
    def topics(self) -> frozenset[Topic]:
        """What somebody listens to: notices of other topics needn't be made."""
        ...

    def publish(self, notices: Iterable[Notice]) -> None:
        """Hand the notices to who listens; never blocks, never raises. They may be made as they are read, once."""
        ...
