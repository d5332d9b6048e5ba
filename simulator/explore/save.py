"""Writes explored paths as scenarios: what happens, and what the whole runtime answered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from engine.core.program import NodeTypes
from engine.core.world import BUSINESS
from schemas.capability import Capabilities
from schemas.content import TemplateMessage, Text, text_of
from schemas.duration import format_duration
from schemas.flow import FlowDocument
from schemas.hours import Hours
from simulator.act import act
from simulator.explore.conversation import conversation
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
from simulator.explore.place import Facts
from simulator.explore.stage import GREETING, NAME
from simulator.outside import waits
from simulator.play import simulation_of
from simulator.scenario import Act, Expected, Person, Refusal, Scenario, Start, Step, ToldEvent, ToldNotice, Where
from simulator.scenario import Named as NamedEvent
from simulator.simulation import Simulation
from simulator.transcript import Emitted, Notified, Said, Told, choices
from simulator.world import NO_FLOWS, stage

MAX_NAME = 120
"""Characters of a scenario's name: one line of a report."""
Channel = Literal["whatsapp", "webchat"]


def acts(performed: Performed) -> Iterator[list[Act]]:
    """What happens on a path, move by move, in the words of scenarios."""
    for number, played in enumerate(performed.played):
        before = performed.before[number]
        passed = played.place.now - before
        given = variables_of(performed.facts) if number == 0 else {}
        runs = performed.played[number - 1].place.person.runs if number else ()
        open_yet = any(map(waits, runs)) and not isinstance(played.move.main, Answers)
        later = [Act(answer="later")] if open_yet else []
        yield later + list(_acts(played.move, format_duration(passed), given))


def _acts(move: Move, passed: str, given: Mapping[str, Any]) -> Iterator[Act]:
    if move.at is not None:
        yield Act(until=move.at)
    if move.greeted:
        yield Act(say=GREETING)
    if move.presence is not None:
        yield Act(agent=move.presence)
    if move.refuse is not None:
        code, after = move.refuse.code, move.refuse.after
        yield Act(fail=Refusal(code=code, after=after) if after else code)
    match move.main:
        case Says(text=text):
            yield Act(say=text)
        case Presses(title=title):
            yield Act(press=title)
        case Sends(media=media):
            yield Act(media=media)
        case Shares(latitude=latitude, longitude=longitude):
            yield Act(location=Where(latitude=latitude, longitude=longitude))
        case Starts(node=node, variables=variables):
            yield Act(start=Start(node=node, variables={**variables, **given}))
        case Tagged(tag=tag):
            yield Act(tag=tag)
        case Named(name=name, data=data):
            yield Act(event=NamedEvent(name=name, data=dict(data)))
        case Answers(node=node, answer=answer):
            yield Act(answer={"node": node, **answer})
        case Silence():
            yield Act(wait=passed)
        case Agent(action=action):
            yield Act(agent=action)
        case Presence(presence=presence):
            yield Act(agent=presence)
        case Appears():
            pass


async def scenario(
    document: FlowDocument,
    node_types: NodeTypes,
    capabilities: dict[str, Capabilities],
    performed: Performed,
    name: str,
    *,
    beside: Mapping[str, FlowDocument] = NO_FLOWS,
) -> Scenario:
    """The path as a scenario that passes now: each move, then what the bot said, and in the end how it stands."""
    channel: Channel = "webchat" if performed.stage.channel == "webchat" else "whatsapp"
    base = Scenario(
        name=name,
        channel=channel,
        contact=_person(performed.facts, isinstance(performed.played[0].move.main, Appears)),
        hours=_plainly(hours_of(performed.facts)),
        globals=globals_of(performed.facts),
        splits=splits_of(performed.facts),
        steps=(Step(say="-"),),
    )
    simulation = simulation_of(document, node_types, capabilities, base, ready=stage(document, node_types, beside))
    await simulation.prepare(base.agents)
    steps: list[Step] = []
    seen: set[int] = set()
    told = 0
    for several in acts(performed):
        for each in several:
            await act(simulation, each)
            steps.append(Step.model_validate(each.model_dump(exclude_unset=True)))
        said = [each for each in simulation.transcript() if each.id not in seen]
        seen.update(each.id for each in said)
        expected = [each for each in said if each.voice not in ("contact", "human") and each.status != "failed"]
        if expected:
            steps.append(Step(expect=tuple(_expected(each) for each in expected)))
        everything = simulation.told()
        steps += _told(everything[told:])
        told = len(everything)
    steps += _stands(simulation)
    changes: dict[str, Any] = {"steps": tuple(steps)}
    given = (
        ("hours", base.hours),
        ("contact", _unless_plain(base.contact)),
        ("splits", base.splits or None),
        ("globals", base.globals or None),
    )
    unset = {name for name, value in given if value is None}
    names = ("name", "channel", "contact", "hours", "globals", "splits")
    kept = {name: getattr(base, name) for name in names if name not in unset}
    return Scenario(**kept | changes)


