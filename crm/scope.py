"""What exists around a flow in a workspace, for the checker."""

from __future__ import annotations

from collections.abc import Mapping

from sqlmodel import Session, col, select

from crm.globals import list_globals
from crm.hours import list_hours
from crm.webhooks import list_webhooks
from engine.core.build import Build
from engine.core.path import resolver
from engine.core.scope import Scope
from engine.core.world import BUSINESS
from schemas.capability import Capabilities
from schemas.public_id import public_id
from storage.table import ChannelRow, FieldRow, FlowRow, MediaRow, TeamRow, TemplateRow, UserRow


def load_scope(session: Session, tenant: int, capabilities: Mapping[str, Capabilities], flow: int = 0) -> Scope:
    """Everything that a flow of this tenant may refer to. `capabilities` by kind of channel, `flow` is the one to be checked."""
    channels = list(session.exec(select(ChannelRow).where(ChannelRow.tenant == tenant, ChannelRow.status != "off")))
    teams = list(session.exec(select(TeamRow).where(TeamRow.tenant == tenant)))
    users = session.exec(select(UserRow.id).where(UserRow.tenant == tenant, col(UserRow.removed_at).is_(None)))
    wanted = select(FlowRow.id, FlowRow.live_version, FlowRow.interactive)
    flows = list(session.exec(wanted.where(FlowRow.tenant == tenant, col(FlowRow.archived).is_(False))))
    return Scope(
        build=Build("", {}, resolver(())),
        channels={
            f"{channel.name} ({public_id('ch', channel.id)})": capabilities[channel.kind]
            for channel in channels
            if channel.kind in capabilities
        },
        teams=frozenset(key for team in teams for key in (team.key, public_id("team", team.id))),
        users=frozenset(public_id("usr", user) for user in users),
        templates=_templates(session, tenant),
        flows=frozenset(public_id("flow", id) for id, _, _ in flows),
        talking=frozenset(public_id("flow", id) for id, live, interactive in flows if live and interactive),
        flow=public_id("flow", flow) if flow else "",
        webhooks=[row.events for row in list_webhooks(session, tenant) if row.status == "on"],
        channel_ids=frozenset(public_id("ch", channel.id) for channel in channels),
        fields={field.key: field.type for field in session.exec(select(FieldRow).where(FieldRow.tenant == tenant))},
        globals={row.key: row.type for row in list_globals(session, tenant)},
        hours=frozenset({BUSINESS, *(row.key for row in list_hours(session, tenant))}),
        media=frozenset(public_id("med", id) for id in session.exec(select(MediaRow.id).where(MediaRow.tenant == tenant))),
    )


def _templates(session: Session, tenant: int) -> dict[str, str]:
    """The status of each name; approved, where one of its languages is."""
    found: dict[str, str] = {}
    for row in session.exec(select(TemplateRow).where(TemplateRow.tenant == tenant)):
        if found.get(row.name) != "approved":
            found[row.name] = row.status
    return found
