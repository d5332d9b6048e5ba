"""The examples in the docstrings are true."""

from __future__ import annotations

import doctest
from importlib import import_module

import pytest

MODULES = ("compare", "flows", "identity", "journey", "media", "media_type", "own", "role", "template_check")
OTHERS = (
    "api.route.flow_model", "api.route.free_json", "api.route.live_socket", "api.route.users", "engine.core.carry",
    "engine.core.typed",
)  # fmt: skip


@pytest.mark.parametrize("name", [*(f"crm.{each}" for each in MODULES), *OTHERS])
def test_examples(name):
    result = doctest.testmod(import_module(name))
    assert result.attempted
    assert not result.failed
