"""What a check may look up outside the flow: the world, or nothing where a flow is checked on its own."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from engine.core.build import Build
from engine.core.known_flow import KnownFlow
from schemas.capability import Capabilities


@dataclass(frozen=True, slots=True)
class Scope:
    """What exists around a flow. A None means unknown: then references of that kind aren't checked.

    `channels` are the capabilities of the channels that the flow may speak on, by a name for people.
    """

    build: Build
    channels: Mapping[str, Capabilities] = field(default_factory=dict)
    teams: Collection[str] | None = None
    users: Collection[str] | None = None
    templates: Mapping[str, str] | None = None
    """Name -> approval status."""
    flows: Mapping[str, KnownFlow] | None = None
    """By public id and by key."""
    webhooks: Collection[Collection[str]] | None = None
    """What each webhook that is on asks for."""
    talking: Collection[str] = ()
    """The published flows that wait for replies or people: a conversation has one of them at a time."""
    flow: str = ""
    """The flow that is checked; "" where it has no id yet."""
    nodes: frozenset[str] = frozenset()
    """The ids of the flow's nodes."""
    entries: frozenset[str] = frozenset()
    """Those at which it starts."""
    channel_ids: Collection[str] | None = None
    fields: Mapping[str, str] | None = None
    """Contact field -> type."""
    globals: Mapping[str, str] | None = None
    """Global variable -> type."""
    hours: Collection[str] | None = None
    media: Collection[str] | None = None
    secrets: Collection[str] | None = None
    """The names of the workspace's secrets."""
    ai: bool | None = None
    """Whether an AI provider is set up."""
    variables: frozenset[str] = frozenset()
