"""Writes a plan: each statement once, over all its rows. Runs inside the writer's transaction."""

from __future__ import annotations

import sqlite3
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

import orjson

from engine.core.decision import Decision, TeamDecision
from engine.core.delivery import advances
from engine.core.evolve import evolve
from engine.core.value import Contact, Person, Run
from engine.runtime.protocol import Claim, Moved, Offer
from schemas.event import Event, NewEvent, StatusReported, WaitDue
from storage.answer import dump_answer
from storage.call import INSERT as INSERT_CALL
from storage.column import to_micros
from storage.decided import ATTEMPTS, LanePlan, Plan
from storage.desk import write_desk
from storage.event_row import append_quietly
from storage.launch import launch
from storage.many import write_many
from storage.person import Known
from storage.row import Row, conversation_row, inbound_row, moved_run_row, outbound_row, run_row, step_row
from storage.status import Appearance, Change, find_sent, keep_stray, move_on
from storage.take import Handle
from storage.told import Moved as Reported
from storage.told import tell_moved

HOUR = 3_600_000_000
"""Microseconds."""
ONE_PART = 0
"""Counts are kept apart by part where several processes write. Here one does: a row for each node, port and hour a batch."""

CONTACT = """
INSERT INTO contact (id, tenant, part, version, name, language, timezone, opted_out, tags, fields, starts, created_at, updated_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET version = excluded.version, name = excluded.name, language = excluded.language,
  timezone = excluded.timezone, opted_out = excluded.opted_out, tags = excluded.tags, fields = excluded.fields,
  starts = excluded.starts, updated_at = excluded.updated_at
WHERE contact.tenant = excluded.tenant
"""
IDENTITY = "INSERT INTO identity (tenant, kind, value, contact, position) VALUES (?, ?, ?, ?, ?)"
TAG = "INSERT INTO contact_tag (tenant, tag, contact) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
UNTAG = "DELETE FROM contact_tag WHERE tenant = ? AND tag = ? AND contact = ?"
CONVERSATION = """
INSERT INTO conversation (id, tenant, contact, channel, owner, status, epoch, agent, team, claim, last_inbound_at, window_until,
                          last_activity_at, automatic, snoozed_until, unhandled, created_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, status = excluded.status, epoch = excluded.epoch,
  agent = excluded.agent, team = excluded.team, claim = excluded.claim, last_inbound_at = excluded.last_inbound_at,
  window_until = excluded.window_until, last_activity_at = excluded.last_activity_at, automatic = excluded.automatic,
  snoozed_until = excluded.snoozed_until, unhandled = excluded.unhandled
"""
RUN = """
INSERT INTO run (id, tenant, contact, flow, version, conversation, status, interactive, node, at_version, wait_id, due, awaits,
                 state, started_at, expires_at, subflow_ends_at, ended_at, reason)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET due = excluded.due, awaits = excluded.awaits,
  version = excluded.version, conversation = excluded.conversation, status = excluded.status,
  interactive = excluded.interactive, node = excluded.node, at_version = excluded.at_version, wait_id = excluded.wait_id,
  state = excluded.state, expires_at = excluded.expires_at,
  subflow_ends_at = excluded.subflow_ends_at, ended_at = excluded.ended_at, reason = excluded.reason
"""
# One that stays what it is and only moves on: `status` is not written, so that `run_live` isn't touched, a page for each run.
MOVED_RUN = """
WITH new (id, version, node, at_version, wait_id, due, awaits, state, expires_at, subflow_ends_at) AS
  (VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?))
UPDATE run SET version = new.version, node = new.node, at_version = new.at_version, wait_id = new.wait_id, due = new.due,
  awaits = new.awaits, state = new.state, expires_at = new.expires_at, subflow_ends_at = new.subflow_ends_at
FROM new WHERE run.id = new.id
"""
# A wait that still stands keeps its `due` and the message that it awaits: the timer may have put it off since the run was loaded.
STANDING_RUN = RUN.replace("due = excluded.due, awaits = excluded.awaits", "due = coalesce(run.due, excluded.due)")
INBOUND = """
INSERT INTO message (id, tenant, contact, conversation, channel, direction, status, content, key, voice, epoch, run, step, node,
                     user, bulk, reports, consent, on_unknown, reply_to, attempts, was_unknown, provider_id, code, detail,
                     created_at, appeared_at)
VALUES (?, ?, ?, ?, ?, 'in', 'received', ?, '', '', 0, ?, 0, '', 0, 0, 0, 1, 'keep', ?, 0, 0, ?, '', '', ?, ?)
"""
OUTBOUND = """
INSERT INTO message (id, tenant, contact, conversation, channel, direction, status, content, key, voice, epoch, run, step, node,
                     user, bulk, reports, consent, on_unknown, arm_seconds, fallback, reply_to, attempts, was_unknown,
                     next_at, first_attempt_at, code, detail, created_at)
VALUES (?, ?, ?, ?, ?, 'out', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', ?, 0, ?, ?, '', '', ?)
"""
STEP = "INSERT INTO step (run, number, tenant, event, at, data) VALUES (?, ?, ?, ?, ?, ?)"
COUNT = """
INSERT INTO node_count (tenant, version, node, port, hour, part, count) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (version, node, port, hour, part) DO UPDATE SET count = count + excluded.count
"""
DONE = """
WITH new (id, done_at, contact, answer, trace, error) AS (VALUES (?, ?, ?, ?, ?, ?))
UPDATE event SET state = 1, done_at = new.done_at, contact = new.contact, answer = new.answer, trace = new.trace,
  error = new.error
FROM new WHERE event.id = new.id
"""
FAILED = "UPDATE event SET state = ?, attempts = ?, error = ?, done_at = ? WHERE id = ?"


