"""What the flow's settings say for questions that don't say it themselves: how long they wait, and what they say again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from engine.core.check import NOTHING_KNOWN, check
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


@pytest.mark.parametrize("text", ["retry_text", "handoff_text"])
def test_what_nobody_knows_in_the_text_is_said(text: str) -> None:
    problems = check(asking(ASK, {text: "Again, {{nobody}} {{secret.KEY}}"}), node_types()).problems
    assert [(each.code, each.pointer) for each in problems if each.level == "error"] == [
        ("unknown_variable", f"/settings/{text}"),
        ("secret_shown", f"/settings/{text}"),
    ]
    fine = asking(ASK, {text: "Again, {{who}}"}, variables=[{"name": "who", "default": "you"}])
    assert {"unused_variable", "unknown_variable"}.isdisjoint(each.code for each in check(fine, node_types()).problems)


@pytest.mark.parametrize("text", ["retry_text", "handoff_text"])
@pytest.mark.parametrize(
    ("path", "code", "level"),
    [
        ("contact.plan", "unknown_field", "warning"),
        ("contact.fields.plan", "unknown_field", "warning"),
        ("global.shop", "unknown_global", "warning"),
        ("hours.shop", "unknown_hours", "error"),
    ],
)
def test_what_the_workspace_does_not_have_is_said_as_in_any_text(text: str, path: str, code: str, level: str) -> None:
    def found(**own: Any) -> list[tuple[str, str, str]]:
        scope = replace(NOTHING_KNOWN, **own)
        problems = check(asking(ASK, {text: f"Again, {{{{{path}}}}}"}), node_types(), scope).problems
        return [(each.code, each.level, each.pointer) for each in problems if each.code.startswith("unknown_")]

    assert found() == [], "what isn't known isn't judged"
    assert found(fields={}, globals={}, hours=()) == [(code, level, f"/settings/{text}")]
    assert found(fields={"plan": "text"}, globals={"shop": "text"}, hours=("shop",)) == []


def test_what_only_a_translation_of_such_a_text_names_is_said_at_the_translation() -> None:
    german = {"/settings/retry_text": {"text": "Noch einmal, {{contact.plan}}.", "source": "Again."}}
    document = {**asking(ASK, {"retry_text": "Again."}), "language": "en", "translations": {"de": german}}
    problems = check(document, node_types(), replace(NOTHING_KNOWN, fields={})).problems
    at = "/translations/de/~1settings~1retry_text/text"
    assert ("unknown_field", at) in [(each.code, each.pointer) for each in problems]


@pytest.mark.parametrize("way", ["words", "invalid"])
def test_what_is_said_when_a_person_is_brought_in_is_filled(way: str) -> None:
    settings = {
        "handoff_words": ["person"], "handoff_after_invalid": 1, "handoff_text": "One moment, {{contact.name}}: {{n}}.",
    }  # fmt: skip
    scene = Scene(asking(ASK, settings, variables=[{"name": "n", "default": "7"}]))
    scene.say("hi")
    scene.say("person" if way == "words" else "many")
    assert scene.texts == ["One moment, Anna: 7."]
    assert scene.owner == "QUEUE"
