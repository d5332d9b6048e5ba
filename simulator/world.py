"""The world in which a simulation happens: the flow is published, and all that it refers to exists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Literal

from engine.core.build import Build
from engine.core.match import index_triggers
from engine.core.node import Reference
from engine.core.path import resolver
from engine.core.program import NodeTypes, Program, compile, names_of
from engine.core.trigger import OnWebhook, Trigger
from engine.core.world import ChannelInfo, TeamInfo, TemplateInfo, World
from schemas.capability import Capabilities
from schemas.flow import FlowDocument
from schemas.hours import Hours
from schemas.public_id import public_id

Open = Literal["open", "closed"]
TENANT = 1
CHANNEL = 1
AGENT = 1
EVERYONE = 1
FLOW = 1
VERSION = 1
ELSEWHERE = 1_000_000
"""Ids from here on stand for flows that the tried one names and that aren't here: nothing comes of starting them."""
NO_FLOWS: Mapping[str, FlowDocument] = MappingProxyType({})
NOWHERE = public_id("ch", CHANNEL + 1)


@dataclass(frozen=True, slots=True)
class Stage:
    """Flows made ready to be played many times: compiled, with the names of the teams and users that they mean."""

    programs: Mapping[int, Program]
    keys: Mapping[str, int]
    """The flows beside the one that is played, by the keys by which it refers to them."""
    teams: tuple[str, ...]
    users: tuple[str, ...]
    flows: tuple[str, ...] = ()

    def world(
        self,
        *,
        channel: str,
        capabilities: Capabilities,
        templates: Sequence[TemplateInfo] = (),
        timezone: str = "UTC",
        hours: Mapping[str, Hours] | None = None,
        globals: Mapping[str, Any] | None = None,
        splits: Mapping[str, str] | None = None,
    ) -> World:
        """A world with these flows live: one channel, one agent, a team for each team that they name."""
        everyone = TeamInfo(EVERYONE, "everyone", "Everyone", (AGENT,))
        teams: dict[str, TeamInfo] = {"everyone": everyone}
        for reference in self.teams:
            teams[reference] = TeamInfo(EVERYONE + len(teams), reference, reference, (AGENT,))
        return World(
            tenant=TENANT,
            number=1,
            tried=True,
            programs=self.programs,
            live={program.flow: version for version, program in self.programs.items()},
            flow_keys={
                **{reference: ELSEWHERE + at for at, reference in enumerate(self.flows)},
                **self.keys,
                **{public_id("flow", program.flow): program.flow for program in self.programs.values()},
            },
            triggers=index_triggers(self.programs.values()),
            channels={CHANNEL: ChannelInfo(CHANNEL, channel, channel, capabilities)},
            teams=teams,
            everyone=EVERYONE,
            users=dict.fromkeys(self.users, AGENT),
            templates={(each.name, each.language): each for each in templates},
            timezone=timezone,
            hours=hours or {},
            globals=globals or {},
            splits=splits or {},
        )


def stage(document: FlowDocument, node_types: NodeTypes, beside: Mapping[str, FlowDocument] = NO_FLOWS) -> Stage:
    """The flow, and by their keys those that are live `beside` it. They must have no errors (see `engine.core.check`)."""
    several = (document, *beside.values())
    references = [each for one in several for each in _references(one, node_types)]
    return Stage(
        {
            VERSION + at: _spoken_here(compile(each, node_types, version=VERSION + at, flow=FLOW + at), frozenset())
            for at, each in enumerate(several)
        },
        {key: FLOW + at for at, key in enumerate(beside, 1)},
        tuple(sorted({reference.id for reference in references if reference.kind == "team"})),
        tuple(sorted({reference.id for reference in references if reference.kind == "user"})),
        tuple(sorted({reference.id for reference in references if reference.kind == "flow"})),
    )


def simulated_world(
    document: FlowDocument,
    node_types: NodeTypes,
    *,
    channel: str,
    capabilities: Capabilities,
    templates: Sequence[TemplateInfo] = (),
    timezone: str = "UTC",
    hours: Mapping[str, Hours] | None = None,
    globals: Mapping[str, Any] | None = None,
    splits: Mapping[str, str] | None = None,
    beside: Mapping[str, FlowDocument] = NO_FLOWS,
) -> World:
    """A world with this flow live, and those `beside` it."""
    return stage(document, node_types, beside).world(
        channel=channel,
        capabilities=capabilities,
        templates=templates,
        timezone=timezone,
        hours=hours,
        globals=globals,
        splits=splits,
    )