@dataclass(slots=True)
class Rows:
    """Rows by the statement that writes them, in the order of writing."""

    contacts: list[Row] = field(default_factory=list)
    identities: list[Row] = field(default_factory=list)
    tags: list[Row] = field(default_factory=list)
    untags: list[Row] = field(default_factory=list)
    conversations: list[Row] = field(default_factory=list)
    runs: list[Row] = field(default_factory=list)
    standing_runs: list[Row] = field(default_factory=list)
    moved_runs: list[Row] = field(default_factory=list)
    inbound: list[Row] = field(default_factory=list)
    outbound: list[Row] = field(default_factory=list)
    calls: list[Row] = field(default_factory=list)
    steps: list[Row] = field(default_factory=list)
    done: list[Row] = field(default_factory=list)
    failed: list[Row] = field(default_factory=list)
    born: list[NewEvent] = field(default_factory=list)
    counts: Counter[Row] = field(default_factory=Counter)
    """How often each (tenant, version, node, port) was passed."""
    claims: dict[int, Claim] = field(default_factory=dict)
    """Of messages that leave at once, by id; until `lease` nobody else claims them."""
    lease: int = 0
    dead: list[int] = field(default_factory=list)
    moved: list[Moved] = field(default_factory=list)
    reported: list[Reported] = field(default_factory=list)
    """What providers' reports moved, for webhooks."""
    told: int = 0
    """Calls by which webhooks learn of it."""
    persons: list[Known] = field(default_factory=list)
    """The persons as they stand after the commit."""


def write(
    connection: sqlite3.Connection, plan: Plan, handle: Handle, appearance: Appearance, now: datetime, offer: Offer | None = None
) -> tuple[Rows, int]:
    """Write all of a plan; the rows, and how many events were born."""
    rows, micros = Rows(), to_micros(now)
    if offer is not None:
        rows.claims, rows.lease = launch(connection, plan.lanes, offer, now), to_micros(offer.lease_until)
    for lane in plan.lanes:
        _lane(rows, lane, handle, appearance, micros)
    for team in plan.teams:
        write_desk(connection, team.decisions[0][0].tenant, team.before, team.desk)
        for event, decision in team.decisions:
            rows.born.extend(decision.born)
            rows.done.append(_done(event, decision, event.contact, micros))
    for event in plan.statuses:
        _report(connection, rows, event, appearance, now)
        rows.done.append((event.id, micros, event.contact, None, None, ""))
    rows.told = tell_moved(connection, rows.reported, now)
    for id, attempts, error in plan.failed:
        dead = attempts + 1 >= ATTEMPTS
        if dead:
            rows.dead.append(id)
        rows.failed.append((2 if dead else 0, attempts + 1, error, micros if dead else None, id))
    for statement, some in (
        (CONTACT, rows.contacts),
        (IDENTITY, rows.identities),
        (CONVERSATION, rows.conversations),
        (INBOUND, rows.inbound),
        (OUTBOUND, rows.outbound),
        (INSERT_CALL, rows.calls),
        (STEP, rows.steps),
        (RUN, rows.runs),
        (STANDING_RUN, rows.standing_runs),
        (MOVED_RUN, rows.moved_runs),
        (DONE, rows.done),
    ):
        if some:
            write_many(connection, statement, some)
    for statement, some in (
        (UNTAG, rows.untags),
        (TAG, rows.tags),
        (COUNT, [(*passed, micros - micros % HOUR, ONE_PART, times) for passed, times in rows.counts.items()]),
        (FAILED, rows.failed),
    ):
        if some:
            connection.executemany(statement, some)
    return rows, append_quietly(connection, rows.born, micros)


