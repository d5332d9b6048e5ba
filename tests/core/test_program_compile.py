"""A version compiled: edges by port, defaults, whether it talks, and the entry to start at."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.core.scene import Document, agent, drip, flow, happening, on, pause, program, question, reply, said, word


@pytest.mark.parametrize(
    ("node", "interactive"),
    [
        (said("Hi"), False),
        (pause(), False),
        (happening("x"), False),
        (reply(), True),
        (agent(), True),
        (said("?", buttons={"y": "Y"}), True),
    ],
)
def test_a_flow_that_waits_for_replies_or_agents_is_interactive(node: Document, interactive: bool) -> None:
    assert program(flow("F", {"start": on("api"), "node": node}, "start>node"), 1).interactive is interactive


def test_edges_lead_from_ports() -> None:
    compiled = program(question("Ask", word("hi")), 1)
    assert compiled.nodes["ask"].wired == {"next": "wait"}
    assert compiled.nodes["wait"].ports == {"next": "next", "invalid": "error", "timeout": "timeout"}


def test_only_variables_with_a_default_start_with_a_value() -> None:
    document = drip("D", on("api")) | {"variables": [{"name": "a", "default": 0}, {"name": "b"}, {"name": "c", "default": ""}]}
    assert program(document, 1).defaults == {"a": 0, "c": ""}


def test_settings_become_values() -> None:
    document = drip("D", on("api")) | {"settings": {"expires_after": "P2D", "handoff_words": ["Ágent", "a human"]}}
    compiled = program(document, 1)
    assert (compiled.expires_after, compiled.handoff_words) == (timedelta(days=2), frozenset({"agent", "a human"}))


def test_a_run_lives_thirty_days_by_default() -> None:
    assert program(drip("D", on("api")), 1).expires_after == timedelta(days=30)
