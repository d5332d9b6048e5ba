"""What a tenant has published, loaded from the tables into the one value that decisions read."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Protocol, TypeVar

from sqlmodel import Session, col, select

from crm.globals import list_globals
from crm.hours import schedules
from engine.core.match import index_triggers
from engine.core.program import NodeTypes, Program, compile
from engine.core.world import OPT_IN_WORDS, OPT_OUT_WORDS, ChannelInfo, Listener, Successor, TeamInfo, TemplateInfo, World
from schemas.capability import Capabilities
from schemas.flow import FlowDocument
from schemas.hours import Hours
from schemas.public_id import public_id
from storage.table import (
    ChannelRow,
    FieldRow,
    FlowRow,
    FlowVersionRow,
    TeamMemberRow,
    TeamRow,
    TemplateRow,
    TenantRow,
    UserRow,
    WebhookRow,
)

T = TypeVar("T")


class Reads(Protocol):
    """The store, as far as worlds need it."""

    async def read(self, work: Callable[[Session], T]) -> T:
        """What the work gives in a read-only session."""
        ...


def load_world(
    session: Session, tenant: int, node_types: NodeTypes, capabilities: Mapping[str, Capabilities], known: Mapping[int, Program]
) -> World:
    """The tenant's world as the tables have it now. `known` programs are taken as they are: versions never change."""
    row = session.get(TenantRow, tenant)
    if row is None:
        return World(tenant, 0)
    flows = [
        flow
        for flow in session.exec(select(FlowRow).where(FlowRow.tenant == tenant, FlowRow.live_version != 0))
        if not flow.archived
    ]
    live = {flow.id: flow.live_version for flow in flows}
    successors = _successors(session, tenant)
    targets = {successor.version for successor in successors.values()}
    programs = load_programs(session, tenant, {*live.values(), *targets}, node_types, known)
    settings = row.settings
    hours = schedules(session, tenant)
    return World(
        tenant=tenant,
        number=row.world,
        programs=programs,
        live=live,
        flow_keys={name: flow.id for flow in flows for name in (flow.key, public_id("flow", flow.id))},
        triggers=index_triggers(programs[version] for version in live.values() if version in programs),
        channels=_channels(session, tenant, capabilities),
        everyone=_everyone(session, tenant),
        teams=_teams(session, tenant, hours),
        users={
            public_id("usr", user.id): user.id
            for user in session.exec(select(UserRow).where(UserRow.tenant == tenant, col(UserRow.removed_at).is_(None)))
        },
        templates=_templates(session, tenant),
        field_types={field.key: field.type for field in session.exec(select(FieldRow).where(FieldRow.tenant == tenant))},
        successors=successors,
        webhooks=_webhooks(session, tenant),
        timezone=settings.get("timezone", "UTC"),
        language=settings.get("language"),
        country=settings.get("country"),
        hours=hours,
        globals={row.key: row.value for row in list_globals(session, tenant)},
        opt_out_words=tuple(settings.get("opt_out_words", OPT_OUT_WORDS)),
        opt_in_words=tuple(settings.get("opt_in_words", OPT_IN_WORDS)),
        **{key: settings[key] for key in ("opt_out_text", "opt_in_text", "no_agent_text") if key in settings},
    )


def load_programs(
    session: Session, tenant: int, versions: Iterable[int], node_types: NodeTypes, known: Mapping[int, Program]
) -> dict[int, Program]:
    """The programs of these versions, compiled where they aren't known yet."""
    wanted = set(versions)
    programs = {version: known[version] for version in wanted if version in known}
    missing = wanted - programs.keys()
    if missing:
        rows = session.exec(
            select(FlowVersionRow).where(FlowVersionRow.tenant == tenant, col(FlowVersionRow.id).in_(missing))
        )
        for row in rows:
            document = FlowDocument.model_validate(row.document)
            programs[row.id] = compile(document, node_types, version=row.id, flow=row.flow)
    return programs


def _channels(session: Session, tenant: int, capabilities: Mapping[str, Capabilities]) -> dict[int, ChannelInfo]:
    rows = session.exec(select(ChannelRow).where(ChannelRow.tenant == tenant, ChannelRow.status != "off"))
    return {
        row.id: ChannelInfo(row.id, row.kind, row.name, capabilities.get(row.kind, Capabilities())) for row in rows
    }


