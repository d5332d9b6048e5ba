"""What exists around a flow in a workspace, for the checker."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlmodel import Session, col, select

from crm.globals import list_globals
from crm.hours import list_hours
from crm.secrets import list_secrets
from crm.webhooks import list_webhooks
from engine.core.build import Build
from engine.core.known_flow import KnownFlow, known_flow
from engine.core.path import resolver
from engine.core.program import NodeTypes
from engine.core.scope import Scope
from engine.core.world import BUSINESS
from schemas.capability import Capabilities
from schemas.public_id import public_id
from storage.table import AiProviderRow, ChannelRow, FieldRow, FlowRow, FlowVersionRow, MediaRow, TeamRow, TemplateRow, UserRow


def load_scope(
    session: Session,
    tenant: int,
    capabilities: Mapping[str, Capabilities],
    node_types: NodeTypes,
    document: object,
    flow: int = 0,
) -> Scope:
    """Everything that this document of a flow may refer to. `capabilities` by kind of channel; `flow` is the flow's own id."""
    channels = list(session.exec(select(ChannelRow).where(ChannelRow.tenant == tenant, ChannelRow.status != "off")))
    teams = list(session.exec(select(TeamRow).where(TeamRow.tenant == tenant)))
    users = session.exec(select(UserRow.id).where(UserRow.tenant == tenant, col(UserRow.removed_at).is_(None)))
    wanted = select(FlowRow.id, FlowRow.live_version, FlowRow.interactive)
    flows = session.exec(wanted.where(FlowRow.tenant == tenant, col(FlowRow.archived).is_(False)))
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
        flows=KnownFlows(session, tenant, node_types, document, flow),
        talking=frozenset(public_id("flow", id) for id, live, interactive in flows if live and interactive),
        flow=public_id("flow", flow) if flow else "",
        webhooks=[row.events for row in list_webhooks(session, tenant) if row.status == "on"],
        channel_ids=frozenset(public_id("ch", channel.id) for channel in channels),
        fields={field.key: field.type for field in session.exec(select(FieldRow).where(FieldRow.tenant == tenant))},
        secrets=frozenset(row.name for row in list_secrets(session, tenant)),
        globals={row.key: row.type for row in list_globals(session, tenant)},
        hours=frozenset({BUSINESS, *(row.key for row in list_hours(session, tenant))}),
        ai=session.get(AiProviderRow, tenant) is not None,
        media=frozenset(public_id("med", id) for id in session.exec(select(MediaRow.id).where(MediaRow.tenant == tenant))),
    )


class KnownFlows(Mapping[str, KnownFlow]):
    """A tenant's flows by public id and by key, without archived ones.

    Those that a document names are read, with those that they go on in; of the others only the names are known.
    """

    def __init__(self, session: Session, tenant: int, node_types: NodeTypes, document: object, flow: int) -> None:
        wanted = select(FlowRow.id, FlowRow.key).where(FlowRow.tenant == tenant, col(FlowRow.archived).is_(False))
        self._ids: dict[str, int] = {}
        for id, key in session.exec(wanted):
            self._ids[public_id("flow", id)] = self._ids[key] = id
        self._known: dict[int, KnownFlow] = {}
        waiting = [*({flow} & set(self._ids.values())), *(self._ids[text] for text in _texts(document) if text in self._ids)]
        while waiting:
            id = waiting.pop()
            if id not in self._known:
                self._known[id] = known = _read(session, id, node_types)
                waiting += [self._ids[each.flow] for each in known.enters if each.flow in self._ids]

    def __getitem__(self, reference: str) -> KnownFlow:
        return self._known[self._ids[reference]]

    def __contains__(self, reference: object) -> bool:
        return reference in self._ids

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)


def _read(session: Session, id: int, node_types: NodeTypes) -> KnownFlow:
    """A flow as it is live; as its draft is, where it isn't."""
    row = session.get_one(FlowRow, id)
    live = session.get(FlowVersionRow, row.live_version) if row.live_version else None
    document = row.draft if live is None else live.document
    return known_flow(public_id("flow", id), row.name, document, node_types, live=live is not None)


def _texts(document: object) -> Iterator[str]:
    """Every text in a JSON value."""
    match document:
        case str():
            yield document
        case dict():
            for each in document.values():
                yield from _texts(each)
        case list():
            for each in document:
                yield from _texts(each)
        case _:
            pass


def _templates(session: Session, tenant: int) -> dict[str, str]:
    """The status of each name; approved, where one of its languages is."""
    found: dict[str, str] = {}
    for row in session.exec(select(TemplateRow).where(TemplateRow.tenant == tenant)):
        if found.get(row.name) != "approved":
            found[row.name] = row.status
    return found
