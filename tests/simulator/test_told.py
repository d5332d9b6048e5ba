"""What webhooks, teams and other people would be told: kept where a flow is tried, and what scenarios say of it."""

from __future__ import annotations

from typing import Any

import pytest

from app.flow_file import capabilities
from nodes import node_types
from schemas.flow import FlowDocument
from simulator.explore.path import Paths
from simulator.explore.save import scenario
from simulator.play import Played, play
from simulator.scenario import Scenario
from tests.simulator.explore.flow import ask, explored, flow, start

NODES: list[dict[str, Any]] = [
    start(),
    ask("budget", "budget", expect={"kind": "number"}),
    {
        "id": "tell",
        "type": "emit_event",
        "config": {
            "event": "lead.qualified",
            "data": [{"name": "budget", "value": "{{budget}}"}, {"name": "city", "value": "Bonn"}],
        },
    },
    {"id": "team", "type": "notify", "config": {"team": "sales", "text": "{{contact.name|Somebody}} has {{budget}}"}},
    {
        "id": "boss",
        "type": "notify",
        "config": {"to": "address", "channel": "ch_9", "address": "+4915112345678", "text": "Look"},
    },
]
FLOW = flow(NODES, ["start budget", "budget tell", "tell team", "team boss"])
PHONE = "+4915112345678"
DATA = {"budget": 5, "city": "Bonn"}


async def played(*steps: dict[str, Any]) -> Played:
    given = Scenario.model_validate({"name": "a scenario", "steps": [{"say": "hi"}, {"say": "5"}, *steps]})
    return await play(FLOW, node_types(), capabilities(), given)


async def test_what_is_told_is_as_expected() -> None:
    result = await played(
        {"emitted": [{"event": "lead.qualified", "data": DATA, "node": "tell"}]},
        {"emitted": []},
        {"notified": [{"text": "Somebody has 5", "team": "sales"}, {"contains": "Loo", "address": PHONE, "node": "boss"}]},
        {"notified": []},
        {"say": "again"},
        {"say": "6"},
        {"emitted": ["lead.qualified"]},
        {"notified": ["Somebody has 6", "Look"]},
    )
    assert result.failures == ()


async def test_what_nobody_asks_for_does_not_fail() -> None:
    assert (await played({"ended": "completed"})).passed


TWO = "'Somebody has 5' to sales; 'Look' to +4915112345678"
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"emitted": []}, 'events that were not expected: lead.qualified {"budget":5,"city":"Bonn"}'),
    ({"emitted": ["lead.lost"]}, "event 1: expected the event lead.lost, got lead.qualified"),
    ({"emitted": [{"node": "other"}]}, "event 1: expected the node other, got tell"),
    ({"emitted": [{"data": {"budget": 6}}]}, "event 1: data.budget is 5, not 6"),
    ({"emitted": [{"data": {"size": 1}}]}, "event 1: data.size is None, not 1"),
    (
        {"emitted": ["lead.qualified", "lead.qualified"]},
        '2 events were expected, 1 came: lead.qualified {"budget":5,"city":"Bonn"}',
    ),
    ({"notified": []}, f"notices that were not expected: {TWO}"),
    ({"notified": ["Somebody has 6", "Look"]}, "notice 1: expected 'Somebody has 6', got 'Somebody has 5'"),
    ({"notified": [{"contains": "six"}]}, "notice 1: expected something with 'six', got 'Somebody has 5'"),
    ({"notified": [{"team": "shop"}]}, "notice 1: expected the team shop, got sales"),
    ({"notified": [{"team": "sales"}, {"team": "sales"}]}, "notice 2: expected the team sales, got none"),
    ({"notified": [{}, {"address": "+4915100000000"}]}, "notice 2: expected the address +4915100000000, got +4915112345678"),
    ({"notified": [{}, {}, {}]}, f"3 notices were expected, 2 came: {TWO}"),
]


@pytest.mark.parametrize(("step", "sentence"), WRONG)
async def test_a_wrong_expectation_says_what_was_told_instead(step: dict[str, Any], sentence: str) -> None:
    (word,) = step
    assert (await played(step)).failures == (f"step 3 ({word}): {sentence}",)


async def test_a_saved_path_says_what_is_told() -> None:
    paths = Paths(explored(FLOW))
    performed = next(each for path in paths.covering() if ("boss", "next") in (each := paths.perform(path)).ports)
    saved = await scenario(FLOW, node_types(), capabilities(), performed, "saved")
    by_word = {step.word: step for step in saved.steps}
    (event,), notices = by_word["emitted"].emitted or (), by_word["notified"].notified or ()
    assert (event.event, event.data["city"]) == ("lead.qualified", "Bonn")
    assert [(each.team, each.address) for each in notices] == [("sales", None), (None, "+4915112345678")]
    assert (await play(FLOW, node_types(), capabilities(), saved)).failures == ()
    other = FlowDocument.model_validate_json(FLOW.model_dump_json(by_alias=True).replace('"Bonn"', '"Köln"'))
    assert "data.city is 'Köln', not 'Bonn'" in (await play(other, node_types(), capabilities(), saved)).failures[0]
