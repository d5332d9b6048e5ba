"""The interpreter: moves one run from node to node until it waits or ends."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson

from engine.core.arrival import note_arrival
from engine.core.decision import How, Step, Visited
from engine.core.error_flow import start_error_flow
from engine.core.evolve import complete, evolve
from engine.core.limit import MAX_AUTOMATIC, MAX_VARIABLE_BYTES, MAX_VISITS
from engine.core.message import message_facts
from engine.core.node import Descend, Fail, Go, HandOver, Outcome, Park, Replace, Stop
from engine.core.ownership import hand_over, run_ended
from engine.core.program import Program
from engine.core.subflow import descend, ended, expired, give_back, replaced, sender_failed
from engine.core.turn import Turn
from engine.core.value import LIVE, Frame, Person, Run, RunStatus, Wait
from engine.core.visit import Visit
from engine.core.world import World
from schemas.event import (
    Body,
    CallAnswered,
    Event,
    MessageReceived,
    MessageSettled,
    ResolveConversation,
    ReturnConversation,
    WaitDue,
)
from schemas.value import maker

END_OF_ROW = (MessageReceived, ResolveConversation, ReturnConversation)
"""After these the row of invalid replies is over, unless the reply itself was refused: a person has spoken meanwhile."""
DEPTH = "depth"
"""Where a wait for a call keeps how deep the event was that made it: a call is no end to automation that feeds itself."""
KEPT = "answer"
"""Where a wait for a call keeps an answer that came while a person had the conversation."""

_visited, _step = maker(Visited), maker(Step)
_run, _frame, _wait = maker(Run), maker(Frame), maker(Wait)


def advance(world: World, person: Person, run: Run, event: Event, *, now: datetime) -> Step | None:
    """One step of one run: gives it the event; None if the run isn't waiting for it.

    Never raises for a contact's or an author's data. Same arguments, same Step.
    """
    turn = Turn(world, person, event, now)
    if isinstance(event.body, MessageReceived):
        note_arrival(turn, event.body)
    deliver(turn, run, event.body)
    return turn.steps[-1] if turn.steps else None


def deliver(turn: Turn, run: Run, body: Body, how: How = "delivered") -> bool:
    """Give an event to a run's wait; False if it isn't meant for it, and nothing changed."""
    program = turn.world.programs.get(run.frames[-1].version)
    if run.wait is None:
        return False
    if program is None or run.wait.node not in program.nodes:
        end(turn, run, "failed", "node_missing")
        return True
    visit = Visit(turn, program, run, run.step + 1)
    visit.node = program.nodes[run.wait.node]
    outcome: Outcome | None = None
    if isinstance(body, WaitDue):
        if turn.now >= run.expires_at:
            _keep(visit, None, "expired", "expired", [], how)
            return True
        outcome = expired(visit) if visit.below else None
    elif isinstance(body, CallAnswered) and turn.event.body is body:
        turn.event = evolve(turn.event, depth=run.wait.data.get(DEPTH, 0))
    elif isinstance(body, MessageReceived):
        visit.variables["$message"] = message_facts(body.content)
    elif isinstance(body, MessageSettled):
        outcome = _failed_before(visit, body)
    if outcome is None:
        resume = visit.node.behaviour.resume
        outcome = resume(visit, body) if resume is not None else None
    if outcome is None:
        return False
    if run.invalid and isinstance(body, END_OF_ROW) and visit.run.invalid == run.invalid:
        visit.run = evolve(visit.run, invalid=0)
    _walk(visit, outcome, how)
    return True


def begin(turn: Turn, program: Program, run: Run) -> None:
    """The first step of a new run, at the node on which its frame stands."""
    visit = Visit(turn, program, run, run.step)
    complete(visit.met, variables=run.frames[-1].variables)
    _walk(visit, visit.node.behaviour.enter(visit), "began")


def enter_again(turn: Turn, run: Run, how: How = "entered") -> None:
    """Enter the node at which a paused run stands once more."""
    program = turn.world.programs.get(run.frames[-1].version)
    if program is None or run.frames[-1].node not in program.nodes:
        return end(turn, run, "failed", "node_missing")
    visit = Visit(turn, program, evolve(run, status="waiting", wait=None), run.step + 1)
    return _walk(visit, visit.node.behaviour.enter(visit), how)


def reopen(turn: Turn, run: Run) -> None:
    """Open the wait of a suspended run again, under a new id and with its time counted anew.

    One that stood on a message goes on at once: whatever became of the message was told while the run was suspended. So does
    one whose call was answered meanwhile; one whose call is still out waits on for it.
    """
    wait = run.wait
    if wait is None:
        return enter_again(turn, run, "reopened")
    if wait.kind == "message" and wait.messages:
        past = MessageSettled(wait.messages[-1], run.conversation, run.id, wait.node, "unknown")
        deliver(turn, evolve(run, status="waiting", reason=""), past, "reopened")
        return None
    if (kept := wait.data.get(KEPT)) is not None:
        answer = CallAnswered(run.id, wait.id, wait.data["call"], **kept)
        deliver(turn, evolve(run, status="waiting", reason=""), answer, "reopened")
        return None
    step = run.step + 1
    due = turn.now + timedelta(seconds=wait.timeout) if wait.timeout is not None else wait.due
    opened = evolve(wait, id=step, after=turn.event.id, opened_at=turn.now, due=due, messages=())
    turn.note_step(turn.put_run(evolve(run, step=step, status="waiting", wait=opened, reason="", invalid=0)), "reopened", "")
    return None


def answered(turn: Turn, run: Run, answer: CallAnswered) -> bool:
    """Give a call's answer to the run that waits for just this call; False if it doesn't (any more)."""
    wait = run.wait
    if wait is None or wait.kind != "call" or wait.data.get("call") != answer.call:
        return False
    if run.status == "waiting":
        return deliver(turn, run, answer)
    keep(turn, run, wait, answer)
    return True


def keep(turn: Turn, run: Run, wait: Wait, answer: CallAnswered) -> None:
    """Keep an answer in the wait while a person has the conversation, as a step of its own: `reopen` hands it over."""
    kept = {"ok": answer.ok, "code": answer.code, "detail": answer.detail, "data": answer.data}
    holding = evolve(wait, data={**wait.data, KEPT: kept})
    turn.note_step(turn.put_run(evolve(run, step=run.step + 1, wait=holding)), "kept", run.reason)


def end(turn: Turn, run: Run, status: RunStatus, reason: str) -> None:
    """End a run from outside: interrupted, stopped, expired, failed. Its messages that wait to be sent still go."""
    over = evolve(run, step=run.step + 1, status=status, reason=reason, wait=None, ended_at=turn.now)
    run_ended(turn, turn.put_run(over))
    if status == "failed":
        start_error_flow(turn, over)
    turn.note_step(over, "ended", reason)


def _failed_before(visit: Visit, settled: MessageSettled) -> Outcome | None:
    """A message on which the wait stands has failed: the sending node's port is taken, or the flow's policy."""
    wait = visit.run.wait
    if settled.status != "failed" or wait is None:
        return None
    if wait.kind not in ("reply", "message") or settled.message not in wait.messages:
        return None
    if not sender_failed(visit, settled):
        return None
    port = "window_closed" if settled.code == "window_closed" and "window_closed" in visit.node.wired else "failed"
    return Fail(port, settled.code or "failed", f"message failed: {settled.detail or settled.code}")


def _walk(visit: Visit, outcome: Outcome, how: How) -> None:
    """Follow outcomes from node to node until the run waits or ends; keeps the run and its step."""
    visited: list[Visited] = []
    while True:
        node = visit.node
        if visit.unsaid:
            if visit.unsaid == "flood":
                visited.append(_visited(node.id, "", f"{MAX_AUTOMATIC} messages without an answer", visit.version))
                visit.turn.note("paused: too many automatic messages without an answer")
                return _keep(visit, None, "suspended", "flood", visited, how)
            visit.unsaid = ""
            outcome = Fail("failed", "no_channel", "the contact can't be reached on the flow's channels")
        if isinstance(outcome, Fail):
            if _asks_anew(visit, outcome) and len(visited) < MAX_VISITS:
                visited.append(_visited(node.id, "", f"asked anew: {outcome.code}", visit.version))
                outcome = node.behaviour.enter(visit)
                continue
            outcome = _trouble(visit, outcome)
        if isinstance(outcome, Go):
            visited.append(_visited(node.id, outcome.port, outcome.reason, visit.version))
            target = node.wired.get(outcome.port)
            if target is None:
                outcome = _unwired(visit, outcome)
            elif len(visited) >= MAX_VISITS:
                return _keep(visit, None, "failed", "too_many_visits", visited, how)
            else:
                visit.node = visit.program.nodes[target]
                outcome = visit.node.behaviour.enter(visit)
            continue
        if isinstance(outcome, Descend | Replace):
            found = _elsewhere(visit, outcome, visited)
            if found is None:
                return _keep(visit, None, "completed", "went_on", visited, how)
            outcome = found
            continue
        visited.append(_visited(node.id, "", outcome.reason, visit.version))
        match outcome:
            case Park():
                return _keep(visit, _opened(visit, outcome), "waiting", "", visited, how)
            case Stop() if visit.below and not outcome.whole:
                outcome = give_back(visit, ended(visit, outcome))
            case Stop():
                return _keep(visit, None, outcome.status, outcome.reason, visited, how)
            case HandOver():
                hand_over(visit, visit.program, outcome.team)
                return _keep(visit, visit.run.wait, "suspended", "handoff", visited, how)


def _elsewhere(visit: Visit, outcome: Descend | Replace, visited: list[Visited]) -> Outcome | None:
    """Go on in another flow: on top of this one, or instead of it, and then this run is over (None)."""
    left = _visited(visit.node.id, "", "", visit.version)
    found = descend(visit, outcome) if isinstance(outcome, Descend) else replaced(visit, outcome)
    if not isinstance(found, Fail):
        visited.append(left)
    return found


def _asks_anew(visit: Visit, fail: Fail) -> bool:
    """True where an answer doesn't fit, nothing is wired for it, and the flow wants it asked from the beginning."""
    if fail.port not in visit.node.unfit or fail.port in visit.node.wired:
        return False
    return visit.turn.world.counts(visit.program, visit.below, "on_no_match").settings.on_no_match == "repeat"


