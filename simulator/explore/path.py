"""Paths through what was explored: which ones to show, and each played again from its beginning, as a conversation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from heapq import heappop, heappush
from typing import Any

from simulator.explore.explorer import Explored, Way
from simulator.explore.input import Move
from simulator.explore.place import Place
from simulator.explore.stage import Played, Stage, presence_at

DETOUR = 5
"""What a failure, another presence or another time costs where a path is led on to its end: plain answers read better."""


@dataclass(frozen=True, slots=True)
class Path:
    """One conversation from its beginning to its end: the ways in their order. `cut`: it was left where it goes round."""

    stage: int
    ways: tuple[int, ...]
    cut: bool


@dataclass(frozen=True, slots=True)
class Performed:
    """A path as it was played: each move with what happened, and the instants before."""

    path: Path
    stage: Stage
    facts: dict[str, Any]
    played: tuple[Played, ...]
    before: tuple[datetime, ...]

    @property
    def end(self) -> Place:
        """Where it led."""
        return self.played[-1].place

    @property
    def ports(self) -> tuple[tuple[str, str], ...]:
        """Every (node, port) that was passed, in order; port "" where the run parked or ended."""
        return tuple((each.node, each.port) for played in self.played for each in played.happened.visited)


class Paths:
    """The paths of one exploration."""

    def __init__(self, found: Explored) -> None:
        self.found = found
        self._onward = _onward(found)

    def through(self, way: Way) -> Path:
        """The shortest path that takes this way, led on to an end."""
        ways = [way.index]
        source = way.source
        while source >= 0:
            before = self.found.states[source].way
            ways.append(before)
            source = self.found.ways[before].source
        ways.reverse()
        state = way.target
        seen = {state}
        while (following := self._onward.get(state)) is not None:
            ways.append(following)
            state = self.found.ways[following].target
            if state in seen:
                break
            seen.add(state)
        cut = bool(self.found.states[state].ways) or self.found.states[state].bounded
        return Path(self.found.states[way.target].stage, tuple(ways), cut)

    def covering(self) -> list[Path]:
        """A small set of paths that passes everything that any path passes: every port, every outcome of every rule."""
        wanted: dict[tuple[str, ...], int] = {("port", *port): way for port, way in self.found.ports.items()}
        wanted |= {("rule", node, at, str(holds)): way for (node, at, holds), way in self.found.rules.items() if way >= 0}
        longest = sorted(wanted.items(), key=lambda each: -self._depth(each[1]))
        chosen: list[Path] = []
        passed: set[tuple[str, str]] = set()
        done: set[tuple[str, ...]] = set()
        for goal, way in longest:
            if goal in done or (goal[0] == "port" and (goal[1], goal[2]) in passed):
                continue
            path = self.through(self.found.ways[way])
            chosen.append(path)
            passed.update(port for each in path.ways for port in self.found.ways[each].ports)
            done.update(self._outcomes(path))
        return _without_needless(chosen, self)

    def goals(self, path: Path) -> set[tuple[str, ...]]:
        """Everything that a path passes."""
        ports = {("port", *port) for each in path.ways for port in self.found.ways[each].ports if port[1]}
        return ports | self._outcomes(path)

    def all(self) -> list[Path]:
        """One path for each way that differs from all others in where it comes from, leads to and passes."""
        seen: set[tuple[int, int, tuple[tuple[str, str], ...]]] = set()
        paths: list[Path] = []
        for way in self.found.ways:
            distinct = (way.source, way.target, way.ports)
            tree = self.found.states[way.target].way == way.index and bool(self.found.states[way.target].ways)
            if distinct in seen or tree:
                continue
            seen.add(distinct)
            paths.append(self.through(way))
        return paths

    def said(self, path: Path) -> int:
        """How many messages the contact gets on a path."""
        return sum(self.found.ways[way].said for way in path.ways)

    def perform(self, path: Path) -> Performed:
        """Play a path from its beginning, with all that it takes for granted known from the start."""
        stage = self.found.stages[path.stage]
        moves = [self.found.ways[way].move for way in path.ways]
        facts: dict[str, Any] = {}
        for move in moves:
            facts = {**move.facts, **facts}
        at_first = moves[0].presence if moves[0].presence != "online" else None
        played = [stage.first(replace(moves[0], facts=facts, presence=at_first))]
        before = [stage.begin({}).place.now]
        for move in moves[1:]:
            place = played[-1].place
            before.append(place.now)
            presence = move.presence if move.presence != presence_at(place) else None
            played.append(stage.play(place, replace(move, facts={}, at=_still(move, place), presence=presence)))
        return Performed(path, stage, facts, tuple(played), tuple(before))

    def _depth(self, way: int) -> int:
        source = self.found.ways[way].source
        return self.found.states[source].depth if source >= 0 else 0

    def _outcomes(self, path: Path) -> set[tuple[str, ...]]:
        """The outcomes of rules on a path: a branch that is left by held, those before it did not."""
        parts = self.found.study.parts
        outcomes: set[tuple[str, ...]] = set()
        for each in path.ways:
            for node, port in self.found.ways[each].ports:
                part = parts.get(node)
                if part is None or node in self.found.study.program.triggers:
                    continue
                for branch in part.branches:
                    outcomes.add(("rule", node, branch.pointer, str(branch.id == port)))
                    if branch.id == port:
                        break
        first = self.found.ways[path.ways[0]].ports
        entry = parts[first[0][0]] if first else None
        if entry is not None and entry.id in self.found.study.program.triggers:
            outcomes.update(("rule", entry.id, branch.pointer, "True") for branch in entry.branches)
        return outcomes


def _still(move: Move, place: Place) -> datetime | None:
    """The move's instant, where it can still be: after what is now, before time changes something itself."""
    due = place.next_due()
    return move.at if move.at is not None and move.at > place.now and (due is None or move.at < due) else None


def _without_needless(chosen: Sequence[Path], paths: Paths) -> list[Path]:
    """The paths without those whose every port and outcome others pass too, the longest first."""
    goals = {path: paths.goals(path) for path in chosen}
    counts: dict[tuple[str, ...], int] = {}
    for each in goals.values():
        for goal in each:
            counts[goal] = counts.get(goal, 0) + 1
    kept = list(goals)
    for path in sorted(goals, key=lambda each: len(goals[each])):
        if all(counts[goal] > 1 for goal in goals[path]):
            kept.remove(path)
            for goal in goals[path]:
                counts[goal] -= 1
    return kept


def _onward(found: Explored) -> dict[int, int]:
    """For each state, the way that leads on to an end by the fewest and plainest moves."""
    into: dict[int, list[Way]] = {}
    for way in found.ways:
        if way.source >= 0:
            into.setdefault(way.target, []).append(way)
    cost: dict[int, int] = {}
    onward: dict[int, int] = {}
    waiting: list[tuple[int, int]] = []
    for state in found.states:
        if not state.ways and not state.bounded and not state.node:
            cost[state.index] = 0
            heappush(waiting, (0, state.index))
    while waiting:
        so_far, index = heappop(waiting)
        if so_far > cost[index]:
            continue
        for way in into.get(index, ()):
            total = so_far + _cost(way.move)
            if total < cost.get(way.source, 1 << 60):
                cost[way.source] = total
                onward[way.source] = way.index
                heappush(waiting, (total, way.source))
    return onward


def _cost(move: Move) -> int:
    return 1 + DETOUR * ((move.refuse is not None) + (move.at is not None) + (move.presence is not None) + bool(move.facts))
