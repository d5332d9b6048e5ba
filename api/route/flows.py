"""/flows: drafts are made, saved, checked, copied, put away and deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from sqlmodel import Session

from api.http.etag import etag_of
from api.http.page import Page, page_of
from api.http.request import Answer, Request
from api.http.route import Route
from api.route.flow_model import (
    ChangeFlow,
    CreateFlow,
    DuplicateFlow,
    Flow,
    FlowSummary,
    ListFlows,
    PortShown,
    SaveDraft,
    ValidateFlow,
    Validation,
    finding,
    summary,
)
from api.services import Services
from crm.flows import (
    FlowTooLarge,
    create_flow,
    delete_flow,
    duplicate_flow,
    get_flow,
    list_flows,
    rename_flow,
    save_draft,
    set_archived,
    state_of,
)
from crm.publish import Around, check_flow
from crm.used_by import InUse
from engine.core.program import NodeTypes
from schemas.error import Conflict
from schemas.flow import MAX_DOCUMENT_BYTES
from schemas.problem import has_errors
from storage.table import FlowRow

TAGS = ("Flows",)
EDITORS = ("owner", "editor")
DOCUMENT_LIMIT = MAX_DOCUMENT_BYTES + 64 * 1024
"""Bytes of a body that holds a document: room for what stands around it."""


class FlowRoutes:
    """Drafts."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def list_flows(self, request: Request[None, ListFlows]) -> Page[FlowSummary]:
        """List the flows, the last changed first."""
        query = request.query

        def work(session: Session) -> Page[FlowSummary]:
            states, total = list_flows(
                session, request.tenant, archived=query.archived, offset=query.offset, limit=query.limit
            )
            return page_of(FlowSummary, [FlowSummary(**summary(state)) for state in states], total, query)

        return await self._services.store.read(work)

    async def create_flow(self, request: Request[CreateFlow]) -> Answer[Flow]:
        """Make a flow.

        A draft may have problems: they are told by validate, and only publish refuses them.
        """
        body, tenant = request.body, request.tenant
        return await self._services.store.write(
            lambda session: _shown(session, create_flow(session, tenant, body.draft(), request.now, key=body.key or ""))
        )

    async def get_flow(self, request: Request) -> Answer[Flow]:
        """Read a flow with its draft. The ETag names the draft's revision."""
        return await self._services.store.read(
            lambda session: _shown(session, get_flow(session, request.tenant, request.id("flow")))
        )

    async def save_flow(self, request: Request[SaveDraft]) -> Answer[Flow]:
        """Save the draft. Needs If-Match, so that nobody's work is lost."""

        def work(session: Session) -> Answer[Flow]:
            row = self._matched(session, request)
            return _shown(session, save_draft(session, row, request.body.document, request.now))

        return await self._services.store.write(work)

    async def change_flow(self, request: Request[ChangeFlow]) -> Answer[Flow]:
        """Rename a flow, put it away, or bring it back. If-Match is heeded where it is sent."""
        body = request.body

        def work(session: Session) -> Answer[Flow]:
            row = self._matched(session, request) if request.if_match else get_flow(session, request.tenant, request.id("flow"))
            if body.name is not None:
                rename_flow(session, row, body.name, request.now)
            if body.archived is not None:
                set_archived(session, row, body.archived, request.now)
            return _shown(session, row)

        answer = await self._services.store.write(work)
        self._services.worlds.changed(request.tenant)
        return answer

    async def delete_flow(self, request: Request) -> None:
        """Delete a flow. Refused while it is live, contacts are inside, or a published flow starts it."""
        tenant, flow, types = request.tenant, request.id("flow"), self._services.node_types
        await self._services.store.write(lambda session: delete_flow(session, tenant, flow, types))
        self._services.worlds.changed(tenant)

    async def duplicate_flow(self, request: Request[DuplicateFlow | None]) -> Answer[Flow]:
        """Copy a flow's draft into a new flow."""
        name = request.body.name if request.body else None
        tenant, flow = request.tenant, request.id("flow")
        return await self._services.store.write(
            lambda session: _shown(session, duplicate_flow(session, tenant, flow, request.now, name))
        )

    async def validate_flow(self, request: Request[ValidateFlow | None]) -> Validation:
        """Say everything that is wrong with a flow: with its draft, or with the document in the body."""
        given = request.body.document if request.body else None
        around = around_of(self._services)

        def work(session: Session) -> Validation:
            row = get_flow(session, request.tenant, request.id("flow"))
            document: Any = row.draft if given is None else given
            problems = check_flow(session, request.tenant, document, around).problems
            return Validation(
                valid=not has_errors(problems),
                problems=tuple(map(finding, problems)),
                ports=ports_of(document, around.node_types),
            )

        return await self._services.store.read(work)

    @property
    def routes(self) -> tuple[Route, ...]:
        """The routes of this file."""
        read, write, one = "flows:read", "flows:write", "/flows/{flow:flow}"
        big = DOCUMENT_LIMIT
        return (
            Route("GET", "/flows", self.list_flows, TAGS, scope=read),
            Route(
                "POST", "/flows", self.create_flow, TAGS, 201, scope=write, roles=EDITORS, body_limit=big,
                errors=(Conflict, FlowTooLarge),
            ),
            Route("GET", one, self.get_flow, TAGS, scope=read),
            Route(
                "PUT", one, self.save_flow, TAGS, scope=write, roles=EDITORS, body_limit=big, if_match=True,
                errors=(FlowTooLarge,),
            ),
            Route("PATCH", one, self.change_flow, TAGS, scope=write, roles=EDITORS, errors=(Conflict,)),
            Route("DELETE", one, self.delete_flow, TAGS, scope=write, roles=EDITORS, errors=(Conflict, InUse)),
            Route("POST", one + "/duplicate", self.duplicate_flow, TAGS, 201, scope=write, roles=EDITORS, errors=(Conflict,)),
            Route("POST", one + "/validate", self.validate_flow, TAGS, scope=read, body_limit=big, idempotency="off"),
        )  # fmt: skip

    def _matched(self, session: Session, request: Request[Any, Any]) -> FlowRow:
        row = get_flow(session, request.tenant, request.id("flow"))
        request.require_match(flow_etag(row))
        return row


def flow_etag(row: FlowRow) -> str:
    """The ETag of a draft."""
    return etag_of("flow", row.id, row.revision)


def around_of(services: Services) -> Around:
    """What checking and publishing need of the server."""
    capabilities = {kind: each.capabilities for kind, each in services.channel_types.items()}
    return Around(services.node_types, capabilities, services.random)


def ports_of(document: Any, node_types: NodeTypes) -> dict[str, tuple[PortShown, ...]]:
    """The ways out of every node whose config is right, whatever the rest of the document looks like."""
    found: dict[str, tuple[PortShown, ...]] = {}
    nodes = document.get("nodes") if isinstance(document, Mapping) else None
    for node in nodes if isinstance(nodes, list) else ():
        if not isinstance(node, Mapping) or not isinstance(node.get("id"), str):
            continue
        node_type = node_types.get(str(node.get("type")))
        if node_type is None:
            continue
        try:
            config = node_type.Config.model_validate(node.get("config", {}))
        except ValidationError:
            continue
        found[node["id"]] = tuple(PortShown(id=port.id, label=port.label, kind=port.kind) for port in node_type.ports(config))
    return found


def _shown(session: Session, row: FlowRow) -> Answer[Flow]:
    return Answer(Flow(**summary(state_of(session, row)), document=row.draft), etag=flow_etag(row))
