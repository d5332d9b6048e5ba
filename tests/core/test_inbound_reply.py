"""What a reply wait takes: what came in after it opened; taps on its own message; handoff words; and how often it may fail."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.core.value import Run
from schemas.content import Media, Text
from schemas.event import AssignRequested, MessageReceived
from tests.core.scene import EVERYONE, SALES, SITE, Scene, flow, on, question, reply, said, word

EARLIER = timedelta(seconds=2)
CHOICE = said("Tea?", buttons={"y": "Yes", "n": "No"}, save_as="tea")
TEA = flow(
    "Tea",
    {"start": word("tea"), "ask": CHOICE, "ok": said("Good, {{var.tea}}"), "none": said("None: {{var.tea}}")},
    "start>ask ask.y>ok ask.n>ok ask.other>none",
)
TWICE = flow(
    "Twice",
    {
        "start": word("go"),
        "one": said("One?", buttons={"y": "Yes"}),
        "two": said("Two?", buttons={"y": "Yes"}),
        "end": said("End"),
    },
    "start>one one.y>two one.other>two two.y>end two.other>end",
)


def wait_of(run: Run) -> dict[str, object]:
    """What the run's wait keeps for its node."""
    assert run.wait is not None
    return dict(run.wait.data)


def test_a_reply_takes_what_came_in_after_the_question() -> None:
    scene = Scene(question("Ask", word("ask")))
    scene.say("ask")
    scene.say("hello", received_at=scene.now - EARLIER)
    assert (scene.last.runs, scene.last.trace[0]) == ((), "it came before the question was asked")
    scene.say("hello")
    assert scene.texts == ["Ask done"]


def test_what_came_before_the_question_starts_nothing_else_either() -> None:
    scene = Scene(question("Ask", word("ask")), question("Other", word("other")))
    scene.say("ask")
    scene.say("other", received_at=scene.now - EARLIER)
    assert scene.last.runs == ()


def test_what_came_before_the_question_may_still_interrupt() -> None:
    scene = Scene(question("Ask", word("ask")), question("Other", word("other", interrupts=True)))
    scene.say("ask")
    scene.say("other", received_at=scene.now - EARLIER)
    assert scene.texts == ["Other?"]


def test_accept_earlier_takes_it_all_the_same() -> None:
    scene = Scene(question("Ask", word("ask"), accept_earlier=True))
    scene.say("ask")
    scene.say("hello", received_at=scene.now - EARLIER)
    assert scene.texts == ["Ask done"]


def test_a_provider_that_names_no_time_of_arrival_is_judged_by_the_time_of_the_message() -> None:
    scene = Scene(question("Ask", word("ask")))
    scene.say("ask")
    scene.say("hello", received_at=None, at=scene.now - EARLIER)
    assert scene.last.runs == ()


def test_a_tap_on_the_message_of_the_wait_answers_it() -> None:
    scene = Scene(TEA)
    [message] = scene.say("tea").messages
    scene.tap("n", "No", message.id)
    assert scene.texts == ["Good, No"]


def test_a_tap_of_an_older_message_is_typed_text() -> None:
    scene = Scene(TWICE)
    [first] = scene.say("go").messages
    scene.tap("y", "Yes", first.id)
    assert scene.texts == ["Two?"]
    scene.tap("y", "Oh yes", first.id)
    assert [step.visited[0].port for step in scene.last.steps] == ["other"], "its id belongs to the other question"


def test_a_tap_of_an_older_message_still_answers_by_what_its_title_says() -> None:
    scene = Scene(TWICE)
    [first] = scene.say("go").messages
    scene.tap("y", "Yes", first.id)
    scene.tap("y", "Yes", first.id)
    assert [step.visited[0].port for step in scene.last.steps] == ["y"]


@pytest.mark.parametrize(("typed", "port"), [("yes!", "y"), ("2", "n"), ("NO", "n"), ("maybe", "other")])
def test_typed_text_and_numbers_choose(typed: str, port: str) -> None:
    scene = Scene(TEA)
    scene.say("tea")
    scene.say(typed)
    assert scene.last.steps[0].visited[0].port == port


