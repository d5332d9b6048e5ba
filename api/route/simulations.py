"""/simulations: a flow is tried without a contact, a channel or an address that is real."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import ValidationError
from sqlmodel import Session

from api.http.plain import explain
from api.http.request import Request, Response
from api.http.route import Route
from api.route.flows import DOCUMENT_LIMIT, around_of
from api.route.listing import Items
from api.route.simulation_live import SimulationSocket
from api.route.simulation_model import CreateSimulation, PersonaShown, Simulation, UndoInput, shown
from api.route.versions import refusal
from api.services import Services
from crm.flows import get_flow
from crm.publish import FlowInvalid, get_version
from crm.scope import load_scope
from engine.core.check import Checked, check
from engine.core.scope import Scope
from engine.core.world import TemplateInfo, World
from schemas.error import Invalid, NotFound
from simulator.live import LiveSimulation, Refused
from simulator.persona import PERSONAS, persona
from simulator.scenario import Act, Person
from simulator.shelf import Shelf
from simulator.simulation import Simulation as Played
from simulator.world import closed, opened, world_around

TAGS = ("Simulations",)
SAFE_INTEGER = 2**53
"""Ids stay below it: JavaScript knows no larger whole numbers."""


class UnknownChannelKind(Invalid):
    """There is no such kind of channel."""

    code = "unknown_channel_kind"


class UnknownHours(Invalid):
    """The workspace has no such hours. GET /v1/hours lists them."""

    code = "unknown_hours"


class UnknownPersona(Invalid):
    """There is no such persona. GET /v1/personas lists them."""

    code = "unknown_persona"


@dataclass(frozen=True, slots=True)
class Tried:
    """What is to be simulated, as the tables have it."""

    document: object
    scope: Scope
    version: int


class SimulationRoutes:
    """Simulations, kept in memory. `close` ends them and their sockets: call it when the server stops."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._shelf = Shelf()

    async def create_simulation(self, request: Request[CreateSimulation]) -> Simulation:
        """Begin a simulation of a flow.

        Of its draft, of a version, or of a document that need not be saved. It plays on the engine itself, with a clock of its
        own, in the workspace as it is: its teams, templates, fields, hours and other flows. Nothing real is touched. It is kept
        for 30 minutes after its last use.
        """
        body, tenant, services = request.body, request.tenant, self._services
        kind = services.channel_types.get(body.channel)
        if kind is None:
            raise UnknownChannelKind(f"There is no channel kind {body.channel}. Known: {', '.join(services.channel_types)}.")
        contact = _contact(body)
        tried = await services.store.read(lambda session: self._tried(session, tenant, body))
        world = await services.worlds.get(tenant)
        _known(body, tried.scope)
        checked = await asyncio.to_thread(check, tried.document, services.node_types, tried.scope)
        if checked.program is None:
            raise refusal(FlowInvalid(checked.problems))
        simulation = _simulation(body, checked, world, services, contact, request.now)
        number = int.from_bytes(services.random(7)) % SAFE_INTEGER + 1
        live = LiveSimulation(
            number, tenant, simulation, request.now, flow=body.flow_id or 0, version=tried.version, hours=body.hours
        )
        await simulation.prepare(body.agents)
        frame = await live.begin(Act(start=body.start) if body.start is not None else None)
        self._shelf.put(live, request.now)
        return shown(live, frame)

    async def get_simulation(self, request: Request) -> Simulation:
        """Read a simulation, with all that was said since its beginning."""
        live = self._of(request)
        return shown(live, await live.whole())

    async def play_step(self, request: Request[Act]) -> Simulation:
        """Let something happen in a simulation, and see what follows.

        The body is a step as in a file of scenarios: `{"say": "hi"}`, `{"press": "Yes"}`, `{"wait": "PT1H"}`, `{"skip": "wait"}`,
        `{"fail": "131026"}`, `{"agent": "claims"}`, …
        """
        live = self._of(request)
        return shown(live, await live.act(request.body))

    async def undo_steps(self, request: Request[UndoInput | None]) -> Simulation:
        """Take back the last steps of a simulation."""
        live = self._of(request)
        return shown(live, await live.undo(request.body.steps if request.body else 1))

    async def delete_simulation(self, request: Request) -> None:
        """Close a simulation."""
        self._shelf.remove(request.tenant, request.id("simulation"), request.now)

    async def follow_simulation(self, request: Request) -> Response:
        """Follow a simulation live, over a WebSocket.

        The first frame is the whole simulation, each further one what somebody's step brought. A step that is sent as JSON
        happens, `{"undo": 1}` takes steps back; a refusal comes as an error, in the shape of all errors.
        """
        return await SimulationSocket(self._of(request), request, self._services.clock).serve()

    async def list_personas(self, request: Request) -> Items[PersonaShown]:
        """List ready-made contacts to try a flow with."""
        return Items[PersonaShown](
            data=tuple(
                PersonaShown(
                    key=each.key, label=each.label, why=each.why, contact=each.contact.model_dump(mode="json", exclude_unset=True)
                )
                for each in PERSONAS
            )
        )

    async def close(self) -> None:
        """End all of them."""
        self._shelf.close()

    @property
    def routes(self) -> tuple[Route, ...]:
        """The routes of this file."""
        scope, one = "flows:read", "/simulations/{simulation:sim}"
        return (
            Route(
                "POST", "/simulations", self.create_simulation, TAGS, 201, scope=scope, body_limit=DOCUMENT_LIMIT,
                idempotency="off", errors=(NotFound, UnknownChannelKind, UnknownHours, UnknownPersona, FlowInvalid, Refused),
            ),
            Route("GET", one, self.get_simulation, TAGS, scope=scope),
            Route("DELETE", one, self.delete_simulation, TAGS, scope=scope),
            Route("POST", one + "/events", self.play_step, TAGS, scope=scope, errors=(Refused,)),
            Route("POST", one + "/undo", self.undo_steps, TAGS, scope=scope, errors=(Refused,)),
            Route("GET", one + "/live", self.follow_simulation, TAGS, scope=scope, timeout=SimulationSocket.LONGEST + 60),
            Route("GET", "/personas", self.list_personas, TAGS, scope=scope),
        )  # fmt: skip

    def _of(self, request: Request | Request[Act] | Request[UndoInput | None]) -> LiveSimulation:
        return self._shelf.get(request.tenant, request.id("simulation"), request.now)

    def _tried(self, session: Session, tenant: int, body: CreateSimulation) -> Tried:
        document: object = body.document
        version = 0
        if body.flow_id is not None:
            row = get_flow(session, tenant, body.flow_id)
            if body.version is not None:
                found = get_version(session, tenant, body.flow_id, body.version)
                document, version = found.document, found.number
            elif document is None:
                document = row.draft
        around = around_of(self._services)
        scope = load_scope(session, tenant, around.capabilities, around.node_types, document, body.flow_id or 0)
        return Tried(document, scope, version)


