"""A flow as a step of another: frames, inputs and outputs, time, failures, people, versions, and what a replay makes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson
import pytest

from engine.core.codec import dump_run, load_run
from engine.core.history import Past, dump_step
from engine.core.limit import MAX_FRAMES, MAX_HOPS, MAX_STEPS, STEPS_AN_HOUR
from engine.core.match import index_triggers
from engine.core.replay import replay
from engine.core.value import Run
from engine.core.world import Successor
from schemas.effect import Message
from schemas.event import Assigned, CallAnswered, ClaimConversation, MessageSettled, ReturnConversation, StartFlow, StopRun
from tests.core.scene import (
    Document,
    Scene,
    agent,
    flow,
    on,
    onward,
    pause,
    program,
    reply,
    said,
    step,
    word,
)

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def child(name: str = "Ask", *, wait: dict[str, Any] | None = None, question: str = "Stars, {{topic}}?", **more: Any) -> Document:
    """A flow that takes a topic, asks, and gives the answer."""
    nodes = {"go": on("api"), "q": said(question), "w": reply(save_as="stars", **(wait or {})), "e": end("good")}
    variables = [
        {"name": "topic", "input": True, "default": "us"},
        {"name": "stars", "type": "text", "output": True},
        {"name": "secret", "default": "x"},
    ]
    return flow(name, nodes, "go>q q>w w>e", variables=variables, **more)


def end(outcome: str) -> Document:
    return {"type": "end", "config": {"outcome": outcome}}


def parent(wired: str = "", nodes: dict[str, Document] | None = None, config: Any = None, **more: Any) -> Document:
    """A flow that runs the child, and says by which port it went on and what it got."""
    given_config = {"inputs": {"topic": "{{place}}"}, "outputs": {"stars": "rating"}, "outcome": "how", **(config or {})}
    run = step("ask", **given_config)
    given = {
        "start": word("hi"),
        "hello": said("Hello"),
        "run": run,
        "done": said("You gave {{rating}} ({{how}}), {{message.text}} {{secret|-}}"),
        "late": said("Too late"),
        "bad": said("It failed"),
        **(nodes or {}),
    }
    edges = wired or "start>hello hello>run run.completed>done run.expired>late run.failed>bad"
    return flow("Main", given, edges, variables=[{"name": "place", "default": "Rome"}, {"name": "secret"}], **more)


def begun(*documents: Document, **world: Any) -> Scene:
    scene = Scene(*(documents or (parent(), child())), **world)
    scene.say("hi")
    return scene


def assert_replays(scene: Scene, run: Run) -> None:
    """The run's history, written and read, is made again."""
    rows = [
        Past(each.number, event.id, each.at, orjson.loads(dump_step(each, event)))
        for _, event, decision in scene.events
        for each in decision.steps
        if each.run.id == run.id
    ]
    made = replay(scene.world, run, rows, {message.id: message for message in scene.messages})
    assert [each.differences for each in made] == [()] * len(rows)


def settle(scene: Scene, message: Message, status: str) -> None:
    code = "131026" if status == "failed" else ""
    scene.give(MessageSettled(message.id, message.conversation, scene.run.id, message.node, status, code))


def test_a_flow_runs_as_a_step_and_gives_back() -> None:
    scene = begun()
    assert scene.texts == ["Hello", "Stars, Rome?"]
    assert [(frame.version, frame.node) for frame in scene.run.frames] == [(11, "run"), (12, "w")]
    scene.say("5")
    assert scene.texts == ["You gave 5 (good), 5 -"]
    assert (scene.run.status, len(scene.run.frames), scene.run.frames[0].variables["rating"]) == ("completed", 1, "5")
    assert [(each.node, each.port, each.version) for each in scene.steps[-1].visited][:3] == [
        ("w", "next", 12), ("e", "", 12), ("run", "completed", 11),
    ]  # fmt: skip
    assert_replays(scene, scene.run)


def test_a_child_sees_its_own_variables_only() -> None:
    variables = [{"name": "topic", "input": True}, {"name": "rating"}, {"name": "secret", "default": "mine"}, {"name": "stars"}]
    asks = child(question="{{rating|none}} {{secret}} {{topic}}") | {"variables": variables}
    scene = begun(parent(config={"outputs": {}}), asks)
    assert scene.texts[1] == "none mine Rome"
    assert scene.run.frames[0].variables["place"] == "Rome"
    assert "secret" not in scene.run.frames[0].variables


