"""/flows/…/start, counts and triggers: how a flow is entered, and what happens inside."""

from __future__ import annotations

import hashlib
from typing import Any

from sqlmodel import Session

from api.http.read import UnknownId
from api.http.request import Answer, Request
from api.http.route import Route
from api.route.flow_model import (
    Address,
    CountQuery,
    EndingShown,
    FlowTrigger,
    NodeCounts,
    PortResultShown,
    Started,
    StartFlow,
)
from api.route.flows import EDITORS
from api.route.listing import Items
from api.route.outcome import NotNow, value_of
from api.route.token import fresh_token
from api.services import Services
from crm.channels import get_channel
from crm.counts import count_nodes
from crm.entry import KINDS
from crm.flows import get_flow
from crm.identity import InvalidIdentity, read_identity
from crm.own import own
from crm.results import results_of
from crm.settings import read_settings
from crm.triggers import TriggerFacts, list_triggers, renew_address
from engine.core.typed import typed
from schemas.contact import Identity
from schemas.event import NewEvent
from schemas.event import StartFlow as StartFlowBody
from schemas.public_id import read_id
from storage.table import ContactRow

TAGS = ("Running flows",)


class FlowRunRoutes:
    """Starting flows, and seeing what they do."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def start_flow(self, request: Request[StartFlow]) -> Answer[Started]:
        """Start the live version for a contact.

        The contact is named by `contact_id`, or by an address; of an address that nobody has, a contact is made. Under one
        Idempotency-Key a contact is started once.
        """
        body, tenant, flow = request.body, request.tenant, request.id("flow")
        world = await self._services.worlds.get(tenant)
        program = world.programs.get(world.live.get(flow, 0))

        def work(session: Session) -> tuple[Identity, ...]:
            get_flow(session, tenant, flow)
            if body.channel_id is not None:
                get_channel(session, tenant, body.channel_id)
            if body.contact_id is not None:
                own(session, ContactRow, tenant, body.contact_id, "contact")
            return (_identity(session, tenant, body.identity),) if body.identity is not None else ()

        identities = await self._services.store.read(work)
        if program is None:
            raise NotNow("This flow is not published. Publish it first.", type="not_published")
        event = NewEvent(
            tenant=tenant,
            source="start",
            external_id=_external_id(request, fresh_token(self._services.random)),
            at=request.now,
            body=StartFlowBody(
                flow, channel=body.channel_id or 0, variables=typed(program, body.variables, strict=True), reason="api"
            ),
            contact=body.contact_id or 0,
            identities=identities,
        )
        submitted = await self._services.engine.submit(event)
        value = value_of(submitted)
        if value is None:
            return Answer(Started(status="accepted", run_id=None, event_id=submitted.event), status=202)
        return Answer(Started(status="started", run_id=read_id("run", str(value["run"])), event_id=submitted.event))

    async def count_nodes(self, request: Request[None, CountQuery]) -> Items[NodeCounts]:
        """Count how often each node was reached and left, and how many runs wait there now."""
        query = request.query

        def work(session: Session) -> Items[NodeCounts]:
            counts = count_nodes(
                session,
                request.tenant,
                request.id("flow"),
                number=query.version,
                since=query.since,
                until=query.until,
            )
            return Items[NodeCounts](
                data=tuple(
                    NodeCounts(node=each.node, reached=each.reached, left=each.left, waiting=each.waiting) for each in counts
                )
            )

        return await self._services.store.read(work)

    async def read_results(self, request: Request) -> Items[PortResultShown]:
        """Compare the ways out of a node by how the runs that took them ended: the results of a Split's arms.

        Looks at the newest 5,000 runs of the flow.
        """
        tenant, flow, node = request.tenant, request.id("flow"), request.name("node")
        found = await self._services.store.read(lambda session: results_of(session, tenant, flow, node))
        return Items[PortResultShown](
            data=tuple(
                PortResultShown(
                    port=each.port,
                    runs=each.runs,
                    endings=tuple(EndingShown(status=end.status, outcome=end.outcome, runs=end.runs) for end in each.endings),
                )
                for each in found
            )
        )

    async def list_triggers(self, request: Request) -> Items[FlowTrigger]:
        """List the triggers of the live version, with webhook addresses and next times.

        A webhook address is secret: whoever has it can start the flow.
        """
        tenant, flow = request.tenant, request.id("flow")
        world = await self._services.worlds.get(tenant)
        program = world.programs.get(world.live.get(flow, 0))
        facts = await self._services.store.read(lambda session: list_triggers(session, tenant, flow, program))
        return Items[FlowTrigger](data=tuple(self._shown(each) for each in facts))

    async def renew_trigger(self, request: Request) -> FlowTrigger:
        """Give a webhook trigger a new secret address. The old one stops at once."""
        tenant, flow, node, random = request.tenant, request.id("flow"), request.name("node"), self._services.random
        row = await self._services.store.write(lambda session: renew_address(session, tenant, flow, node, random))
        if row is None:
            raise UnknownId("This flow has no webhook trigger of this name. Publish one first.")
        return FlowTrigger(node=node, kind="webhook", url=self._url(row.token), next_at=None)

    @property
    def routes(self) -> tuple[Route, ...]:
        """The routes of this file."""
        one = "/flows/{flow:flow}"
        return (
            Route(
                "POST", one + "/start", self.start_flow, TAGS, also=(202,), scope="flows:start",
                errors=(NotNow, InvalidIdentity),
            ),
            Route("GET", one + "/counts", self.count_nodes, TAGS, scope="flows:read"),
            Route("GET", one + "/nodes/{node}/results", self.read_results, TAGS, scope="flows:read"),
            Route("GET", one + "/triggers", self.list_triggers, TAGS, scope="flows:write", roles=EDITORS),
            Route(
                "POST", one + "/triggers/{node}/renew", self.renew_trigger, TAGS, scope="flows:write", roles=EDITORS,
                idempotency="off", errors=(UnknownId,),
            ),
        )  # fmt: skip

    def _url(self, token: str) -> str:
        return f"{self._services.public_url}/hooks/flow/{token}"

    def _shown(self, facts: TriggerFacts) -> FlowTrigger:
        kind = KINDS[type(facts.trigger.on)]
        return FlowTrigger(
            node=facts.node, kind=kind, url=self._url(facts.token) if facts.token else None, next_at=facts.next_at
        )


def _identity(session: Session, tenant: int, address: Address) -> Identity:
    country = read_settings(session, tenant)[1].country
    return read_identity(address.kind, address.value, country)


def _external_id(request: Request[Any, Any], fresh: str) -> str:
    """Of a request under an Idempotency-Key always the same, so that its repetition is a duplicate in the intake too."""
    if request.ticket is None:
        return fresh
    scope = request.ticket.scope
    return hashlib.sha256("\0".join((scope.api_key, scope.path, scope.key)).encode()).hexdigest()
