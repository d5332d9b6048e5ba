"""Plays a scenario, and says where the flow answered something else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.core.program import NodeTypes
from engine.core.world import TemplateInfo
from schemas.capability import Capabilities
from schemas.content import TemplateMessage, text_of
from schemas.flow import FlowDocument
from simulator.act import act
from simulator.scenario import Act, Expected, Scenario, Step
from simulator.simulation import CannotHappen, Simulation
from simulator.transcript import Said, choices


@dataclass(frozen=True, slots=True)
class Played:
    """What came of a scenario. `failures` are plain sentences with the step's number; none: it passed."""

    scenario: Scenario
    failures: tuple[str, ...]
    transcript: tuple[Said, ...]
    passed_ports: frozenset[tuple[str, str]]
    """(node, port) of everything that was passed."""

    @property
    def passed(self) -> bool:
        """True if everything was as expected."""
        return not self.failures


async def play(
    document: FlowDocument, node_types: NodeTypes, capabilities: dict[str, Capabilities], scenario: Scenario
) -> Played:
    """Play one scenario. A step that fails ends it: what follows would only fail because of it."""
    simulation = Simulation(
        document,
        node_types,
        channel=scenario.channel,
        capabilities=capabilities[scenario.channel],
        at=scenario.at,
        contact=scenario.contact,
        templates=tuple(
            TemplateInfo(each.name, each.language, each.status, each.body) for each in scenario.templates
        ),
        timezone=scenario.timezone,
        hours=scenario.hours,
    )
    await simulation.prepare(scenario.agents)
    player = _Player(simulation)
    failures: list[str] = []
    for number, step in enumerate(scenario.steps, 1):
        try:
            failure = await player.step(step)
        except CannotHappen as impossible:
            failure = str(impossible)
        if failure is None and (trouble := simulation.trouble()):
            failure = f"the engine could not decide an event: {trouble[0]}"
        if failure is not None:
            failures.append(f"step {number} ({step.word}): {failure}")
            break
    if not failures and (left := player.unexpected()):
        failures.append(f"at the end: messages that no step expects: {_shown(left)}")
    passed = frozenset((node, port) for node, port, _ in simulation.path() if port)
    return Played(scenario, tuple(failures), tuple(simulation.transcript()), passed)


class _Player:
    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._seen: set[int] = set()

    def unexpected(self) -> list[Said]:
        """What was said to the contact since the last `expect`, by the bot."""
        return [
            said
            for said in self._simulation.transcript()
            if said.voice not in ("contact", "human") and said.id not in self._seen and said.status != "failed"
        ]

    async def step(self, step: Step) -> str | None:
        """Do one step; why it failed, or None."""
        if step.word not in Act.model_fields:
            return self._look(step)
        await act(self._simulation, step)
        return None

    def _look(self, step: Step) -> str | None:
        simulation = self._simulation
        run, conversation = simulation.run(), simulation.conversation()
        match step.word:
            case "expect":
                return self._expect(step.expect or ())
            case "variables":
                variables = dict(run.frames[-1].variables) if run is not None else {}
                return _difference(step.variables or {}, variables)
            case "contact":
                return _difference(step.contact or {}, _facts(simulation))
            case "at_node":
                node = run.frames[-1].node if run is not None and run.live else None
                return None if node == step.at_node else f"the run stands at {node!r}"
            case "owner":
                owner = conversation.owner if conversation is not None else "NONE"
                return None if owner == step.owner else f"the owner is {owner}"
            case _:
                status = run.status if run is not None else "never started"
                because = f" ({run.reason})" if run is not None and run.reason else ""
                return None if status == step.ended else f"the run is {status}{because}"

    def _expect(self, expected: tuple[str | Expected, ...]) -> str | None:
        got = self.unexpected()
        self._seen.update(said.id for said in got)
        wanted = [Expected(text=each) if isinstance(each, str) else each for each in expected]
        for number, (want, said) in enumerate(zip(wanted, got, strict=False), 1):
            if failure := _unlike(want, said):
                return f"message {number}: {failure}"
        if len(got) < len(wanted):
            return f"{len(wanted)} messages were expected, {len(got)} came: {_shown(got)}"
        if len(got) > len(wanted):
            return f"messages that were not expected: {_shown(got[len(wanted) :])}"
        return None


def _unlike(want: Expected, said: Said) -> str | None:
    text = text_of(said.content)
    if want.text is not None and text != want.text:
        return f"expected {want.text!r}, got {text!r}"
    if want.contains is not None and want.contains not in text:
        return f"expected something with {want.contains!r}, got {text!r}"
    if want.kind is not None and said.content.kind != want.kind:
        return f"expected kind {want.kind}, got {said.content.kind}"
    if want.buttons is not None and (titles := tuple(title for _, title in choices(said.content))) != want.buttons:
        return f"expected the choices {', '.join(want.buttons)}, got {', '.join(titles) or 'none'}"
    if want.template is not None and (not isinstance(said.content, TemplateMessage) or said.content.name != want.template):
        return f"expected the template {want.template}, got {said.content.kind}"
    if want.voice is not None and said.voice != want.voice:
        return f"expected the voice {want.voice}, got {said.voice}"
    return None


def _facts(simulation: Simulation) -> dict[str, Any]:
    contact = simulation.contact()
    if contact is None:
        return {}
    plain = {"name": contact.name, "language": contact.language, "timezone": contact.timezone, "tags": list(contact.tags)}
    return {**contact.fields, **plain, "opted_out": contact.opted_out}


def _difference(wanted: dict[str, Any], have: dict[str, Any]) -> str | None:
    wrong = [f"{key} is {have.get(key)!r}, not {value!r}" for key, value in wanted.items() if have.get(key) != value]
    return "; ".join(wrong) or None


def _shown(several: list[Said]) -> str:
    return "; ".join(repr(text_of(said.content) or said.content.kind) for said in several) or "none"