def _teams(session: Session, tenant: int, named: Mapping[str, Hours]) -> dict[str, TeamInfo]:
    members: dict[int, list[int]] = {}
    for member in session.exec(select(TeamMemberRow).where(TeamMemberRow.tenant == tenant)):
        members.setdefault(member.team, []).append(member.user)
    agents = [
        user.id
        for user in session.exec(select(UserRow).where(UserRow.tenant == tenant, col(UserRow.removed_at).is_(None)))
    ]
    teams: dict[str, TeamInfo] = {}
    for row in session.exec(select(TeamRow).where(TeamRow.tenant == tenant)):
        info = TeamInfo(
            id=row.id,
            key=public_id("team", row.id),
            name=row.name,
            members=tuple(sorted(agents if row.everyone else members.get(row.id, []))),
            capacity=row.capacity,
            hours=_hours(row.hours, named),
            strategy="least_open" if row.strategy == "least_open" else "round_robin",
        )
        teams[info.key] = teams[row.key] = info
    return teams


def _hours(kept: dict[str, Any] | str | None, named: Mapping[str, Hours]) -> Hours | None:
    """A team's hours: named ones, or its own."""
    return named.get(kept) if isinstance(kept, str) else Hours.model_validate(kept) if kept else None


def _everyone(session: Session, tenant: int) -> int:
    row = session.exec(select(TeamRow).where(TeamRow.tenant == tenant, col(TeamRow.everyone).is_(True))).first()
    return row.id if row is not None else 0


def _templates(session: Session, tenant: int) -> dict[tuple[str, str], TemplateInfo]:
    return {
        (row.name, row.language): TemplateInfo(
            row.name, row.language, row.status, row.body, tuple(row.parameters), row.channel
        )
        for row in session.exec(select(TemplateRow).where(TemplateRow.tenant == tenant))
    }


def _webhooks(session: Session, tenant: int) -> tuple[Listener, ...]:
    wanted = select(WebhookRow).where(WebhookRow.tenant == tenant, WebhookRow.status == "on").order_by(col(WebhookRow.id))
    return tuple(Listener(row.id, frozenset(row.events)) for row in session.exec(wanted))


def _successors(session: Session, tenant: int) -> dict[int, Successor]:
    rows = session.exec(
        select(FlowVersionRow).where(FlowVersionRow.tenant == tenant, col(FlowVersionRow.successor).is_not(None))
    )
    return {row.id: Successor(**row.successor) for row in rows if row.successor}


class StoredWorlds:
    """The worlds of all tenants, each kept until something in it changes.

    `changed(tenant)` must be called after a commit that raised the tenant's world number in this process. Whoever asks after
    it gets the new world, also while a load of the old one is under way: the loads of a tenant stand in a line.
    """

    def __init__(self, store: Reads, node_types: NodeTypes, capabilities: Mapping[str, Capabilities]) -> None:
        self._store = store
        self._node_types = node_types
        self._capabilities = capabilities
        self._worlds: dict[int, tuple[int, World]] = {}
        """Each with the number of changes that it holds."""
        self._changes: Counter[int] = Counter()
        self._loading: dict[int, asyncio.Lock] = {}

    async def get(self, tenant: int, versions: frozenset[int] = frozenset()) -> World:
        """The tenant's current world, with the programs of these versions in it."""
        known = self._known(tenant)
        if known is not None and versions <= known.programs.keys():
            return known
        async with self._loading.setdefault(tenant, asyncio.Lock()):
            world = self._known(tenant) or await self._load(tenant)
            return world if versions <= world.programs.keys() else await self._with_programs(world, versions)

    def changed(self, tenant: int) -> None:
        """Forget the tenant's world: whoever asks next waits for the new one."""
        self._changes[tenant] += 1

    def _known(self, tenant: int) -> World | None:
        changes, world = self._worlds.get(tenant, (-1, None))
        return world if changes == self._changes[tenant] else None

    async def _load(self, tenant: int) -> World:
        changes = self._changes[tenant]  # before the read: what changes while it runs is not in it
        _, before = self._worlds.get(tenant, (-1, None))
        known = before.programs if before is not None else {}
        world = await self._store.read(
            lambda session: load_world(session, tenant, self._node_types, self._capabilities, known)
        )
        self._worlds[tenant] = changes, world
        return world

    async def _with_programs(self, world: World, versions: frozenset[int]) -> World:
        tenant, known = world.tenant, world.programs
        needed = versions | known.keys()
        programs = await self._store.read(
            lambda session: load_programs(session, tenant, needed, self._node_types, known)
        )
        changes, _ = self._worlds[tenant]
        self._worlds[tenant] = changes, replace(world, programs=programs)
        return self._worlds[tenant][1]
