"""Anything that happens: the only way into the engine.

An event is an envelope and a body. Bodies are small classes, each with its stable `kind`; `encode_body` and `decode_body` turn
them into the JSON that the intake keeps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import datetime
from typing import Any, ClassVar

import orjson

from schemas.contact import ContactChange, Identity
from schemas.content import Content, load_content
from schemas.value import maker, value


# --- from channels -----------------------------------------------------------------------------------------------------------
@value(frozen=True, slots=True)
class MessageReceived:
    """A contact wrote. `external_id` is the provider's id of the message, `reply_to` that of the message it answers or taps."""

    kind: ClassVar[str] = "message_received"
    channel: int
    external_id: str
    content: Content
    reply_to: str = ""
    name: str = ""
    language: str = ""
    window_hours: int = 24
    """How long free text may follow, where the channel has a window: 24, or 72 after a click-to-WhatsApp ad."""


@value(frozen=True, slots=True)
class StatusReported:
    """A provider says what became of a message. Loads no run: it settles the message's row (see `engine.core.delivery`).

    `status` is sent, delivered, read or failed; `message` is our id where the provider gave our key back, else 0.
    """

    kind: ClassVar[str] = "status_reported"
    channel: int
    provider_id: str
    status: str
    message: int = 0
    code: str = ""
    detail: str = ""
    identities: tuple[Identity, ...] = ()


# --- from ourselves ----------------------------------------------------------------------------------------------------------
@value(frozen=True, slots=True)
class WaitDue:
    """The time of a run's wait has come, or the run's own expiry. An old wait's id wakes nobody."""

    kind: ClassVar[str] = "wait_due"
    run: int
    wait: int


@value(frozen=True, slots=True)
class MessageSettled:
    """A message that somebody must know about settled: as accepted, failed, skipped or unknown.

    Born when it failed, and when the run `run` parked in its wait `wait` until this message settles.
    """

    kind: ClassVar[str] = "message_settled"
    message: int
    conversation: int
    run: int
    node: str
    status: str
    code: str = ""
    detail: str = ""


@value(frozen=True, slots=True)
class CallAnswered:
    """A call that a run made is over: `ok` with the answer's `data`, or given up with a `code`, after its retries.

    Meant for the run's wait for just this call; `wait` is the id that the wait had when the call was made. `data` is what the
    handler of its kind brought back, also of a refusal where there is more to tell than a code, such as a status.
    """

    kind: ClassVar[str] = "call_answered"
    run: int
    wait: int
    call: int
    ok: bool
    code: str = ""
    detail: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


@value(frozen=True, slots=True)
class ContactChanged:
    """A contact was made or changed, by a run, the API or an import; lists only what really changed."""

    kind: ClassVar[str] = "contact_changed"
    changes: tuple[ContactChange, ...]
    created: bool = False
    actor: str = ""


@value(frozen=True, slots=True)
class ChangeContact:
    """Change a contact in its own lane: consent, an address that a provider told us, what a webhook brings."""

    kind: ClassVar[str] = "change_contact"
    changes: tuple[ContactChange, ...]
    actor: str = ""


# --- commands: from the API, the agent page, other runs ----------------------------------------------------------------------
@value(frozen=True, slots=True)
class StartFlow:
    """Start the live version of a flow for the contact. `node` picks the trigger (a schedule's, a webhook's), "" the API's.

    `unless_in_it` leaves a contact alone who is in a run of this flow already. The answer is `{"run": id}` or a Problem.
    """

    kind: ClassVar[str] = "start_flow"
    flow: int
    node: str = ""
    channel: int = 0
    variables: Mapping[str, Any] = field(default_factory=dict)
    reason: str = "api"
    unless_in_it: bool = False


@value(frozen=True, slots=True)
class EventNamed:
    """A named event for this contact, such as `paid`: resumes a run that waits for it. `data` becomes variables."""

    kind: ClassVar[str] = "event_named"
    name: str
    data: Mapping[str, Any] = field(default_factory=dict)


@value(frozen=True, slots=True)
class SendMessage:
    """Send a message outside any run. With a `user` it is a human's and claims the conversation.

    `channel` 0 takes the contact's last conversation. The answer is `{"message": id, "conversation": id}`.
    """

    kind: ClassVar[str] = "send_message"
    content: Content
    channel: int = 0
    user: int = 0
    voice: str = "system"


@value(frozen=True, slots=True)
class ClaimConversation:
    """A user takes the conversation, from the queue, from the bot, or (with `force`) from another agent."""

    kind: ClassVar[str] = "claim_conversation"
    conversation: int
    user: int
    force: bool = False


@value(frozen=True, slots=True)
class ResolveConversation:
    """The conversation is done: a run that waits at Assign Agent goes on by `resolved`, one that a take-over suspended ends."""

    kind: ClassVar[str] = "resolve_conversation"
    conversation: int
    user: int = 0
    note: str = ""


@value(frozen=True, slots=True)
class ReturnConversation:
    """The conversation goes back to the bot: port `returned`, or the suspended run's wait opens again."""

    kind: ClassVar[str] = "return_conversation"
    conversation: int
    user: int = 0


@value(frozen=True, slots=True)
class TransferConversation:
    """The conversation goes to another team's queue, or to an agent."""

    kind: ClassVar[str] = "transfer_conversation"
    conversation: int
    team: int = 0
    agent: int = 0
    user: int = 0


@value(frozen=True, slots=True)
class SnoozeConversation:
    """The conversation is put aside until a time or the contact's next message (`until` None)."""

    kind: ClassVar[str] = "snooze_conversation"
    conversation: int
    until: datetime | None = None
    user: int = 0