def world_around(
    world: World, program: Program, *, channel: str, capabilities: Capabilities, templates: Sequence[TemplateInfo] = ()
) -> World:
    """A workspace's own world with this program in it: its teams, templates, fields, hours and other flows, but nothing real.

    There is one channel and one agent, who is in every team. Only this program's triggers start anything; the other live flows
    are there to be started by it. Templates that are given come before the workspace's own.
    """
    flow, version = program.flow, max(world.programs, default=0) + 1
    here = frozenset(public_id("ch", each.id) for each in world.channels.values() if each.kind == channel)
    elsewhere = frozenset(public_id("ch", id) for id in world.channels) - here
    mine = _spoken_here(replace(program, version=version), elsewhere)
    programs = {**world.programs, version: mine}
    teams = {key: replace(team, members=(AGENT,)) for key, team in world.teams.items()}
    teams = teams or {"everyone": TeamInfo(EVERYONE, "everyone", "Everyone", (AGENT,))}
    return replace(
        world,
        tenant=TENANT,
        programs=programs,
        live={**world.live, flow: version},
        flow_keys={**world.flow_keys, public_id("flow", flow): flow},
        triggers=index_triggers((mine,)),
        channels={CHANNEL: ChannelInfo(CHANNEL, channel, channel, capabilities)},
        teams=teams,
        everyone=world.everyone or EVERYONE,
        users=dict.fromkeys(world.users, AGENT),
        templates={**world.templates, **{(each.name, each.language): each for each in templates}},
        successors={},
        webhooks=(),
        tried=True,
    )


def hours_of(document: FlowDocument, node_types: NodeTypes) -> tuple[str, ...]:
    """The hours that a flow asks for, by their key: in its triggers, waits, rules and texts."""
    return tuple(sorted({reference.id for reference in _references(document, node_types) if reference.kind == "hours"}))


def opened(world: World, said: Mapping[str, Open]) -> World:
    """The world in which these hours are open or closed at all times, whatever the clock says."""
    kept = {key: hours for key, hours in world.hours.items() if key not in said}
    return replace(world, hours={**kept, **{key: Hours() for key, opens in said.items() if opens == "closed"}})


def closed(world: World) -> World:
    """The world outside the hours of all its teams."""
    return replace(world, teams={key: replace(team, hours=Hours()) for key, team in world.teams.items()})


def enterable(world: World, version: int, node: str) -> World:
    """The world in which this flow can also be started at the node, whatever it is; no event but a start finds the way."""
    program = world.programs[version]
    if node in program.triggers or node not in program.nodes:
        return world
    entered = replace(program, triggers={**program.triggers, node: Trigger(OnWebhook({}))})
    return replace(world, programs={**world.programs, version: entered})


def _spoken_here(program: Program, elsewhere: frozenset[str]) -> Program:
    """The program with its triggers on the one channel that there is; those for channels of another kind stay silent."""

    def channels(trigger: Trigger) -> tuple[str, ...]:
        return (NOWHERE,) if trigger.channels and elsewhere.issuperset(trigger.channels) else ()

    triggers = {node: replace(trigger, channels=channels(trigger)) for node, trigger in program.triggers.items()}
    return replace(program, triggers=triggers)


def _references(document: FlowDocument, node_types: NodeTypes) -> Iterator[Reference]:
    """What the flow refers to."""
    configs: dict[str, Any] = {
        node.id: node_types[node.type].Config.model_validate(node.config) for node in document.nodes
    }
    build = Build("", {}, resolver(names_of(document, configs, node_types)), document.settings, document.name)
    for node in document.nodes:
        yield from node_types[node.type].uses(configs[node.id], build).references
    if document.settings.handoff_team:
        yield Reference("team", document.settings.handoff_team, "")


class FixedWorlds:
    """Worlds that change only when they are replaced."""

    def __init__(self, worlds: Mapping[int, World]) -> None:
        self._worlds = dict(worlds)

    async def get(self, tenant: int, versions: frozenset[int] = frozenset()) -> World:
        """The tenant's world."""
        return self._worlds[tenant]

    def replace(self, world: World) -> None:
        """From now on this is its tenant's world."""
        self._worlds[world.tenant] = world
