"""Plays an explored path on the whole runtime, and says what is different there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.flow_file import capabilities
from nodes import node_types
from schemas.content import Content, Location, Media
from schemas.flow import FlowDocument
from simulator.explore.fact import PHONE, fields_of, globals_of, hours_of, splits_of, tags_of, variables_of
from simulator.explore.input import (
    Agent,
    Answers,
    Appears,
    Move,
    Named,
    Presence,
    Presses,
    Says,
    Sends,
    Shares,
    Silence,
    Starts,
    Tagged,
)
from simulator.explore.path import Performed
from simulator.explore.stage import FILE, GREETING, NAME, NUMBER, START
from simulator.scenario import Person
from simulator.simulation import Simulation
from simulator.world import NO_FLOWS

Said = tuple[int, str, Content, str, str, str]


async def differences(document: FlowDocument, performed: Performed, beside: Mapping[str, FlowDocument] = NO_FLOWS) -> list[str]:
    """What the runtime does otherwise than the explorer: messages, ports with their reasons, variables, the contact."""
    simulation = await _simulated(document, performed, beside)
    mine: list[Said] = [
        (line.id, line.voice, line.content, line.status, line.node, line.code)
        for played in performed.played
        for line in played.happened.lines
    ]
    theirs: list[Said] = [
        (said.id, said.voice, said.content, said.status, said.node, said.code) for said in simulation.transcript()
    ]
    path = [(each.node, each.port, each.reason) for played in performed.played for each in played.happened.visited]
    pairs: list[tuple[str, Any, Any]] = [("said", sorted(mine, key=lambda each: each[0]), theirs)]
    pairs.append(("path", path, simulation.path()))
    contact, place = simulation.contact(), performed.end
    pairs.append(("contact", place.contact if place.contact.version else None, contact))
    pairs.append(("conversation", place.conversation(), simulation.conversation()))
    live = tuple(run for run in simulation.runs() if run.live)
    pairs.append(("runs", place.person.runs, live))
    if live:
        pairs.append(("due", place.next_due(), min((at for at in simulation.store.state.due.values()), default=None)))
    return [f"{what}:\n  explored {left}\n  runtime  {right}" for what, left, right in pairs if left != right]


async def _simulated(document: FlowDocument, performed: Performed, beside: Mapping[str, FlowDocument]) -> Simulation:
    facts, kind = performed.facts, performed.stage.channel
    appears = isinstance(performed.played[0].move.main, Appears)
    person = Person(
        name=facts.get("contact.name") or (NAME if appears else None),
        phone=NUMBER if facts.get(PHONE, True) else "",
        language=facts.get("contact.language"),
        timezone=facts.get("contact.timezone"),
        tags=tags_of(facts),
        fields=fields_of(facts),
    )
    simulation = Simulation(
        document,
        node_types(),
        channel=kind,
        capabilities=capabilities()[kind],
        at=START,
        contact=person,
        hours=hours_of(facts),
        globals=globals_of(facts),
        splits=splits_of(facts),
        beside=beside,
    )
    await simulation.prepare()
    for number, played in enumerate(performed.played):
        await _move(simulation, played.move, variables_of(facts) if number == 0 else {})
    return simulation


async def _move(simulation: Simulation, move: Move, given: dict[str, Any]) -> None:
    if move.at is not None:
        await simulation.advance_to(move.at)
    if move.greeted:
        await simulation.say(GREETING)
    if move.presence is not None:
        await simulation.agents(move.presence)
    if move.refuse is not None:
        simulation.provider.refusals.extend([""] * move.refuse.after + [move.refuse.code])
    match move.main:
        case Says(text=text):
            await simulation.say(text)
        case Presses(id=id):
            await simulation.press(id)
        case Sends(media=media):
            await simulation.receive(Media(media, url=FILE, mime="application/octet-stream"))
        case Shares(latitude=latitude, longitude=longitude):
            await simulation.receive(Location(latitude, longitude))
        case Starts(node=node, variables=variables):
            await simulation.start({**variables, **given}, node)
        case Tagged(tag=tag):
            await simulation.tag(tag)
        case Appears():
            pass
        case Named(name=name, data=data):
            await simulation.event(name, data)
        case Answers(node=node, answer=answer):
            await simulation.answer(answer, node)
        case Silence():
            await simulation.skip_wait()
        case Agent(action=action):
            await simulation.agent(action)
        case Presence(presence=presence):
            await simulation.agents(presence)