def test_inputs_take_the_type_that_is_declared() -> None:
    variables = [{"name": "topic", "type": "number", "input": True}, {"name": "stars", "output": True}]
    typed = child(question="Q {{topic|-}}") | {"variables": variables}
    assert begun(parent(), typed).run.frames[1].variables.get("topic") is None  # Rome is no number
    scene = begun(parent(config={}) | {"variables": [{"name": "place", "default": "7"}]}, typed)
    assert scene.run.frames[1].variables["topic"] == 7


def test_a_stored_run_stands_in_both_flows() -> None:
    run = begun().run
    columns = {name: getattr(run, name) for name in ("id", "flow", "version", "conversation", "status", "interactive",
                                                     "started_at", "expires_at", "reason")}  # fmt: skip
    assert load_run(dump_run(run), **columns) == run


def test_the_child_has_time_of_its_own() -> None:
    scene = begun(parent(), child(settings={"expires_after": "PT2H"}))
    run = scene.run
    assert run.due == run.frames[1].expires_at
    scene.ring(after=HOUR)
    assert (scene.run.status, scene.texts) == ("waiting", [])
    scene.ring(after=2 * HOUR)
    assert (scene.texts, scene.run.status) == (["Too late"], "completed")
    assert_replays(scene, scene.run)


def test_a_reply_timeout_ends_with_the_childs_time() -> None:
    scene = begun(parent(), child(wait={"timeout": "P5D"}, settings={"expires_after": "PT2H"}))
    assert (scene.messages[0].arms, scene.messages[-1].arms) == (None, 5 * 86_400)
    assert scene.run.due == scene.run.ends_at == scene.run.frames[1].expires_at


def test_the_runs_time_ends_a_child_too() -> None:
    scene = begun(parent(settings={"expires_after": "PT2H"}), child())
    scene.ring(after=3 * HOUR)
    assert (scene.texts, scene.run.status, scene.run.reason) == ([], "expired", "expired")
    assert_replays(scene, scene.run)


def test_a_middle_flow_expires_with_what_stands_on_it() -> None:
    middle = flow("Middle", {"go": on("api"), "run": step("ask")}, "go>run", settings={"expires_after": "PT2H"})
    top = parent(nodes={"run": step("middle")})
    scene = begun(top, child(), middle)
    assert [frame.version for frame in scene.run.frames] == [11, 13, 12]
    scene.ring(after=3 * HOUR)
    assert (scene.texts, len(scene.run.frames)) == (["Too late"], 1)


def test_a_reply_timeout_ends_with_the_time_of_a_flow_between_too() -> None:
    """Storm 2777: only the time of the flow on top was looked at, and nobody came back when that of the one below was over."""
    middle = flow("Middle", {"go": on("api"), "run": step("ask")}, "go>run", settings={"expires_after": "PT2H"})
    scene = begun(parent(nodes={"run": step("middle")}), child(wait={"timeout": "P5D"}), middle)
    assert scene.run.due == scene.run.ends_at == scene.run.frames[1].expires_at


def test_a_child_that_is_not_live_fails() -> None:
    scene = begun(parent())
    assert scene.texts == ["Hello", "It failed"]
    assert scene.steps[-1].visited[2].reason == "the flow is not published"
    assert_replays(scene, scene.run)


def test_a_failed_child_leaves_by_failed_or_by_the_parents_policy() -> None:
    broken = flow("Ask", {"go": on("api"), "run": step("gone")}, "go>run")
    scene = begun(parent(), broken)
    assert (scene.texts, scene.run.status) == (["Hello", "It failed"], "completed")
    scene = begun(parent("start>hello hello>run"), broken)
    assert (scene.run.status, scene.run.reason) == ("failed", "not_published")
    assert_replays(scene, scene.run)


def test_a_child_that_hands_over_ends_all() -> None:
    broken = flow("Ask", {"go": on("api"), "run": step("gone")}, "go>run", settings={"on_error": "handoff"})
    scene = begun(parent(), broken)
    assert (scene.run.status, scene.run.reason, scene.owner) == ("failed", "not_published", "QUEUE")
    assert_replays(scene, scene.run)


def test_a_timeout_that_leads_nowhere_takes_the_nearest_setting() -> None:
    for main, sub, owner in (({}, {}, "NONE"), ({"on_timeout": "handoff"}, {}, "QUEUE"),
                             ({"on_timeout": "handoff"}, {"on_timeout": "end"}, "NONE")):  # fmt: skip
        scene = begun(parent(settings=main), child(wait={"timeout": "PT1H"}, settings=sub))
        scene.ring(after=HOUR)
        assert scene.owner == owner


