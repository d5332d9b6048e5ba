"""What webhooks are told of a decision: calls that are committed with it, so that none is lost and none is told of nothing.

They name things by id; what is sent is made of them when the call is made (see `crm.notification`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from engine.core.decision import Call
from schemas.effect import Inbound
from schemas.event import ContactChanged
from schemas.notification import wanted

if TYPE_CHECKING:
    from engine.core.turn import Turn

WEBHOOK = "webhook"
"""The kind of these calls."""
NOTICE = "notice"
"""The kind of calls by which flows tell teams."""
MAX_TOLD = 50
"""Things told of one event: a person's runs can't end more often, and no author emits more in one step."""

Told = tuple[str, Mapping[str, Any]]


def tell(turn: Turn) -> None:
    """Add the calls for all that this turn has to tell. Only called where the tenant has webhooks."""
    told = [*_what_happened(turn), *turn.told]
    if len(told) > MAX_TOLD:
        turn.note(f"webhooks are told of the first {MAX_TOLD} things that happened; there were {len(told)}")
    for event, facts in told[:MAX_TOLD]:
        listeners = [each.id for each in turn.world.webhooks if wanted(each.events, event)]
        key = 0
        for listener in listeners:
            id = turn.new_id()
            key = key or id
            data = {"webhook": listener, "event": event, "key": key, "at": turn.now.isoformat(), **facts}
            turn.calls.append(Call(id, WEBHOOK, 0, data, place=str(listener)))


def _answers(turn: Turn, inbound: Inbound) -> bool:
    """True for a message that quotes one of ours, or that a flow waited for."""
    began = [step.run.id for step in turn.steps if step.started]
    return inbound.reply_to != "" or (inbound.run != 0 and inbound.run not in began)


def _what_happened(turn: Turn) -> Iterator[Told]:
    contact = turn.contact.id
    if turn.inbound is not None:
        yield "message.received", {"message": turn.inbound.id}
        if _answers(turn, turn.inbound):
            yield "message.replied", {"message": turn.inbound.id}
    body = turn.event.body
    if isinstance(body, ContactChanged):
        changes = [[each.op, each.key, each.value] for each in body.changes]
        event = "contact.created" if body.created else "contact.updated"
        yield event, {"contact": contact, "changes": changes}
    for talk in turn.conversations.values():
        before = turn.conversation_before(talk.id)
        facts = {"conversation": talk.id, "contact": contact, "agent": talk.agent, "team": talk.team}
        if talk.owner == "AGENT" and (before is None or (before.owner, before.agent) != ("AGENT", talk.agent)):
            yield "conversation.assigned", facts
        if talk.status == "resolved" and (before is None or before.status != "resolved"):
            yield "conversation.resolved", facts
    for run in turn.runs.values():
        if not run.live:
            yield f"run.{run.status}", {"run": run.id, "flow": run.flow, "contact": contact, "reason": run.reason}