def _trouble(visit: Visit, fail: Fail) -> Go | Stop:
    """A failure's port where it is wired; else what the flow says of errors."""
    if fail.port in visit.node.wired:
        return Go(fail.port, fail.reason or fail.code)
    if fail.port in visit.node.unfit:
        counts = visit.turn.world.counts(visit.program, visit.below, "on_no_match")
        if counts.settings.on_no_match == "end":
            return Stop("completed", f"{fail.port} leads nowhere")
        if counts.settings.on_no_match == "handoff" and visit.run.conversation:
            hand_over(visit, counts)
            return Stop("completed", f"{fail.port} leads nowhere", whole=True)
    if visit.program.settings.on_error == "handoff" and visit.run.conversation:
        hand_over(visit, visit.program)
        return Stop("failed", fail.code, whole=True)
    return Stop("failed", fail.code)


def _unwired(visit: Visit, left: Go) -> Outcome:
    """A port that leads nowhere: the run is done, unless the flow has a policy for this kind of port."""
    kind = visit.node.ports.get(left.port, "next")
    counts = visit.program
    if kind == "timeout":
        counts = visit.turn.world.counts(counts, visit.below, "on_timeout")
    policy = {"timeout": counts.settings.on_timeout, "error": counts.settings.on_error}.get(kind, "end")
    handed = policy == "handoff" and visit.run.conversation != 0
    if handed:
        hand_over(visit, counts)
    return Stop("completed", f"{left.port} leads nowhere" if kind in ("timeout", "error") else "", whole=handed)


