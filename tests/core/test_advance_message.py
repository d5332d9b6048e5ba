"""What a failed message does to a run: (a) a node whose port for it is wired waits, (b) a wait names what it stands on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.core.decision import Decision
from schemas.effect import Message
from schemas.event import ClaimConversation, MessageSettled, ReturnConversation
from tests.core.scene import ANNA, PHONE, Scene, drip, flow, on, pause, reply, said, word

HOUR = timedelta(hours=1)
WIRED = flow(
    "Wired",
    {
        "start": word("go"),
        "one": said("One"),
        "two": said("Two"),
        "wait": reply(timeout="PT1H"),
        "no": said("Failed"),
        "late": said("Late"),
    },
    "start>one one>two two>wait two.failed>no wait.timeout>late",
)
PLAIN = flow(
    "Plain",
    {"start": word("go"), "one": said("One"), "two": said("Two"), "wait": reply(), "done": said("Done")},
    "start>one one>two two>wait wait>done",
)


def settle(scene: Scene, message: Message, status: str = "failed", code: str = "131026") -> Decision:
    """The outbox tells what became of a message."""
    body = MessageSettled(message.id, message.conversation, message.run, message.node, status, code if status == "failed" else "")
    return scene.give(body)


# --- a send goes on at once --------------------------------------------------------------------------------------------------
def test_a_send_goes_on_at_once() -> None:
    scene = Scene(PLAIN)
    messages = scene.say("go").messages
    assert [message.node for message in messages] == ["one", "two"]
    assert [message.reports for message in messages] == [False, False]
    assert scene.run.wait is not None
    assert scene.run.wait.node == "wait"


def test_success_moves_no_run() -> None:
    scene = Scene(PLAIN)
    messages = scene.say("go").messages
    settle(scene, messages[-1], "accepted")
    assert scene.last.runs == ()


# --- (a) -----------------------------------------------------------------------------------------------------------------------
def test_a_node_with_a_wired_failed_port_parks_until_its_message_settles() -> None:
    scene = Scene(WIRED)
    one, two = scene.say("go").messages
    assert (one.reports, two.reports) == (False, True)
    assert scene.run.wait is not None
    assert (scene.run.wait.kind, scene.run.wait.node, scene.run.wait.messages) == ("message", "two", (one.id, two.id))


@pytest.mark.parametrize("status", ["accepted", "skipped", "unknown"])
def test_it_goes_on_when_the_message_settles(status: str) -> None:
    scene = Scene(WIRED)
    messages = scene.say("go").messages
    settle(scene, messages[-1], status)
    assert scene.run.wait is not None
    assert scene.run.wait.node == "wait"
    assert scene.run.wait.due == scene.now + HOUR, "its messages have settled, so the timeout starts at once"
    assert scene.run.wait.messages == tuple(message.id for message in messages)


def test_it_leaves_by_failed_when_the_message_fails() -> None:
    scene = Scene(WIRED)
    settle(scene, scene.say("go").messages[-1])
    assert scene.texts == ["Failed"]
    assert scene.last.steps[0].visited[0].reason == "the message failed: 131026"


def test_its_own_port_is_not_for_the_message_of_another_node() -> None:
    scene = Scene(WIRED)
    settle(scene, scene.say("go").messages[0])
    assert (scene.run.status, scene.run.reason, scene.texts) == ("failed", "131026", []), "node one has no port, so on_error"


def test_a_settled_message_of_another_wait_moves_nothing() -> None:
    scene = Scene(WIRED)
    [_, two] = scene.say("go").messages
    settle(scene, two, "accepted")
    waiting = scene.run
    scene.say("an answer")
    settle(scene, two)
    assert waiting.status == "waiting"
    assert scene.last.runs == ()


def test_window_closed_has_a_port_of_its_own() -> None:
    nodes = {"start": on("api"), "one": said("One"), "wait": reply(), "closed": said("Template please"), "no": said("Failed")}
    scene = Scene(flow("Window", nodes, "start>one one>wait one.window_closed>closed one.failed>no"))
    scene.start()
    settle(scene, scene.last.messages[0], code="window_closed")
    assert scene.texts == ["Template please"]


def test_the_window_is_judged_in_the_step() -> None:
    nodes = {"start": on("api"), "one": said("One"), "closed": pause(), "wait": reply()}
    scene = Scene(flow("Window", nodes, "start>one one>wait one.window_closed>closed"))
    scene.start(channel=PHONE)
    assert scene.texts == []
    assert scene.run.wait is not None
    assert scene.run.wait.node == "closed"


def test_a_message_wait_that_a_person_suspended_goes_on_when_they_give_back() -> None:
    scene = Scene(WIRED)
    [_, two] = scene.say("go").messages
    conversation = scene.conversation().id
    scene.give(ClaimConversation(conversation, 31))
    settle(scene, two, "skipped")
    assert scene.last.runs == ()
    scene.give(ReturnConversation(conversation, 31))
    assert scene.run.wait is not None
    assert (scene.run.status, scene.run.wait.kind, scene.run.wait.node) == ("waiting", "reply", "wait")


# --- (b) -----------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("place", [0, 1])
def test_a_failed_message_ends_the_reply_wait_that_stands_on_it(place: int) -> None:
    scene = Scene(PLAIN)
    settle(scene, scene.say("go").messages[place], code="131047")
    assert (scene.run.status, scene.run.reason, scene.owner) == ("failed", "131047", "NONE")


def test_a_failed_message_hands_over_where_the_flow_says_so() -> None:
    scene = Scene(PLAIN | {"settings": {"on_error": "handoff"}})
    settle(scene, scene.say("go").messages[0])
    assert (scene.run.status, scene.owner) == ("failed", "QUEUE")


def test_the_sending_node_takes_its_own_port() -> None:
    nodes = {"start": word("go"), "tea": said("Tea?", buttons={"y": "Yes"}), "no": said("Failed")}
    scene = Scene(flow("Tea", nodes, "start>tea tea.failed>no"))
    settle(scene, scene.say("go").messages[0])
    assert scene.texts == ["Failed"]
    assert [(each.node, each.port) for each in scene.last.steps[0].visited] == [("tea", "failed"), ("no", "next"), ("no", "")]


def test_after_the_wait_a_failure_marks_the_message_only() -> None:
    scene = Scene(PLAIN)
    messages = scene.say("go").messages
    scene.say("an answer")
    settle(scene, messages[0])
    assert scene.last.runs == ()
    assert scene.last.trace == (f"message {messages[0].id} failed: 131026",)


def test_a_drip_goes_on_after_a_failed_message() -> None:
    scene = Scene(drip("Drip", word("drip")))
    settle(scene, scene.say("drip").messages[0])
    assert scene.last.runs == ()
    assert scene.person.runs[0].status == "waiting"


# --- nowhere to send ---------------------------------------------------------------------------------------------------------
def test_a_contact_without_an_address_fails_the_node() -> None:
    nodes = {"start": on("api"), "one": said("One"), "day": pause(), "no": pause()}
    nobody = type(ANNA)(ANNA.id, 1)
    scene = Scene(flow("Drip", nodes, "start>one one>day one.failed>no"), contact=nobody)
    scene.start(channel=0)
    assert scene.run.wait is not None
    assert (scene.run.wait.node, scene.run.conversation, scene.last.messages) == ("no", 0, ())
