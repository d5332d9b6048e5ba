"""The bounds of the engine: visits, automatic messages, depth, variables, live runs; and what a wrong event does."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.core.limit import MAX_AUTOMATIC, MAX_DEPTH, MAX_LIVE_RUNS, MAX_VARIABLE_BYTES, MAX_VISITS
from schemas.contact import ContactChange
from schemas.event import Assigned, AssignRequested, ChangeContact, EventNamed, NoAgent, PresenceChanged
from schemas.problem import Problem
from tests.core.scene import Scene, agent, branch, drip, flow, handoff, happening, on, pause, question, reply, said, word

ALWAYS = {"subject": "message.kind", "op": "is", "value": "text"}


def flood() -> Scene:
    """An interactive flow that says more than may be said without an answer."""
    nodes = {"start": word("go")} | {f"m{at}": said(f"message {at}") for at in range(40)} | {"ask": reply()}
    edges = " ".join(f"m{at}>m{at + 1}" for at in range(39))
    scene = Scene(flow("Flood", nodes, f"start>m0 {edges} m39>ask"))
    scene.say("go")
    return scene


# --- visits ------------------------------------------------------------------------------------------------------------------
def chain(length: int) -> Scene:
    """A flow that visits so many nodes in one step, the trigger and the last wait included."""
    nodes = {"start": word("go")} | {f"c{at}": branch(("yes", ALWAYS)) for at in range(length - 2)} | {"end": reply()}
    edges = " ".join(f"c{at}.yes>c{at + 1}" for at in range(length - 3))
    scene = Scene(flow("Chain", nodes, f"start>c0 {edges} c{length - 3}.yes>end"))
    scene.say("go")
    return scene


def test_a_step_may_visit_a_hundred_nodes() -> None:
    scene = chain(MAX_VISITS)
    assert (scene.run.status, len(scene.steps[0].visited)) == ("waiting", MAX_VISITS)


def test_a_longer_step_is_a_loop() -> None:
    scene = chain(MAX_VISITS + 1)
    assert (scene.run.status, scene.run.reason, len(scene.steps[0].visited)) == ("failed", "too_many_visits", MAX_VISITS)
    assert scene.owner == "NONE"


# --- automatic messages --------------------------------------------------------------------------------------------------------
def test_after_thirty_messages_without_an_answer_the_run_pauses() -> None:
    scene = flood()
    assert len(scene.last.messages) == MAX_AUTOMATIC
    assert (scene.run.status, scene.run.reason, scene.run.frames[0].node) == ("suspended", "flood", "m30")
    assert "paused: too many automatic messages without an answer" in scene.last.trace


def test_it_goes_on_where_it_paused_when_the_contact_writes() -> None:
    scene = flood()
    scene.say("still here")
    assert scene.texts == [f"message {at}" for at in range(30, 40)]
    assert scene.run.status == "waiting"


def test_thirty_messages_are_counted_over_all_runs_of_the_conversation() -> None:
    scene = flood()
    scene.world = Scene(drip("Drip", on("api"))).world
    scene.start(1)
    assert (scene.last.messages, scene.last.runs[-1].reason) == ((), "flood")


def test_a_paused_drip_goes_on_when_the_contact_writes() -> None:
    nodes = {"start": on("api"), "day": pause()} | {f"m{at}": said(f"message {at}") for at in range(31)}
    edges = " ".join(f"m{at}>m{at + 1}" for at in range(30))
    scene = Scene(flow("Flood", nodes, f"start>m0 {edges} m30>day"))
    scene.start()
    assert scene.run.reason == "flood"
    scene.say("hello?")
    assert scene.texts == ["message 30"]
    assert (scene.run.status, scene.run.reason) == ("waiting", "")


# --- depth ---------------------------------------------------------------------------------------------------------------------
def test_what_was_born_too_deep_is_an_error_and_starts_nothing() -> None:
    scene = Scene(question("New", on("contact_created")), question("Api", on("api")))
    decision = scene.start(2, channel=1)
    assert decision.error == ""
    deep = scene.give(ChangeContact((ContactChange("add_tag", "vip"),)), depth=MAX_DEPTH + 1)
    assert deep.error
    assert (deep.changes, deep.runs, deep.born, deep.answer) == ((), (), (), None)


def test_the_deepest_event_is_still_decided_and_its_children_are_too_deep() -> None:
    scene = Scene()
    decision = scene.give(ChangeContact((ContactChange("add_tag", "vip"),)), depth=MAX_DEPTH)
    assert [each.depth for each in decision.born] == [MAX_DEPTH + 1]
    assert [each.cause for each in decision.born] == [scene.number]


def test_asking_for_an_agent_in_a_circle_ends() -> None:
    """A team that doesn't exist refuses at once, so this circle would never end."""
    scene = Scene(flow("Circle", {"start": word("help"), "who": agent(team="gone")}, "start>who who.no_agent>who"))
    decision = scene.say("help")
    for _ in range(MAX_DEPTH + 3):
        if not decision.born:
            break
        decision = scene.answer(decision.born[-1])
    assert decision.error
    assert decision.born == ()
    assert (scene.run.status, scene.run.reason, scene.owner) == ("failed", "too_deep", "NONE")
    assert scene.conversation().unhandled


