"""How long a run waits: timeouts that start when a message settles, timers that are too old, moments, events and expiry."""

from __future__ import annotations

from datetime import timedelta

import pytest

from schemas.event import AssignRequested, EventNamed, WaitDue
from tests.core.scene import Scene, drip, flow, happening, on, pause, question, reply, said, word

HOUR = timedelta(hours=1)
ASK = flow(
    "Ask",
    {"start": word("ask"), "q": said("Who?"), "wait": reply(timeout="PT1H"), "ok": said("Hi"), "late": said("Late")},
    "start>q q>wait wait>ok wait.timeout>late",
)
BARE = flow("Bare", {"start": word("ask"), "wait": reply(timeout="PT1H"), "late": said("Late")}, "start>wait wait.timeout>late")


# --- reply timeouts ----------------------------------------------------------------------------------------------------------
def test_a_reply_timeout_is_armed_by_the_last_message_of_the_step() -> None:
    two = flow("Two", {"start": word("ask"), "a": said("A"), "b": said("B"), "wait": reply(timeout="PT1H")}, "start>a a>b b>wait")
    scene = Scene(two)
    first, second = scene.say("ask").messages
    assert scene.run.wait is not None
    assert (first.arms, second.arms) == (None, 3600)
    assert (scene.run.wait.due, scene.run.due) == (None, scene.run.expires_at)
    assert scene.run.wait.messages == (first.id, second.id)


def test_a_reply_timeout_starts_at_once_where_nothing_was_said() -> None:
    scene = Scene(BARE)
    scene.say("ask")
    assert scene.run.wait is not None
    assert scene.run.wait.due == scene.now + HOUR
    assert scene.run.due == scene.now + HOUR


def test_a_choice_arms_its_own_timeout() -> None:
    scene = Scene(flow("Tea", {"start": word("tea"), "ask": said("Tea?", buttons={"y": "Yes"}, timeout="PT5M")}, "start>ask"))
    [message] = scene.say("tea").messages
    assert message.arms == 300


def test_without_a_timeout_nothing_is_armed() -> None:
    scene = Scene(question("Ask", word("ask")))
    [message] = scene.say("ask").messages
    assert message.arms is None
    assert scene.run.due == scene.run.expires_at


def test_asking_again_starts_the_timeout_anew() -> None:
    wait = reply(timeout="PT1H", expect={"kind": "number"}, retries=1)
    scene = Scene(flow("Age", {"start": word("age"), "wait": wait}, "start>wait"))
    scene.say("age")
    [again] = scene.say("old").messages
    assert again.arms == 3600
    assert scene.run.wait is not None
    assert scene.run.wait.due is None


def test_a_timeout_that_comes_takes_the_port() -> None:
    scene = Scene(ASK)
    scene.say("ask")
    scene.ring(after=HOUR)
    assert scene.texts == ["Late"]
    assert (scene.run.status, scene.owner) == ("completed", "NONE")


# --- timers ------------------------------------------------------------------------------------------------------------------
def test_an_old_timer_does_not_wake_a_newer_wait() -> None:
    nodes = {"start": word("go"), "one": reply(timeout="PT1H"), "two": reply(timeout="PT1H"), "late": said("Late")}
    scene = Scene(flow("Two", nodes, "start>one one>two two.timeout>late"))
    scene.say("go")
    old = scene.run
    scene.say("first")
    scene.ring(old, after=2 * HOUR)
    assert (scene.last.runs, scene.last.steps, scene.texts) == ((), (), [])
    assert scene.last.trace == ("an old timer: the run waits for something else now",)


def test_a_timer_before_its_time_does_nothing() -> None:
    scene = Scene(BARE)
    scene.say("ask")
    scene.ring(after=HOUR / 2)
    assert scene.last.runs == ()


def test_a_wait_without_a_time_is_never_over_by_a_timer() -> None:
    scene = Scene(question("Ask", word("ask")))
    scene.say("ask")
    scene.ring(after=HOUR)
    assert (scene.last.runs, scene.person.runs[0].status) == ((), "waiting")


def test_a_timer_of_an_ended_run_does_nothing() -> None:
    scene = Scene(question("Ask", word("ask")))
    scene.say("ask")
    waiting = scene.run
    scene.say("done")
    scene.ring(waiting)
    assert (scene.last.runs, scene.last.trace) == ((), ("the run doesn't wait any more",))


def test_a_duration_is_over_at_its_time() -> None:
    scene = Scene(drip("Drip", word("drip")))
    scene.say("drip")
    assert scene.run.wait is not None
    assert scene.run.wait.due == scene.now + timedelta(days=1)
    scene.ring(after=timedelta(days=1))
    assert scene.texts == ["Drip two"]


