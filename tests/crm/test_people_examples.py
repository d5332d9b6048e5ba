"""The examples in the docstrings of people and talk are true."""

from __future__ import annotations

import doctest
from importlib import import_module

import pytest

MODULES = (
    "crm.contacts", "crm.render", "crm.field_values",
    "api.route.contact_model", "api.route.content_model", "api.route.live", "api.route.recipient",
)  # fmt: skip


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    result = doctest.testmod(import_module(name))
    assert result.attempted
    assert not result.failed
