"""The ready-made flows: sound, complete, tested to the last port, and at peace with one another."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from app.command import scenarios
from app.flow_file import capabilities, read_flow_file
from engine.core.check_text import problem_line
from nodes import node_types
from schemas.flow import FlowDocument, Node
from simulator.scenario import Person
from simulator.simulation import Simulation

FOLDER = Path(__file__).parents[2] / "flows"
KEYS = sorted(path.stem for path in FOLDER.glob("*.json"))
CARD = (248, 140)  # pixels: a card's width, and the height of a low one
MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
WANTED = {
    "abandoned-cart",
    "ai-faq",
    "appointment-reminder",
    "booking",
    "coffee-tips",
    "coffee-tips-series",
    "lead-qualification",
    "order-status",
    "quiz",
    "satisfaction-survey",
    "support-triage",
    "welcome-menu",
}

SERIES = "coffee-tips-series"
"""A drip: it sends and waits, and asks nothing, so that it runs beside whatever else is said."""


@cache
def document(key: str) -> FlowDocument:
    found = read_flow_file(FOLDER / f"{key}.json").checked.document
    assert found is not None
    return found


@cache
def played(key: str) -> scenarios.Tested:
    return scenarios.run_file(FOLDER / f"{key}.test.yaml")


def nodes(key: str, type: str) -> list[Node]:
    return [node for node in document(key).nodes if node.type == type]


def replies(key: str) -> list[Node]:
    return [node for node in nodes(key, "wait") if node.config["for"]["kind"] == "reply"]


def keywords(key: str) -> list[dict[str, Any]]:
    return [node.config for node in nodes(key, "trigger") if node.config["on"]["kind"] == "keyword"]


def test_they_are_all_here() -> None:
    assert set(KEYS) >= WANTED


@pytest.mark.parametrize("key", KEYS)
def test_the_checker_has_nothing_to_warn_of(key: str) -> None:
    problems = read_flow_file(FOLDER / f"{key}.json").checked.problems
    assert [problem_line(each) for each in problems if each.level != "info"] == []


@pytest.mark.parametrize("key", KEYS)
def test_it_says_its_language_so_that_postdogs_own_words_are_in_it_too(key: str) -> None:
    assert document(key).language == "en"


@pytest.mark.parametrize("key", KEYS)
def test_every_scenario_passes(key: str) -> None:
    tested = played(key)
    assert tested.trouble == ()
    assert {each.scenario.name: each.failures for each in tested.played if not each.passed} == {}
    assert len(tested.played) >= 5
    assert len({each.scenario.name for each in tested.played}) == len(tested.played)


@pytest.mark.parametrize("key", KEYS)
def test_the_scenarios_pass_every_wired_port(key: str) -> None:
    tested = played(key)
    still_open = sorted(".".join(each) for each in tested.ports - tested.covered)
    assert tested.covered == tested.ports, f"no scenario passes {', '.join(still_open)}"


def test_a_series_asks_nothing() -> None:
    assert {node.type for node in document(SERIES).nodes} <= {"trigger", "wait", "condition", "send_message", "set", "end"}
    assert replies(SERIES) == []


@pytest.mark.parametrize("key", [key for key in KEYS if key != SERIES])
def test_it_is_complete(key: str) -> None:
    ports = scenarios.wired_ports(document(key))
    waits = replies(key)
    questions = [node for node in nodes(key, "send_message") if node.config.get("buttons") or node.config.get("list")]
    assert len(document(key).nodes) >= 8
    assert any((node.id, "timeout") in ports for node in (*waits, *questions)), "no silence leads anywhere"
    assert any((node.id, "invalid") in ports and node.config["for"]["retry_text"] for node in waits), "no answer is refused"
    agents = nodes(key, "assign_agent")
    assert agents, "no way to a person"
    assert {(node.id, port) for node in agents for port in ("resolved", "returned", "timeout", "no_agent")} <= ports
    timeouts = [node.config.get("for", node.config).get("timeout") for node in (*waits, *questions, *agents)]
    assert all(timeouts), "something waits for ever"


@pytest.mark.parametrize("key", KEYS)
def test_people_can_read_it(key: str) -> None:
    flow = document(key)
    labels = [node.label for node in flow.nodes]
    assert all(labels)
    assert len(set(labels)) == len(labels)
    assert {node.id for node in flow.nodes} == flow.layout.keys()
    places = [(point.x, point.y) for point in flow.layout.values()]
    near = [
        (one, other)
        for at, one in enumerate(places)
        for other in places[:at]
        if abs(one[0] - other[0]) < CARD[0] and abs(one[1] - other[1]) < CARD[1]
    ]
    assert near == [], "cards overlap"
    assert {"on_error", "on_timeout", "expires_after"} <= flow.settings.model_fields_set


def test_between_them_they_show_everything() -> None:
    used = {node.type for key in KEYS for node in document(key).nodes}
    assert used == set(node_types()), "each node type is used by one of them"
    configs = {type: [node.config for key in KEYS for node in nodes(key, type)] for type in node_types()}
    triggers, messages, waits = configs["trigger"], configs["send_message"], [each["for"] for each in configs["wait"]]
    assert {each["on"]["kind"] for each in triggers} >= {"message", "keyword", "webhook", "api", "tag_added", "schedule"}
    assert {each["on"].get("match", "word") for each in triggers if each["on"]["kind"] == "keyword"} == {
        "exact", "word", "contains", "starts_with", "pattern",
    }  # fmt: skip
    assert any(each.get("once") for each in triggers)
    assert any(each.get("again_after") for each in triggers)
    for part in ("buttons", "list", "media", "template", "fallback", "location", "footer", "save_as"):
        assert any(each.get(part) for each in messages), part
    assert {each["kind"] for each in waits} == {"reply", "duration", "until", "event"}
    assert {each.get("expect", {}).get("kind", "any") for each in waits if each["kind"] == "reply"} >= {
        "any", "text", "number", "date", "email", "phone",
    }  # fmt: skip
    assert any(each.get("business_hours") for each in waits)
    assert any(each.get("weekdays") for each in waits)
    everything = "".join((FOLDER / f"{key}.json").read_text() for key in KEYS)
    for shown in ("{{global.", "\"subject\": \"hours."):
        assert shown in everything, shown


# --- all of them published together ------------------------------------------------------------------------------------------
async def together(channel: str = "webchat") -> Simulation:
    """All ready-made flows live at once, as after the first start."""
    first, *others = KEYS
    simulation = Simulation(
        document(first),
        node_types(),
        channel=channel,
        capabilities=capabilities()[channel],
        at=MONDAY,
        contact=Person(name="Ann Example"),
        beside={key: document(key) for key in others},
    )
    await simulation.prepare()
    return simulation


def flow_of(simulation: Simulation) -> str:
    """The key of the flow whose run is at work."""
    run = simulation.run()
    assert run is not None
    assert run.live
    assert [each.id for each in simulation.runs() if each.live] == [run.id]
    return KEYS[run.flow - 1]


def test_no_two_flows_have_the_same_keyword() -> None:
    words = [word.casefold() for key in KEYS for config in keywords(key) for word in config["on"]["words"]]
    assert len(set(words)) == len(words)


@pytest.mark.parametrize("channel", ["webchat", "whatsapp"])
async def test_only_the_menu_takes_any_message(channel: str) -> None:
    takers = {key for key in KEYS for node in nodes(key, "trigger") if node.config["on"]["kind"] == "message"}
    assert takers == {"welcome-menu"}
    simulation = await together(channel)
    await simulation.say("good evening to you")
    assert flow_of(simulation) == "welcome-menu"


SENTENCES = {r"(?i)\bwhere.{1,20}\b(order|parcel|package|delivery)\b": "Hey, where's that parcel?"}
CASES = [
    (key, SENTENCES.get(word, word))
    for key in KEYS
    for config in keywords(key)
    for word in config["on"]["words"]
]  # fmt: skip


@pytest.mark.parametrize(("key", "word"), CASES)
async def test_each_keyword_starts_its_own_flow(key: str, word: str) -> None:
    simulation = await together()
    await simulation.say(word)
    assert flow_of(simulation) == key


INTERRUPTING = [
    (key, config["on"]["words"]) for key in KEYS for config in keywords(key) if config.get("interrupts")
]  # fmt: skip


@pytest.mark.parametrize(("key", "words"), INTERRUPTING)
async def test_its_bare_words_start_it_even_while_the_menu_waits(key: str, words: list[str]) -> None:
    simulation = await together()
    for word in words:
        await simulation.say("menu")
        assert flow_of(simulation) == "welcome-menu"
        await simulation.say(word.upper() + "!")
        assert flow_of(simulation) == key


SERVICES = {
    "Track my order": "order-status",
    "Get a quote": "lead-qualification",
    "My appointment": "appointment-reminder",
    "Get support": "support-triage",
    "My cart": "abandoned-cart",
    "Give feedback": "satisfaction-survey",
}


@pytest.mark.parametrize(("row", "key"), SERVICES.items())
async def test_the_rows_of_the_menu_lead_to_the_other_flows(row: str, key: str) -> None:
    simulation = await together()
    await simulation.say("hi")
    await simulation.press(row)
    assert flow_of(simulation) == key


async def test_a_sentence_does_not_interrupt_a_question() -> None:
    simulation = await together()
    await simulation.say("support")
    await simulation.say("my order arrived broken, I need help")
    assert flow_of(simulation) == "support-triage"
    assert simulation.trouble() == []
