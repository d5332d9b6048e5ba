"""A run's moving parts as JSON: what its row keeps beside the columns that are searched."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson

from engine.core.value import Before, Frame, Run, Wait
from schemas.value import maker

_run, _frame, _wait = maker(Run), maker(Frame), maker(Wait)


def dump_run(run: Run) -> bytes:
    """Frames, wait and counters; the rest of a run are columns (id, flow, version, conversation, status, due, times)."""
    wait = run.wait
    return orjson.dumps(
        (
            [_dump_frame(frame) for frame in run.frames],
            None
            if wait is None
            else (
                wait.id,
                wait.kind,
                wait.node,
                wait.after,
                wait.opened_at,
                wait.messages,
                wait.due,
                wait.timeout,
                wait.data,
                *((wait.senders,) if wait.senders else ()),
            ),
            run.step,
            run.invalid,
            *(() if run.before is None else (run.before.steps, run.before.since)),
        )
    )


def _dump_frame(frame: Frame) -> tuple[Any, ...]:
    if frame.expires_at is None:
        return frame.version, frame.node, frame.variables
    return frame.version, frame.node, frame.variables, frame.expires_at


def _load_frame(version: int, node: str, variables: dict[str, Any], expires_at: str | None = None) -> Frame:
    return _frame(version, node, variables, None if expires_at is None else datetime.fromisoformat(expires_at))


def load_run(
    state: bytes | str,
    *,
    id: int,
    flow: int,
    version: int,
    conversation: int,
    status: Any,
    interactive: bool,
    started_at: datetime,
    expires_at: datetime,
    reason: str = "",
) -> Run:
    """The run that `dump_run` wrote, with its columns."""
    frames, wait, step, invalid, *before = orjson.loads(state)
    return _run(
        id=id,
        flow=flow,
        version=version,
        conversation=conversation,
        status=status,
        frames=(_frame(*frames[0]),) if len(frames) == 1 else tuple([_load_frame(*frame) for frame in frames]),
        wait=None if wait is None else _load_wait(*wait),
        step=step,
        interactive=interactive,
        started_at=started_at,
        expires_at=expires_at,
        reason=reason,
        invalid=invalid,
        before=Before(before[0], datetime.fromisoformat(before[1])) if before else None,
    )


def _load_wait(
    id: int,
    kind: Any,
    node: str,
    after: int,
    opened_at: str,
    messages: list[int],
    due: str | None,
    timeout: int | None,
    data: dict[str, Any],
    senders: list[list[str]] | None = None,
) -> Wait:
    return _wait(
        id=id,
        kind=kind,
        node=node,
        after=after,
        opened_at=datetime.fromisoformat(opened_at),
        messages=tuple(messages),
        due=None if due is None else datetime.fromisoformat(due),
        timeout=timeout,
        data=data,
        senders=() if senders is None else tuple([tuple(each) for each in senders]),
    )
