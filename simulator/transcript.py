"""What there is to see in a simulation: the conversation, the way through the flow, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.core.decision import Call
from engine.core.limit import IDS_PER_EVENT
from engine.core.telling import NOTICE, WEBHOOK
from engine.runtime.memory.state import State
from schemas.content import Buttons, Content, Menu, Reaction
from schemas.event import CallAnswered


@dataclass(frozen=True, slots=True)
class Said:
    """One message of the conversation. `voice` is `contact` for what came in."""

    id: int
    voice: str
    content: Content
    at: datetime
    status: str
    node: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Called:
    """One call that a run had made: what was asked, and what it answered; None while that is open."""

    call: Call
    at: datetime
    answer: CallAnswered | None


@dataclass(frozen=True, slots=True)
class Emitted:
    """Something that the flow told the author's own systems."""

    id: int
    at: datetime
    node: str
    event: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Notified:
    """Something that the flow told a team, or a person at an address on a channel."""

    id: int
    at: datetime
    node: str
    text: str
    team: str = ""
    address: str = ""


Told = Emitted | Notified
"""What somebody outside the conversation would have been told: in a simulation nobody is."""


@dataclass(frozen=True, slots=True)
class Passed:
    """One visit of a node: when, by which run, by which port it was left ("" while it parked), and why."""

    at: datetime
    run: int
    node: str
    port: str
    reason: str
    version: int = 0
    """Of the flow that the node is in: a run may stand in several."""


def transcript(state: State) -> list[Said]:
    """Everything that was said, in order. Messages that wait to be sent, or were skipped, are left out; so are reactions."""
    lines = [
        Said(each.id, "contact", each.content, each.at, "received")
        for each in state.inbound.values()
        if not isinstance(each.content, Reaction)
    ]
    lines += [
        Said(
            row.message.id,
            row.message.voice,
            row.content or row.message.content,
            row.settled_at or row.message.at,
            row.status,
            row.message.node,
            row.code,
        )
        for row in state.messages.values()
        if row.status not in ("queued", "claimed", "skipped")
    ]
    return sorted(lines, key=lambda said: said.id)


def called(state: State) -> list[Called]:
    """Every call of a run, in order."""
    made = {each.id: row.at for rows in state.steps.values() for row in rows for each in row.step.calls}
    bodies = [row.event.body for row in state.events.values() if row.state == "done"]
    answers = {body.call: body for body in bodies if isinstance(body, CallAnswered)}
    return [Called(state.calls[id].call, at, answers.get(id)) for id, at in sorted(made.items())]


def told(state: State) -> list[Told]:
    """All that somebody outside the conversation would have been told, in order."""
    found: list[Told] = []
    for id, row in sorted(state.calls.items()):
        call, data, at = row.call, row.call.data, state.events[id // IDS_PER_EVENT].event.at
        if call.kind == WEBHOOK:
            found.append(Emitted(id, at, call.node, data["event"], data["data"]))
        elif call.kind == NOTICE:
            found.append(Notified(id, at, call.node, data["text"], data.get("team", ""), data.get("address", "")))
    return found


def passed(state: State) -> list[Passed]:
    """Every node that was visited, in order."""
    steps = sorted(
        (row.event, row.step.run.id, row.step.number, row.at, row.step) for rows in state.steps.values() for row in rows
    )
    return [
        Passed(at, run, each.node, each.port, each.reason, each.version) for _, run, _, at, step in steps for each in step.visited
    ]


def traces(state: State, after: int = 0) -> Iterator[str]:
    """Why each event later than the one with the id `after` went where it went."""
    return (words for id, row in state.events.items() if id > after for words in row.trace)


def choices(content: Content) -> list[tuple[str, str]]:
    """The choices that a message offers: (id, title)."""
    match content:
        case Buttons(buttons=buttons):
            return [(button.id, button.title) for button in buttons]
        case Menu(sections=sections):
            return [(row.id, row.title) for section in sections for row in section.rows]
        case _:
            return []