def test_handoff_words_of_every_flow_count() -> None:
    scene = begun(parent(settings={"handoff_words": ["human"], "handoff_text": "From main"}), child())
    scene.say("human")
    assert (scene.texts, scene.owner, scene.run.status) == (["From main"], "QUEUE", "suspended")
    scene.give(ReturnConversation(scene.conversation().id))
    scene.say("4")
    assert scene.texts[0].startswith("You gave 4")
    assert_replays(scene, scene.run)


def test_what_a_flow_says_as_it_brings_in_a_person_reads_its_own_variables() -> None:
    settings = {"handoff_words": ["person"], "handoff_text": "From {{place}} {{stars|unrated}} {{topic|nowhere}}"}
    scene = begun(parent(settings=settings), child())
    scene.say("person")
    assert scene.texts == ["From Rome unrated nowhere"]


def test_a_take_over_suspends_and_gives_back_inside_a_child() -> None:
    scene = begun()
    talk = scene.conversation().id
    scene.give(ClaimConversation(talk, 31))
    assert (scene.run.status, len(scene.run.frames)) == ("suspended", 2)
    scene.give(ReturnConversation(talk))
    scene.say("3")
    assert scene.texts[0].startswith("You gave 3")


def test_an_agent_inside_a_child() -> None:
    inner = flow("Ask", {"go": on("api"), "who": agent()}, "go>who", variables=[{"name": "topic", "input": True}])
    scene = begun(parent(), inner)
    assert scene.owner == "QUEUE"
    scene.give(ReturnConversation(scene.conversation().id))
    assert scene.run.status == "completed"


def test_a_childs_time_is_not_over_while_a_person_has_the_conversation() -> None:
    """Storm 287: the flow below went on and asked for another agent, while the first one still had the conversation."""
    inner = flow("Ask", {"go": on("api"), "who": agent(timeout="PT1H"), "w": reply()}, "go>who who.returned>w",
                 settings={"expires_after": "PT2H"})  # fmt: skip
    scene = begun(parent(), inner)
    over = scene.run.frames[-1].expires_at
    talk = scene.conversation()
    scene.give(Assigned(talk.id, talk.claim, talk.team, 31))
    assert over is not None
    assert scene.run.due == scene.run.expires_at > over, "no timer looks at it meanwhile"
    scene.ring(after=3 * HOUR)
    assert (scene.texts, scene.owner, scene.last.steps) == ([], "AGENT", ())
    scene.give(ReturnConversation(talk.id, 31))
    assert (scene.owner, scene.run.due) == ("BOT", over), "now it is"
    scene.ring()
    assert (scene.texts, len(scene.run.frames)) == (["Too late"], 1)
    assert_replays(scene, scene.run)


def test_stop_and_opt_out_end_all_frames() -> None:
    scene = begun()
    scene.give(StopRun(scene.run.id))
    assert scene.run.status == "stopped"
    scene = begun()
    scene.say("stop")
    assert (scene.run.status, scene.run.reason) == ("stopped", "opted_out")


def test_the_parents_message_that_fails_while_the_child_waits_is_the_parents() -> None:
    scene = begun(parent("start>hello hello>run hello.failed>bad"), child())
    first = scene.messages[0]
    settle(scene, first, "accepted")
    assert [frame.node for frame in scene.run.frames] == ["run", "w"]
    settle(scene, first, "failed")
    assert (scene.texts, len(scene.run.frames)) == (["It failed"], 1)
    assert_replays(scene, scene.run)


def test_same_ids_in_both_flows_are_told_apart() -> None:
    same = orjson.loads(orjson.dumps(child()).replace(b'"q"', b'"hello"'))
    scene = begun(parent("start>hello hello>run hello.failed>bad run.failed>late"), same)
    settle(scene, scene.messages[0], "accepted")
    first, second = scene.messages
    assert first.node == second.node == "hello"
    settle(scene, second, "failed")
    assert scene.texts == ["Too late"]  # the child failed, not the parent's message
    assert_replays(scene, scene.run)


def test_a_childs_message_that_fails_after_its_end_fails_the_step() -> None:
    teller = flow("Ask", {"go": on("api"), "q": said("From below")}, "go>q")
    main = parent(nodes={"ask": reply(), "run": step("ask")}, wired="start>run run.completed>ask run.failed>bad ask>done")
    scene = begun(main, teller)
    sent = scene.messages[0]
    assert scene.run.wait is not None
    assert scene.run.wait.senders == (("run", "q"),)
    settle(scene, sent, "failed")
    assert scene.texts == ["It failed"]
    assert_replays(scene, scene.run)


