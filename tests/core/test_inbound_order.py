"""Who gets an inbound message: opt-out words, the agent, interrupting triggers, the waiting run, the best trigger, nobody."""

from __future__ import annotations

import pytest

from schemas.content import Reaction, Unsupported
from schemas.event import ClaimConversation
from tests.core.scene import SITE, Document, Scene, drip, flow, handoff, happening, on, pause, question, said, word

ASK = question("Ask", word("ask"))
STOPPED = "You won't get any more messages from us. Write START to change that."


def parked(trigger: Document, wait: Document) -> Document:
    """An interactive flow that stands on something else than a reply first."""
    nodes = {"start": trigger, "wait": wait, "ask": said("And?", buttons={"y": "Yes"})}
    return flow("Parked", nodes, "start>wait wait>ask")


def claimed(*documents: Document) -> Scene:
    """A scene in which an agent has the conversation."""
    scene = Scene(*documents)
    scene.say("hello?")
    scene.give(ClaimConversation(scene.conversation().id, 31))
    return scene


# --- the order ---------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("words", ["STOP", "  stop ", "Unsubscribe", "opt out"])
def test_opt_out_words_stop_everything(words: str) -> None:
    scene = Scene(ASK, drip("Drip", word("drip")))
    scene.say("drip")
    scene.say("ask")
    scene.say(words)
    assert scene.person.contact.opted_out
    assert scene.texts == [STOPPED]
    assert [run.reason for run in scene.last.runs] == ["opted_out", "opted_out"]
    assert scene.person.runs == ()
    assert (scene.owner, scene.conversation().epoch) == ("NONE", 1)


def test_opt_out_words_work_while_an_agent_owns() -> None:
    scene = claimed(ASK)
    epoch = scene.conversation().epoch
    scene.say("stop")
    assert scene.person.contact.opted_out
    assert scene.texts == [STOPPED]
    assert (scene.owner, scene.conversation().epoch) == ("AGENT", epoch + 1)


def test_opt_out_words_work_in_the_queue_and_leave_it() -> None:
    scene = Scene(handoff())
    scene.say("help")
    scene.say("stop")
    assert scene.owner == "NONE"
    assert [type(each.body).__name__ for each in scene.last.born] == ["AssignWithdrawn", "ContactChanged"]


def test_opt_out_words_go_before_interrupting_triggers() -> None:
    scene = Scene(question("Stop", word("stop", interrupts=True)))
    scene.say("stop")
    assert scene.person.contact.opted_out
    assert scene.runs_of(1) == []


def test_the_confirmation_alone_needs_no_consent() -> None:
    scene = Scene()
    [message] = scene.say("stop").messages
    assert (message.voice, message.consent) == ("system", False)


@pytest.mark.parametrize("text", ["hi", "ask", "stop"])
def test_an_opted_out_contact_starts_nothing(text: str) -> None:
    scene = Scene(ASK, question("Any", on("message")))
    scene.say("stop")
    scene.say(text)
    assert (scene.last.messages, scene.person.runs) == ((), ())
    assert scene.conversation().unhandled


def test_opt_in_words_open_the_way_again() -> None:
    scene = Scene(question("Begin", word("start")))
    scene.say("stop")
    scene.say("START")
    assert not scene.person.contact.opted_out
    assert scene.texts == ["Welcome back. You will get our messages again."]
    scene.say("start")
    assert scene.texts == ["Begin?"], "without an opt-out it is a word like others"


def test_while_an_agent_owns_the_agent_alone_gets_it() -> None:
    scene = claimed(ASK, question("Now", word("now", interrupts=True)))
    for text in ("ask", "now"):
        scene.say(text)
        assert (scene.last.messages, scene.last.runs) == ((), ())
        assert scene.last.inbound is not None
        assert scene.last.inbound.run == 0
        assert not scene.conversation().unhandled


def test_while_the_queue_owns_nothing_starts() -> None:
    scene = Scene(handoff(), question("Now", word("now", interrupts=True)))
    scene.say("help")
    scene.say("now")
    assert (scene.last.messages, scene.last.runs, scene.owner) == ((), (), "QUEUE")


def test_triggers_that_interrupt_go_before_the_waiting_run() -> None:
    scene = Scene(ASK, question("Now", word("now", interrupts=True)))
    scene.say("ask")
    scene.say("now")
    assert scene.texts == ["Now?"]
    assert [(run.flow, run.status, run.reason) for run in scene.last.runs] == [
        (1, "interrupted", "another_flow"),
        (2, "waiting", ""),
    ]


