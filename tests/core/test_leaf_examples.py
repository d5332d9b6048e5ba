"""Every example in the docstrings of the engine's leaf modules runs and gives what it shows."""

from __future__ import annotations

import doctest
import importlib

import pytest

MODULES = (
    "engine.core.answer", "engine.core.calendar", "engine.core.day", "engine.core.example", "engine.core.filter",
    "engine.core.fold", "engine.core.grammar", "engine.core.keyword", "engine.core.number", "engine.core.verdict",
    "engine.core.pattern", "engine.core.phone", "engine.core.plain", "engine.core.rule", "engine.core.text",
    "engine.core.evolve", "schemas.answer", "schemas.duration", "schemas.hours", "schemas.rule", "schemas.value",
)  # fmt: skip


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_hold(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name))
    assert result.attempted
    assert not result.failed
