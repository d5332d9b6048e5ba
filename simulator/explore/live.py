"""Which facts can still decide something from a node on: what else differs between two places can't be told apart.

The classic analysis of live variables, over the flow's graph: a variable is live at a node if some way from there tests it before
setting it. What only texts show is never live.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

import networkx as nx

from simulator.explore.study import Part, Study, Tried

MESSAGE = "message."
NOTHING = timedelta(0)


@dataclass(frozen=True, slots=True)
class Live:
    """What is live at each node, as bits: tests of rules, and subjects whose very value matters."""

    tests: tuple[Tried, ...]
    subjects: tuple[str, ...]
    at: Mapping[str, int]
    longest: Mapping[str, timedelta]
    """How long a run may still wait from there, going round nowhere."""
    clocked: Mapping[str, tuple[str, ...]]
    """The nodes by clock to which the run may come from there."""
    clock_next: Mapping[str, tuple[str, ...]]
    """The nodes by clock to which the run may come from there without a message of the contact."""

    def tests_at(self, node: str) -> tuple[Tried, ...]:
        """The tests that may still be made from this node on."""
        mask = self.at.get(node, 0)
        return tuple(test for place, test in enumerate(self.tests) if mask >> place & 1)

    def subjects_at(self, node: str) -> tuple[str, ...]:
        """The subjects whose value may still matter from this node on."""
        mask = self.at.get(node, 0) >> len(self.tests)
        return tuple(subject for place, subject in enumerate(self.subjects) if mask >> place & 1)


def liveness(study: Study) -> Live:
    """The analysis of a program, to its fixed point."""
    parts = study.parts
    tests = tuple(dict.fromkeys(test for part in parts.values() for test in part.tests))
    subjects = tuple(dict.fromkeys(subject for part in parts.values() for subject in sorted(part.reads)))
    bits = {test: 1 << place for place, test in enumerate(tests)}
    plain = {subject: 1 << (len(tests) + place) for place, subject in enumerate(subjects)}
    about: dict[str, int] = {}
    for test, bit in bits.items():
        about[test.subject] = about.get(test.subject, 0) | bit
    for subject, bit in plain.items():
        about[subject] = about.get(subject, 0) | bit
    message = _union(mask for subject, mask in about.items() if subject.startswith(MESSAGE))
    used = {
        id: _union([*(bits[test] for test in part.tests), *(plain[subject] for subject in part.reads)])
        for id, part in parts.items()
    }
    killed = {id: _killed(part, about, message) for id, part in parts.items()}
    clocks = tuple(id for id, part in parts.items() if part.by_clock)
    looks = {id: 1 << clocks.index(id) if id in clocks else 0 for id in parts}
    silent = {
        id: {port: -1 if part.takes_messages and passed is None else 0 for port, passed in part.elapsed.items()}
        for id, part in parts.items()
    }
    return Live(
        tests,
        subjects,
        _spread(parts, used, killed),
        _longest(parts),
        {id: _named(clocks, mask) for id, mask in _spread(parts, looks, {}).items()},
        {id: _named(clocks, mask) for id, mask in _spread(parts, looks, silent).items()},
    )


def _spread(
    parts: Mapping[str, Part], own: Mapping[str, int], killed: Mapping[str, Mapping[str, int]]
) -> dict[str, int]:
    """For each node, its own bits and those of what may come after it, less what is killed on the way."""
    spread = dict(own)
    before: dict[str, set[str]] = {id: set() for id in parts}
    for id, part in parts.items():
        for to in part.wired.values():
            before[to].add(id)
    waiting = dict.fromkeys(parts)
    while waiting:
        id, _ = waiting.popitem()
        kills = killed.get(id, {})
        mask = own[id] | _union(spread[to] & ~kills.get(port, 0) for port, to in parts[id].wired.items())
        if mask != spread[id]:
            spread[id] = mask
            waiting.update(dict.fromkeys(before[id]))
    return spread


def _longest(parts: Mapping[str, Part]) -> dict[str, timedelta]:
    """The longest way through the knots of the flow; within a knot each wait counts once."""
    links: nx.DiGraph[str] = nx.DiGraph()
    links.add_nodes_from(parts)
    links.add_edges_from((id, to) for id, part in parts.items() for to in part.wired.values())
    knots = nx.condensation(links)
    longest: dict[str, timedelta] = {}
    ahead: dict[int, timedelta] = {}
    for knot in reversed(list(nx.topological_sort(knots))):
        members: set[str] = knots.nodes[knot]["members"]
        own = sum((max((passed for passed in parts[id].elapsed.values() if passed), default=NOTHING) for id in members), NOTHING)
        ahead[knot] = own + max((ahead[after] for after in knots.successors(knot)), default=NOTHING)
        longest.update(dict.fromkeys(members, ahead[knot]))
    return longest


def _named(clocks: tuple[str, ...], mask: int) -> tuple[str, ...]:
    return tuple(clock for place, clock in enumerate(clocks) if mask >> place & 1)


def _killed(part: Part, about: Mapping[str, int], message: int) -> dict[str, int]:
    """For each port, what is set anew when the run leaves by it: the node's variables, and what the contact said."""
    own = _union(about.get(f"var.{name}", 0) for name in part.writes)
    killed: dict[str, int] = {}
    for port in part.ports:
        mask = own if port.kind in ("next", "branch") else 0
        if part.takes_messages and part.elapsed.get(port.id) is None:
            mask |= message
        killed[port.id] = mask
    return killed


def _union(masks: Iterable[int]) -> int:
    union = 0
    for mask in masks:
        union |= mask
    return union