def test_the_waiting_run_goes_before_other_triggers() -> None:
    scene = Scene(ASK, question("Other", word("other")))
    scene.say("ask")
    scene.say("other")
    assert scene.texts == ["Ask done"]
    assert scene.last.inbound is not None
    assert scene.last.inbound.run == scene.runs_of(1)[0].id


def test_the_best_trigger_takes_what_no_run_waits_for() -> None:
    scene = Scene(
        question("Any", on("message", priority=100)),
        question("Part", word("price", match="contains", priority=50)),
        question("Word", word("price", match="word", priority=60)),
        question("Exact", word("price", priority=-5)),
    )
    assert scene.say("price").trace[-1] == "Exact started: exact keyword 'price'"
    scene.person = Scene().person
    scene.say("the price?")
    assert scene.texts == ["Word?"], "all but exact are equal, so the priority decides"
    scene.person = Scene().person
    scene.say("hello")
    assert scene.texts == ["Any?"]


def test_among_equals_the_older_flow_starts() -> None:
    scene = Scene(question("First", word("hi")), question("Second", word("hi")))
    scene.say("hi")
    assert scene.texts == ["First?"]


def test_a_trigger_listens_on_its_own_channels_only() -> None:
    scene = Scene(question("Site", word("hi", channels=["1"])))
    scene.say("hi", channel=2)
    assert scene.last.runs == ()
    scene.say("hi", channel=SITE)
    assert scene.texts == ["Site?"]


def test_what_nobody_takes_is_shown_in_the_conversation() -> None:
    scene = Scene(ASK)
    scene.say("what?")
    assert scene.conversation().unhandled
    assert scene.last.trace == ("no flow took the message",)
    scene.say("ask")
    assert not scene.conversation().unhandled


def test_the_trace_says_why() -> None:
    scene = Scene(ASK)
    assert scene.say("ask").trace == ("Ask started: exact keyword 'ask'",)
    assert scene.say("yes").trace == (f"it answers wait of run {scene.run.id}",)


# --- while a run is parked on something else -----------------------------------------------------------------------------------
@pytest.mark.parametrize("wait", [pause(), happening("paid")])
def test_any_message_triggers_do_not_fire_while_a_run_is_parked(wait: Document) -> None:
    scene = Scene(parked(word("go"), wait), question("Any", on("message")))
    scene.say("go")
    scene.say("hello?")
    assert (scene.last.runs, scene.last.messages) == ((), ())
    assert scene.last.trace == ("a flow is at work and does not wait for this message",)


@pytest.mark.parametrize("wait", [pause(), happening("paid")])
def test_keywords_may_interrupt_a_run_that_is_parked(wait: Document) -> None:
    scene = Scene(parked(word("go"), wait), ASK)
    scene.say("go")
    scene.say("ask")
    assert [run.status for run in scene.last.runs] == ["interrupted", "waiting"]


def test_starting_another_interactive_flow_ends_the_running_one() -> None:
    scene = Scene(ASK, question("Other", on("api")))
    scene.say("ask")
    scene.start(2)
    assert [run.status for run in scene.runs_of(1)] == ["interrupted"]
    assert scene.owner == "BOT"
    assert [run.flow for run in scene.person.runs] == [2]


def test_drips_run_beside() -> None:
    scene = Scene(ASK, drip("Drip", on("api")))
    scene.say("ask")
    scene.start(2)
    assert {run.flow: run.status for run in scene.person.runs} == {1: "waiting", 2: "waiting"}
    assert scene.say("fine").trace[0].startswith("it answers")


def test_a_drip_does_not_keep_any_message_triggers_silent() -> None:
    scene = Scene(drip("Drip", word("drip")), question("Any", on("message")))
    scene.say("drip")
    scene.say("hello")
    assert scene.texts == ["Any?"]


@pytest.mark.parametrize("content", [Reaction("👍", "w1"), Unsupported("edit", {})])
def test_reactions_and_edits_answer_nothing(content: Reaction | Unsupported) -> None:
    scene = Scene(ASK, question("Any", on("message", interrupts=True)))
    scene.say("ask")
    scene.person = Scene(ASK).person
    scene.say(content)
    assert scene.last.runs == ()
    scene.say("ask")
    scene.say(content)
    assert (scene.last.runs, scene.last.trace) == ((), ("a reaction answers nothing",))
    assert scene.last.inbound is not None


def test_a_message_on_one_channel_does_not_answer_a_question_on_another() -> None:
    scene = Scene(ASK)
    scene.say("ask")
    scene.say("yes", channel=2)
    assert scene.last.runs == ()
    assert scene.conversation(2).unhandled
