"""Calls that a run makes: the answer goes to the wait that stands for just this call, also when a person came between."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import orjson
import pytest

from engine.core.build import Build
from engine.core.codec import dump_run, load_run
from engine.core.decision import Call
from engine.core.limit import MAX_STEPS, STEPS_AN_HOUR
from engine.core.match import index_triggers
from engine.core.node import Behaviour, Fail, Go, Look, NodeConfig, NodeType, Outcome, Park, Port
from engine.core.program import compile
from engine.core.visit import Visit
from engine.core.world import Successor
from nodes import node_types
from schemas.event import Body, CallAnswered, ClaimConversation, ResolveConversation, ReturnConversation, StopRun, WaitDue
from schemas.flow import FlowDocument
from tests.core.scene import Document, Scene, flow, reply, said, word
from tests.core.test_replay import again, differences

MINUTE = timedelta(minutes=1)


class OutsideConfig(NodeConfig):
    """Nothing to set."""


class Outside(NodeType[OutsideConfig]):
    """Says something, makes a call and waits a minute for what it brings."""

    name = "outside"
    Config = OutsideConfig
    look = Look("Outside", "actions", "world", "gray", "Asks somebody outside.")
    example: Mapping[str, Any] = {}

    def ports(self, config: OutsideConfig) -> tuple[Port, ...]:
        return (Port("ok", "Answered"), Port("failed", "Failed", "error"))

    def writes(self, config: OutsideConfig) -> tuple[str, ...]:
        return ("got",)

    def compile(self, config: OutsideConfig, build: Build) -> Behaviour:
        def enter(visit: Visit) -> Outcome:
            id = visit.call("outside", {"what": visit.variables.get("what", "weather"), "tries": 2})
            return Park("call", timeout=60, data={"call": id})

        def resume(visit: Visit, body: Body) -> Outcome | None:
            match body:
                case CallAnswered(ok=True, data=data):
                    visit.set("got", data.get("got"))
                    return Go("ok")
                case CallAnswered(code=code):
                    return Fail("failed", code)
                case WaitDue():
                    return Fail("failed", "timeout")
            return None

        return Behaviour(enter, resume)


TYPES = {**node_types(), "outside": Outside()}
NODES: Document = {
    "start": word("go"),
    "hold": said("One moment"),
    "out": {"type": "outside", "config": {}},
    "good": said("It is {{var.got}}"),
    "more": reply(),
    "bad": said("No luck"),
}
FLOW = flow("Outside", NODES, "start>hold hold>out out.ok>good good>more out.failed>bad")


def scene_of(document: Document = FLOW, version: int = 11) -> Scene:
    made = compile(FlowDocument.model_validate(document), TYPES, version=version, flow=1)
    return Scene(programs={version: made}, live={1: version}, triggers=index_triggers([made]))


def called(scene: Scene) -> Call:
    """The run's one call so far."""
    [call] = [call for _, _, decision in scene.events for call in decision.calls]
    return call


def answer(scene: Scene, ok: bool = True, **more: Any) -> None:
    call = called(scene)
    given = {"data": {"got": "sunny"}, **more} if ok else {"code": "refused", **more}
    scene.give(CallAnswered(call.run, call.wait, call.id, ok, **given))


def test_a_call_names_its_run_its_wait_and_a_key_that_stays() -> None:
    scene = scene_of()
    scene.say("go")
    call, run = called(scene), scene.run
    assert run.wait is not None
    assert (run.wait.kind, run.wait.data, run.wait.due) == ("call", {"call": call.id}, scene.now + MINUTE)
    assert (call.kind, call.run, call.wait, call.node, call.contact) == ("outside", run.id, run.wait.id, "out", 7)
    assert call.key == f"{run.id}:1:1", "the second effect of the step"


def test_the_answer_goes_to_the_run() -> None:
    scene = scene_of()
    scene.say("go")
    answer(scene)
    assert scene.texts == ["It is sunny"]


def test_a_refusal_takes_the_port() -> None:
    scene = scene_of()
    scene.say("go")
    answer(scene, ok=False)
    assert (scene.texts, scene.last.trace) == (["No luck"], (f"call {called(scene).id} failed: refused",))


def test_no_answer_in_time_is_the_nodes_to_say() -> None:
    scene = scene_of()
    scene.say("go")
    scene.ring(after=MINUTE)
    assert scene.texts == ["No luck"]
    answer(scene)
    assert (scene.last.runs, scene.last.trace) == ((), ("the run doesn't wait for this call any more",))


@pytest.mark.parametrize("times", [2, 3])
def test_a_second_answer_wakes_nobody(times: int) -> None:
    scene = scene_of()
    scene.say("go")
    for _ in range(times):
        answer(scene)
    assert (scene.texts, scene.last.steps) == ([], ())


def test_the_answer_of_another_call_wakes_nobody() -> None:
    scene = scene_of()
    scene.say("go")
    call = called(scene)
    scene.give(CallAnswered(call.run, call.wait, call.id + 1, True))
    scene.give(CallAnswered(call.run + 1, call.wait, call.id, True))
    assert scene.run.status == "waiting"
    assert scene.last.steps == ()


