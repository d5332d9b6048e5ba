"""Plays a scenario, and says where the flow answered something else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from engine.core.program import NodeTypes
from engine.core.value import Run
from engine.core.world import TemplateInfo
from schemas.capability import Capabilities
from schemas.flow import FlowDocument
from simulator.act import act
from simulator.chat import Line, difference, said_lines
from simulator.expected import said_words, shown, unlike_message, wrong_events, wrong_messages, wrong_notices
from simulator.outside import differs
from simulator.scenario import Act, Expected, Scenario, Step
from simulator.simulation import CannotHappen, Simulation, TooMuch
from simulator.transcript import Emitted, Notified, Said
from simulator.world import Stage, closed, stage

Kind = TypeVar("Kind", Emitted, Notified)
MOST_CALLS = 100
"""Calls that are answered after one step: more is a flow that does nothing but call."""


@dataclass(frozen=True, slots=True)
class Played:
    """What came of a scenario. `failures` are plain sentences with the step's number; none: it passed."""

    scenario: Scenario
    failures: tuple[str, ...]
    transcript: tuple[Said, ...]
    passed_ports: frozenset[tuple[str, str]]
    """(node, port) of everything that was passed."""
    chat: tuple[Line, ...] = ()
    """The conversation; where it failed, with what was expected beside what came."""
    step: int = 0
    """The number of the step that failed; 0 where none did."""

    @property
    def passed(self) -> bool:
        """True if everything was as expected."""
        return not self.failures


async def play(
    document: FlowDocument,
    node_types: NodeTypes,
    capabilities: dict[str, Capabilities],
    scenario: Scenario,
    *,
    ready: Stage | None = None,
) -> Played:
    """Play one scenario; `ready` is the flow made ready before. A step that fails ends it: what follows would only fail of it."""
    simulation = simulation_of(document, node_types, capabilities, scenario, ready=ready)
    await simulation.prepare(scenario.agents)
    player = _Player(simulation, scenario.calls)
    failures: list[str] = []
    number = 0
    for number, step in enumerate(scenario.steps, 1):
        failure = await player.step(step, scenario.steps[number:])
        if failure is None and (trouble := simulation.trouble()):
            failure = f"the engine could not decide an event: {trouble[0]}"
        if failure is not None:
            failures = [f"step {number} ({step.word}): {failure}", *player.refused]
            break
        if player.refusal:
            player.refused.append(f"step {number} ({step.word}) was refused: {player.refusal}")
    else:
        if failure := player.nothing_left():
            failures = [f"at the end: {failure}", *player.refused]
    passed = frozenset((node, port) for node, port, _ in simulation.path() if port)
    return Played(
        scenario, tuple(failures), tuple(simulation.transcript()), passed, tuple(player.chat()), number if failures else 0
    )


def simulation_of(
    document: FlowDocument,
    node_types: NodeTypes,
    capabilities: dict[str, Capabilities],
    scenario: Scenario,
    *,
    ready: Stage | None = None,
) -> Simulation:
    """The simulation in which a scenario plays, before its first step; call `prepare(scenario.agents)`."""
    world = (ready or stage(document, node_types)).world(
        channel=scenario.channel,
        capabilities=capabilities[scenario.channel],
        templates=[TemplateInfo(each.name, each.language, each.status, each.body) for each in scenario.templates],
        timezone=scenario.timezone,
        hours=scenario.named_hours,
        globals=scenario.globals,
        splits=scenario.splits,
    )
    return Simulation(
        document,
        node_types,
        channel=scenario.channel,
        capabilities=capabilities[scenario.channel],
        at=scenario.at,
        contact=scenario.contact,
        world=closed(world) if scenario.agents == "closed" else world,
    )


async def answer_calls(simulation: Simulation, given: Mapping[str, Any]) -> None:
    """Answer the open calls, as it is `given` for their nodes, or as each node's first example does. Raises CannotHappen."""
    for _ in range(MOST_CALLS):
        calls = simulation.open_calls()
        if not calls:
            return
        node = calls[0].call.node
        answer = given.get(node, "example")
        await simulation.answer("" if answer == "example" else answer, node)
    raise TooMuch(f"{MOST_CALLS} calls were made without anything else happening")


