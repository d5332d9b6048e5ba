"""The examples in the docstrings are true."""

from __future__ import annotations

import doctest
from importlib import import_module

import pytest

MODULES = ("flows", "identity", "media", "media_type", "own", "template_check", "variable")


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    result = doctest.testmod(import_module(f"crm.{name}"))
    assert result.attempted
    assert not result.failed
