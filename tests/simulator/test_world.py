"""The world of a simulation: a workspace as it is, with one channel, one agent, and this flow alone to be started."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.flow_file import capabilities
from engine.core.program import Program, compile
from engine.core.world import ChannelInfo, TeamInfo, TemplateInfo, World
from nodes import node_types
from schemas.flow import FlowDocument
from schemas.hours import Hours
from simulator.world import AGENT, CHANNEL, closed, enterable, world_around

CLOSED = Hours()


def program(flow: int, on: dict[str, Any], **more: Any) -> Program:
    nodes = [
        {"id": "start", "type": "trigger", "config": {"on": on, **more}},
        {"id": "hi", "type": "send_message", "config": {"text": "Hi"}},
    ]
    document = {"name": f"Flow {flow}", "nodes": nodes, "edges": [{"from": "start", "to": "hi"}]}
    return compile(FlowDocument.model_validate(document), node_types(), version=70 + flow, flow=flow)


def workspace() -> World:
    other, kinds = program(1, {"kind": "keyword", "words": ["hi"]}), capabilities()
    return World(
        tenant=9,
        number=3,
        programs={71: other},
        live={1: 71},
        flow_keys={"flow_1": 1},
        channels={4: ChannelInfo(4, "webchat", "Shop", kinds["webchat"]), 5: ChannelInfo(5, "whatsapp", "W", kinds["whatsapp"])},
        teams={"sales": TeamInfo(2, "sales", "Sales", (7, 8), hours=CLOSED)},
        everyone=2,
        users={"usr_7": 7},
        templates={("old", "en"): TemplateInfo("old", "en", "approved", "Hi")},
        field_types={"size": "text"},
        timezone="Asia/Tokyo",
    )


def around(mine: Program, channel: str = "webchat") -> World:
    new = TemplateInfo("new", "en", "approved", "Ho")
    return world_around(workspace(), mine, channel=channel, capabilities=capabilities()[channel], templates=[new])


def starts(world: World, text: str) -> list[int]:
    assert world.triggers is not None
    return [match.entry.program.flow for match in world.triggers.message(text, CHANNEL)]


def test_it_is_the_workspace_with_one_channel_and_one_agent() -> None:
    world = around(program(2, {"kind": "message"}))
    assert (world.timezone, world.field_types, world.teams["sales"].hours) == ("Asia/Tokyo", {"size": "text"}, CLOSED)
    assert set(world.templates) == {("old", "en"), ("new", "en")}
    assert list(world.channels) == [CHANNEL]
    assert (world.teams["sales"].members, world.users) == ((AGENT,), {"usr_7": AGENT})
    assert {flow: world.programs[version].name for flow, version in world.live.items()} == {1: "Flow 1", 2: "Flow 2"}


def test_only_this_flows_triggers_start_anything() -> None:
    assert starts(around(program(2, {"kind": "message"})), "hi") == [2]
    assert starts(around(program(1, {"kind": "message"})), "hi") == [1], "a draft takes the place of what is live"


@pytest.mark.parametrize(
    ("channels", "channel", "heard"), [("ch_4", "webchat", [2]), ("ch_5", "webchat", []), ("ch_5", "whatsapp", [2])]
)
def test_a_trigger_hears_what_comes_over_a_channel_of_its_kind(channels: str, channel: str, heard: list[int]) -> None:
    assert starts(around(program(2, {"kind": "message"}, channels=[channels]), channel), "hi") == heard


def test_any_node_can_be_entered_and_nothing_else_changes() -> None:
    world = around(program(2, {"kind": "message"}))
    version = world.live[2]
    entered = enterable(world, version, "hi")
    assert entered.programs[version].entry("hi") == "hi"
    assert entered.programs[version].entry() == "start"
    assert entered.triggers is world.triggers
    for node in ("start", "nowhere"):
        assert enterable(world, version, node) is world


def test_outside_the_hours_of_all_teams() -> None:
    open_at_all_times = around(program(2, {"kind": "message"}))
    teams = {key: replace(team, hours=None) for key, team in open_at_all_times.teams.items()}
    assert {team.hours for team in closed(replace(open_at_all_times, teams=teams)).teams.values()} == {CLOSED}
