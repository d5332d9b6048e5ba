"""A run's history, as rows keep it, makes the same steps again; whatever differs is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson
import pytest

from engine.core.history import Past, dump_step
from engine.core.replay import Replayed, replay
from engine.core.visit import Visit
from engine.core.world import TemplateInfo
from schemas.contact import ContactChange
from schemas.event import Assigned, ClaimConversation, ReturnConversation, StopRun
from tests.core.scene import SITE, Scene, branch, flow, handoff, publish, question, reply, said, word
from tests.core.test_advance_replay import LONG

TALK = flow(
    "Talk",
    {
        "start": word("go"),
        "hi": said("{Hi|Hello|Welcome} {{contact.first_name|there}} on {{channel.name}}, {{message.text}}?"),
        "age": reply(expect={"kind": "number"}, save_as="age", retries=2, timeout="PT1H"),
        "old": branch(("adult", {"subject": "var.age", "op": "gte", "value": 18})),
        "bye": said("Bye {{contact.phone}} {{contact.id}}"),
    },
    "start>hi hi>age age>old old.adult>bye",
)


def history_of(scene: Scene, run: int) -> list[Past]:
    """The rows of a run."""
    return [
        Past(step.number, event.id, step.at, orjson.loads(dump_step(step, event)))
        for _, event, decision in scene.events
        for step in decision.steps
        if step.run.id == run
    ]


def again(scene: Scene, history: list[Past] | None = None) -> tuple[Replayed, ...]:
    """The run that changed last, made again."""
    messages = {each.id: each for each in scene.messages}
    return replay(scene.world, scene.run, history_of(scene, scene.run.id) if history is None else history, messages)


def differences(scene: Scene, history: list[Past] | None = None) -> list[str]:
    """All that came to something else."""
    return [words for step in again(scene, history) for words in step.differences]


def talk(*texts: str, **world: Any) -> Scene:
    scene = Scene(TALK, **world)
    for text in texts:
        scene.say(text)
    return scene


def test_a_conversation_is_made_again() -> None:
    scene = talk("go", "about forty", "40")
    assert scene.texts == ["Bye +491510000000 ct_7"]
    assert [(step.past.number, step.equal) for step in again(scene)] == [(1, True), (2, True), (3, True)]


def test_so_is_one_with_timers_teams_and_people() -> None:
    scene = Scene(LONG)
    for text in ("go", "40", "Yes"):
        scene.say(text)
    scene.ring(after=timedelta(minutes=15))
    claim = scene.conversation().claim
    scene.give(Assigned(scene.conversation().id, claim, 31, 9))
    scene.give(ReturnConversation(scene.conversation().id, 31))
    assert [step.how for step in scene.steps] == ["began", "delivered", "delivered", "delivered", "answered", "delivered"]
    assert differences(scene) == []


def test_so_is_one_in_another_language_whatever_the_workspace_speaks_by_now() -> None:
    texts = {"/nodes/hi/config/text": {"text": "Hallo {{contact.first_name}}, {{message.text}}?", "source": ""}}
    scene = Scene({**TALK, "language": "en", "translations": {"de": texts}}, language="de")
    scene.say("go")
    assert scene.texts == ["Hallo Anna, go?"]
    scene.world = replace(scene.world, language="en")
    assert differences(scene) == []


def test_so_is_a_wait_that_a_person_suspended_and_gave_back() -> None:
    scene = Scene(question("Ask", word("ask"), expect={"kind": "number"}, retries=1))
    scene.say("ask")
    scene.say("what?")
    scene.give(ClaimConversation(scene.conversation().id, 31))
    assert differences(scene) == []  # its time stands still: that is no step
    scene.give(ReturnConversation(scene.conversation().id, 31))
    scene.say("7")
    assert [step.how for step in scene.steps] == ["began", "delivered", "reopened", "delivered"]
    assert differences(scene) == []


def test_so_is_a_run_that_was_stopped_or_carried_to_a_newer_version() -> None:
    scene = talk("go")
    publish(scene, {**TALK, "name": "Newer"}, "move")
    scene.say("40")
    assert scene.run.version == 21
    assert differences(scene) == []
    stopped = talk("go")
    stopped.give(StopRun(0))
    assert (stopped.run.status, differences(stopped)) == ("stopped", [])


def test_what_a_step_changed_of_the_contact_and_read_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    send = Visit.say

    def rename(visit: Visit, text: Any) -> str:
        visit.change(ContactChange("add_tag", "greeted"))
        visit.change(ContactChange("set_name", value=f"{visit.turn.contact.name}!"))
        return send(visit, text)

    monkeypatch.setattr(Visit, "say", rename)
    scene = talk("go", "40")
    step = scene.steps[0]
    assert step.reads["contact.name"] == "Anna"
    assert step.changes == (ContactChange("add_tag", "greeted"), ContactChange("set_name", value="Anna!"))
    assert scene.steps[1].changes == (ContactChange("set_name", value="Anna!!"),)  # the tag was there
    assert differences(scene) == []


def test_the_claim_of_a_request_counts_those_that_the_event_made_before() -> None:
    scene = Scene(handoff())
    scene.say("help")
    history = history_of(scene, scene.run.id)
    first = Past(history[0].number, history[0].event, history[0].at, {**history[0].data, "requests": 1})
    assert any("wait" in words for words in differences(scene, [first]))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"visited": [["start", "next", ""]]}, "visited: it was"),
        ({"status": "completed"}, "status: it was"),
        ({"messages": [1]}, "messages: it was"),
        ({"reads": {"contact.name": "Berta", "channel.name": "Site"}}, "content: it was"),
        ({"next": 900}, "messages: it was"),
        ({"met": [1, SITE, "BOT", 5, 0, None]}, "epoch: it was 0, replayed it is 5"),
        ({"met": [1, SITE, "BOT", 0, 30, None]}, "visited: it was"),
        ({"changes": [["add_tag", "vip", None]]}, "changes: it was"),
        ({"given": {"age": 3}}, "variables after it: stored is"),
        ({"version": 99}, "can't be replayed: the version of the flow on which it stood is gone"),
        ({"how": "delivered"}, "can't be replayed: the first steps of its history are gone"),
    ],
)
def test_a_history_that_says_something_else_is_noticed(changed: dict[str, Any], words: str) -> None:
    scene = talk("go")
    [past] = history_of(scene, scene.run.id)
    assert past.data["next"] < 900
    told = differences(scene, [replace(past, data={**past.data, **changed})])
    assert any(words in each for each in told), told


def test_what_an_older_release_wrote_can_not_be_made_again() -> None:
    scene = talk("go", "40")
    first, second = history_of(scene, scene.run.id)
    older = replace(first, data={name: value for name, value in first.data.items() if name != "how"})
    [only] = again(scene, [older, second])
    assert only.differences == ("can't be replayed: it was written before PostDog kept all that a replay needs",)


def test_a_changed_interpreter_is_noticed() -> None:
    scene = talk("go", "40")
    scene.world = replace(scene.world, programs=Scene({**TALK, "edges": TALK["edges"][:-1]}).world.programs)
    assert any(words.startswith("visited: it was") for words in differences(scene))


def test_a_message_that_left_as_its_template_is_the_same_message() -> None:
    fallback = {"fallback": {"name": "hello", "language": "en", "parameters": ["{{contact.name}}"]}}
    document = flow("Fall", {"start": word("go"), "hi": said("Hi", **fallback)}, "start>hi")
    template = TemplateInfo("hello", "en", "approved", "Hello {{1}}", ("1",))
    scene = Scene(document, templates={("hello", "en"): template})
    [message] = scene.say("go", channel=2).messages
    assert message.fallback is not None
    sent = {message.id: replace(message, content=message.fallback)}
    [step] = replay(scene.world, scene.run, history_of(scene, scene.run.id), sent)
    assert step.equal


def test_a_history_cut_short_is_compared_as_far_as_it_goes() -> None:
    scene = talk("go", "40")
    first = history_of(scene, scene.run.id)[:1]
    assert [step.equal for step in replay(scene.world, scene.run, first, whole=False)] == [True]
    assert not replay(scene.world, scene.run, first)[0].equal


def test_the_clock_of_the_decision_is_kept() -> None:
    scene = talk("go")
    assert scene.steps[0].at == scene.now
    assert scene.steps[0].met.conversation is not None
