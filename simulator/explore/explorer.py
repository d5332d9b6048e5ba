"""The walk: every input at every place that is not known yet, by breadth, until nothing new comes or the budget is used up.

Each place is forked at its wait: once for each input, and again for each fact that the way onward turned out to read, each
presence of the agents where one was asked, each message that the provider might refuse, each side of a condition on the clock.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from engine.core.decision import Step
from engine.core.program import NodeTypes, Program
from engine.core.world import World
from schemas.capability import Capabilities
from simulator.explore.clock import instants
from simulator.explore.fact import Candidates
from simulator.explore.house import Refuse
from simulator.explore.inner import Household
from simulator.explore.input import BY_CONTACT, Move, Presence, Presences, Silence, Starts
from simulator.explore.key import Key, Keys
from simulator.explore.live import Live
from simulator.explore.place import Happened, Place
from simulator.explore.propose import Proposals
from simulator.explore.stage import START, Played, Stage, presence_at
from simulator.explore.study import Part, Study

BUDGET = 20_000
"""Places that are tried before an exploration stops: some seconds, and far above what the largest sound flow needs."""
MAX_FORKS = 1_024
"""Variations of one input at one place: ten independent facts; the single flips come first."""
MAX_ROUNDS = 8
"""How often one way may come to the same wait: retries and hand-overs after invalid answers end before."""
LATE = timedelta(hours=25)
"""How long an agent or an event may take: past the 24-hour window."""
UNDELIVERED = "131026"
"""WhatsApp's code for a message that can't be delivered; any other fails alike."""
Alike = tuple[int, tuple[tuple[str, str], ...], int, bool, tuple[bool, ...]]
"""By what two moves from one place are the same: where they led, by which ports, what was said, after a greeting, and, where
facts vary, what each test on the way said of what the contact had said: a rule of both may hold for another value of the fact.
"""
PRESENCES: tuple[Presences, ...] = ("online", "busy", "offline", "closed")


@dataclass(slots=True)
class State:
    """A place that is different from all others, with the first way that led to it."""

    index: int
    stage: int
    way: int
    """The first way that led here."""
    depth: int
    node: str
    """Where it waits; "" where the conversation is over."""
    status: str
    place: Place | None
    """None once it was walked on from."""
    ways: list[int] = field(default_factory=list)
    bounded: bool = False
    """Not walked on from: the way goes round."""


@dataclass(frozen=True, slots=True)
class Way:
    """One move from one place to another; `source` is -1 at the beginning of a path."""

    index: int
    source: int
    target: int
    move: Move
    ports: tuple[tuple[str, str], ...]
    """Every (node, port) on the way; port "" where the run parked or ended."""
    said: int
    """Messages to the contact."""
    passed: timedelta
    """Time that passed before anything happened."""
    ended: str
    """How the run ended, or ""."""
    reason: str
    closed: tuple[str, ...]
    """Nodes whose free text the closed 24-hour window refused, with no port for it."""
    unset: tuple[tuple[str, str], ...]
    """(node, variable) that was read before anything set it."""
    unanswered: bool
    """The contact said something, and nothing came of it."""

    @property
    def by_contact(self) -> bool:
        """The contact did something."""
        return isinstance(self.move.main, BY_CONTACT)


@dataclass(slots=True)
class Explored:
    """All that a walk found. `tried` counts the places that were come to, also known ones."""

    study: Study
    live: Live
    stages: tuple[Stage, ...]
    house: Household
    states: list[State] = field(default_factory=list)
    ways: list[Way] = field(default_factory=list)
    nodes: set[str] = field(default_factory=set)
    ports: dict[tuple[str, str], int] = field(default_factory=dict)
    """Port -> the first way that passed it."""
    rules: dict[tuple[str, str, bool], int] = field(default_factory=dict)
    """(node, pointer, whether it held) -> the first way."""
    tried: int = 0
    budget: int = BUDGET
    exhausted: bool = False
    """The budget was used up: what is missing may only not have been found."""
    cut: set[str] = field(default_factory=set)
    """Nodes at which not every combination of facts was tried."""


class Explorer:
    """An exploration that is done bit by bit, so that a server can do other things meanwhile."""

    def __init__(
        self,
        program: Program,
        node_types: NodeTypes,
        worlds: Mapping[str, tuple[World, Capabilities]],
        *,
        budget: int = BUDGET,
    ) -> None:
        """`worlds` are the world and the capabilities by the kind of channel on which the flow is played."""
        house = Household(program, node_types, next(iter(worlds.values()))[0])
        examined, live = house.own.study, house.own.live
        studies = (examined, *house.others)
        first = {part.id: part.arms[0] for each in studies for part in each.parts.values() if part.arms}
        stages = tuple(
            Stage(replace(world, splits=first), program.flow, kind, capabilities)
            for kind, (world, capabilities) in worlds.items()
        )
        self.found = Explored(examined, live, stages, house, budget=budget)
        self._house = house
        self._candidates = Candidates(house, START)
        self._proposals = Proposals(house, self._candidates)
        self._keys = [Keys(house, stage.capabilities.window is not None, stage.world.timezone) for stage in stages]
        self._known: dict[tuple[int, Key], int] = {}
        self._open: deque[int] = deque()
        self._once: set[tuple[int, str, str]] = set()
        self._work = self._walk()
        self.done = False

    def work(self, places: int) -> bool:
        """Try up to so many places more; True when everything is done."""
        for _ in range(places):
            if next(self._work, None) is None:
                self.done = True
                break
        return self.done

    def finish(self) -> Explored:
        """Walk to the end or to the budget."""
        while not self.done:
            self.work(self.found.budget)
        return self.found

    # --- the walk --------------------------------------------------------------------------------------------------------
    def _walk(self) -> Iterator[int]:
        for number, stage in enumerate(self.found.stages):
            seen: set[Alike] = set()
            for move in self._proposals.first(stage):
                yield from self._variations(number, None, move, seen)
        while self._open:
            index = self._open.popleft()
            state = self.found.states[index]
            if state.place is None:
                continue
            seen = set()
            for what in self._proposals.at(state.place):
                yield from self._variations(state.stage, state, Move(what), seen)
            state.place = None

    def _variations(self, number: int, state: State | None, first: Move, seen: set[Alike]) -> Iterator[int]:
        """Play a move in all its variations; single changes come before combined ones.

        A move that led the same way to the same place as an earlier one has the same variations: they aren't played again.
        """
        moves = deque([first])
        planned = 1
        stage = self.found.stages[number]
        while moves:
            if self.found.tried >= self.found.budget:
                self.found.exhausted = True
                return
            move = moves.popleft()
            self.found.tried += 1
            place = state.place if state is not None else None
            played = stage.first(move) if place is None else stage.play(place, move)
            if move.refuse is not None and not played.happened.refused:
                continue  # otherwise it went another way, on which there is no such message
            facts = self._undecided(played, move)
            defaults = {fact: self._candidates.of(fact, played.place.now)[0] for fact in facts}
            way = self._note(number, state, _deciding(played, defaults))
            if move is first and way is not None:
                ports = tuple((each.node, each.port) for each in played.happened.visited)
                alike = (way.target, ports, way.said, move.greeted, self._answers(played) if facts else ())
                if alike in seen:
                    yield self.found.tried
                    return
                seen.add(alike)
            for variation in self._more(number, place, played, facts, defaults):
                if planned >= MAX_FORKS:
                    self.found.cut.update(each.node for each in self._house.own_visits(played.happened.visited[-1:]))
                    break
                planned += 1
                moves.append(variation)
            yield self.found.tried

    def _answers(self, played: Played) -> tuple[bool, ...]:
        """What the tests of the nodes on the way say of variables and of the message."""
        found: list[bool] = []
        for step in played.happened.steps:
            message = step.run.frames[-1].variables.get("$message") or {}
            for each in step.visited:
                part = self._house.part(each)
                variables = step.run.frames[0 if each.version == self._house.version else -1].variables
                for test in part.tests if part is not None else ():
                    kind, _, name = test.subject.partition(".")
                    if kind in ("var", "message") and test.judge is not None:
                        value = variables.get(name) if kind == "var" else message.get(name)
                        found.append(test.judge(value, played.place.now).ok)
        return tuple(found)

    def _undecided(self, played: Played, move: Move) -> list[str]:
        facts = self._candidates.read(played.happened)
        if isinstance(move.main, Starts) and self.found.study.parts[move.main.node].branches:
            now = played.place.now
            facts += [fact for fact in self._candidates.of_trigger(move.main.node, now) if fact not in played.place.facts]
        return list(dict.fromkeys(facts))

    def _more(
        self, number: int, place: Place | None, played: Played, facts: list[str], defaults: Mapping[str, object]
    ) -> Iterator[Move]:
        """The variations to which a played move gives rise: facts that it read, and what else might be so."""
        move, happened = played.move, played.happened
        for at, fact in enumerate(facts):
            before = {each: defaults[each] for each in facts[:at]}
            for value in self._candidates.of(fact, played.place.now)[1:]:
                yield replace(move, facts={**move.facts, **before, fact: value})
        plain = move.at is None and move.refuse is None
        asked = happened.asked_agent and move.presence is None and not isinstance(move.main, Presence | Silence)
        run = played.place.run()
        alike = move.refuse is not None or (run is not None and run.status == "suspended")
        if asked and (not alike or self._is_new(number, "presence", _asking(played))):
            present = presence_at(place) if place is not None else "online"
            yield from (replace(move, presence=each) for each in PRESENCES if each != present)
        if plain and move.presence is None and not isinstance(move.main, Presence):
            yield from (replace(move, refuse=refuse) for refuse in self._refusals(number, happened))
        if plain and move.presence is None and not isinstance(move.main, Silence | Presence):
            yield from (replace(move, at=at) for at in self._instants(number, place, played))

    def _refusals(self, number: int, happened: Happened) -> Iterator[Refuse]:
        """The messages whose failure somebody would notice: a run waits for them, or stands on them.

        Where no port is wired for it, the run ends as the flow's settings say, from wherever it came: that is tried once.
        """
        capabilities = self.found.stages[number].capabilities
        stands = {id for run in happened.place.person.runs if run.wait is not None for id in run.wait.messages}
        sent = [line for line in happened.lines if line.voice != "contact" and line.status == "accepted"]
        for after, line in enumerate(sent):
            part = self._sender(line.node)
            if part is None or not (line.reports or line.id in stands):
                continue
            tried = {probe.kind for probe in part.probes}
            if "failed" in tried and ("failed" in part.wired or self._is_new(number, UNDELIVERED, line.node)):
                yield Refuse(after, UNDELIVERED)
            if "window_closed" in tried & part.wired.keys() and capabilities.window is not None and not line.fallback:
                yield Refuse(after, "window_closed")

    def _sender(self, node: str) -> Part | None:
        """The node that sent a message, in whichever flow; of two with one id the explored flow's own."""
        several = (each.study.parts.get(node) for each in (self._house.own, *self._house.all.values()))
        return next((part for part in several if part is not None), None)

    def _is_new(self, number: int, what: str, node: str) -> bool:
        """True the first time: for what comes to the same, from wherever it is come to."""
        key = (number, what, node)
        new = key not in self._once
        self._once.add(key)
        return new

    def _instants(self, number: int, place: Place | None, played: Played) -> Iterator[datetime]:
        """When else this might happen: where a condition on the clock answers otherwise, or past the 24-hour window."""
        keys, stage, happened = self._keys[number], self.found.stages[number], played.happened
        parts = [part for each in happened.visited if (part := self._house.part(each)) is not None]
        now = place.now if place is not None else START
        until = place.next_due() if place is not None else None
        zone = played.place.contact.timezone or stage.world.timezone
        yield from instants([test for part in parts for test in part.tests], keys, now, until, zone)
        run = played.place.run()
        if run is not None and run.wait is not None:
            inner = self._house.where(run)
            clocks = inner.live.clocked if place is None else inner.live.clock_next
            ahead = [inner.study.parts[id] for id in clocks.get(run.wait.node, ())]
            if place is None:
                yield from instants([test for part in ahead for test in part.tests], keys, now, until, zone)
            due = played.place.next_due()
            offset = due - played.place.now if due is not None else timedelta(0)
            yield from instants([test for part in ahead for test in part.tests], keys, now, until, zone, offset)
        late = now + LATE
        free = any(part.uses.free_text for part in parts)
        patient = place is not None and not isinstance(played.move.main, BY_CONTACT) and (until is None or late < until)
        if free and patient and stage.capabilities.window is not None:
            yield late

    # --- keeping what was found ------------------------------------------------------------------------------------------
    def _note(self, number: int, source: State | None, played: Played) -> Way | None:
        found, happened, place = self.found, played.happened, played.place
        self._cover_refusal(played)
        if not happened.steps and source is None:
            return None  # it didn't start
        key = (number, self._keys[number].of(place))
        target = self._known.get(key)
        index = len(found.ways)
        if target is None:
            target = len(found.states)
            self._known[key] = target
            state = self._state(target, number, index, source, place)
            found.states.append(state)
            if state.place is not None:
                self._open.append(target)
        if source is not None and target == source.index and not happened.steps and not _spoken(happened):
            return None  # nothing came of it, such as an agent who goes offline while nobody waits
        way = _way(index, source, target, played, self._house)
        found.ways.append(way)
        if source is not None:
            source.ways.append(index)
        self._cover(happened.steps, index)
        return way

    def _state(self, index: int, number: int, way: int, source: State | None, place: Place) -> State:
        run = place.run()
        depth = source.depth + 1 if source is not None else 1
        node = run.frames[-1].node if run is not None else ""
        bounded = run is not None and self._rounds(source, node) >= MAX_ROUNDS
        inside = run is not None and any(frame.version == self._house.version for frame in run.frames)
        keep = place if inside and not bounded else None  # where it went on in another flow, that one's paths are its own
        return State(index, number, way, depth, node, run.status if run is not None else "ended", keep, bounded=bounded)

    def _rounds(self, state: State | None, node: str) -> int:
        """How often the way to a state came to this node."""
        count = 0
        while state is not None:
            count += state.node == node
            source = self.found.ways[state.way].source
            state = self.found.states[source] if source >= 0 else None
        return count

    def _cover(self, steps: Iterable[Step], way: int) -> None:
        parts = self.found.study.parts
        for step in steps:
            for visited in self._house.own_visits(step.visited):
                self.found.nodes.add(visited.node)
                if visited.port:
                    self.found.ports.setdefault((visited.node, visited.port), way)
                part = parts.get(visited.node)
                if part is None or not part.branches or part.id in self.found.study.program.triggers:
                    continue
                for branch in part.branches:
                    holds = branch.id == visited.port
                    self.found.rules.setdefault((part.id, branch.pointer, holds), way)
                    if holds:
                        break

    def _cover_refusal(self, played: Played) -> None:
        """A trigger's own rule: it held where the run started there."""
        main = played.move.main
        if isinstance(main, Starts):
            for branch in self.found.study.parts[main.node].branches:
                holds = played.happened.refusal != "not_in_segment"
                self.found.rules.setdefault((main.node, branch.pointer, holds), len(self.found.ways) if holds else -1)


