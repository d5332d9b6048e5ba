"""What a commit means to people who look on: decisions as notices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.core.decision import Decision, TeamDecision
from engine.core.value import Conversation, Run
from engine.runtime.protocol import Committed, Decided, Notice
from schemas.content import dump_content
from schemas.effect import Inbound, Message


def notices(decided: Sequence[Decided], committed: Committed) -> Iterator[Notice]:
    """Everything that a look-on should see of these events."""
    for each in decided:
        match each.decision:
            case Decision() as decision:
                yield from _of_decision(each.event.tenant, each.event.id, decision)
            case TeamDecision(answer=answer) if answer is not None:
                yield Notice(each.event.tenant, "answer", id=each.event.id)
            case _:
                pass
    for moved in committed.moved:
        yield Notice(moved.tenant, "message", moved.conversation, moved.message, {"status": moved.status})


def _of_decision(tenant: int, event: int, decision: Decision) -> Iterator[Notice]:
    if decision.inbound is not None:
        yield _inbound(tenant, decision.inbound)
    for message in decision.messages:
        yield _message(tenant, message)
    for conversation in decision.conversations:
        yield _conversation(tenant, decision.person.contact.id, conversation)
    for run in decision.runs:
        yield _run(tenant, run)
    if decision.changes or decision.contact_before.version == 0 < decision.person.contact.version:
        yield Notice(tenant, "contact", id=decision.person.contact.id)
    if decision.answer is not None:
        yield Notice(tenant, "answer", id=event)


def _inbound(tenant: int, inbound: Inbound) -> Notice:
    data = {
        "direction": "in",
        "status": "received",
        "content": dump_content(inbound.content),
        "at": inbound.at,
        "channel": inbound.channel,
        "external_id": inbound.external_id,
        "run": inbound.run,
    }
    return Notice(tenant, "message", inbound.conversation, inbound.id, data)


def _message(tenant: int, message: Message) -> Notice:
    data = {
        "direction": "out",
        "status": "queued",
        "content": dump_content(message.content),
        "at": message.at,
        "voice": message.voice,
        "user": message.user,
    }
    return Notice(tenant, "message", message.conversation, message.id, data)


def _conversation(tenant: int, contact: int, conversation: Conversation) -> Notice:
    data = {
        "contact": contact,
        "owner": conversation.owner,
        "status": conversation.status,
        "agent": conversation.agent,
        "team": conversation.team,
    }
    return Notice(tenant, "conversation", conversation.id, conversation.id, data)


def _run(tenant: int, run: Run) -> Notice:
    node = run.frames[-1].node if run.frames else ""
    return Notice(tenant, "run", run.conversation, run.id, {"flow": run.flow, "status": run.status, "node": node})