def test_recursion_ends() -> None:
    loop = flow("Loop", {"start": word("hi"), "run": step("loop"), "bad": said("deep")}, "start>run run.failed>bad")
    scene = begun(loop)
    assert scene.texts == ["deep"]
    deep = [visited for visited in scene.steps[-1].visited if visited.reason.startswith("more than")]
    assert len(deep) == 1
    assert sum(each.node == "start" for each in scene.steps[-1].visited) == MAX_FRAMES


def test_a_circle_that_runs_a_child_each_time_ends() -> None:
    quick = flow("Ask", {"go": on("api"), "e": end("x")}, "go>e")
    main = flow("Main", {"start": word("hi"), "run": step("ask")}, "start>run run.completed>run")
    scene = begun(main, quick)
    assert (scene.run.status, scene.run.reason) == ("failed", "too_many_visits")


def test_one_that_speaks_beside_others_runs_no_child_that_waits() -> None:
    main = flow("Main", {"start": word("hi"), "run": step("ask", waits_for_replies=False), "bad": said("bad")},
                "start>run run.failed>bad")  # fmt: skip
    scene = begun(main, child())
    assert (scene.run.interactive, scene.texts) == (False, ["bad"])
    teller = flow("Ask", {"go": on("api"), "q": said("x"), "p": pause(), "r": said("y")}, "go>q q>p p>r")
    scene = begun(main, teller)
    assert (scene.run.interactive, scene.run.wait is not None and scene.run.wait.kind) == (False, "duration")
    scene.ring(after=DAY)
    assert scene.run.status == "completed"


# --- versions ----------------------------------------------------------------------------------------------------------------
def newer(scene: Scene, document: Document, place: int, policy: Any) -> None:
    """A newer version of a flow: 21 of the first, 22 of the second."""
    made = program(document, place, place + 20)
    programs = {**scene.world.programs, made.version: made}
    live = {**scene.world.live, place: made.version}
    successors = {**scene.world.successors, place + 10: Successor(policy, made.version)}
    triggers = index_triggers([programs[version] for version in live.values()])
    scene.world = replace(scene.world, programs=programs, live=live, successors=successors, triggers=triggers)


def test_a_child_stays_on_the_version_with_which_it_began() -> None:
    scene = begun()
    newer(scene, child(question="New?"), 2, "move")
    scene.world = replace(scene.world, successors={})
    scene.say("5")
    assert scene.texts[0].startswith("You gave 5")
    scene.say("hi")
    assert scene.texts[1] == "New?"
    for run in scene.runs_of(1):
        assert_replays(scene, run)


def test_each_frame_is_moved() -> None:
    scene = begun()
    newer(scene, parent(nodes={"done": said("New {{rating}}")}), 1, "move")
    newer(scene, child(), 2, "move")
    scene.say("5")
    assert (scene.texts, scene.run.version) == (["New 5"], 21)
    assert scene.steps[-1].visited[0].version == 22
    assert_replays(scene, scene.run)


def test_a_frame_whose_step_is_gone_stays_while_the_other_moves() -> None:
    scene = begun()
    newer(scene, parent("start>hello", nodes={"run": said("no more")}), 1, "move")
    newer(scene, child(), 2, "move")
    scene.say("5")
    assert (scene.texts[0], scene.run.version) == ("You gave 5 (good), 5 -", 11)


def test_ending_a_childs_version_ends_the_run() -> None:
    scene = begun()
    newer(scene, child(), 2, "end")
    scene.say("5")
    assert (scene.run.status, scene.run.reason) == ("stopped", "republished")


def test_restarting_a_child_enters_its_step_again() -> None:
    scene = begun()
    newer(scene, child(question="Anew?"), 2, "restart")
    scene.say("5")
    assert (scene.texts, [frame.version for frame in scene.run.frames]) == (["Anew?"], [11, 22])
    scene.say("4")
    assert scene.texts[0].startswith("You gave 4")
    assert_replays(scene, scene.run)


