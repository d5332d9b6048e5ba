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
) -> World:
    """A world with this flow live, one channel, one agent, and a team for each team that the flow names."""
    program: Program = compile(document, node_types, version=VERSION, flow=FLOW)
    everyone = TeamInfo(EVERYONE, "everyone", "Everyone", (AGENT,))
    teams: dict[str, TeamInfo] = {"everyone": everyone}
    for reference in sorted(_references(document, node_types, "team")):
        teams[reference] = TeamInfo(EVERYONE + len(teams), reference, reference, (AGENT,))
    users = dict.fromkeys(_references(document, node_types, "user"), AGENT)
    return World(
        tenant=TENANT,
        number=1,
        programs={VERSION: program},
        live={FLOW: VERSION},
        flow_keys={public_id("flow", FLOW): FLOW},
        triggers=index_triggers([program]),
        channels={CHANNEL: ChannelInfo(CHANNEL, channel, channel, capabilities)},
        teams=teams,
        everyone=EVERYONE,
        users=users,
        templates={(each.name, each.language): each for each in templates},
        timezone=timezone,
        hours=hours,
    )


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
