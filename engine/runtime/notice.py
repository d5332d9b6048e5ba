"""What a commit means to people who look on: decisions as notices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.core.decision import Decision, TeamDecision
from engine.core.value import Run
from engine.runtime.protocol import Committed, Decided, Notice, Topic
from schemas.effect import Inbound

QUEUED = {"direction": "out", "status": "queued"}


def notices(decided: Sequence[Decided], committed: Committed, topics: frozenset[Topic]) -> Iterator[Notice]:
    """What a look-on of these topics should see of these events: what changed, and where to read it."""
    for each in decided:
        match each.decision:
            case Decision() as decision:
                yield from _of_decision(each.event.tenant, each.event.id, decision, topics)
            case TeamDecision(answer=answer) if answer is not None and "answer" in topics:
                yield Notice(each.event.tenant, "answer", id=each.event.id)
            case _:
                pass
    for moved in committed.moved if "message" in topics else ():
        yield Notice(moved.tenant, "message", moved.conversation, moved.message, {"status": moved.status})


def _of_decision(tenant: int, event: int, decision: Decision, topics: frozenset[Topic]) -> Iterator[Notice]:
    if "message" in topics:
        if decision.inbound is not None:
            yield _inbound(tenant, decision.inbound)
        for message in decision.messages:
            yield Notice(tenant, "message", message.conversation, message.id, QUEUED)
    if "conversation" in topics:
        for conversation in decision.conversations:
            yield Notice(tenant, "conversation", conversation.id, conversation.id)
    if "run" in topics:
        for run in decision.runs:
            yield _run(tenant, run)
    if "contact" in topics and (decision.changes or decision.contact_before.version == 0 < decision.person.contact.version):
        yield Notice(tenant, "contact", id=decision.person.contact.id)
    if "answer" in topics and decision.answer is not None:
        yield Notice(tenant, "answer", id=event)


def _inbound(tenant: int, inbound: Inbound) -> Notice:
    data = {
        "direction": "in",
        "status": "received",
        "channel": inbound.channel,
        "external_id": inbound.external_id,
        "run": inbound.run,
    }
    return Notice(tenant, "message", inbound.conversation, inbound.id, data)


def _run(tenant: int, run: Run) -> Notice:
    node = run.frames[-1].node if run.frames else ""
    return Notice(tenant, "run", run.conversation, run.id, {"flow": run.flow, "status": run.status, "node": node})