def _opened(visit: Visit, park: Park) -> Wait:
    """The wait in which a run parks."""
    turn, before, sent = visit.turn, visit.run.wait, visit.sent_ids()
    due = park.due
    if park.timeout is not None and due is None:
        if park.kind == "reply" and visit.sent:
            complete(visit.sent[-1], arms=park.timeout)  # begins when it settles
        else:
            due = turn.now + timedelta(seconds=park.timeout)
    data = {**park.data, DEPTH: turn.event.depth} if park.kind == "call" and turn.event.depth else park.data
    carries = before is not None and before.kind == "message" and park.kind in ("reply", "message")
    return _wait(
        id=visit.step,
        kind=park.kind,
        node=visit.node.id,
        after=turn.event.id,
        opened_at=turn.now,
        messages=before.messages + sent if carries and before is not None else sent,
        senders=_senders(visit, before if carries else None) if visit.senders is not None or (before and before.senders) else (),
        due=due,
        timeout=park.timeout,
        data=data,
    )


def _senders(visit: Visit, before: Wait | None) -> tuple[tuple[str, ...], ...]:
    """Who sent the messages on which a wait stands; of a step in one flow only the event says it."""
    earlier = () if before is None else before.senders or ((),) * len(before.messages)
    return (*earlier, *(visit.senders if visit.senders is not None else ((),) * len(visit.sent)))


def _keep(visit: Visit, wait: Wait | None, status: RunStatus, reason: str, visited: list[Visited], how: How) -> None:
    """Put the run, as it stands now, and its step into the turn."""
    turn, run = visit.turn, visit.run
    variables: Mapping[str, Any] = visit.variables
    try:
        size = len(orjson.dumps(variables))
        if visit.below:
            size += sum([len(orjson.dumps(frame.variables)) for frame in visit.below])
        if size > MAX_VARIABLE_BYTES and status in LIVE:
            status, reason = "failed", "variables_too_large"
    except TypeError:  # a node type set what JSON can't hold: neither could the run's row
        variables = run.frames[-1].variables if visit.version == run.frames[-1].version else {}
        status, reason = "failed", "variables_not_json"
    live = status in LIVE
    kept = _run(
        id=run.id,
        flow=run.flow,
        version=run.version,
        conversation=run.conversation,
        status=status,
        frames=(*visit.below, _frame(visit.version, visit.node.id, variables, visit.expires_at)),
        wait=wait if live else None,
        step=visit.step,
        interactive=run.interactive,
        started_at=run.started_at,
        expires_at=run.expires_at,
        ended_at=None if live else turn.now,
        reason=reason,
        invalid=run.invalid,
        before=run.before,
    )
    turn.put_run(kept)
    if not live:
        run_ended(turn, kept)
        if status == "failed":
            start_error_flow(turn, kept)
    turn.steps.append(
        _step(
            run=kept,
            number=visit.step,
            visited=tuple(visited),
            reads=visit.reads,
            messages=visit.sent_ids(),
            how=how,
            at=turn.now,
            met=visit.met,
            reason=reason,
            effects=tuple(visit.sent),
            changes=visit.changes,
            calls=visit.called,
        )
    )
