"""Storms over both stores: nothing lost, nothing doubled, nothing out of order, whatever dies and whenever."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from nodes import node_types
from tests.storms.__main__ import weather
from tests.storms.fault import POINTS
from tests.storms.flows import documents

MEMORY, SQLITE = range(0, 300, 50), range(0, 60, 20)
"""First seeds; each test takes those up to the next, so that several processes share the work."""
DEATHS = 4
"""How often each moment must have been a process's last in 50 storms: that makes 24 times in all 300."""


def rage(first: int, count: int, store: str) -> Counter[str]:
    """Storms from `count` seeds, none of them red; the moments at which processes died."""
    crashed: Counter[str] = Counter()
    for seed in range(first, first + count):
        report = weather(seed, store)
        again = f"python -m tests.storms --seeds 1 --seed {seed} --store {store} --log"
        assert not report.broken, "\n".join((*report.broken, again))
        crashed.update(report.crashed)
    return crashed


@pytest.mark.parametrize("first", MEMORY)
def test_storms_over_memory(first: int) -> None:
    crashed = rage(first, MEMORY.step, "memory")
    assert {point: crashed[point] for point in POINTS if crashed[point] < DEATHS} == {}


@pytest.mark.parametrize("first", SQLITE)
def test_storms_over_sqlite(first: int) -> None:
    crashed = rage(first, SQLITE.step, "sqlite")
    assert sum(crashed.values()) > SQLITE.step


@pytest.mark.parametrize("store", ["memory", "sqlite"])
def test_a_seed_gives_the_same_storm(store: str) -> None:
    assert weather(7, store, verbose=True) == weather(7, store, verbose=True)


@pytest.mark.parametrize("seed", range(5))
def test_each_storm_holds_every_node_type(seed: int) -> None:
    types = node_types()
    found = {node["type"] for document in documents(Random(seed)) for node in document["nodes"]}
    assert found == set(types)