class _Player:
    def __init__(self, simulation: Simulation, calls: Mapping[str, Any] | None = None) -> None:
        self._simulation = simulation
        self._calls = calls or {}
        self._later = False
        self._seen: set[int] = set()
        self._told: set[int] = set()
        self._different: list[Line] = []
        self._compared: list[Said] = []
        self.refusal = ""
        """Why the engine refused the last step. That is no failure, but may be why a later step fails."""
        self.refused: list[str] = []

    def unexpected(self) -> list[Said]:
        """What was said to the contact since the last `expect`, by the bot."""
        return [
            said
            for said in self._simulation.transcript()
            if said.voice not in ("contact", "human") and said.id not in self._seen and said.status != "failed"
        ]

    def chat(self) -> list[Line]:
        """What was said, with the difference in its place."""
        said = self._simulation.transcript()
        if not self._different:
            return said_lines(said)
        compared = {each.id for each in self._compared}
        first = min(compared, default=0)
        before = [each for each in said if each.id not in compared and (not first or each.id < first)]
        after = [each for each in said if each.id not in compared and first and each.id > first]
        return [*said_lines(before), *self._different, *said_lines(after)]

    async def step(self, step: Step, following: Sequence[Step] = ()) -> str | None:
        """Do one step; why it failed, or None. Calls that come of it are answered, unless what happens next is their answer."""
        self.refusal = ""
        if step.word not in Act.model_fields:
            return self._look(step)
        try:
            refused = await act(self._simulation, step)
            if step.word == "answer":
                self._later = step.answer == "later"
            happens = next((each.word for each in following if each.word in Act.model_fields), "")
            if not self._later and happens != "answer":
                await answer_calls(self._simulation, self._calls)
        except CannotHappen as impossible:
            return str(impossible)
        self.refusal = f"{refused.message} {refused.hint}".strip() if refused is not None else ""
        return None

    def nothing_left(self) -> str | None:
        """At the end everything that the bot said must have been expected."""
        left = self.unexpected()
        if not left:
            return None
        self._compare([], left)
        return f"messages that no step expects: {shown(left, said_words)}"

    def _look(self, step: Step) -> str | None:
        simulation = self._simulation
        run, conversation = simulation.run(), simulation.conversation()
        match step.word:
            case "expect":
                return self._expect(step.expect or ())
            case "asked":
                return self._asked(step.asked or {})
            case "emitted":
                return wrong_events(step.emitted or (), self._told_now(Emitted))
            case "notified":
                return wrong_notices(step.notified or (), self._told_now(Notified))
            case "variables":
                variables = dict(run.frames[-1].variables) if run is not None else {}
                return _wrong(step.variables or {}, variables)
            case "contact":
                return _wrong(step.contact or {}, _facts(simulation))
            case "at_node" if all(step.at_node not in each.nodes for each in simulation.world.programs.values()):
                return f"the flow has no node {step.at_node!r}; it has {', '.join(simulation.program.nodes)}"
            case "at_node":
                node = run.frames[-1].node if run is not None and run.live else None
                return None if node == step.at_node else f"the run stands at {node!r}"
            case "owner":
                owner = conversation.owner if conversation is not None else "NONE"
                return None if owner == step.owner else f"the owner is {owner}"
            case "closed":
                is_closed = conversation is not None and conversation.status == "resolved"
                return None if is_closed == step.closed else f"the conversation is {'closed' if is_closed else 'open'}"
            case "outcome":
                return _other_outcome(step.outcome or "", run)
            case _:
                status = run.status if run is not None else "never started"
                because = f" ({run.reason})" if run is not None and run.reason else ""
                return None if status == step.ended else f"the run is {status}{because}"

    def _asked(self, wanted: Mapping[str, Any]) -> str | None:
        """Whether the last call (of a node) asked for this."""
        node = wanted.get("node", "")
        made = [row.call for _, row in sorted(self._simulation.store.state.calls.items()) if row.call.run]
        made = [call for call in made if not node or call.node == node]
        if not made:
            return f"{node or 'the flow'} has made no call"
        return differs({key: value for key, value in wanted.items() if key != "node"}, made[-1].data)

    def _told_now(self, kind: type[Kind]) -> list[Kind]:
        """What webhooks, or teams and people, were told since this was asked before."""
        fresh = [each for each in self._simulation.told() if isinstance(each, kind) and each.id not in self._told]
        self._told.update(each.id for each in fresh)
        return fresh

    def _expect(self, expected: tuple[str | Expected, ...]) -> str | None:
        got = self.unexpected()
        self._seen.update(said.id for said in got)
        wanted = [Expected(text=each) if isinstance(each, str) else each for each in expected]
        failure = wrong_messages(wanted, got)
        if failure is not None:
            self._compare(wanted, got)
        return failure

    def _compare(self, wanted: list[Expected], got: list[Said]) -> None:
        alike = [unlike_message(want, said) is None for want, said in zip(wanted, got, strict=False)]
        self._different, self._compared = difference(wanted, got, alike), got


def _other_outcome(wanted: str, run: Run | None) -> str | None:
    if run is None or run.status != "completed":
        return f"there is no outcome: the run is {run.status if run is not None else 'never started'}"
    return None if run.reason == wanted else f"the outcome is {run.reason!r}"


def _facts(simulation: Simulation) -> dict[str, Any]:
    contact = simulation.contact()
    if contact is None:
        return {}
    plain = {"name": contact.name, "language": contact.language, "timezone": contact.timezone, "tags": list(contact.tags)}
    return {**contact.fields, **plain, "opted_out": contact.opted_out}


def _wrong(wanted: dict[str, Any], have: dict[str, Any]) -> str | None:
    wrong = [f"{key} is {have.get(key)!r}, not {value!r}" for key, value in wanted.items() if have.get(key) != value]
    return "; ".join(wrong) or None

