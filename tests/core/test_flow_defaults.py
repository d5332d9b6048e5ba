"""What the flow's settings say for questions that don't say it themselves: how long they wait, and what they say again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.core.check import check
from engine.core.evolve import evolve
from nodes import node_types
from tests.core.scene import ANNA, Document, Scene, flow, reply, said, word

DAY = {"reply_timeout": "P1D", "retry_text": "Please try again, {{contact.first_name}}."}
ASK: Document = {"type": "ask", "config": {"text": "How many?", "answer": "number"}}
NUMBER: Document = {"kind": "number"}


def asking(node: Document, settings: Document = DAY, edges: str = "start>ask", **more: Any) -> Document:
    return flow("Ask", {"start": word("hi"), "ask": node, "late": said("Too late")}, edges, settings=settings, **more)


QUESTIONS = {
    "ask": ASK,
    "wait": reply(expect=NUMBER),
    "buttons": said("Tea?", buttons={"y": "Yes", "n": "No"}),
}


@pytest.mark.parametrize("node", QUESTIONS.values(), ids=QUESTIONS)
def test_a_question_waits_as_long_as_the_flow_says(node: Document) -> None:
    scene = Scene(asking(node, edges="start>ask ask.timeout>late"))
    scene.say("hi")
    assert scene.run.wait is not None
    assert scene.run.wait.timeout == timedelta(days=1).total_seconds()


@pytest.mark.parametrize("node", QUESTIONS.values(), ids=QUESTIONS)
def test_its_own_time_comes_first_and_without_either_it_waits_for_the_run(node: Document) -> None:
    config: dict[str, Any] = node["config"]
    own = {**config, "for": {**config["for"], "timeout": "PT5M"}} if "for" in config else {**config, "timeout": "PT5M"}
    scene = Scene(asking({**node, "config": own}))
    scene.say("hi")
    assert scene.run.wait is not None
    assert scene.run.wait.timeout == 300
    scene = Scene(asking(node, {}))
    scene.say("hi")
    assert scene.run.wait is not None
    assert scene.run.wait.timeout is None


@pytest.mark.parametrize("node", [ASK, reply(expect=NUMBER)], ids=["ask", "wait"])
def test_it_says_again_what_the_flow_says(node: Document) -> None:
    scene = Scene(asking(node))
    scene.say("hi")
    scene.say("many")
    assert scene.texts == ["Please try again, Anna."]
    scene = Scene(asking(node, {}))
    scene.say("hi")
    scene.say("many")
    assert scene.texts == ["Please answer with a number, for example 42."]


@pytest.mark.parametrize("own", ["", "A number, please."])
@pytest.mark.parametrize("language", ["de", "de-AT", "en"])
def test_in_the_contacts_language(own: str, language: str) -> None:
    german = {"/settings/retry_text": {"text": "Bitte noch einmal.", "source": DAY["retry_text"]}}
    node = reply(expect=NUMBER, retry_text=own)
    scene = Scene(asking(node, language="en", translations={"de": german}), contact=evolve(ANNA, language=language))
    scene.say("hi")
    scene.say("many")
    heard = own or ("Please try again, Anna." if language == "en" else "Bitte noch einmal.")
    assert scene.texts == [heard]


def test_a_wired_timeout_comes_where_the_flow_says_a_time() -> None:
    edges = "start>ask ask.timeout>late"
    codes = [
        {each.code for each in check(asking(ASK, settings, edges), node_types()).problems} for settings in (DAY, {})
    ]  # fmt: skip
    assert ["timeout_never" in each for each in codes] == [False, True]


def test_what_nobody_knows_in_the_text_is_said() -> None:
    problems = check(asking(ASK, {"retry_text": "Again, {{nobody}} {{secret.KEY}}"}), node_types()).problems
    assert [(each.code, each.pointer) for each in problems if each.level == "error"] == [
        ("unknown_variable", "/settings/retry_text"),
        ("unknown_variable", "/settings/retry_text"),
    ]
    fine = asking(ASK, {"retry_text": "Again, {{who}}"}, variables=[{"name": "who", "default": "you"}])
    assert {"unused_variable", "unknown_variable"}.isdisjoint(each.code for each in check(fine, node_types()).problems)
