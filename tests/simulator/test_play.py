"""Scenarios: what passes, and how plainly it is said what failed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from app.command.scenarios import run_file
from schemas.content import text_of
from simulator.play import Played
from simulator.scenario import Scenario
from tests.simulator.small import DOCUMENT, played

ASKED = {"expect": ["Tea or coffee?"]}


def failure(result: Played) -> str:
    (only,) = result.failures
    return only


async def test_a_conversation_as_expected_passes() -> None:
    result = await played(
        {"say": "hi"},
        {"expect": [{"text": "Tea or coffee?", "kind": "buttons", "buttons": ["Tea", "Coffee", "A person"], "voice": "bot"}]},
        {"at_node": "ask"},
        {"owner": "BOT"},
        {"press": "Tea"},
        {"expect": ["Tea it is, Ann."]},
        {"variables": {"drink": "Tea"}},
        {"contact": {"name": "Ann Example", "tags": ["vip"], "opted_out": False}},
        {"ended": "completed"},
        {"outcome": ""},
        {"owner": "NONE"},
        contact={"name": "Ann Example", "tags": ["vip"]},
    )
    assert result.failures == ()
    assert result.passed_ports == {("start", "next"), ("ask", "tea"), ("thanks", "next")}
    assert [(said.voice, text_of(said.content)) for said in result.transcript] == [
        ("contact", "hi"),
        ("bot", "Tea or coffee?"),
        ("contact", "Tea"),
        ("bot", "Tea it is, Ann."),
    ]


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"expect": ["Milk?"]}, "message 1: expected 'Milk?', got 'Tea or coffee?'"),
    ({"expect": [{"contains": "milk"}]}, "message 1: expected something with 'milk', got 'Tea or coffee?'"),
    ({"expect": [{"kind": "text"}]}, "message 1: expected kind text, got buttons"),
    ({"expect": [{"buttons": ["Tea"]}]}, "message 1: expected the choices Tea, got Tea, Coffee, A person"),
    ({"expect": [{"template": "tea"}]}, "message 1: expected the template tea, got buttons"),
    ({"expect": [{"voice": "notice"}]}, "message 1: expected the voice notice, got bot"),
    ({"expect": ["Tea or coffee?", "And?"]}, "2 messages were expected, 1 came: 'Tea or coffee?'"),
    ({"expect": []}, "messages that were not expected: 'Tea or coffee?'"),
    ({"variables": {"drink": "Tea"}}, "drink is None, not 'Tea'"),
    ({"contact": {"name": "Ann"}}, "name is None, not 'Ann'"),
    ({"at_node": "thanks"}, "the run stands at 'ask'"),
    ({"owner": "AGENT"}, "the owner is BOT"),
    ({"closed": True}, "the conversation is open"),
    ({"ended": "completed"}, "the run is waiting"),
    ({"outcome": "booked"}, "there is no outcome: the run is waiting"),
]


@pytest.mark.parametrize(("step", "sentence"), WRONG)
async def test_a_wrong_expectation_says_what_came_instead(step: dict[str, Any], sentence: str) -> None:
    result = await played({"say": "hi"}, step, {"press": "never reached"})
    (word,) = step
    assert failure(result) == f"step 2 ({word}): {sentence}"
    assert [text_of(said.content) for said in result.transcript] == ["hi", "Tea or coffee?"], "the conversation so far"


async def test_a_message_that_no_step_expects_fails() -> None:
    result = await played({"say": "hi"}, ASKED, {"press": "Coffee"})
    assert failure(result) == "at the end: messages that no step expects: 'Coffee it is, friend.'"


async def test_a_button_that_nobody_offered() -> None:
    result = await played({"say": "hi"}, ASKED, {"press": "Milk"})
    assert failure(result) == "step 3 (press): no message so far has a button or row 'Milk'; there are Tea, Coffee, A person"


async def test_a_button_by_its_id() -> None:
    result = await played({"say": "hi"}, ASKED, {"press": "coffee"}, {"expect": ["Coffee it is, friend."]})
    assert result.passed


async def test_time_passes_only_when_told() -> None:
    result = await played(
        {"say": "hi"},
        ASKED,
        {"wait": "PT9M59S"},
        {"expect": []},
        {"wait": "PT1S"},
        {"expect": ["Later, then."]},
        {"say": "hi"},
        ASKED,
        {"until": "2026-03-02T10:20:00Z"},
        {"expect": ["Later, then."]},
        {"ended": "completed"},
    )
    assert result.failures == ()
    assert [said.at.isoformat() for said in result.transcript][-1] == "2026-03-02T10:20:00+00:00"


async def test_agents_claim_speak_and_give_back() -> None:
    result = await played(
        {"say": "hi"},
        ASKED,
        {"press": "A person"},
        {"owner": "AGENT"},
        {"agent_says": "Hello!"},
        {"say": "Hello to you"},
        {"expect": []},
        {"agent": "returns"},
        {"owner": "BOT"},
        ASKED,
        {"agent": "claims"},
        {"owner": "AGENT"},
        {"closed": False},
        {"agent": "resolves"},
        {"closed": True},
        {"ended": "stopped"},
        {"owner": "NONE"},
    )
    assert result.failures == ()
    assert ("human", "Hello!") in [(said.voice, text_of(said.content)) for said in result.transcript]


async def test_presence_decides_who_is_there() -> None:
    offline = await played({"say": "hi"}, ASKED, {"press": "person"}, {"expect": ["Nobody is here."]}, agents="offline")
    assert offline.failures == ()
    later = {"expect": ["Later, then."]}
    busy = await played({"say": "hi"}, ASKED, {"press": "person"}, {"owner": "QUEUE"}, {"wait": "PT5M"}, later, agents="busy")
    assert busy.failures == ()
    comes = await played({"say": "hi"}, ASKED, {"press": "person"}, {"agent": "online"}, {"owner": "AGENT"}, agents="busy")
    assert comes.failures == ()


async def test_a_message_that_the_provider_refuses_is_not_said() -> None:
    result = await played({"fail": "131026"}, {"say": "hi"}, {"expect": []}, {"ended": "failed"})
    assert result.failures == ()
    assert [(said.status, said.code) for said in result.transcript] == [("received", ""), ("failed", "131026")]


# --- the files ---------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("step", [{"shout": "hi"}, {}, {"say": "hi", "press": "Tea"}])
def test_a_step_has_exactly_one_known_word(step: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Scenario.model_validate({"name": "x", "steps": [step]})


def write(folder: Path, yaml: str, document: Any = DOCUMENT) -> Path:
    (folder / "small.json").write_bytes(orjson.dumps(document))
    (folder / "small.test.yaml").write_text(yaml)
    return folder / "small.test.yaml"


def scenario_with(step: str) -> str:
    return f"scenarios:\n  - name: one\n    steps:\n      - say: hi\n      - {step}\n"


def test_a_file_is_played_against_the_flow_beside_it(tmp_path: Path) -> None:
    tested = run_file(write(tmp_path, scenario_with('expect: ["Tea or coffee?"]')))
    assert tested.passed
    assert ("start", "next") in tested.covered
    assert ("ask", "tea") in tested.ports - tested.covered


@pytest.mark.parametrize(
    ("yaml", "sentence"),
    [
        (scenario_with("shout: hi"), "scenarios 1 steps 2 shout: this word is not known here"),
        (scenario_with("say: no"), "scenarios 1 steps 2 say: this must be a text; put it in quotes"),
        (scenario_with("wait: soon"), "scenarios 1 steps 2 wait: "),
        (scenario_with("{say: hi, press: Tea}"), "scenarios 1 steps 2: a step has exactly one word"),
        ("scenarios: []\n", "scenarios: "),
        ("scenarios: [", "this is no YAML: "),
        ("flow: other.json\n" + scenario_with("expect: []"), "other.json: error"),
    ],
)
def test_trouble_with_the_file_is_said_in_a_sentence(tmp_path: Path, yaml: str, sentence: str) -> None:
    tested = run_file(write(tmp_path, yaml))
    assert not tested.passed
    assert any(sentence in each for each in tested.trouble), tested.trouble


def test_a_flow_with_errors_is_not_played(tmp_path: Path) -> None:
    broken = {**DOCUMENT, "edges": [{"from": "start", "to": "nowhere"}]}
    tested = run_file(write(tmp_path, scenario_with("expect: []"), broken))
    assert any("nowhere" in each for each in tested.trouble)
    assert tested.played == ()


# --- how a failure reads -----------------------------------------------------------------------------------------------------
def lines(result: Played) -> list[str]:
    return [f"{line.mark or ' '} {line.voice}: {line.text}" for line in result.chat]


async def test_what_was_expected_stands_beside_what_came() -> None:
    wrong = {"expect": ["Tea it is, friend.", {"contains": "Enjoy", "buttons": ["Again"]}, {"template": "bye"}]}
    result = await played({"say": "hi"}, ASKED, {"press": "Coffee"}, wrong, {"say": "never said"})
    assert (result.step, result.passed) == (4, False)
    assert lines(result) == [
        "  contact: hi",
        "  bot: Tea or coffee? [Tea] [Coffee] [A person]",
        "  contact: Coffee",
        "- bot: Tea it is, friend.",
        "+ bot: Coffee it is, friend.",
        "- bot: … Enjoy … [Again]",
        "- bot: (template bye)",
    ]


async def test_what_is_right_stands_without_a_mark() -> None:
    result = await played({"say": "hi"}, {"expect": [{"contains": "Tea"}, "And cake?"]})
    assert lines(result)[1:] == ["  bot: Tea or coffee? [Tea] [Coffee] [A person]", "- bot: And cake?"]
    left = await played({"say": "hi"}, ASKED, {"press": "Coffee"})
    assert lines(left)[-1] == "+ bot: Coffee it is, friend."
    assert left.step == 3


async def test_a_refused_step_is_named_when_a_later_one_fails() -> None:
    result = await played({"agent": "claims"}, {"say": "hi"}, {"expect": []})
    assert result.failures[1] == "step 1 (agent) was refused: This conversation doesn't exist (any more)."


@pytest.mark.parametrize("step", [{"at_node": "nowhere"}, {"start": {"node": "nowhere"}}])
async def test_a_node_that_the_flow_does_not_have(step: dict[str, Any]) -> None:
    result = await played({"say": "hi"}, ASKED, step)
    assert failure(result).endswith("the flow has no node 'nowhere'; it has start, ask, thanks, later, agent, nobody")


async def test_a_scenario_may_begin_in_the_midst_of_a_flow_and_skip_waits() -> None:
    result = await played(
        {"start": {"node": "thanks", "variables": {"drink": "Milk"}}},
        {"expect": ["Milk it is, friend."]},
        {"say": "hi"},
        ASKED,
        {"skip": "wait"},
        {"expect": ["Later, then."]},
    )
    assert result.failures == ()
    assert result.transcript[-1].at.isoformat() == "2026-03-02T10:10:00+00:00"