def _deciding(played: Played, defaults: Mapping[str, object]) -> Played:
    """What was read and not mentioned is decided from now on."""
    move = played.move
    if played.happened.asked_agent and move.presence is None and not isinstance(move.main, Presence):
        move = replace(move, presence=presence_at(played.place))
    if not defaults:
        return replace(played, move=move)
    place = replace(played.place, facts={**played.place.facts, **defaults})
    return Played(replace(move, facts={**move.facts, **defaults}), replace(played.happened, place=place))




def _asking(played: Played) -> str:
    """The node that asked for an agent last, or whose failure brought one."""
    return played.happened.visited[-1].node if played.happened.visited else ""


def _spoken(happened: Happened) -> bool:
    return any(line.voice != "contact" for line in happened.lines)


def _way(index: int, source: State | None, target: int, played: Played, house: Household) -> Way:
    happened, move = played.happened, played.move
    run = happened.steps[-1].run if happened.steps else None
    before = source.place if source is not None else None
    passed = happened.place.now - before.now if before is not None else timedelta(0)
    conversation = happened.place.conversation()
    served = conversation is not None and conversation.owner in ("QUEUE", "AGENT")
    heard = isinstance(move.main, BY_CONTACT) and move.refuse is None
    waits = happened.place.run()
    asks = waits is None or (waits.wait is not None and waits.wait.kind == "reply")
    return Way(
        index=index,
        source=source.index if source is not None else -1,
        target=target,
        move=move,
        ports=tuple((each.node, each.port) for each in house.own_visits(happened.visited)),
        said=sum(line.voice not in ("contact", "human") and line.status != "failed" for line in happened.lines),
        passed=passed,
        ended=run.status if run is not None and not run.live else "",
        reason=run.reason if run is not None else "",
        closed=tuple(_closed(happened.steps, house)),
        unset=tuple(dict.fromkeys(_unset(happened.steps, house))),
        unanswered=heard and asks and not served and not _spoken(happened),
    )


def _closed(steps: Iterable[Step], house: Household) -> Iterator[str]:
    for step in steps:
        if step.reads.get("conversation.window_open") is False:
            for each in house.own_visits(step.visited):
                part = house.part(each)
                if part is not None and part.uses.free_text and each.reason == "window_closed" and not each.port:
                    yield each.node


def _unset(steps: Iterable[Step], house: Household) -> Iterator[tuple[str, str]]:
    for step in steps:
        variables = step.run.frames[0].variables
        for each in house.own_visits(step.visited):
            part = house.part(each)
            if part is not None:
                yield from ((part.id, name) for name, _ in part.shows if name not in variables)