def _simulation(
    body: CreateSimulation, checked: Checked, world: World, services: Services, contact: Person, now: datetime
) -> Played:
    assert checked.document is not None
    assert checked.program is not None
    capabilities = services.channel_types[body.channel].capabilities
    flow = body.flow_id or max(world.live, default=0) + 1
    around = world_around(
        opened(replace(world, timezone=body.timezone or world.timezone), body.hours),
        replace(checked.program, flow=flow),
        channel=body.channel,
        capabilities=capabilities,
        templates=tuple(TemplateInfo(each.name, each.language, each.status, each.body) for each in body.templates),
    )
    return Played(
        checked.document,
        services.node_types,
        channel=body.channel,
        capabilities=capabilities,
        at=body.at or now.replace(microsecond=0),
        contact=contact,
        world=closed(around) if body.agents == "closed" else around,
        flow=flow,
    )


def _known(body: CreateSimulation, scope: Scope) -> None:
    """Raises UnknownHours."""
    known = sorted(scope.hours or ())
    if unknown := sorted(body.hours.keys() - set(known)):
        raise UnknownHours(f"There are no hours “{unknown[0]}”. There are {', '.join(known)}.")


def _contact(body: CreateSimulation) -> Person:
    """The persona with what is given of the contact. Raises UnknownPersona."""
    base = Person()
    if body.persona is not None:
        found = persona(body.persona)
        if found is None:
            raise UnknownPersona(f"There is no persona {body.persona}. There are {', '.join(each.key for each in PERSONAS)}.")
        base = found.contact
    given = body.contact.model_dump(exclude_unset=True) if body.contact is not None else {}
    try:
        return Person.model_validate({**base.model_dump(), **given})
    except ValidationError as error:
        raise explain(error, given) from error
