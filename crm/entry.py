"""How a flow is entered, seen from its document: what starts it, and on which channels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from engine.core.program import NodeTypes
from engine.core.trigger import On, OnApi, OnContact, OnKeyword, OnMessage, OnSchedule, OnWebhook

KINDS: Mapping[type[On], str] = {
    OnMessage: "message",
    OnKeyword: "keyword",
    OnWebhook: "webhook",
    OnApi: "api",
    OnContact: "contact",
    OnSchedule: "schedule",
}
"""What starts a flow, in the API's words."""


@dataclass(frozen=True, slots=True)
class Entries:
    """The kinds of triggers of a document, and the public ids of the channels that they listen on; none stands for all."""

    kinds: tuple[str, ...]
    channels: tuple[str, ...]


def entries_of(document: Mapping[str, Any], node_types: NodeTypes) -> Entries:
    """How a document is entered. Nodes that are broken, or of a type that isn't installed, count as no entry."""
    kinds: dict[str, None] = {}
    channels: dict[str, None] = {}
    everywhere = False
    for node in document.get("nodes", ()):
        node_type = node_types.get(str(node.get("type")))
        if node_type is None or node_type.look.group != "start":
            continue
        try:
            trigger = node_type.trigger(node_type.Config.model_validate(node.get("config", {})))
        except ValidationError:
            continue
        if trigger is not None:
            kinds[KINDS[type(trigger.on)]] = None
            channels.update(dict.fromkeys(trigger.channels))
            everywhere = everywhere or not trigger.channels
    return Entries(tuple(kinds), () if everywhere else tuple(channels))