def test_what_the_contact_writes_meanwhile_is_no_answer() -> None:
    scene = scene_of()
    scene.say("go")
    scene.say("hello?")
    assert scene.run.wait is not None
    assert scene.run.wait.kind == "call"
    answer(scene)
    assert scene.texts == ["It is sunny"]


def circle(hours: int) -> Scene:
    """A flow that asks again as soon as it is answered, so many hours after it began, up to its last step."""
    scene = scene_of(flow("Poll", {"start": word("go"), "out": NODES["out"]}, "start>out out.ok>out"))
    scene.say("go")
    scene.now += timedelta(hours=hours)
    for _ in range(MAX_STEPS + 2 * STEPS_AN_HOUR):
        if not scene.run.live or scene.run.wait is None:
            break
        scene.give(CallAnswered(scene.run.id, scene.run.wait.id, scene.run.wait.data["call"], True))
    return scene


def test_a_circle_that_only_calls_move_ends_as_failed() -> None:
    scene = circle(0)
    assert (scene.run.status, scene.run.reason) == ("failed", "too_many_steps")
    assert MAX_STEPS < scene.run.step < MAX_STEPS + STEPS_AN_HOUR, "some steps for each hour"
    assert "the flow goes round in circles from call to call" in scene.last.trace
    assert differences(scene) == []


def test_a_run_that_is_older_may_have_made_more_steps() -> None:
    assert circle(1).run.step >= circle(0).run.step + STEPS_AN_HOUR


# --- a person comes between ----------------------------------------------------------------------------------------------------
def test_an_answer_that_comes_while_a_person_speaks_is_kept_and_given_when_they_give_back() -> None:
    scene = scene_of()
    scene.say("go")
    scene.give(ClaimConversation(scene.conversation().id, 31))
    answer(scene)
    assert (scene.texts, scene.run.status) == ([], "suspended")
    scene.give(ReturnConversation(scene.conversation().id, 31))
    assert scene.texts == ["It is sunny"]
    assert differences(scene) == []
    assert [step.past.data["how"] for step in again(scene)] == ["began", "kept", "reopened"]


def test_a_kept_answer_outlives_a_restart() -> None:
    scene = scene_of()
    scene.say("go")
    scene.give(ClaimConversation(scene.conversation().id, 31))
    answer(scene)
    run = scene.run
    columns = ("id", "flow", "version", "conversation", "status", "interactive", "started_at", "expires_at", "reason")
    loaded = load_run(dump_run(run), **{name: getattr(run, name) for name in columns})
    assert loaded == run


def test_a_call_that_is_still_out_when_they_give_back_is_waited_for() -> None:
    scene = scene_of()
    scene.say("go")
    scene.give(ClaimConversation(scene.conversation().id, 31))
    scene.give(ReturnConversation(scene.conversation().id, 31))
    assert scene.run.wait is not None
    assert (scene.run.status, scene.run.wait.due) == ("waiting", scene.now + MINUTE)
    answer(scene)
    assert scene.texts == ["It is sunny"]
    assert len([call for _, _, decision in scene.events for call in decision.calls]) == 1, "it was not made again"


def test_where_the_person_resolves_the_answer_comes_to_nothing() -> None:
    scene = scene_of()
    scene.say("go")
    scene.give(ClaimConversation(scene.conversation().id, 31))
    answer(scene)
    scene.give(ResolveConversation(scene.conversation().id, 31))
    assert (scene.run.status, scene.run.reason, scene.texts) == ("stopped", "resolved_by_agent", [])


def test_a_run_that_was_stopped_ignores_the_answer() -> None:
    scene = scene_of()
    scene.say("go")
    scene.give(StopRun(0))
    answer(scene)
    assert (scene.last.steps, scene.texts) == ((), [])


# --- other versions, history ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("policy", "texts"), [("move", ["Now sunny"]), ("restart", ["One moment"]), ("end", [])])
def test_a_newer_version_takes_the_answer_as_publish_said(policy: Any, texts: list[str]) -> None:
    scene = scene_of()
    scene.say("go")
    newer = flow("Outside", {**NODES, "good": said("Now {{var.got}}")}, "start>hold hold>out out.ok>good good>more")
    made = compile(FlowDocument.model_validate(newer), TYPES, version=21, flow=1)
    scene.world = Scene(
        programs={**scene.world.programs, 21: made},
        live={1: 21},
        triggers=index_triggers([made]),
        successors={11: Successor(policy, 21)},
    ).world
    answer(scene)
    assert scene.texts == texts


def test_the_history_keeps_what_was_called_and_makes_it_again() -> None:
    scene = scene_of()
    scene.say("go")
    answer(scene)
    assert differences(scene) == []
    first = again(scene)[0].past
    call = called(scene)
    assert first.data["calls"] == [[call.id, "outside", call.key, {"what": "weather", "tries": 2}]]
    other = orjson.loads(orjson.dumps(first.data))
    other["calls"][0][3]["what"] = "traffic"
    assert "calls" in differences(scene, [type(first)(first.number, first.event, first.at, other)])[0]