# --- go to flow, error flow --------------------------------------------------------------------------------------------------
def test_go_to_flow_ends_this_run_and_starts_the_other() -> None:
    scene = begun(parent(nodes={"run": onward("ask", inputs={"topic": "{{place}}"})}), child())
    assert scene.texts == ["Hello", "Stars, Rome?"]
    (first,), (second,) = scene.runs_of(1), scene.runs_of(2)
    assert (first.status, first.reason, second.status) == ("completed", "went_on", "waiting")
    assert second.conversation == first.conversation
    scene.say("5")
    assert scene.owner == "NONE"
    for run in (first, scene.runs_of(2)[0]):
        assert_replays(scene, run)


def test_go_to_flow_inside_a_child_ends_all() -> None:
    leaver = flow("Ask", {"go": on("api"), "x": onward("other")}, "go>x")
    other = flow("Other", {"go": on("api"), "m": said("other")}, "go>m")
    scene = begun(parent(), leaver, other)
    assert (scene.texts, scene.runs_of(1)[0].status) == (["Hello", "other"], "completed")
    scene = begun(parent(), leaver)
    assert scene.texts == ["Hello", "It failed"]


def test_flows_that_go_to_one_another_end() -> None:
    one = flow("One", {"start": word("hi"), "x": onward("two")}, "start>x")
    two = flow("Two", {"start": on("api"), "x": onward("one")}, "start>x")
    scene = begun(one, two)
    assert len(scene.runs_of(1)) + len(scene.runs_of(2)) == MAX_HOPS + 1
    assert any("more than" in words for words in scene.last.trace)
    assert scene.owner == "NONE"


def asking_and_going_on(name: str, trigger: Document, to: str) -> Document:
    call = {"type": "call_api", "config": {"url": "https://api.example.com/x"}}
    return flow(name, {"start": trigger, "c": call, "x": onward(to)}, "start>c c.ok>x")


def answered(scene: Scene) -> bool:
    """Answer the call for which a run waits, as a store would have kept the run; False where none waits."""
    run = next((each for each in scene.person.runs if each.live and each.wait is not None), None)
    if run is None or run.wait is None:
        return False
    columns = ("id", "flow", "version", "conversation", "status", "interactive", "started_at", "expires_at", "reason")
    kept = load_run(dump_run(run), **{name: getattr(run, name) for name in columns})
    assert kept == run
    scene.person = replace(scene.person, runs=(kept,))
    scene.give(CallAnswered(run.id, run.wait.id, run.wait.data["call"], True, data={"status": 200, "headers": {}, "body": {}}))
    return True


def test_flows_that_call_and_go_to_one_another_count_as_one() -> None:
    scene = begun(asking_and_going_on("One", word("hi"), "two"), asking_and_going_on("Two", on("api"), "one"))
    for _ in range(MAX_STEPS):
        if not answered(scene):
            break
    last = max((*scene.runs_of(1), *scene.runs_of(2)), key=lambda run: run.started_at)
    assert (last.status, last.reason) == ("failed", "too_many_steps")
    assert last.before is not None
    assert last.before.since == scene.runs_of(1)[0].started_at
    assert last.before.steps + 1 > MAX_STEPS
    assert "the flow goes round in circles from call to call" in scene.last.trace
    for run in (scene.runs_of(1)[1], last):
        assert_replays(scene, run)


def test_flows_that_go_to_one_another_slowly_go_on() -> None:
    scene = begun(asking_and_going_on("One", word("hi"), "two"), asking_and_going_on("Two", on("api"), "one"))
    for _ in range(MAX_STEPS):
        scene.now += HOUR / STEPS_AN_HOUR * 2
        assert answered(scene)
    assert all(run.status in ("completed", "waiting") for run in (*scene.runs_of(1), *scene.runs_of(2)))


@pytest.mark.parametrize("setting", ["main", "ask"])
def test_an_error_flow_is_told_what_failed(setting: str) -> None:
    own = {"error_flow": "sorry"} if setting == "ask" else {}
    fails = flow("Ask", {"go": on("api"), "r": step("gone")}, "go>r", settings=own)
    main = parent("start>hello hello>run", settings={"error_flow": "sorry"} if setting == "main" else {})
    sorry = flow("Sorry", {"go": on("api"), "m": said("{{failed_flow}}: {{failed_step}} {{failed_code}}")}, "go>m",
                 variables=[{"name": name, "input": True} for name in ("failed_flow", "failed_step", "failed_code")])  # fmt: skip
    scene = begun(main, fails, sorry)
    born = scene.born(StartFlow)
    assert len(born) == (1 if setting == "main" else 0)  # a child's failure is its parent's to deal with
    if born:
        assert born[0].depth == 1
        scene.answer(born[0])
        assert scene.texts == ["Main: run not_published"]