def _lane(rows: Rows, lane: LanePlan, handle: Handle, appearance: Appearance, now: int) -> None:
    tenant, part = lane.known.tenant, lane.known.part
    before, contact = lane.known.person.contact, lane.person.contact
    if contact.version != before.version:
        if contact.created_at is None:
            contact = evolve(contact, created_at=lane.decisions[0][0].at)
        _contact(rows, before, contact, tenant, part, now)
    for conversation in lane.conversations.values():
        rows.conversations.append(conversation_row(conversation, tenant, contact.id, now))
    for run in _touched_runs(lane):
        _run(rows, lane.known.person.run(run.id), run, tenant, contact.id)
    for event, decision in lane.decisions:
        if decision.inbound is not None:
            rows.inbound.append(inbound_row(decision.inbound, tenant, contact.id, appearance.next(now)))
        for message in decision.messages:
            claimed = (now, rows.lease) if message.id in rows.claims else None
            rows.outbound.append(outbound_row(message, tenant, contact.id, claimed))
        for call in decision.calls:
            data = orjson.dumps(call.data).decode()
            asked = (call.key, call.contact, call.run, call.wait, call.node, call.place)
            rows.calls.append((call.id, tenant, call.channel, call.kind, data, *asked, now))
        for step in decision.steps:
            rows.steps.append(step_row(step, event, handle.bodies[event.id]))
            for visited in step.visited:
                rows.counts[tenant, visited.version, visited.node, visited.port] += 1
        rows.born.extend(decision.born)
        rows.done.append(_done(event, decision, contact.id, now, lane.refused))
    if contact.version:
        rows.persons.append(Known(_stored(lane, contact), tenant, part))


def _stored(lane: LanePlan, contact: Contact) -> Person:
    """The person as the file has it now: what was loaded, with what was written over it."""
    before = lane.known.person
    conversations = {each.id: each for each in before.conversations} | lane.conversations
    runs = {each.id: each for each in before.runs} | lane.runs
    live = [runs[id] for id in sorted(runs) if runs[id].live]
    return Person(contact, tuple([conversations[id] for id in sorted(conversations)]), tuple(live))


def _run(rows: Rows, before: Run | None, run: Run, tenant: int, contact: int) -> None:
    if _same_wait(before, run):
        rows.standing_runs.append(run_row(run, tenant, contact, standing=True))
    elif before is not None and _stays(before) == _stays(run):
        rows.moved_runs.append(moved_run_row(run))
    else:
        rows.runs.append(run_row(run, tenant, contact))


def _stays(run: Run) -> tuple[object, ...]:
    """What MOVED_RUN leaves as it is."""
    return run.status, run.conversation, run.interactive, run.reason, run.ended_at


def _same_wait(before: Run | None, run: Run) -> bool:
    old, new = before.wait if before is not None else None, run.wait
    if before is None or old is None or new is None or not run.live or before.expires_at != run.expires_at:
        return False
    return (old.id, old.due, old.timeout) == (new.id, new.due, new.timeout)


def _touched_runs(lane: LanePlan) -> list[Run]:
    """The changed runs, and those whose timer rang for nothing: they get back the `due` that ringing took."""
    touched = dict(lane.runs)
    for event, _ in lane.decisions:
        if type(event.body) is WaitDue and event.body.run not in touched:
            run = lane.person.run(event.body.run)
            if run is not None:
                touched[run.id] = run
    return list(touched.values())


def _contact(rows: Rows, before: Contact, contact: Contact, tenant: int, part: int, now: int) -> None:
    new = before.version == 0
    rows.contacts.append(
        (
            contact.id,
            tenant,
            part,
            contact.version,
            contact.name,
            contact.language,
            contact.timezone,
            int(contact.opted_out),
            orjson.dumps(contact.tags).decode(),
            orjson.dumps(contact.fields).decode(),
            orjson.dumps(contact.starts).decode(),
            now if contact.created_at is None else to_micros(contact.created_at),
            now,
        )
    )
    if new or contact.identities != before.identities:
        had = () if new else before.identities
        rows.identities.extend(
            (tenant, each.kind, each.value, contact.id, position)
            for position, each in enumerate(dict.fromkeys(contact.identities))
            if each not in had
        )
    if new or contact.tags != before.tags:
        had_tags = () if new else before.tags
        rows.tags.extend((tenant, tag, contact.id) for tag in contact.tags if tag not in had_tags)
        rows.untags.extend((tenant, tag, contact.id) for tag in had_tags if tag not in contact.tags)


def _done(event: Event, decision: Decision | TeamDecision, contact: int, now: int, refused: str = "") -> Row:
    trace = orjson.dumps(decision.trace).decode() if decision.trace else None
    return (event.id, now, contact, dump_answer(decision.answer), trace, decision.error or refused)


def _report(connection: sqlite3.Connection, rows: Rows, event: Event, appearance: Appearance, now: datetime) -> None:
    """Apply a provider's status to its message, or keep it until the message is known."""
    body = event.body
    assert isinstance(body, StatusReported)
    change = Change(body.status, event.at, body.code, body.detail, body.provider_id, body.identities)
    sent = find_sent(connection, event.tenant, body.message, body.channel, body.provider_id)
    if sent is None:
        keep_stray(connection, event.tenant, body.channel, body.provider_id, change, to_micros(now))
        return
    rows.born.extend(move_on(connection, sent, change, appearance.next(to_micros(now)), rows.reported))
    if advances(sent.status, change.status):
        rows.moved.append(Moved(sent.tenant, sent.id, sent.conversation, change.status))
