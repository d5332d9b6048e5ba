"""`advance` is the step that `decide` takes: replaying what a run's history keeps gives equal steps."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.core.advance import advance
from engine.core.decide import decide
from schemas.event import EventNamed, NoAgent, ResolveConversation, ReturnConversation
from tests.core.scene import Scene, agent, branch, flow, handoff, happening, on, question, reply, said, word

ADULT = {"subject": "var.age", "op": "gte", "value": 18}
LONG = flow(
    "Long",
    {
        "start": word("go"),
        "hi": said("{Hi|Hello} {{contact.name|there}}, how old?"),
        "age": reply(expect={"kind": "number"}, save_as="age", retries=2, timeout="PT1H"),
        "old": branch(("adult", ADULT)),
        "tea": said("Tea, {{message.text}}?", buttons={"y": "Yes", "n": "No"}, save_as="tea"),
        "who": agent(),
        "again": agent(team="sales"),
        "end": said("Bye {{var.tea}}"),
    },
    "start>hi hi>age age>old old.adult>tea old.else>end tea.y>who tea.other>tea "
    "who.timeout>again who.resolved>end again.returned>end",
)


def replay(scene: Scene) -> int:
    """Compares every step that followed another with what `advance` gives; how many there were."""
    compared = 0
    for person, event, decision in scene.events:
        assert decide(scene.world, person, event, now=event.at) == decision
        for step in decision.steps:
            before = person.run(step.run.id)
            if before is not None and step.visited:
                assert advance(scene.world, person, before, event, now=event.at) == step
                compared += 1
    return compared


def test_every_step_of_a_conversation_is_replayed() -> None:
    scene = Scene(LONG)
    for text in ("go", "about forty", "40", "what?", "Yes"):
        scene.say(text)
    scene.ring(after=timedelta(minutes=15))
    conversation = scene.conversation()
    scene.give(ReturnConversation(conversation.id, 31))
    assert scene.texts == ["Bye Yes"]
    assert replay(scene) == 6


@pytest.mark.parametrize("body", [ResolveConversation, NoAgent])
def test_what_people_answer_is_replayed(body: type) -> None:
    scene = Scene(handoff())
    scene.say("help")
    conversation = scene.conversation()
    scene.give(
        body(conversation.id) if body is ResolveConversation else NoAgent(conversation.id, conversation.claim, 8, "closed")
    )
    assert replay(scene) == 1


def test_a_run_that_does_not_wait_for_it_takes_no_step() -> None:
    scene = Scene(question("Ask", word("ask")))
    scene.say("ask")
    scene.give(EventNamed("paid"))
    person, event, _ = scene.events[-1]
    assert advance(scene.world, person, person.runs[0], event, now=event.at) is None


def test_the_step_names_what_it_read_and_why_it_went_there() -> None:
    scene = Scene(LONG)
    scene.say("go")
    assert scene.steps[0].reads == {"contact.name": "Anna"}
    scene.say("40")
    visited = scene.steps[1].visited
    assert [(each.node, each.port) for each in visited] == [("age", "next"), ("old", "adult"), ("tea", "")]
    assert visited[1].reason == "40 >= 18"


def test_keys_of_effects_derive_from_run_step_and_index() -> None:
    scene = Scene(LONG)
    [first] = scene.say("go").messages
    assert first.key == f"{scene.run.id}:1:0"
    [second] = scene.say("40").messages
    assert second.key == f"{scene.run.id}:2:0"


def test_a_wait_has_the_id_of_the_step_that_parked_it() -> None:
    scene = Scene(flow("Two", {"start": on("api"), "one": happening("a"), "two": happening("b")}, "start>one one>two"))
    scene.start()
    scene.give(EventNamed("a"))
    assert [step.run.wait.id for step in scene.steps if step.run.wait] == [1, 2]