def test_a_person_who_is_found_deep_in_a_chain_is_taken() -> None:
    scene = Scene(handoff())
    scene.say("help")
    decision = scene.give(Assigned(scene.conversation().id, scene.conversation().claim, 8, 31), depth=MAX_DEPTH + 1)
    assert (decision.error, scene.owner) == ("", "AGENT")


# --- variables -----------------------------------------------------------------------------------------------------------------
def test_variables_that_are_too_large_fail_the_run() -> None:
    scene = Scene(
        flow("Big", {"start": on("api"), "wait": happening("data", save_as="all"), "ask": reply()}, "start>wait wait>ask")
    )
    scene.start()
    scene.give(EventNamed("data", {"text": "x" * MAX_VARIABLE_BYTES}))
    assert (scene.run.status, scene.run.reason, scene.owner) == ("failed", "variables_too_large", "NONE")


def test_a_number_with_too_many_digits_is_asked_for_again() -> None:
    """Thirty digits are a number to Python and none to JSON."""
    nodes = {"start": word("age"), "wait": reply(expect={"kind": "number"}, save_as="age", retries=1), "ok": said("{{var.age}}")}
    scene = Scene(flow("Age", nodes, "start>wait wait>ok"))
    scene.say("age")
    scene.say("9" * 30)
    assert scene.texts == ["Please answer with a number of fewer digits."]
    scene.say(str(2**63 - 1))
    assert scene.texts == [str(2**63 - 1)]


def test_a_variable_that_json_cannot_hold_fails_the_run_and_not_the_decision() -> None:
    scene = Scene(
        flow("Big", {"start": on("api"), "wait": happening("data", save_as="all"), "ask": reply()}, "start>wait wait>ask")
    )
    scene.start()
    scene.give(EventNamed("data", {"number": 2**64}))
    assert (scene.run.status, scene.run.reason) == ("failed", "variables_not_json")
    assert "all" not in scene.run.frames[0].variables


# --- live runs -----------------------------------------------------------------------------------------------------------------
def crowd() -> Scene:
    """As many drips as a contact may be in."""
    scene = Scene(drip("Drip", on("api")), question("Ask", word("ask")))
    scene.say("hello")
    for _ in range(MAX_LIVE_RUNS):
        scene.say("hello")
        scene.start()
    return scene


def test_a_contact_is_in_twenty_flows_at_most() -> None:
    scene = crowd()
    assert len(scene.person.runs) == MAX_LIVE_RUNS
    decision = scene.start()
    assert isinstance(decision.answer, Problem)
    assert (decision.answer.code, decision.runs) == ("too_many_runs", ())


def test_a_flow_that_ends_another_one_needs_no_free_place() -> None:
    scene = Scene(drip("Drip", on("api")), question("Ask", word("ask", interrupts=True)))
    scene.say("ask")
    for _ in range(MAX_LIVE_RUNS - 1):
        scene.say("x", received_at=scene.now - timedelta(hours=1))
        scene.start()
    assert len(scene.person.runs) == MAX_LIVE_RUNS
    scene.say("ask")
    assert scene.texts == ["Ask?"]
    assert len(scene.person.runs) == MAX_LIVE_RUNS


# --- wrong events ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("body", [PresenceChanged(31, "online"), AssignRequested(7, 1, "c")])
def test_a_team_event_is_no_event_of_a_contact(body: PresenceChanged | AssignRequested) -> None:
    decision = Scene().give(body)
    assert decision.error == f"{body.kind} is no event of a contact"
    assert decision.born == ()


def test_an_answer_for_nobody_does_nothing() -> None:
    decision = Scene().give(NoAgent(99, "old", 8, "closed"))
    assert (decision.conversations, decision.born, decision.error) == ((), (), "")