def _plainly(hours: dict[str, Hours]) -> Hours | dict[str, Hours] | None:
    """As a scenario says it: those of the business without their name."""
    return hours.get(BUSINESS) if hours.keys() <= {BUSINESS} else hours


def _unless_plain(person: Person) -> Person | None:
    return person if person.model_fields_set else None


def _person(facts: Facts, appears: bool) -> Person:
    """Who writes: only what a path takes for granted of them."""
    known: dict[str, Any] = {
        "name": facts.get("contact.name") or (NAME if appears else None),
        "language": facts.get("contact.language"),
        "timezone": facts.get("contact.timezone"),
        "tags": tags_of(facts),
        "fields": fields_of(facts),
    }
    if not facts.get(PHONE, True):
        known["phone"] = ""
    return Person(**{name: value for name, value in known.items() if value or name == "phone"})


def _expected(said: Said) -> str | Expected:
    """A message in full, as an author would expect it."""
    text, titles = text_of(said.content), tuple(title for _, title in choices(said.content))
    if isinstance(said.content, TemplateMessage):
        return Expected(template=said.content.name)
    if titles:
        return Expected(text=text, buttons=titles)
    if isinstance(said.content, Text):
        return text
    return Expected(kind=said.content.kind, text=text) if text else Expected(kind=said.content.kind)


def _told(fresh: Sequence[Told]) -> Iterator[Step]:
    """What others were told, in the words of scenarios."""
    events = [each for each in fresh if isinstance(each, Emitted)]
    if events:
        yield Step(emitted=tuple(ToldEvent(event=each.event, data=dict(each.data)) for each in events))
    notices = [each for each in fresh if isinstance(each, Notified)]
    if notices:
        yield Step(notified=tuple(_notice(each) for each in notices))


def _notice(notice: Notified) -> ToldNotice:
    if notice.address:
        return ToldNotice(text=notice.text, address=notice.address)
    return ToldNotice(text=notice.text, team=notice.team)


def _stands(simulation: Simulation) -> list[Step]:
    """How it stands in the end: the run's status or node, its variables, who owns the conversation."""
    run, owned = simulation.run(), simulation.conversation()
    steps: list[Step] = []
    if run is not None:
        variables = {name: value for name, value in run.frames[-1].variables.items() if not name.startswith("$")}
        steps += [Step(variables=variables)] if variables else []
        steps.append(Step(at_node=run.frames[-1].node) if run.live else Step.model_validate({"ended": run.status}))
    return [*steps, Step(owner=owned.owner)] if owned is not None else steps


def names(several: Iterable[Performed]) -> list[str]:
    """A name for each path, none twice."""
    found: list[str] = []
    for performed in several:
        title = conversation(performed).title
        title = title[:1].upper() + title[1:]
        name = title if len(title) <= MAX_NAME else title[: MAX_NAME - 1] + "…"
        same = sum(each.split(" #")[0] == name for each in found)
        found.append(f"{name} #{same + 1}" if same else name)
    return found
