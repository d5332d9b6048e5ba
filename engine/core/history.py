"""A step as its row keeps it: all that it takes to make the step again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from engine.core.decision import Step
from engine.core.subflow import FLOW
from engine.core.value import Contact, Conversation
from schemas.contact import Identity
from schemas.event import Event, MessageReceived, encode_body, load_body

FIELDS = "contact.fields."
MESSAGE = "$message"
"""The variable that the event of a message holds anyway."""


@dataclass(frozen=True, slots=True)
class Past:
    """One row of a run's history; `data` is what `dump_step` made."""

    number: int
    event: int
    at: datetime
    data: Mapping[str, Any]


def dump_step(step: Step, event: Event, body: bytes = b"") -> bytes:
    """The row's data as JSON; `body` is the event's, where it is at hand. What is as it mostly is stays out.

    `event` is what happened; `visited`, `reads`, `messages`, `changes`, `status`, `reason` what it came to; `how`, `version`,
    `frames` (their versions, where there are several), `met` (conversation, channel, owner, epoch, automatic messages, end of
    the window), `next`, `requests` and `given` (the variables of a run that began) are what it takes to make it again.
    """
    met, body_is_kept = step.met, isinstance(event.body, MessageReceived)
    talk = met.conversation
    happened: dict[str, Any] = {
        "kind": event.body.kind,
        "source": event.source,
        "external_id": event.external_id,
        "at": event.at,
        "body": orjson.Fragment(body or encode_body(event.body)),
    }
    if event.bulk:
        happened["bulk"] = True
    if event.depth:
        happened["depth"] = event.depth
    data: dict[str, Any] = {
        "event": happened,
        "visited": _visited(step),
        "reads": step.reads,
        "messages": step.messages,
        "how": step.how,
        "version": _version(step),
        "next": met.next_index,
        "status": step.run.status,
        "reason": step.reason,
    }
    if talk is not None:
        data["met"] = (talk.id, talk.channel, talk.owner, talk.epoch, talk.automatic, talk.window_until)
    if len(met.versions) > 1:
        data["frames"] = met.versions
    if met.requests:
        data["requests"] = met.requests
    if met.variables:
        data["given"] = {name: value for name, value in met.variables.items() if name != MESSAGE or not body_is_kept}
    if step.calls:
        data["calls"] = _calls(step)
    if step.changes:
        data["changes"] = [(each.op, each.key, each.value) for each in step.changes]
    return orjson.dumps(data)


def _version(step: Step) -> int:
    """The version in which the step began."""
    return step.met.versions[-1] if step.met.versions else step.run.frames[-1].version


def _visited(step: Step) -> list[tuple[Any, ...]]:
    """The way; what lies in another version than that in which the step began names it."""
    began = _version(step)
    return [
        (each.node, each.port, each.reason)
        if each.version in (began, 0)
        else (each.node, each.port, each.reason, each.version)
        for each in step.visited
    ]


def versions_of(data: Mapping[str, Any]) -> frozenset[int]:
    """Every version through which the step of a row passed, or on which its run stood."""
    known = {each[3] for each in data["visited"] if len(each) > 3} | set(data.get("frames", ()))
    known.update(version for path, version in data["reads"].items() if path.startswith(FLOW) and version is not None)
    return frozenset(known | ({data["version"]} if "version" in data else set()))


def outcome_of(step: Step) -> dict[str, Any]:
    """What a step came to, in the words of its row."""
    kept: dict[str, Any] = {
        "visited": _visited(step),
        "reads": step.reads,
        "messages": step.messages,
        "changes": [[each.op, each.key, each.value] for each in step.changes],
        "version": _version(step),
        "status": step.run.status,
        "reason": step.reason,
        "calls": _calls(step),
    }
    plain: dict[str, Any] = orjson.loads(orjson.dumps(kept))
    return plain


def _calls(step: Step) -> list[tuple[int, str, str, Mapping[str, Any]]]:
    return [(each.id, each.kind, each.key, each.data) for each in step.calls]


def event_of(past: Past, tenant: int) -> Event:
    """The event of a row. Raises KeyError for a kind that this release doesn't know."""
    kept = past.data["event"]
    return Event(
        id=past.event,
        tenant=tenant,
        source=kept["source"],
        external_id=kept["external_id"],
        at=datetime.fromisoformat(kept["at"]),
        body=load_body(kept["kind"], dict(kept["body"])),
        bulk=kept.get("bulk", False),
        depth=kept.get("depth", 0),
    )


def contact_of(past: Past) -> Contact:
    """The contact as far as the step looked at it."""
    reads = past.data["reads"]
    created = reads.get("contact.created_at")
    return Contact(
        id=reads.get("contact.id", 0),
        version=1,
        name=reads.get("contact.name"),
        language=reads.get("contact.language"),
        timezone=reads.get("contact.timezone"),
        fields={path.removeprefix(FIELDS): value for path, value in reads.items() if path.startswith(FIELDS)},
        tags=tuple(reads.get("contact.tags", ())),
        identities=tuple(Identity(kind, value) for kind, value in reads.get("contact.identities", ())),
        opted_out=reads.get("contact.opted_out", False),
        created_at=None if created is None else datetime.fromisoformat(created),
    )


def conversation_of(past: Past) -> Conversation | None:
    """The conversation as the step met it; None where the run speaks in none."""
    met = past.data.get("met")
    if met is None:
        return None
    id, channel, owner, epoch, automatic, window = met
    until = None if window is None else datetime.fromisoformat(window)
    return Conversation(id, channel, owner, epoch=epoch, automatic=automatic, window_until=until)
