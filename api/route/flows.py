"""/flows: drafts are made, saved, checked, copied, put away and deleted."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlmodel import Session

from api.http.error import PreconditionFailed
from api.http.etag import etag_of
from api.http.page import Page, page_of
from api.http.request import Answer, Request
from api.http.route import Route
from api.route.flow_model import (
    AskPaths,
    ChangeFlow,
    CreateFlow,
    DuplicateFlow,
    Flow,
    FlowSummary,
    ListFlows,
    PathShown,
    PortShown,
    ReadyMadeFlow,
    SaveDraft,
    TextShown,
    ValidateFlow,
    Validation,
    finding,
    summary,
)
from api.route.listing import Items
from api.route.telling import tell_flow
from api.services import Services
from crm.channels import list_channels
from crm.entry import entries_of
from crm.flows import (
    FlowTooLarge,
    delete_flow,
    dump_document,
    duplicate_flow,
    get_flow,
    list_flows,
    rename_flow,
    save_draft,
    set_archived,
    state_of,
)
from crm.path_list import Named, named, paths_at
from crm.publish import Around
from crm.ready_made import create_with_others
from crm.scope import load_scope
from crm.used_by import InUse
from engine.core.check import check
from engine.core.program import NodeTypes
from engine.core.scope import Scope
from engine.core.translate import has_words
from schemas.error import Conflict, NotFound
from schemas.problem import has_errors
from schemas.public_id import public_id
from storage.table import ChannelRow, FlowRow

TAGS = ("Flows",)
EDITORS = ("owner", "editor")
DOCUMENT_LIMIT = 5_000_000
"""Bytes of a body that holds a document: written with line breaks, the largest flow has about as many."""


class FlowRoutes:
    """Drafts."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def list_flows(self, request: Request[None, ListFlows]) -> Page[FlowSummary]:
        """List the flows, the last changed first."""
        query = request.query

        def work(session: Session) -> Page[FlowSummary]:
            states, total = list_flows(
                session,
                request.tenant,
                self._services.node_types,
                archived=query.archived,
                live=query.live,
                search=query.search,
                offset=query.offset,
                limit=query.limit,
            )
            channels = channels_by_id(session, request.tenant)
            return page_of(FlowSummary, [FlowSummary(**summary(state, channels)) for state in states], total, query)

        return await self._services.store.read(work)

    async def list_ready_made_flows(self, request: Request) -> Items[ReadyMadeFlow]:
        """List the ready-made flows to begin from."""
        return Items[ReadyMadeFlow](
            data=tuple(
                ReadyMadeFlow(
                    key=each.key,
                    name=each.document.name,
                    description=each.description,
                    nodes=len(each.document.nodes),
                    starts=entries_of(dump_document(each.document), self._services.node_types).kinds,
                )
                for each in self._services.ready_made
            )
        )

    async def create_flow(self, request: Request[CreateFlow]) -> Answer[Flow]:
        """Make a flow.

        A draft may have problems: they are told by validate, and only publish refuses them. A ready-made flow that runs others
        brings along those that the workspace hasn't got yet.
        """
        body, tenant = request.body, request.tenant
        document = body.draft(self._services.ready_made)
        several = {each.key: each.document for each in self._services.ready_made} if body.ready_made else {}
        types = self._services.node_types

        def work(session: Session) -> list[Answer[Flow]]:
            made = create_with_others(session, tenant, document, several, types, request.now, key=body.key or "")
            return [self._shown(session, row) for row in made]

        answers = await self._services.store.write(work)
        for each in answers:
            self._tell(request, each.model, "created")
        return answers[0]

    async def get_flow(self, request: Request) -> Answer[Flow]:
        """Read a flow with its draft. The ETag names the draft's revision."""
        return await self._services.store.read(
            lambda session: self._shown(session, get_flow(session, request.tenant, request.id("flow")))
        )

    async def save_flow(self, request: Request[SaveDraft]) -> Answer[Flow]:
        """Save the draft. Needs If-Match, so that nobody's work is lost.

        Where somebody was faster (412), `current` holds the flow as it is now and its `etag`, so that both can be joined.
        """

        def work(session: Session) -> tuple[Answer[Flow], bool]:
            row = matched_flow(self._services, session, request)
            before = row.revision
            saved = save_draft(session, row, request.body.document, request.now)
            return self._shown(session, saved), saved.revision != before

        answer, changed = await self._services.store.write(work)
        if changed:
            self._tell(request, answer.model, "saved")
        return answer

    async def change_flow(self, request: Request[ChangeFlow]) -> Answer[Flow]:
        """Rename a flow, put it away, or bring it back. If-Match is heeded where it is sent."""
        body = request.body

        def work(session: Session) -> Answer[Flow]:
            flow = request.id("flow")
            matched = request.if_match is not None
            row = matched_flow(self._services, session, request) if matched else get_flow(session, request.tenant, flow)
            if body.name is not None:
                rename_flow(session, row, body.name, request.now)
            if body.archived is not None:
                set_archived(session, row, body.archived, request.now)
            return self._shown(session, row)

        answer = await self._services.store.write(work)
        self._services.worlds.changed(request.tenant)
        self._tell(request, answer.model, "changed")
        return answer

    async def delete_flow(self, request: Request) -> None:
        """Delete a flow. Refused while it is live, contacts are inside, or a published flow starts it."""
        tenant, flow, types = request.tenant, request.id("flow"), self._services.node_types
        await self._services.store.write(lambda session: delete_flow(session, tenant, flow, types))
        self._services.worlds.changed(tenant)
        tell_flow(self._services, request, flow, "deleted", {})

    async def duplicate_flow(self, request: Request[DuplicateFlow | None]) -> Answer[Flow]:
        """Copy a flow's draft into a new flow."""
        name = request.body.name if request.body else None
        tenant, flow = request.tenant, request.id("flow")
        answer = await self._services.store.write(
            lambda session: self._shown(session, duplicate_flow(session, tenant, flow, request.now, name))
        )
        self._tell(request, answer.model, "created")
        return answer

    async def validate_flow(self, request: Request[ValidateFlow | None]) -> Validation:
        """Say everything that is wrong with a flow: with its draft, or with the document in the body."""
        given = request.body.document if request.body else None
        around = around_of(self._services)

        def work(session: Session) -> tuple[Any, Scope]:
            row = get_flow(session, request.tenant, request.id("flow"))
            document: Any = row.draft if given is None else given
            return document, load_scope(session, row.tenant, around.capabilities, around.node_types, document, row.id)

        document, scope = await self._services.store.read(work)
        # In a thread: a large flow takes some 50 ms, and people type while others chat.
        return await asyncio.to_thread(judged, document, around.node_types, scope)

    async def list_paths(self, request: Request[AskPaths]) -> Items[PathShown]:
        """List what texts and rules at a node may read.

        Variables first, those that are set on the way to the node before others.
        """
        body, types = request.body, self._services.node_types
        secrets = request.principal.may("secrets:read")

        def work(session: Session) -> tuple[Any, Named]:
            row = get_flow(session, request.tenant, request.id("flow"))
            document = row.draft if body.document is None else body.document
            return document, named(session, request.tenant, secrets=secrets)

        document, own = await self._services.store.read(work)
        found = await asyncio.to_thread(paths_at, document, body.node, own, types)
        return Items[PathShown](
            data=tuple(
                PathShown(path=each.path, label=each.label, group=each.group, type=each.type, set=each.set, by=each.by)
                for each in found
            )
        )

    @property
    def routes(self) -> tuple[Route, ...]:
        """The routes of this file."""
        read, write, one = "flows:read", "flows:write", "/flows/{flow:flow}"
        big = DOCUMENT_LIMIT
        return (
            Route("GET", "/flows", self.list_flows, TAGS, scope=read),
            Route("GET", "/ready-made-flows", self.list_ready_made_flows, TAGS, scope=read),
            Route(
                "POST", "/flows", self.create_flow, TAGS, 201, scope=write, roles=EDITORS, body_limit=big,
                errors=(Conflict, FlowTooLarge, NotFound),
            ),
            Route("GET", one, self.get_flow, TAGS, scope=read),
            Route(
                "PUT", one, self.save_flow, TAGS, scope=write, roles=EDITORS, body_limit=big, if_match=True,
                errors=(FlowTooLarge,),
            ),
            Route("PATCH", one, self.change_flow, TAGS, scope=write, roles=EDITORS, errors=(Conflict,)),
            Route("DELETE", one, self.delete_flow, TAGS, scope=write, roles=EDITORS, errors=(Conflict, InUse)),
            Route("POST", one + "/duplicate", self.duplicate_flow, TAGS, 201, scope=write, roles=EDITORS, errors=(Conflict,)),
            Route("POST", one + "/paths", self.list_paths, TAGS, scope=read, body_limit=big, idempotency="off"),
            Route("POST", one + "/validate", self.validate_flow, TAGS, scope=read, body_limit=big, idempotency="off"),
        )  # fmt: skip

    def _shown(self, session: Session, row: FlowRow) -> Answer[Flow]:
        return shown_flow(session, row, self._services.node_types)

    def _tell(self, request: Request[Any, Any], flow: Flow, change: str) -> None:
        tell_flow(self._services, request, flow.id, change, {"revision": flow.revision, "name": flow.name})