@value(frozen=True, slots=True)
class ConversationWoken:
    """The time until which the conversation was snoozed has come."""

    kind: ClassVar[str] = "conversation_woken"
    conversation: int


@value(frozen=True, slots=True)
class StopRun:
    """An operator or a flow stops a run (`run` 0: all live runs of the contact; with `flow`, only those of this flow)."""

    kind: ClassVar[str] = "stop_run"
    run: int
    reason: str = ""
    flow: int = 0


# --- the team's lane ---------------------------------------------------------------------------------------------------------
@value(frozen=True, slots=True)
class AssignRequested:
    """A conversation needs an agent of the team (`agent`: this one only). Answered by `Assigned` or `NoAgent`.

    `queue` lets it wait also while nobody is online; `strategy` "" takes the team's; `claim` is unique per request, so an old
    answer can't be mistaken for a newer one.
    """

    kind: ClassVar[str] = "assign_requested"
    contact: int
    conversation: int
    claim: str
    agent: int = 0
    strategy: str = ""
    queue: bool = True
    priority: int = 0


@value(frozen=True, slots=True)
class AssignWithdrawn:
    """The conversation needs no agent any more: it leaves the queue, and its agent's slot is free."""

    kind: ClassVar[str] = "assign_withdrawn"
    conversation: int


@value(frozen=True, slots=True)
class SlotTaken:
    """An agent took the conversation by hand: it leaves the queue and counts as the agent's load."""

    kind: ClassVar[str] = "slot_taken"
    conversation: int
    contact: int
    agent: int


@value(frozen=True, slots=True)
class PresenceChanged:
    """An agent is `online`, `busy` or `offline`."""

    kind: ClassVar[str] = "presence_changed"
    agent: int
    presence: str


@value(frozen=True, slots=True)
class TeamChanged:
    """The team's members, capacity or hours changed, or its hours opened: look at the queue again."""

    kind: ClassVar[str] = "team_changed"


# --- the team's answers, to the contact's lane -------------------------------------------------------------------------------
@value(frozen=True, slots=True)
class Assigned:
    """The team's lane gave the conversation to an agent."""

    kind: ClassVar[str] = "assigned"
    conversation: int
    claim: str
    team: int
    agent: int


@value(frozen=True, slots=True)
class NoAgent:
    """No agent of the team can take the conversation. `reason` is closed, nobody_online, unknown_team or unknown_agent."""

    kind: ClassVar[str] = "no_agent"
    conversation: int
    claim: str
    team: int
    reason: str


Body = (
    MessageReceived
    | StatusReported
    | WaitDue
    | MessageSettled
    | CallAnswered
    | ContactChanged
    | ChangeContact
    | StartFlow
    | EventNamed
    | SendMessage
    | ClaimConversation
    | ResolveConversation
    | ReturnConversation
    | TransferConversation
    | SnoozeConversation
    | ConversationWoken
    | StopRun
    | AssignRequested
    | AssignWithdrawn
    | SlotTaken
    | PresenceChanged
    | TeamChanged
    | Assigned
    | NoAgent
)
BODIES: dict[str, type[Body]] = {body.kind: body for body in Body.__args__}
_MAKERS: dict[str, Callable[..., Body]] = {body.kind: maker(body) for body in Body.__args__}


@value(frozen=True, slots=True)
class NewEvent:
    """An event on its way into the intake.

    Addressed to exactly one of: a `contact`, a `team`, or (of a person perhaps unknown) `identities`, the best first.
    `(tenant, source, external_id)` is unique: a second append of the same is a duplicate and does nothing.
    `cause` is the event that it was born of and `depth` how many births lie behind it; a message, an agent, the API start at 0.
    """

    tenant: int
    source: str
    external_id: str
    at: datetime
    body: Body
    contact: int = 0
    team: int = 0
    identities: tuple[Identity, ...] = ()
    cause: int = 0
    depth: int = 0
    bulk: bool = False


@value(frozen=True, slots=True)
class Event:
    """An event in the intake: `id` grows in the order of commit; `received_at` is when our door took it."""

    id: int
    tenant: int
    source: str
    external_id: str
    at: datetime
    body: Body
    contact: int = 0
    team: int = 0
    identities: tuple[Identity, ...] = ()
    cause: int = 0
    depth: int = 0
    bulk: bool = False
    received_at: datetime | None = None


def encode_body(body: Body) -> bytes:
    """The body as JSON; its kind is kept beside it."""
    return orjson.dumps(body)


def decode_body(kind: str, data: bytes | str) -> Body:
    """The body that `encode_body` made. Raises KeyError for a kind that this release doesn't know.

    >>> decode_body("wait_due", encode_body(WaitDue(run=7, wait=2)))
    WaitDue(run=7, wait=2)
    """
    return load_body(kind, orjson.loads(data))


def load_body(kind: str, fields: dict[str, Any]) -> Body:
    """The body from its decoded JSON."""
    made = BODIES[kind]
    if made is MessageReceived or made is SendMessage:
        fields["content"] = load_content(fields["content"])
    elif made is ContactChanged or made is ChangeContact:
        fields["changes"] = tuple(ContactChange(**change) for change in fields["changes"])
    elif made is StatusReported:
        fields["identities"] = tuple(Identity(**identity) for identity in fields["identities"])
    elif made is SnoozeConversation and fields["until"]:
        fields["until"] = datetime.fromisoformat(fields["until"])
    return _MAKERS[kind](**fields)
