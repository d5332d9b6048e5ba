"""What /simulations takes and answers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from api.http.model import IdOf, Input, Instant, Output
from api.route.content_model import shown_content
from api.route.flow_model import Finding, FlowId, finding
from api.route.free_json import JsonObject
from engine.core.value import Contact, Run
from schemas.content import dump_content
from schemas.hours import HoursKey, ZoneName
from simulator.frame import Frame
from simulator.live import MOST_UNDOS, LiveSimulation
from simulator.outside import answer_words, call_words
from simulator.scenario import Agents, Person, ScenarioTemplate, Start, Time
from simulator.simulation import Simulation as Played
from simulator.transcript import Emitted, Notified
from simulator.world import Open

SimulationId = Annotated[int, IdOf("sim")]
OWN = "$"
"""Variables that begin so are the engine's own."""
EXAMPLE = {"schema": 1, "name": "Hello", "nodes": [], "edges": []}


class CreateSimulation(Input):
    """What is tried, with whom, and when it begins. A flow's draft, unless a version or a document is given."""

    flow_id: FlowId | None = None
    version: Annotated[int, Field(ge=1, le=1_000_000, description="A published version's number.")] | None = None
    document: Annotated[JsonObject, Field(description="A flow that need not be saved.", examples=[EXAMPLE])] | None = None
    channel: Annotated[str, Field(max_length=40, description="A kind of channel.", examples=["whatsapp"])] = "webchat"
    persona: Annotated[str, Field(max_length=40, description="A ready-made contact's key.", examples=["known"])] | None = None
    contact: Annotated[
        Person, Field(strict=False, description="Who writes; what is given here replaces the persona's.")
    ] | None = None
    at: Annotated[Time, Field(description="When it begins; without it, now.")] | None = None
    timezone: Annotated[ZoneName, Field(description="Without it, the workspace's.")] | None = None
    agents: Annotated[Agents, Field(description="busy: they take nothing new; closed: outside their teams' hours.")] = "online"
    hours: dict[HoursKey, Open] = Field(
        default_factory=dict, max_length=100, description="Hours that are open or closed, whatever the clock says."
    )
    templates: Annotated[
        tuple[ScenarioTemplate, ...], Field(max_length=100, strict=False, description="Beside the workspace's.")
    ] = ()
    start: Annotated[
        Start, Field(strict=False, description="Begin at this node, whatever it is, with these variables.")
    ] | None = None

    @model_validator(mode="after")
    def _something(self) -> CreateSimulation:
        if self.flow_id is None and self.document is None:
            raise ValueError("Give flow_id, or a document.")
        if self.version is not None and (self.flow_id is None or self.document is not None):
            raise ValueError("A version is one of a flow: give flow_id with it, and no document.")
        return self


class UndoInput(Input):
    """How many steps are taken back."""

    steps: Annotated[int, Field(ge=1, le=MOST_UNDOS)] = 1


class SimulatedMessage(Output):
    """One message. `voice` is contact, bot, notice, system or human; one that comes again has another status now."""

    id: str
    voice: str
    content: dict[str, Any]
    at: Instant
    status: str
    node: str | None
    code: Annotated[str | None, Field(description="Why the provider refused it.")]


class SimulatedCall(Output):
    """A call that the flow had made: nothing is really called. One that comes again was answered."""

    id: str
    node: str
    label: str
    kind: str
    at: Instant
    asked: Annotated[str, Field(description="What was called, in a line.")]
    data: Annotated[dict[str, Any], Field(description="All that was asked; secrets stand in it by their names.")]
    answer: Annotated[str | None, Field(description="What came of it; null while it waits for an answer.")]
    examples: Annotated[tuple[str, ...], Field(description="While it waits: the names of its node's examples.")]


class SimulatedEvent(Output):
    """An event that the flow emitted: in a simulation no webhook is told of it."""

    id: str
    node: str
    label: str
    at: Instant
    event: str
    data: dict[str, Any]


class SimulatedNotice(Output):
    """What a team, or a person at an address, would have been told."""

    id: str
    node: str
    label: str
    at: Instant
    text: str
    team: str | None
    address: str | None


class SimulatedVisit(Output):
    """A node that was visited: the port by which the run left (null while it waits there), and why."""

    at: Instant
    node: str
    label: str
    port: str | None
    reason: str
    flow: Annotated[str | None, Field(description="The name of the flow that the node is in, where it is not the one tried.")]


class SimulatedWait(Output):
    """What the run waits for. `until` is when it stops waiting; `event` the name of the event that it waits for."""

    kind: str
    since: Instant
    until: Instant | None
    event: str | None


class SimulatedRun(Output):
    """The run that is alive, else the last one."""

    status: str
    reason: str
    node: Annotated[str | None, Field(description="Where it stands in the flow that is tried.")]
    label: Annotated[str | None, Field(description="The name of the step at which it stands, in whichever flow.")]
    flow: Annotated[str | None, Field(description="The name of the flow in which it stands, where it is not the one tried.")]
    variables: dict[str, Any]
    wait: SimulatedWait | None


class SimulatedContact(Output):
    """The contact as it stands."""

    name: str | None
    phone: str | None
    language: str | None
    timezone: str | None
    tags: tuple[str, ...]
    fields: dict[str, Any]
    opted_out: bool


class SimulatedChoice(Output):
    """A button or row that can be tapped now."""

    id: str
    title: str


class SimulatedHours(Output):
    """Hours that the flow asks for: whether they are open now, and whether that was said (null: as the clock says)."""

    key: str
    open: bool
    said: Literal["open", "closed"] | None