def flow_etag(row: FlowRow) -> str:
    """The ETag of a draft."""
    return etag_of("flow", row.id, row.revision)


def matched_flow(services: Services, session: Session, request: Request[Any, Any]) -> FlowRow:
    """The flow of the path, if its draft still is what If-Match names. Raises PreconditionFailed with the flow as it is now."""
    row = get_flow(session, request.tenant, request.id("flow"))
    try:
        request.require_match(flow_etag(row))
    except PreconditionFailed as error:
        shown = shown_flow(session, row, services.node_types)
        current = {**shown.model.model_dump(mode="json", by_alias=True, context=request.profile), "etag": shown.etag}
        raise PreconditionFailed(current=current) from error
    return row


def around_of(services: Services) -> Around:
    """What checking and publishing need of the server."""
    capabilities = {kind: each.capabilities for kind, each in services.channel_types.items()}
    return Around(services.node_types, capabilities, services.random)


def judged(document: Any, node_types: NodeTypes, scope: Scope) -> Validation:
    """Everything that is wrong with a document, and the ways out of its nodes."""
    checked = check(document, node_types, scope)
    return Validation(
        valid=not has_errors(checked.problems),
        problems=tuple(finding(problem, document) for problem in checked.problems),
        ports={
            node: tuple(PortShown(id=port.id, label=port.label, kind=port.kind) for port in ports)
            for node, ports in checked.ports.items()
        },
        limits={node: dict(limits) for node, limits in checked.limits.items()},
        texts={
            node: tuple(
                TextShown(place=each.place, pointer=each.pointer, text=each.text, words=has_words(each.text)) for each in texts
            )
            for node, texts in checked.texts.items()
        },
    )


def channels_by_id(session: Session, tenant: int) -> dict[str, ChannelRow]:
    """The channels of a workspace by their public ids."""
    return {public_id("ch", row.id): row for row in list_channels(session, tenant)}


def shown_flow(session: Session, row: FlowRow, node_types: NodeTypes) -> Answer[Flow]:
    """A flow with its draft and its ETag."""
    facts = summary(state_of(session, row, node_types), channels_by_id(session, row.tenant))
    return Answer(Flow(**facts, document=row.draft), etag=flow_etag(row))
