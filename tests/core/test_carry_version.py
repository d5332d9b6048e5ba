"""Versions: a run stays on its own, or is moved, restarted or ended by a newer one, at its next event."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from schemas.event import ClaimConversation, EventNamed, MessageSettled
from tests.core.scene import Document, Scene, agent, flow, happening, pause, publish, question, reply, said, word

HOUR = timedelta(hours=1)


def ask(text: str, **wait: Any) -> Document:
    """A flow that asks, and answers with its own text."""
    nodes = {"start": word("ask"), "q": said("Who?"), "wait": reply(**wait), "end": said(text), "late": said("Late")}
    return flow("Ask", nodes, "start>q q>wait wait>end wait.timeout>late")


def waiting(document: Document) -> Scene:
    """A run that waits in the first version."""
    scene = Scene(document)
    scene.say("ask")
    return scene


def test_a_run_stays_on_its_version() -> None:
    scene = waiting(ask("old"))
    publish(scene, ask("new"), "move")
    scene.world = type(scene.world)(**{name: getattr(scene.world, name) for name in scene.world.__slots__} | {"successors": {}})
    scene.say("me")
    assert (scene.texts, scene.run.version) == (["old"], 11)


def test_a_moved_run_goes_on_in_the_newer_version() -> None:
    scene = waiting(ask("old"))
    publish(scene, ask("new"), "move")
    scene.say("me")
    assert (scene.texts, scene.run.version, scene.run.frames[0].version) == (["new"], 21, 21)
    assert "moved to version 21" in scene.last.trace


@pytest.mark.parametrize(
    "newer",
    [
        flow("Ask", {"start": word("ask"), "other": reply(), "end": said("new")}, "start>other other>end"),
        flow("Ask", {"start": word("ask"), "wait": said("Who?"), "end": said("new")}, "start>wait wait>end"),
        flow("Ask", {"start": word("ask"), "wait": pause(), "end": said("new")}, "start>wait wait>end"),
        flow("Ask", {"start": word("ask"), "wait": happening("paid"), "end": said("new")}, "start>wait wait>end"),
    ],
    ids=["the node is gone", "another type", "another wait: duration", "another wait: event"],
)
def test_a_run_whose_wait_is_gone_stays(newer: Document) -> None:
    scene = waiting(ask("old"))
    publish(scene, newer, "move")
    scene.say("me")
    assert (scene.texts, scene.run.version) == (["old"], 11)


@pytest.mark.parametrize(("ids", "version"), [("yn", 21), ("ynm", 21), ("y", 11), ("ab", 11)])
def test_a_choice_is_moved_while_all_its_ports_are_there(ids: str, version: int) -> None:
    def tea(ids: str) -> Document:
        return flow("Tea", {"start": word("ask"), "tea": said("Tea?", buttons={id: id.upper() for id in ids})}, "start>tea")

    scene = waiting(tea("yn"))
    publish(scene, tea(ids), "move")
    scene.say("Y")
    assert scene.run.version == version


def test_a_restarted_run_begins_anew() -> None:
    scene = waiting(ask("old"))
    publish(scene, ask("new"), "restart")
    scene.say("me")
    assert [(run.version, run.status, run.reason) for run in scene.last.runs] == [
        (11, "stopped", "republished"),
        (21, "waiting", ""),
    ]
    assert scene.texts == ["Who?"], "the message was no answer to the new run's question"
    scene.say("me")
    assert scene.texts == ["new"]


def test_an_old_timer_does_not_ring_for_the_restarted_run() -> None:
    scene = waiting(ask("old", timeout="PT1H"))
    publish(scene, ask("new", timeout="PT1H"), "restart")
    scene.ring(after=HOUR)
    assert scene.texts == ["Who?"]
    assert scene.run.version == 21
    assert (scene.run.status, scene.owner) == ("waiting", "BOT")


def test_a_failed_message_of_the_old_run_does_not_fail_the_restarted_one() -> None:
    scene = waiting(ask("old"))
    message = scene.messages[0]
    publish(scene, ask("new"), "restart")
    scene.give(MessageSettled(message.id, message.conversation, message.run, message.node, "failed", "131026"))
    assert (scene.run.version, scene.run.status) == (21, "waiting")


def test_a_run_ends_where_publish_says_so() -> None:
    scene = waiting(ask("old"))
    publish(scene, ask("new"), "end")
    scene.say("me")
    assert (scene.run.status, scene.run.reason, scene.owner) == ("stopped", "republished", "NONE")
    assert scene.conversation().unhandled, "nobody took the message"


def test_the_message_that_ended_a_run_may_start_another() -> None:
    scene = waiting(ask("old"))
    publish(scene, ask("new"), "end")
    scene.say("ask")
    assert [run.version for run in scene.last.runs] == [11, 21]
    assert scene.texts == ["Who?"]


def test_a_named_event_carries_too() -> None:
    def paid(text: str) -> Document:
        nodes = {"start": word("ask"), "wait": happening("paid"), "end": said(text)}
        return flow("Paid", nodes, "start>wait wait>end")

    scene = waiting(paid("old"))
    publish(scene, paid("new"), "move")
    scene.give(EventNamed("paid"))
    assert scene.texts == ["new"]


def test_an_old_timer_carries_nothing() -> None:
    scene = waiting(ask("old"))
    old = scene.run
    scene.give(ClaimConversation(scene.conversation().id, 31))
    publish(scene, ask("new"), "end")
    scene.ring(old, after=HOUR)
    assert (scene.last.runs, scene.person.runs[0].status) == ((), "suspended")


def test_a_run_whose_version_is_gone_ends_as_failed() -> None:
    scene = waiting(question("Ask", word("ask")))
    scene.world = Scene().world
    scene.say("me")
    assert (scene.run.status, scene.run.reason, scene.owner) == ("failed", "node_missing", "NONE")


def test_a_run_that_spoke_beside_others_does_not_begin_to_ask_for_agents() -> None:
    """Storm 5976: it took the conversation from the person who had it, whose place in the team was never free again."""
    scene = Scene(flow("Drip", {"start": word("go"), "day": pause()}, "start>day"))
    scene.say("go")
    scene.give(ClaimConversation(scene.conversation().id, 31))
    publish(scene, flow("Drip", {"start": word("go"), "day": pause(), "who": agent()}, "start>day day>who"), "move")
    scene.ring(after=timedelta(days=1))
    assert (scene.run.version, scene.run.status, scene.owner) == (11, "completed", "AGENT")
