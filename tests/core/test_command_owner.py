"""How a conversation changes hands: assign, claim, resolve, return, transfer, snooze, stop; epoch and voice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.core.decision import Decision
from schemas.contact import ContactChange
from schemas.content import Text
from schemas.event import (
    Assigned,
    AssignRequested,
    AssignWithdrawn,
    ChangeContact,
    ClaimConversation,
    ConversationWoken,
    EventNamed,
    NoAgent,
    ResolveConversation,
    ReturnConversation,
    SendMessage,
    SlotTaken,
    SnoozeConversation,
    StopRun,
    TransferConversation,
)
from schemas.problem import Problem
from tests.core.scene import (
    EVERYONE,
    PHONE,
    SALES,
    SITE,
    Document,
    Scene,
    agent,
    drip,
    flow,
    handoff,
    happening,
    on,
    question,
    reply,
    said,
    word,
)

ANN, BEN = 31, 32
ASK = question("Ask", word("ask"))
HOUR = timedelta(hours=1)


def queued(document: Document | None = None) -> Scene:
    """A conversation that waits in the queue."""
    scene = Scene(document or handoff())
    scene.say("help")
    assert scene.owner == "QUEUE"
    return scene


def assigned(document: Document | None = None) -> Scene:
    """A conversation that the team gave to Ann."""
    scene = queued(document)
    conversation = scene.conversation()
    scene.give(Assigned(conversation.id, conversation.claim, EVERYONE, ANN))
    assert scene.owner == "AGENT"
    return scene


def asked(**settings: object) -> Scene:
    """A flow that waits for a reply."""
    scene = Scene(ASK | {"settings": settings})
    scene.say("ask")
    return scene


def claim(scene: Scene, user: int = ANN, *, force: bool = False) -> Decision:
    """A user takes the conversation."""
    return scene.give(ClaimConversation(scene.conversation().id, user, force))


def kinds(decision: Decision) -> list[str]:
    """Kinds of the events that were born."""
    return [each.body.kind for each in decision.born]


# --- the hand-over by a flow -------------------------------------------------------------------------------------------------
def test_assign_agent_asks_the_team_and_parks() -> None:
    scene = Scene(handoff(team="sales", agent="ann", strategy="least_open", if_nobody_online="no_agent"))
    decision = scene.say("help")
    conversation = scene.conversation()
    [born] = decision.born
    assert (born.team, born.contact) == (SALES, 0)
    assert born.body == AssignRequested(7, conversation.id, conversation.claim, ANN, "least_open", False)
    assert (conversation.owner, conversation.team, conversation.epoch) == ("QUEUE", SALES, 0)
    assert scene.run.wait is not None
    assert (scene.run.wait.kind, scene.run.wait.due) == ("agent", scene.now + timedelta(minutes=15))


def test_the_bots_last_words_still_leave() -> None:
    scene = queued()
    [message] = scene.last.messages
    assert (message.voice, message.epoch) == ("bot", scene.conversation().epoch)


def test_an_assigned_agent_stops_the_time_of_the_queue() -> None:
    scene = queued()
    waiting = scene.run
    conversation = scene.conversation()
    scene.give(Assigned(conversation.id, conversation.claim, EVERYONE, ANN))
    assert (scene.owner, scene.conversation().agent, scene.conversation().epoch) == ("AGENT", ANN, 0)
    assert scene.run.wait is not None
    assert (scene.run.wait.due, scene.run.wait.timeout) == (None, None)
    scene.ring(waiting, after=HOUR)
    assert (scene.last.runs, scene.owner) == ((), "AGENT")


def test_a_claim_from_the_queue_stops_its_time_and_raises_no_epoch() -> None:
    scene = queued()
    waiting = scene.run
    decision = claim(scene)
    assert (scene.owner, scene.conversation().agent, scene.conversation().epoch) == ("AGENT", ANN, 0)
    assert [each.body for each in decision.born] == [SlotTaken(scene.conversation().id, 7, ANN)]
    assert [each.team for each in decision.born] == [EVERYONE]
    assert scene.run.status == "waiting"
    scene.ring(waiting, after=HOUR)
    assert (scene.last.runs, scene.owner) == ((), "AGENT")


def test_resolved_and_returned_are_ports() -> None:
    for command, text in ((ResolveConversation, "by resolved"), (ReturnConversation, "by returned")):
        scene = assigned()
        decision = scene.give(command(scene.conversation().id, ANN))
        assert scene.texts == [text]
        assert decision.born[0].body == AssignWithdrawn(scene.conversation().id)


def test_timeout_is_a_port_and_leaves_the_queue() -> None:
    scene = queued()
    decision = scene.ring(after=timedelta(minutes=15))
    assert scene.texts == ["by timeout"]
    assert kinds(decision) == ["assign_withdrawn"]
    assert scene.owner == "NONE"


def test_no_agent_is_a_port() -> None:
    scene = queued()
    conversation = scene.conversation()
    scene.give(NoAgent(conversation.id, conversation.claim, EVERYONE, "closed"))
    assert scene.texts == ["by no_agent"]
    assert (scene.owner, scene.last.born) == ("NONE", ())


def test_an_unwired_no_agent_takes_the_policy() -> None:
    nodes = {"start": word("help"), "who": agent(team="sales")}
    scene = queued(flow("Help", nodes, "start>who", settings={"on_error": "handoff"}))
    conversation = scene.conversation()
    scene.give(NoAgent(conversation.id, conversation.claim, SALES, "closed"))
    assert (scene.run.status, scene.owner, scene.conversation().team) == ("failed", "QUEUE", EVERYONE)
    conversation = scene.conversation()
    scene.give(NoAgent(conversation.id, conversation.claim, EVERYONE, "closed"))
    assert (scene.owner, scene.conversation().unhandled) == ("NONE", True)


@pytest.mark.parametrize("kind", ["assigned", "no_agent"])
def test_an_answer_to_an_older_request_is_stale(kind: str) -> None:
    nodes = {"start": word("help"), "one": agent(), "two": agent(team="sales")}
    scene = queued(flow("Two", nodes, "start>one one.timeout>two"))
    old = scene.conversation()
    scene.ring(after=timedelta(minutes=15))
    assert (scene.owner, scene.conversation().team) == ("QUEUE", SALES)
    assert scene.conversation().claim != old.claim
    if kind == "assigned":
        scene.give(Assigned(old.id, old.claim, EVERYONE, ANN))
    else:
        scene.give(NoAgent(old.id, old.claim, EVERYONE, "closed"))
    assert (scene.last.conversations, scene.last.runs, scene.owner) == ((), (), "QUEUE")


def test_an_answer_after_somebody_claimed_is_stale() -> None:
    scene = queued()
    old = scene.conversation()
    claim(scene, BEN)
    scene.give(Assigned(old.id, old.claim, EVERYONE, ANN))
    assert (scene.conversation().agent, scene.last.conversations) == (BEN, ())


def test_a_team_that_does_not_exist_refuses_at_once() -> None:
    scene = Scene(handoff(team="gone"))
    [refusal] = scene.say("help").born
    assert (refusal.contact, refusal.team) == (7, 0)
    scene.answer(refusal)
    assert scene.texts == ["by no_agent"]
    assert scene.owner == "NONE"


def test_every_event_is_addressed() -> None:
    scene = Scene(handoff(team="gone"))
    scene.say("help")
    claim(scene)
    scene.give(ResolveConversation(scene.conversation().id, ANN))
    born = [each for _, _, decision in scene.events for each in decision.born]
    assert all(bool(each.contact) != bool(each.team) for each in born)


def test_what_the_contact_writes_after_the_agent_is_the_flows_again() -> None:
    nodes = {"start": word("help"), "who": agent(), "rate": said("How was it?", buttons={"g": "Good"}), "ok": said("Thanks")}
    scene = assigned(flow("Rated", nodes, "start>who who.resolved>rate rate.g>ok"))
    scene.give(ResolveConversation(scene.conversation().id, ANN))
    assert (scene.texts, scene.owner, scene.conversation().status) == (["How was it?"], "BOT", "active")
    scene.say("good")
    assert (scene.texts, scene.owner) == (["Thanks"], "NONE")


def test_a_conversation_is_resolved_when_the_run_ends_with_it() -> None:
    scene = assigned()
    scene.give(ResolveConversation(scene.conversation().id, ANN))
    assert (scene.owner, scene.conversation().status, scene.conversation().agent) == ("NONE", "resolved", 0)


# --- a person takes over -----------------------------------------------------------------------------------------------------
def test_a_take_over_suspends_the_run_and_raises_the_epoch() -> None:
    scene = asked()
    claim(scene)
    assert (scene.run.status, scene.run.reason) == ("suspended", "takeover")
    assert (scene.owner, scene.conversation().epoch, scene.conversation().agent) == ("AGENT", 1, ANN)


def test_a_humans_message_claims() -> None:
    scene = asked()
    [message] = scene.give(SendMessage(Text("Ann here"), SITE, ANN)).messages
    assert (message.voice, message.user) == ("human", ANN)
    assert (scene.run.status, scene.owner, scene.conversation().epoch) == ("suspended", "AGENT", 1)


def test_a_system_message_claims_nothing() -> None:
    scene = asked()
    [message] = scene.give(SendMessage(Text("Your code"), SITE)).messages
    assert (message.voice, message.key) == ("system", f"{scene.number}:0")
    assert (scene.person.runs[0].status, scene.owner, scene.conversation().epoch) == ("waiting", "BOT", 0)


def test_resolving_ends_a_run_that_a_take_over_suspended() -> None:
    scene = asked()
    claim(scene)
    scene.give(ResolveConversation(scene.conversation().id, ANN))
    assert (scene.run.status, scene.run.reason) == ("stopped", "resolved_by_agent")
    assert (scene.owner, scene.conversation().status, scene.texts) == ("NONE", "resolved", [])


def test_returning_opens_the_suspended_wait_again() -> None:
    nodes = {"start": word("ask"), "wait": reply(timeout="PT1H"), "ok": said("Hi"), "late": said("Late")}
    scene = Scene(flow("Ask", nodes, "start>wait wait>ok wait.timeout>late"))
    scene.say("ask")
    before = scene.run
    claim(scene)
    scene.now += HOUR
    scene.give(ReturnConversation(scene.conversation().id, ANN))
    assert before.wait is not None
    assert scene.run.wait is not None
    assert scene.run.status == "waiting"
    assert scene.run.wait.id > before.wait.id
    assert scene.run.wait.due == scene.now + HOUR, "its time starts anew"
    scene.ring(before)
    assert scene.last.runs == (), "the old timer is too old"
    scene.say("back again")
    assert scene.texts == ["Hi"]


def test_a_suspended_run_takes_no_messages_and_no_timers() -> None:
    scene = asked()
    waiting = scene.run
    claim(scene)
    scene.say("hello?")
    scene.ring(waiting, after=HOUR)
    assert scene.last.runs == ()
    assert scene.person.runs[0].status == "suspended"


def test_a_suspended_run_takes_no_named_events() -> None:
    nodes = {"start": word("go"), "wait": happening("paid"), "ask": reply()}
    scene = Scene(flow("Paid", nodes, "start>wait wait>ask"))
    scene.say("go")
    claim(scene)
    assert scene.give(EventNamed("paid")).answer == {"resumed": 0}


def test_taking_over_from_nobody_raises_the_epoch_too() -> None:
    scene = Scene()
    scene.say("hello")
    claim(scene)
    assert (scene.owner, scene.conversation().epoch, scene.conversation().unhandled) == ("AGENT", 1, False)


def test_another_agents_conversation_is_claimed_by_force_only() -> None:
    scene = assigned()
    decision = claim(scene, BEN)
    assert isinstance(decision.answer, Problem)
    assert (decision.answer.code, decision.conversations) == ("already_claimed", ())
    decision = claim(scene, BEN, force=True)
    assert (scene.conversation().agent, scene.conversation().epoch) == (BEN, 0)
    assert kinds(decision) == ["slot_taken"]


def test_claiming_ones_own_conversation_changes_nothing() -> None:
    scene = assigned()
    decision = claim(scene, ANN)
    assert (decision.born, decision.conversations) == ((), ())
    assert isinstance(decision.answer, dict)
    assert decision.answer["owner"] == "AGENT"


def test_a_conversation_that_does_not_exist_is_a_problem() -> None:
    for command in (ClaimConversation(99, 1), ResolveConversation(99), ReturnConversation(99), TransferConversation(99)):
        answer = Scene().give(command).answer
        assert isinstance(answer, Problem)
        assert answer.code == "not_found"


# --- transfer ----------------------------------------------------------------------------------------------------------------
def test_a_transfer_leaves_one_team_and_asks_the_other() -> None:
    scene = assigned()
    decision = scene.give(TransferConversation(scene.conversation().id, SALES, user=ANN))
    assert [(each.body.kind, each.team) for each in decision.born] == [
        ("assign_withdrawn", EVERYONE),
        ("assign_requested", SALES),
    ]
    assert (scene.owner, scene.conversation().team, scene.conversation().agent, scene.conversation().epoch) == (
        "QUEUE",
        SALES,
        0,
        0,
    )
    assert scene.person.runs[0].status == "waiting"
    conversation = scene.conversation()
    scene.give(Assigned(conversation.id, conversation.claim, SALES, BEN))
    scene.give(ResolveConversation(conversation.id, BEN))
    assert scene.texts == ["by resolved"], "the run still waits at Assign Agent"


def test_a_transfer_from_the_bot_takes_the_floor() -> None:
    scene = asked()
    waiting = scene.run
    scene.give(TransferConversation(scene.conversation().id, SALES, user=ANN))
    assert (scene.owner, scene.conversation().epoch, scene.run.status, scene.run.reason) == ("QUEUE", 1, "suspended", "takeover")
    scene.ring(waiting, after=HOUR)
    assert scene.last.messages == ()


def test_a_transfer_to_one_agent_asks_for_that_one() -> None:
    scene = assigned()
    scene.give(TransferConversation(scene.conversation().id, agent=BEN))
    [request] = scene.born(AssignRequested)
    assert isinstance(request.body, AssignRequested)
    assert (request.body.agent, request.team) == (BEN, EVERYONE)


# --- a drip asks for a person ------------------------------------------------------------------------------------------------
def test_a_drip_that_hands_over_suspends_the_flow_that_talks() -> None:
    broken = {"type": "send_message", "config": {"template": {"name": "gone", "language": "en"}}}
    trouble = flow("Drip", {"start": on("api"), "send": broken}, "start>send", settings={"on_error": "handoff"})
    scene = Scene(ASK, trouble)
    scene.say("ask")
    scene.start(2)
    assert {run.flow: run.status for run in scene.last.runs} == {1: "suspended", 2: "failed"}
    assert scene.owner == "QUEUE"
    scene.give(ReturnConversation(scene.conversation().id, ANN))
    scene.say("fine")
    assert scene.texts == ["Ask done"]


def test_a_drips_messages_are_notices() -> None:
    scene = Scene(drip("Drip", on("api")), ASK)
    assert [message.voice for message in scene.start().messages] == ["notice"]
    assert [message.voice for message in scene.say("ask").messages] == ["bot"]


def test_an_interactive_flow_does_not_start_over_a_person() -> None:
    scene = assigned()
    decision = scene.start()
    assert isinstance(decision.answer, Problem)
    assert (decision.answer.code, decision.runs) == ("owned_by_agent", ())


# --- snooze ------------------------------------------------------------------------------------------------------------------
def test_a_snoozed_conversation_wakes_at_its_time_and_keeps_its_owner() -> None:
    scene = assigned()
    until = scene.now + HOUR
    id = scene.conversation().id
    scene.give(SnoozeConversation(id, until, ANN))
    assert (scene.conversation().status, scene.conversation().snoozed_until) == ("snoozed", until)
    scene.give(ConversationWoken(id))
    assert scene.conversation().status == "snoozed", "too early"
    scene.now = until
    scene.give(ConversationWoken(id))
    assert (scene.conversation().status, scene.conversation().snoozed_until, scene.owner) == ("active", None, "AGENT")


def test_a_snoozed_conversation_wakes_with_the_contacts_next_message() -> None:
    scene = assigned()
    scene.give(SnoozeConversation(scene.conversation().id))
    scene.give(ConversationWoken(scene.conversation().id))
    assert scene.conversation().status == "snoozed"
    scene.say("hello")
    assert (scene.conversation().status, scene.owner) == ("active", "AGENT")


# --- stop --------------------------------------------------------------------------------------------------------------------
def test_an_operators_stop_ends_the_run_and_raises_the_epoch() -> None:
    scene = asked()
    decision = scene.give(StopRun(scene.run.id))
    assert (scene.run.status, scene.run.reason) == ("stopped", "stopped_by_operator")
    assert (decision.answer, scene.owner, scene.conversation().epoch) == ({"stopped": 1}, "NONE", 1)


def test_stopping_in_the_queue_leaves_it() -> None:
    scene = queued()
    decision = scene.give(StopRun(0))
    assert (kinds(decision), scene.owner) == (["assign_withdrawn"], "NONE")


def test_a_run_that_ended_cannot_be_stopped() -> None:
    scene = asked()
    scene.say("done")
    answer = scene.give(StopRun(scene.run.id)).answer
    assert isinstance(answer, Problem)
    assert answer.code == "not_running"


# --- send and consent --------------------------------------------------------------------------------------------------------
def test_free_text_needs_an_open_window() -> None:
    scene = Scene()
    scene.say("hello", channel=PHONE)
    assert scene.give(SendMessage(Text("Hi"), PHONE, ANN)).messages
    scene.now += timedelta(hours=24)
    decision = scene.give(SendMessage(Text("Hi"), PHONE, ANN))
    assert isinstance(decision.answer, Problem)
    assert (decision.answer.code, decision.messages, decision.conversations) == ("window_closed", (), ())


def test_who_opted_out_gets_no_message_from_anybody() -> None:
    scene = Scene()
    scene.say("stop")
    for channel in (SITE, PHONE):
        answer = scene.give(SendMessage(Text("Hi"), channel, ANN)).answer
        assert isinstance(answer, Problem)
        assert (answer.code, scene.owner) == ("opted_out", "NONE")
    assert scene.person.on_channel(PHONE) is None


def test_consent_withdrawn_by_the_api_stops_everything_like_the_word() -> None:
    scene = asked()
    scene.give(ChangeContact((ContactChange("set_consent", value=False),)))
    assert (scene.run.status, scene.run.reason, scene.owner, scene.conversation().epoch) == ("stopped", "opted_out", "NONE", 1)
    assert scene.last.messages == ()
    scene.give(ChangeContact((ContactChange("set_consent", value=False),)))
    assert (scene.last.changes, scene.last.born, scene.conversation().epoch) == ((), (), 1)