def test_a_refused_reply_is_asked_for_again_and_then_leaves_by_invalid() -> None:
    nodes = {"start": word("age"), "wait": reply(expect={"kind": "number"}, retries=1, retry_text="A number?"), "no": said("No")}
    scene = Scene(flow("Age", nodes, "start>wait wait.invalid>no"))
    scene.say("age")
    assert wait_of(scene.run) == {"retries": 1}
    scene.say("old")
    assert (scene.texts, wait_of(scene.run)) == (["A number?"], {"retries": 0})
    scene.say("very old")
    assert scene.texts == ["No"]


# --- handing over ------------------------------------------------------------------------------------------------------------
def test_handoff_words_bring_in_a_person_while_the_flow_waits() -> None:
    scene = Scene(question("Ask", word("ask")) | {"settings": {"handoff_words": ["Agent", "talk to a human"]}})
    scene.say("ask")
    scene.say("AGENT")
    assert (scene.run.status, scene.run.reason, scene.owner) == ("suspended", "handoff", "QUEUE")
    [request] = scene.born(AssignRequested)
    assert request.team == EVERYONE
    assert scene.conversation().epoch == 0, "a hand-over of the run takes the floor from nobody"
    assert scene.last.inbound is not None
    assert scene.last.inbound.run == scene.run.id


def test_a_handoff_word_within_a_sentence_is_an_answer() -> None:
    scene = Scene(question("Ask", word("ask")) | {"settings": {"handoff_words": ["agent"]}})
    scene.say("ask")
    scene.say("my travel agent")
    assert scene.texts == ["Ask done"]


def test_handoffs_go_to_the_team_of_the_flow() -> None:
    scene = Scene(question("Ask", word("ask")) | {"settings": {"handoff_words": ["agent"], "handoff_team": "sales"}})
    scene.say("ask")
    scene.say("agent")
    assert [each.team for each in scene.born(AssignRequested)] == [SALES]


def test_repeated_invalid_replies_hand_over() -> None:
    wait = reply(expect={"kind": "number"}, retries=5)
    settings = {"handoff_after_invalid": 2}
    scene = Scene(flow("Age", {"start": word("age"), "wait": wait}, "start>wait", settings=settings))
    scene.say("age")
    scene.say("old")
    assert (scene.run.status, scene.run.invalid) == ("waiting", 1)
    scene.say("very old")
    assert (scene.run.status, scene.owner, scene.run.invalid) == ("suspended", "QUEUE", 2)


def test_a_reply_that_fits_ends_the_row_of_invalid_ones() -> None:
    wait = reply(expect={"kind": "number"}, retries=5)
    nodes = {"start": word("age"), "wait": wait, "again": reply(expect={"kind": "number"}, retries=5)}
    scene = Scene(flow("Age", nodes, "start>wait wait>again", settings={"handoff_after_invalid": 2}))
    for text in ("age", "old", "34", "old"):
        scene.say(text)
    assert (scene.run.status, scene.run.invalid) == ("waiting", 1)


def test_nobody_there_opens_the_suspended_wait_again() -> None:
    scene = Scene(question("Ask", word("ask")) | {"settings": {"handoff_words": ["agent"], "handoff_team": "gone"}})
    scene.say("ask")
    scene.say("agent")
    [refusal] = scene.last.born
    scene.answer(refusal)
    assert scene.owner == "BOT"
    assert scene.texts == ["Nobody is available right now. You can go on here, or ask again later."]
    scene.say("so be it")
    assert scene.texts == ["Ask done"]


# --- what arrival notes ------------------------------------------------------------------------------------------------------
def test_a_message_tells_who_the_contact_is_but_changes_nothing_that_is_known() -> None:
    scene = Scene()
    scene.give(message(name="Anna B.", language="de"))
    assert (scene.person.contact.name, scene.person.contact.language) == ("Anna", "de")


def test_a_message_opens_the_window_and_an_older_one_does_not_shorten_it() -> None:
    scene = Scene()
    scene.give(message(window_hours=72))
    until = scene.conversation().window_until
    assert until == scene.now + timedelta(hours=72)
    scene.give(message())
    assert scene.conversation().window_until == until


def message(**more: Any) -> MessageReceived:
    """A message as a channel tells it."""
    return MessageReceived(SITE, "w", Text("hello"), **more)


def test_media_are_fetched() -> None:
    scene = Scene(question("Any", on("message")))
    scene.say(Media("image", provider_id="m1"))
    assert [(call.kind, call.data["provider_id"]) for call in scene.last.calls] == [("fetch_media", "m1")]
