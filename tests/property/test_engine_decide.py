"""`decide` over generated flows and lives: total, repeatable, and everything that `tests.property.life` says must hold."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.scene import Document
from tests.property.flows import documents
from tests.property.life import KINDS, Move, digest, moves_of, play

MOVES = st.tuples(st.sampled_from(KINDS), st.integers(0, 59), st.integers(0, 11))


@settings(max_examples=150)
@given(st.lists(documents(), min_size=1, max_size=3), st.lists(MOVES, min_size=5, max_size=40))
def test_whatever_happens_the_rules_hold(flows: list[Document], moves: list[Move]) -> None:
    play(flows, moves)


@settings(max_examples=120)
@given(st.lists(documents(), min_size=2, max_size=4), st.integers(0, 2**32))
def test_the_rules_hold_over_long_lives(flows: list[Document], seed: int) -> None:
    play(flows, moves_of(Random(seed), 150))


@pytest.mark.parametrize("seed", range(3))
def test_a_life_is_the_same_in_every_process(seed: int) -> None:
    """Sets and dicts are ordered by another hash seed in another process."""
    root = Path(__file__).parents[2]
    code = f"from tests.property.life import digest; print(digest({seed}, 200))"
    told = [
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=root,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for hash_seed in ("1", "2")
    ]
    assert told == [digest(seed, 200)] * 2
