"""Values of the engine as the rows that `storage.commit` writes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import orjson

from engine.core.codec import dump_run
from engine.core.decision import Step
from engine.core.history import dump_step
from engine.core.value import LIVE, Conversation, Run
from schemas.content import dump_content
from schemas.effect import Inbound, Message
from schemas.event import Event
from storage.column import maybe_micros, to_micros

Row = tuple[Any, ...]


def conversation_row(each: Conversation, tenant: int, contact: int, now: int) -> Row:
    """The parameters of CONVERSATION."""
    return (
        each.id,
        tenant,
        contact,
        each.channel,
        each.owner,
        each.status,
        each.epoch,
        each.agent,
        each.team,
        each.claim,
        maybe_micros(each.last_inbound_at),
        maybe_micros(each.window_until),
        maybe_micros(each.last_activity_at),
        each.automatic,
        maybe_micros(each.snoozed_until),
        int(each.unhandled),
        now,
    )


def run_row(run: Run, tenant: int, contact: int, *, standing: bool = False) -> Row:
    """The parameters of RUN, or of STANDING_RUN."""
    frame = run.frames[-1] if run.frames else None
    return (
        run.id,
        tenant,
        contact,
        run.flow,
        run.version,
        run.conversation,
        run.status,
        int(run.interactive),
        frame.node if frame else "",
        frame.version if frame else run.version,
        run.wait.id if run.wait else None,
        *((to_micros(run.due), None) if standing else _due(run)),
        dump_run(run),
        to_micros(run.started_at),
        to_micros(run.expires_at),
        maybe_micros(_subflow_ends_at(run)),
        maybe_micros(run.ended_at),
        run.reason,
    )


def moved_run_row(run: Run) -> Row:
    """The parameters of MOVED_RUN."""
    frame = run.frames[-1]
    return (
        run.id,
        run.version,
        frame.node,
        frame.version,
        run.wait.id if run.wait else None,
        *_due(run),
        dump_run(run),
        to_micros(run.expires_at),
        maybe_micros(_subflow_ends_at(run)),
    )


def _due(run: Run) -> tuple[int | None, int | None]:
    """When the run must be looked at, and the message that must be asked then, since its settling started the time."""
    wait = run.wait
    if run.status not in LIVE:
        return None, None
    if wait is None or wait.timeout is None or wait.due is not None or not wait.messages:
        return to_micros(run.due), None
    return to_micros(min(run.due, wait.opened_at + timedelta(seconds=wait.timeout))), wait.messages[-1]


def _subflow_ends_at(run: Run) -> datetime | None:
    ends = run.ends_at
    return ends if ends < run.expires_at else None


def inbound_row(each: Inbound, tenant: int, contact: int, appeared: int) -> Row:
    """The parameters of INBOUND."""
    content = orjson.dumps(dump_content(each.content)).decode()
    return (
        each.id,
        tenant,
        contact,
        each.conversation,
        each.channel,
        content,
        each.run,
        each.reply_to,
        each.external_id or None,
        to_micros(each.at),
        appeared,
    )


def outbound_row(each: Message, tenant: int, contact: int, claimed: tuple[int, int] | None) -> Row:
    """The parameters of OUTBOUND. `claimed`: when it was, and until when; None where it waits in the queue."""
    status, attempts, (first_attempt_at, next_at) = ("queued", 0, (None, 0)) if claimed is None else ("claimed", 1, claimed)
    fallback = None if each.fallback is None else orjson.dumps(dump_content(each.fallback)).decode()
    return (
        each.id,
        tenant,
        contact,
        each.conversation,
        each.channel,
        status,
        orjson.dumps(dump_content(each.content)).decode(),
        each.key,
        each.voice,
        each.epoch,
        each.run,
        each.step,
        each.node,
        each.user,
        int(each.bulk),
        int(each.reports),
        int(each.consent),
        each.on_unknown,
        each.arms,
        fallback,
        attempts,
        next_at,
        first_attempt_at,
        to_micros(each.at),
    )


def step_row(step: Step, event: Event, body: tuple[str, bytes]) -> Row:
    """The parameters of STEP. `at` is when it was decided: with it, the step can be replayed."""
    return (step.run.id, step.number, event.tenant, event.id, to_micros(step.at), dump_step(step, event, body[1]).decode())
