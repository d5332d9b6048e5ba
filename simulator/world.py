"""The world in which a simulation happens: the flow is published, and all that it refers to exists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.core.build import Build
from engine.core.match import index_triggers
from engine.core.path import resolver
from engine.core.program import NodeTypes, Program, compile, names_of
from engine.core.world import ChannelInfo, TeamInfo, TemplateInfo, World
from schemas.capability import Capabilities
from schemas.flow import FlowDocument
from schemas.hours import Hours
from schemas.public_id import public_id

TENANT = 1
CHANNEL = 1
AGENT = 1
EVERYONE = 1
FLOW = 1
VERSION = 1


def simulated_world(
    document: FlowDocument,
    node_types: NodeTypes,
    *,
    channel: str,
    capabilities: Capabilities,
    templates: Sequence[TemplateInfo] = (),
    timezone: str = "UTC",
    hours: Hours | None = None,
    beside: Sequence[FlowDocument] = (),
) -> World:
    """A world with this flow live, and those `beside` it; one channel, one agent, a team for each team that it names."""
    programs: dict[int, Program] = {
        VERSION + at: compile(each, node_types, version=VERSION + at, flow=FLOW + at)
        for at, each in enumerate((document, *beside))
    }
    everyone = TeamInfo(EVERYONE, "everyone", "Everyone", (AGENT,))
    teams: dict[str, TeamInfo] = {"everyone": everyone}
    for reference in sorted(_named(document, beside, node_types, "team")):
        teams[reference] = TeamInfo(EVERYONE + len(teams), reference, reference, (AGENT,))
    users = dict.fromkeys(_named(document, beside, node_types, "user"), AGENT)
    return World(
        tenant=TENANT,
        number=1,
        programs=programs,
        live={program.flow: version for version, program in programs.items()},
        flow_keys={public_id("flow", program.flow): program.flow for program in programs.values()},
        triggers=index_triggers(programs.values()),
        channels={CHANNEL: ChannelInfo(CHANNEL, channel, channel, capabilities)},
        teams=teams,
        everyone=EVERYONE,
        users=users,
        templates={(each.name, each.language): each for each in templates},
        timezone=timezone,
        hours=hours,
    )


def _named(document: FlowDocument, beside: Sequence[FlowDocument], node_types: NodeTypes, kind: str) -> set[str]:
    return {id for each in (document, *beside) for id in _references(each, node_types, kind)}


def _references(document: FlowDocument, node_types: NodeTypes, kind: str) -> set[str]:
    configs: dict[str, Any] = {
        node.id: node_types[node.type].Config.model_validate(node.config) for node in document.nodes
    }
    build = Build("", {}, resolver(names_of(document, configs, node_types)), document.settings, document.name)
    found = {
        reference.id
        for node in document.nodes
        for reference in node_types[node.type].uses(configs[node.id], build).references
        if reference.kind == kind
    }
    if kind == "team" and document.settings.handoff_team:
        found.add(document.settings.handoff_team)
    return found


class FixedWorlds:
    """Worlds that never change."""

    def __init__(self, worlds: Mapping[int, World]) -> None:
        self._worlds = worlds

    async def get(self, tenant: int, versions: frozenset[int] = frozenset()) -> World:
        """The tenant's world."""
        return self._worlds[tenant]