def test_a_moment_that_is_past_is_no_wait() -> None:
    until = {"type": "wait", "config": {"for": {"kind": "until", "at": "2026-03-01T09:00:00Z"}}}
    scene = Scene(flow("Past", {"start": word("go"), "wait": until, "end": said("Now")}, "start>wait wait>end"))
    scene.say("go")
    assert scene.texts == ["Now"]


# --- expiry ------------------------------------------------------------------------------------------------------------------
def test_a_run_expires_where_it_stands() -> None:
    scene = Scene(question("Ask", word("ask")) | {"settings": {"expires_after": "P2D"}})
    scene.say("ask")
    started = scene.now
    assert scene.run.expires_at == started + timedelta(days=2)
    scene.ring(after=timedelta(days=2))
    assert (scene.run.status, scene.run.reason, scene.run.wait) == ("expired", "expired", None)
    assert (scene.texts, scene.owner) == ([], "NONE")


def test_expiry_comes_whatever_the_run_waits_for_by_then() -> None:
    scene = Scene(ASK)
    scene.say("ask")
    scene.now += timedelta(days=31)
    scene.give(WaitDue(scene.run.id, 0))
    assert scene.run.status == "expired"


def test_a_run_that_waits_past_its_expiry_is_due_when_it_expires() -> None:
    scene = Scene(flow("Long", {"start": word("go"), "wait": pause("P60D")}, "start>wait"))
    scene.say("go")
    assert scene.run.due == scene.run.expires_at == scene.now + timedelta(days=30)


def test_a_run_that_expires_in_the_queue_leaves_it() -> None:
    nodes = {"start": word("help"), "who": {"type": "assign_agent", "config": {"timeout": None}}}
    scene = Scene(flow("Help", nodes, "start>who"))
    scene.say("help")
    scene.ring(after=timedelta(days=31))
    assert (scene.run.status, scene.owner) == ("expired", "NONE")
    assert [type(each.body).__name__ for each in scene.last.born] == ["AssignWithdrawn"]


# --- events ------------------------------------------------------------------------------------------------------------------
PAID = flow(
    "Paid",
    {
        "start": on("api"),
        "wait": happening("paid", timeout="PT1H"),
        "ok": said("Thanks for {{var.amount}}"),
        "late": said("Late"),
    },
    "start>wait wait>ok wait.timeout>late",
    variables=[{"name": "amount", "type": "number"}],
)


def test_an_event_wakes_every_run_that_waits_for_it() -> None:
    scene = Scene(PAID)
    scene.start()
    scene.start()
    decision = scene.give(EventNamed("paid", {"amount": 5}))
    assert decision.answer == {"resumed": 2}
    assert scene.texts == ["Thanks for 5", "Thanks for 5"]


@pytest.mark.parametrize("name", ["payed", ""])
def test_another_event_wakes_nobody(name: str) -> None:
    scene = Scene(PAID)
    scene.start()
    decision = scene.give(EventNamed(name))
    assert (decision.answer, decision.runs) == ({"resumed": 0}, ())


def test_an_event_wait_times_out() -> None:
    scene = Scene(PAID)
    scene.start()
    scene.ring(after=HOUR)
    assert scene.texts == ["Late"]


# --- ports that lead nowhere -------------------------------------------------------------------------------------------------
def test_an_unwired_timeout_ends_the_run() -> None:
    scene = Scene(flow("Ask", {"start": word("ask"), "wait": reply(timeout="PT1H")}, "start>wait"))
    scene.say("ask")
    scene.ring(after=HOUR)
    assert (scene.run.status, scene.run.reason, scene.owner) == ("completed", "timeout leads nowhere", "NONE")


def test_an_unwired_timeout_hands_over_where_the_flow_says_so() -> None:
    nodes = {"start": word("ask"), "wait": reply(timeout="PT1H")}
    scene = Scene(flow("Ask", nodes, "start>wait", settings={"on_timeout": "handoff"}))
    scene.say("ask")
    scene.ring(after=HOUR)
    assert (scene.run.status, scene.owner, len(scene.born(AssignRequested))) == ("completed", "QUEUE", 1)


@pytest.mark.parametrize(("policy", "owner"), [("end", "NONE"), ("handoff", "QUEUE")])
def test_an_unwired_error_port_takes_the_policy(policy: str, owner: str) -> None:
    nodes = {"start": word("ask"), "wait": reply(expect={"kind": "number"}, retries=0)}
    scene = Scene(flow("Ask", nodes, "start>wait", settings={"on_error": policy}))
    scene.say("ask")
    scene.say("none")
    assert (scene.run.status, scene.run.reason, scene.owner) == ("failed", "not_number", owner)
