"""What a tenant has published, as one immutable value; a change replaces it as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from engine.core.calendar import next_open, zone
from schemas.capability import Capabilities
from schemas.hours import Hours

if TYPE_CHECKING:
    from engine.core.match import TriggerIndex
    from engine.core.program import Program
    from engine.core.value import Frame

BUSINESS = "business"
"""The hours that count where none are named."""
OPT_OUT_WORDS = ("stop", "unsubscribe", "stopall", "end messages", "opt out")
"""Honoured whatever owns the conversation; the words that carriers and Meta name for opting out."""
OPT_IN_WORDS = ("start", "unstop", "subscribe", "opt in")


@dataclass(frozen=True, slots=True)
class ChannelInfo:
    """A channel as the engine sees it."""

    id: int
    kind: str
    name: str
    capabilities: Capabilities


@dataclass(frozen=True, slots=True)
class TeamInfo:
    """A group of agents. `key` is its public id; `members` are user ids; `capacity` is conversations per agent."""

    id: int
    key: str
    name: str
    members: tuple[int, ...] = ()
    capacity: int = 5
    hours: Hours | None = None
    strategy: Literal["round_robin", "least_open"] = "round_robin"


@dataclass(frozen=True, slots=True)
class TemplateInfo:
    """A WhatsApp template: `body` with {{1}} or {{name}} in it, and how many parameters it takes."""

    name: str
    language: str
    status: str
    body: str
    parameters: tuple[str, ...] = ()
    channel: int = 0


@dataclass(frozen=True, slots=True)
class Successor:
    """What publish decided for the runs on an older version: `move` them to `version`, `restart` or `end` them."""

    policy: Literal["move", "restart", "end"]
    version: int


@dataclass(frozen=True, slots=True)
class Listener:
    """A webhook that is on, and what it asked for (see `schemas.notification`)."""

    id: int
    events: frozenset[str]


@dataclass(frozen=True, slots=True)
class World:
    """Everything of a tenant that a decision may read. Keys of `teams` and `templates` are what documents refer to."""

    tenant: int
    number: int
    """Raised by every change, so that processes can tell an old world from a new one."""
    programs: Mapping[int, Program] = field(default_factory=dict)
    """By version id: the live ones, and older ones on which runs still stand."""
    live: Mapping[int, int] = field(default_factory=dict)
    """Flow id -> its live version's id."""
    flow_keys: Mapping[str, int] = field(default_factory=dict)
    """Public flow id, and the flow's key -> flow id."""
    triggers: TriggerIndex | None = None
    channels: Mapping[int, ChannelInfo] = field(default_factory=dict)
    teams: Mapping[str, TeamInfo] = field(default_factory=dict)
    everyone: int = 0
    """The team of all agents, where nothing else is named."""
    users: Mapping[str, int] = field(default_factory=dict)
    """Public user id -> user id."""
    templates: Mapping[tuple[str, str], TemplateInfo] = field(default_factory=dict)
    field_types: Mapping[str, str] = field(default_factory=dict)
    webhooks: tuple[Listener, ...] = ()
    """Whom to tell what happens; empty costs nothing."""
    successors: Mapping[int, Successor] = field(default_factory=dict)
    splits: Mapping[str, str] = field(default_factory=dict)
    """Only where a flow is tried: the arm that a node takes whose branches are taken by lot."""
    tried: bool = False
    """Flows are only tried here: nobody outside the conversation is told anything; what they would be told is noted."""
    timezone: str = "UTC"
    language: str | None = None
    """What contacts are spoken to in whose own language a flow doesn't have."""
    country: str | None = None
    hours: Mapping[str, Hours] = field(default_factory=dict)
    """By name; what has none is always open. `business` are those of waits that name none."""
    globals: Mapping[str, Any] = field(default_factory=dict)
    """The workspace's own values, which all flows read."""
    openings: Mapping[str, datetime | None] = field(default_factory=dict)
    """Only where a run is replayed: when hours, by their name, opened next as it was then."""
    opt_out_words: tuple[str, ...] = OPT_OUT_WORDS
    opt_in_words: tuple[str, ...] = OPT_IN_WORDS
    opt_out_text: str | None = None
    """The workspace's own words for it, as those below; None: PostDog's, in the contact's language."""
    opt_in_text: str | None = None
    no_agent_text: str | None = None

    def opening(self, name: str, now: datetime) -> datetime | None:
        """When the hours of this name are open next: `now`, where they are; None where they never open."""
        if name in self.openings:
            return self.openings[name]
        hours = self.hours.get(name)
        return now if hours is None else next_open(hours, now, zone(self.timezone))

    def counts(self, program: Program, below: tuple[Frame, ...], name: str) -> Program:
        """The program whose setting of this name counts: the innermost one that has it set, else the program itself."""
        if below and name not in program.settings.model_fields_set:
            for frame in reversed(below):
                lower = self.programs.get(frame.version)
                if lower is not None and name in lower.settings.model_fields_set:
                    return lower
        return program

    def team_by_id(self, id: int) -> TeamInfo | None:
        """The team with this id."""
        return next((team for team in self.teams.values() if team.id == id), None)
