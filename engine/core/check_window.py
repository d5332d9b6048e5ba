"""How long a contact may have been silent at each node: free text after 24 hours, and waits that outlive their run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from heapq import heappop, heappush

import networkx as nx

from engine.core.check_part import Graph, Part
from engine.core.trigger import OnKeyword, OnMessage
from schemas.capability import Capabilities
from schemas.duration import format_duration, parse_duration
from schemas.flow import Settings
from schemas.problem import Problem, pointer

NOTHING = timedelta(0)
CLOSED = "window_closed"
"""The port by which a send leaves that the closed window refuses; where it is wired, the author has thought of it."""
MAX_ROUNDS = 32
"""Updates of one node in a circle before its silence counts as unbounded."""


def window_problems(graph: Graph, channels: Mapping[str, Capabilities], settings: Settings) -> Iterator[Problem]:
    """Free text where a channel's window will be closed, and waits longer than a run lives."""
    windows = [each.window for each in channels.values() if each.window is not None]
    if windows:
        yield from _closed(graph, min(windows))
    lifetime = parse_duration(settings.expires_after)
    for part in graph.parts.values():
        longest = max(_elapsed(part), default=NOTHING)
        if longest > lifetime:
            message = f"{part.title} may wait for {format_duration(longest)}, but a run expires after {settings.expires_after}."
            hint = "Shorten the wait, or let runs live longer (settings, expires_after)."
            yield Problem("wait_outlives_run", "warning", pointer("nodes", part.index, "config"), message, hint)


def _elapsed(part: Part) -> Iterator[timedelta]:
    if part.ready:
        for port in part.ready.ports:
            if (passed := part.ready.type.elapsed(part.ready.config, port.id)) is not None:
                yield passed


def _closed(graph: Graph, window: timedelta) -> Iterator[Problem]:
    silence = silences(graph, window)
    hours = int(window.total_seconds() // 3600)
    for id, part in graph.parts.items():
        handled = part.ready is None or CLOSED in part.ready.build.wired
        if part.ready and not handled and part.ready.uses.free_text and silence.get(id, NOTHING) >= window:
            message = (
                f"{part.title} may be sent more than {hours} hours after the contact's last message; "
                "WhatsApp refuses free text then."
            )
            hint = "Add a template to this message, or wait for a reply before it."
            yield Problem("window_closed", "warning", pointer("nodes", part.index, "config"), message, hint)


def silences(graph: Graph, window: timedelta) -> dict[str, timedelta]:
    """The longest time since the contact's last message with which a run comes to each reachable node, up to the window.

    Nodes are taken in topological order of their knots, so each is seen once, or a bounded number of times in a circle.
    """
    order, size = _order(graph.links)
    silence: dict[str, timedelta] = {}
    rounds: dict[str, int] = {}
    waiting: list[tuple[int, str]] = []

    def come(id: str, passed: timedelta) -> None:
        passed = min(passed, window)
        if id not in silence or passed > silence[id]:
            silence[id] = passed
            heappush(waiting, (order[id], id))

    for id, part in graph.parts.items():
        if part.starts:
            trigger = part.ready.trigger if part.ready else None
            come(id, NOTHING if trigger is None or isinstance(trigger.on, OnMessage | OnKeyword) else window)
    ways = _ways(graph)
    while waiting:
        _, id = heappop(waiting)
        while waiting and waiting[0][1] == id:
            heappop(waiting)
        rounds[id] = rounds.get(id, 0) + 1
        if rounds[id] > min(size[id] + 1, MAX_ROUNDS):
            silence[id] = window
        for passed, to in ways.get(id, ()):
            come(to, NOTHING if passed is None else silence[id] + passed)
    return silence


def _ways(graph: Graph) -> dict[str, list[tuple[timedelta | None, str]]]:
    ways: dict[str, list[tuple[timedelta | None, str]]] = {}
    for _, edge in graph.edges:
        ready = graph.parts[edge.from_].ready
        known = ready is not None and any(port.id == edge.port for port in ready.ports)
        passed = ready.type.elapsed(ready.config, edge.port) if ready and known else NOTHING
        ways.setdefault(edge.from_, []).append((passed, edge.to))
    return ways


def _order(links: nx.DiGraph[str]) -> tuple[dict[str, int], dict[str, int]]:
    """Each node's place in topological order of the knots, and the size of its knot."""
    knots: Iterable[set[str]] = reversed(list(nx.strongly_connected_components(links)))
    order: dict[str, int] = {}
    size: dict[str, int] = {}
    for place, knot in enumerate(knots):
        for id in knot:
            order[id], size[id] = place, len(knot)
    return order, size