class Simulation(Output):
    """How a simulation stands, and what the last step brought.

    `messages`, `calls`, `emitted`, `notified`, `path` and `trace` are what is new since the step before; where `whole` is true,
    all of it from the beginning.
    """

    id: SimulationId
    flow_id: FlowId | None
    version: int | None
    name: str
    channel: str
    step: Annotated[int, Field(description="How many things have happened.")]
    act: Annotated[dict[str, Any] | None, Field(description="What happened last.")]
    undos: Annotated[int, Field(description="How many steps can be taken back.")]
    whole: bool
    now: Annotated[Instant, Field(description="Where its clock stands.")]
    next_due: Annotated[Instant | None, Field(description="When time will bring something next.")]
    messages: tuple[SimulatedMessage, ...]
    calls: tuple[SimulatedCall, ...]
    emitted: tuple[SimulatedEvent, ...]
    notified: tuple[SimulatedNotice, ...]
    choices: tuple[SimulatedChoice, ...]
    path: tuple[SimulatedVisit, ...]
    trace: tuple[str, ...]
    problems: tuple[Finding, ...]
    run: SimulatedRun | None
    contact: SimulatedContact | None
    hours: tuple[SimulatedHours, ...]
    owner: Literal["BOT", "QUEUE", "AGENT", "NONE"]


class PersonaShown(Output):
    """A ready-made contact."""

    key: str
    label: str
    why: str
    contact: dict[str, Any]


def shown(live: LiveSimulation, frame: Frame) -> Simulation:
    """A frame as the API shows it."""
    simulation = live.simulation
    labels = {node.id: node.label or node.id for node in simulation.document.nodes}
    return Simulation(
        id=live.id,
        flow_id=live.flow or None,
        version=live.version or None,
        name=simulation.document.name,
        channel=simulation.channel,
        step=frame.step,
        act=frame.act.model_dump(mode="json", exclude_unset=True) if frame.act is not None else None,
        undos=live.undos,
        whole=frame.whole,
        now=frame.now,
        next_due=frame.next_due,
        messages=tuple(
            SimulatedMessage(
                id=str(each.id),
                voice=each.voice,
                content=shown_content(dump_content(each.content)),
                at=each.at,
                status=each.status,
                node=each.node or None,
                code=each.code or None,
            )
            for each in frame.said
        ),
        calls=_calls(frame, labels),
        emitted=tuple(
            SimulatedEvent(
                id=str(each.id),
                node=each.node,
                label=labels.get(each.node, each.node),
                at=each.at,
                event=each.event,
                data=dict(each.data),
            )
            for each in frame.told
            if isinstance(each, Emitted)
        ),
        notified=tuple(
            SimulatedNotice(
                id=str(each.id),
                node=each.node,
                label=labels.get(each.node, each.node),
                at=each.at,
                text=each.text,
                team=each.team or None,
                address=each.address or None,
            )
            for each in frame.told
            if isinstance(each, Notified)
        ),
        choices=tuple(SimulatedChoice(id=id, title=title) for id, title in frame.choices),
        path=tuple(
            SimulatedVisit(
                at=each.at,
                node=each.node,
                label=_label(simulation, each.version, each.node),
                port=each.port or None,
                reason=each.reason,
                flow=_inner(simulation, each.version),
            )
            for each in frame.passed
        ),
        trace=frame.trace,
        problems=tuple(map(finding, frame.problems)),
        run=_run(frame.run, simulation) if frame.run is not None else None,
        contact=_contact(frame.contact) if frame.contact is not None else None,
        hours=tuple(
            SimulatedHours(key=key, open=simulation.world.opening(key, frame.now) == frame.now, said=live.hours.get(key))
            for key in simulation.hours
        ),
        owner=frame.conversation.owner if frame.conversation is not None else "NONE",
    )


def _calls(frame: Frame, labels: dict[str, str]) -> tuple[SimulatedCall, ...]:
    examples = {each.call.id: tuple(probe.note for probe in each.examples) for each in frame.open}
    return tuple(
        SimulatedCall(
            id=str(each.call.id),
            node=each.call.node,
            label=labels.get(each.call.node, each.call.node),
            kind=each.call.kind,
            at=each.at,
            asked=call_words(each.call),
            data=dict(each.call.data),
            answer=answer_words(each.answer) if each.answer is not None else None,
            examples=examples.get(each.call.id, ()),
        )
        for each in frame.called
    )


def _inner(simulation: Played, version: int) -> str | None:
    """The name of the flow of a version; None for the one that is tried."""
    program = simulation.world.programs.get(version)
    return program.name if program is not None and program.version != simulation.program.version else None


def _label(simulation: Played, version: int, node: str) -> str:
    program = simulation.world.programs.get(version, simulation.program)
    found = program.nodes.get(node)
    return found.label if found is not None else node


def _run(run: Run, simulation: Played) -> SimulatedRun:
    standing, wait = run.frames[-1] if run.frames else None, run.wait if run.live else None
    own = next((frame for frame in run.frames if frame.version == simulation.program.version), None)
    until: datetime | None = simulation.store.state.due.get(run.id, wait.due) if wait is not None else None
    return SimulatedRun(
        status=run.status,
        reason=run.reason,
        node=own.node if own is not None and run.live else None,
        label=_label(simulation, standing.version, standing.node) if standing is not None and run.live else None,
        flow=_inner(simulation, standing.version) if standing is not None and run.live else None,
        variables={key: value for key, value in (standing.variables if standing else {}).items() if not key.startswith(OWN)},
        wait=SimulatedWait(kind=wait.kind, since=wait.opened_at, until=until, event=wait.data.get("name")) if wait else None,
    )


def _contact(contact: Contact) -> SimulatedContact:
    return SimulatedContact(
        name=contact.name,
        phone=contact.identity("phone"),
        language=contact.language,
        timezone=contact.timezone,
        tags=contact.tags,
        fields=dict(contact.fields),
        opted_out=contact.opted_out,
    )
