"""Storms over both stores: nothing lost, nothing doubled, nothing out of order, whatever dies and whenever."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Mapping
from random import Random
from typing import Any

import pytest

from engine.core.node import NodeType
from engine.runtime.protocol import Channel, Channels, Store, Worlds
from nodes import node_types
from nodes.condition import Condition
from tests.storms import flows
from tests.storms.__main__ import weather
from tests.storms.fault import AWAITS, POINTS
from tests.storms.flows import documents

MEMORY, SQLITE = range(0, 1_000, 100), range(0, 60, 20)
"""First seeds; each test takes those up to the next, so that several processes share the work."""
DEATHS = 4
"""How often each moment must have been a process's last in 100 storms: that makes 40 times in all 1,000."""
HAPPENS = (
    "agents away amid a conversation",
    "answers waited for",
    "assigned",
    "calls",
    "calls answered",
    "calls refused",
    "clock jumps",
    "duplicates",
    "lives with loops",
    "old timers",
    "orderly stops",
    "resent",
    "settled retry",
    "settled unknown",
    "statuses after the second send",
    "statuses that never come",
    "steps made again",
    "subflows entered",
    "subflows left",
    "touches",
    "went on in another flow",
)
"""What 100 storms must have in them."""
ON_SQLITE = ("calls answered", "subflows entered", "subflows left", "went on in another flow")
"""What 20 over SQLite must have in them."""
PARTS = (("worlds", Worlds), ("channels", Channels), ("channel", Channel))


def rage(first: int, count: int, store: str) -> tuple[Counter[str], Counter[str]]:
    """Storms from `count` seeds, none of them red; the moments at which processes died, and what happened."""
    crashed, counts = Counter[str](), Counter[str]()
    for seed in range(first, first + count):
        report = weather(seed, store)
        again = f"python -m tests.storms --seeds 1 --seed {seed} --store {store} --log"
        assert not report.broken, "\n".join((*report.broken, again))
        crashed.update(report.crashed)
        counts.update(report.counts)
    return crashed, counts


@pytest.mark.parametrize("first", MEMORY)
def test_storms_over_memory(first: int) -> None:
    crashed, counts = rage(first, MEMORY.step, "memory")
    assert {point: crashed[point] for point in POINTS if crashed[point] < DEATHS} == {}
    assert [name for name in HAPPENS if not counts[name]] == []


@pytest.mark.parametrize("first", SQLITE)
def test_storms_over_sqlite(first: int) -> None:
    crashed, counts = rage(first, SQLITE.step, "sqlite")
    assert sum(crashed.values()) > SQLITE.step
    assert counts["steps made again"] == counts["steps"] > 0
    assert [name for name in ON_SQLITE if not counts[name]] == []


def test_every_await_of_the_protocols_is_a_moment_at_which_a_process_dies() -> None:
    parts = [f"{name}.{each}" for name, part in PARTS for each in _awaits(part)]
    assert sorted(AWAITS) == sorted([*_awaits(Store), *parts])


def _awaits(protocol: type) -> list[str]:
    return [name for name, member in inspect.getmembers(protocol) if inspect.iscoroutinefunction(member)]


@pytest.mark.parametrize("store", ["memory", "sqlite"])
def test_a_seed_gives_the_same_storm(store: str) -> None:
    assert weather(7, store, verbose=True) == weather(7, store, verbose=True)


@pytest.mark.parametrize("seed", range(5))
def test_each_storm_holds_every_node_type(seed: int) -> None:
    types = node_types()
    found = {node["type"] for document in documents(Random(seed)) for node in document["nodes"]}
    assert found == set(types)


def test_a_new_node_type_joins_by_its_example(monkeypatch: pytest.MonkeyPatch) -> None:
    class Newcomer(Condition):
        """A type that this file has not heard of."""

        name = "newcomer"

    types: Mapping[str, NodeType[Any]] = {**node_types(), "newcomer": Newcomer()}
    monkeypatch.setattr(flows, "node_types", lambda: types)
    document = documents(Random(3))[0]
    [node] = [node for node in document["nodes"] if node["type"] == "newcomer"]
    assert node["config"] == Condition.example
    assert any(edge["from"] == node["id"] for edge in document["edges"])
