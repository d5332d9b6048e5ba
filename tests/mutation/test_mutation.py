"""Mistakes in the ready-made flows are caught by the scenarios beside them."""

from __future__ import annotations

import doctest

import pytest

import tests.mutation.mutant
from tests.mutation.hunt import hunt, keys

FLOOR = 0.95
"""Share of a flow's mutants that its hand-written scenarios catch. Those that escape today change nothing that a chat shows."""


@pytest.mark.slow
@pytest.mark.parametrize("key", keys())
def test_the_scenarios_catch_a_mistake_anywhere(key: str) -> None:
    hunted = hunt(key)
    assert len(hunted.caught) > 35
    assert hunted.share >= FLOOR, "\n".join(hunted.escaped)


def test_examples() -> None:
    assert doctest.testmod(tests.mutation.mutant).failed == 0
