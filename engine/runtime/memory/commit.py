"""Committing what was decided, and turning waits that are due into events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from engine.core.decision import Decision, TeamDecision
from engine.core.desk import Desk
from engine.core.value import Contact, Run
from engine.runtime.memory.intake import append, fail
from engine.runtime.memory.outbox import launch
from engine.runtime.memory.report import report
from engine.runtime.memory.state import CallRow, MessageRow, RunRow, State, StepRow
from engine.runtime.protocol import FEW, Batch, Committed, Decided, Failed, Moved, Offer
from schemas.effect import Message
from schemas.event import Event, NewEvent, StatusReported, WaitDue


def commit(state: State, batch: Batch, decided: Sequence[Decided], now: datetime, offer: Offer | None = None) -> Committed:
    """Write everything that was decided of lanes that nobody else changed since the take. Can't fail half-way."""
    again = _changed_lanes(state, batch, decided)
    before = len(state.messages), len(state.calls), state.last_event
    dead: list[int] = []
    moved: list[Moved] = []
    made: list[Message] = []
    for each in decided:
        event = each.event
        if event.id in again or event.id not in state.pending:
            continue
        match each.decision:
            case Failed(error=error):
                if fail(state, event.id, error):
                    dead.append(event.id)
                continue
            case Decision() as decision:
                _write(state, event, decision, now)
                _done(state, event, decision)
                made.extend(decision.messages)
            case TeamDecision() as team:
                desk: Desk = team.desk
                version = state.desks.get((event.tenant, event.team), desk).version + 1
                state.desks[(event.tenant, event.team)] = replace(desk, version=version)
                append(state, team.born, now)
                _done(state, event, team)
            case StatusReported() as status:
                moved.extend(report(state, event, status, now))
                state.events[event.id] = replace(state.events[event.id], state="done")
        state.pending.pop(event.id)
    return Committed(
        again=tuple(sorted(again)),
        messages=len(state.messages) - before[0],
        calls=len(state.calls) - before[1],
        born=state.last_event - before[2],
        dead=tuple(dead),
        moved=tuple(moved),
        claims=tuple(launch(state, made, now, offer)) if offer is not None else (),
    )


def _changed_lanes(state: State, batch: Batch, decided: Sequence[Decided]) -> set[int]:
    """The events of lanes that met a changed contact or desk, or an address that belongs to somebody else by now."""
    final = {each.event.id: each.decision.person.contact for each in decided if isinstance(each.decision, Decision)}
    again: set[int] = set()
    claimed: dict[tuple[int, str, str], int] = {}
    for lane in batch.contacts:
        contact, tenant = lane.person.contact, lane.events[0].tenant
        stored = state.contacts.get(contact.id)
        stale = (stored[1].version if stored else 0) != contact.version
        if contact.version == 0 and not stale:
            last = next((final[event.id] for event in reversed(lane.events) if event.id in final), contact)
            keys = [(tenant, each.kind, each.value) for each in last.identities]
            stale = any((state.identities.get(key) or claimed.get(key, contact.id)) != contact.id for key in keys)
            if not stale:
                claimed.update(dict.fromkeys(keys, contact.id))
        if stale:
            again.update(event.id for event in lane.events)
    for team in batch.teams:
        desk = state.desks.get((team.events[0].tenant, team.team))
        if (desk.version if desk else 0) != team.desk.version:
            again.update(event.id for event in team.events)
    return again


def _write(state: State, event: Event, decision: Decision, now: datetime) -> None:
    contact = decision.person.contact
    _put_contact(state, event.tenant, contact)
    for conversation in decision.conversations:
        state.put_conversation(contact.id, conversation)
    for run in decision.runs:
        state.put_run(RunRow(event.tenant, contact.id, run, _due(state.runs.get(run.id), run)))
    if decision.inbound is not None:
        state.inbound[decision.inbound.id] = decision.inbound
    for message in decision.messages:
        state.put_message(MessageRow(event.tenant, contact.id, message))
    for call in decision.calls:
        state.calls[call.id] = CallRow(event.tenant, call)
        state.waiting_calls[call.id] = None
    for step in decision.steps:
        state.steps[step.run.id] = (*state.steps.get(step.run.id, ()), StepRow(event.id, step.at, step))
        for visited in step.visited:
            key = (visited.version, visited.node, visited.port)
            state.node_counts[key] = state.node_counts.get(key, 0) + 1
    append(state, decision.born, now)


def _put_contact(state: State, tenant: int, contact: Contact) -> None:
    """Write the contact if it is not what is stored; an address that is another contact's already stays with that one."""
    stored = state.contacts.get(contact.id)
    if contact.version == 0 or (stored is not None and stored[1] == contact):
        return
    own = tuple(
        each for each in contact.identities if state.identities.get((tenant, each.kind, each.value), contact.id) == contact.id
    )
    state.put_contact(tenant, contact if own == contact.identities else replace(contact, identities=own))


def _due(stored: RunRow | None, run: Run) -> datetime | None:
    """When the run must be looked at. An armed or fired due stays, unless the wait is another one by now."""
    if not run.live:
        return None
    if stored is not None and _same_wait(stored.run, run):
        return stored.due
    return run.due


def _same_wait(stored: Run, run: Run) -> bool:
    old, new = stored.wait, run.wait
    if old is None or new is None or stored.expires_at != run.expires_at:
        return False
    return (old.id, old.due, old.timeout) == (new.id, new.due, new.timeout)


def _done(state: State, event: Event, decision: Decision | TeamDecision) -> None:
    row = state.events[event.id]
    state.events[event.id] = replace(row, state="done", error=decision.error, answer=decision.answer, trace=decision.trace)


def due(state: State, now: datetime, limit: int) -> tuple[int, datetime | None]:
    """Turn up to `limit` waiting runs whose time has come into `WaitDue` events, once each."""
    ready = sorted((at, id) for id, at in state.due.items() if at <= now)
    live = sum(not state.events[id].event.bulk for id in state.pending) if ready else 0
    crowded = live + len(ready) > FEW
    del ready[limit:]
    for at, id in ready:
        row = state.runs[id]
        wait = row.run.wait.id if row.run.wait is not None else 0
        append(
            state,
            [
                NewEvent(
                    tenant=row.tenant,
                    source="timer",
                    external_id=f"{id}:{wait}:{at.isoformat()}",
                    at=now,
                    body=WaitDue(id, wait),
                    contact=row.contact,
                    bulk=crowded or not row.run.interactive,
                )
            ],
            now,
        )
        state.put_run(replace(row, due=None))
    return len(ready), min(state.due.values(), default=None)
