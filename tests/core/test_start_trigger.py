"""How flows start by themselves: contact events, once, not again for a while, schedules, and where they can speak."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.core.value import Contact
from schemas.contact import ContactChange, Identity
from schemas.event import ContactChanged, StartFlow
from schemas.problem import Problem
from tests.core.scene import ANNA, CONTACT, PHONE, SITE, Document, Scene, drip, flow, on, question, reply, said, word

VIP = ContactChanged((ContactChange("add_tag", "vip"),))
NEW = ContactChanged((ContactChange("set_name", value="Anna"),), created=True)
NOBODY = Contact(CONTACT, 1)


def problem(scene: Scene) -> str:
    """The code of the last answer."""
    answer = scene.last.answer
    assert isinstance(answer, Problem)
    return answer.code


# --- contact events ----------------------------------------------------------------------------------------------------------
def test_a_new_contact_starts_every_matching_flow() -> None:
    scene = Scene(drip("One", on("contact_created")), drip("Two", on("contact_created")), drip("Tag", on("tag_added", tag="vip")))
    scene.give(NEW)
    assert scene.texts == ["One one", "Two one"]


def test_an_added_tag_starts_every_matching_flow() -> None:
    scene = Scene(
        drip("One", on("tag_added", tag="vip")), drip("Two", on("tag_added", tag="vip")), drip("X", on("tag_added", tag="x"))
    )
    scene.give(VIP)
    assert scene.texts == ["One one", "Two one"]


def test_a_contact_that_is_made_with_a_tag_starts_both_kinds() -> None:
    scene = Scene(drip("New", on("contact_created")), drip("Tag", on("tag_added", tag="vip")))
    scene.give(ContactChanged((ContactChange("add_tag", "vip"),), created=True))
    assert scene.texts == ["New one", "Tag one"]


def test_a_removed_tag_starts_nothing() -> None:
    scene = Scene(drip("Tag", on("tag_added", tag="vip")))
    scene.give(ContactChanged((ContactChange("remove_tag", "vip"),)))
    assert scene.last.runs == ()


def test_of_two_interactive_flows_the_later_one_stays() -> None:
    scene = Scene(question("One", on("contact_created")), question("Two", on("contact_created")))
    scene.give(NEW)
    assert {run.flow: run.status for run in scene.last.runs} == {1: "interrupted", 2: "waiting"}


def test_contact_events_start_nothing_for_one_who_opted_out() -> None:
    scene = Scene(drip("New", on("contact_created")))
    scene.say("stop")
    scene.give(NEW)
    assert scene.last.runs == ()


def test_what_could_not_start_is_told() -> None:
    scene = Scene(question("New", on("contact_created")), contact=NOBODY)
    scene.give(NEW)
    assert scene.last.trace == ("New did not start: This contact can't be reached on any of the flow's channels.",)


# --- limits of a trigger -----------------------------------------------------------------------------------------------------
def test_once_is_once_for_a_contact() -> None:
    scene = Scene(question("Once", word("hi", once=True)))
    scene.say("hi")
    assert scene.person.contact.starts == {"1:start": scene.now.isoformat()}
    scene.say("ok")
    scene.now += timedelta(days=400)
    scene.say("hi")
    assert scene.last.runs == ()


def test_not_again_for_a_while() -> None:
    scene = Scene(question("Again", word("hi", again_after="PT1H")))
    scene.say("hi")
    began = scene.now
    scene.say("ok")
    scene.now = began + timedelta(hours=1) - timedelta(seconds=2)
    scene.say("hi")
    assert scene.last.runs == ()
    scene.say("hi")
    assert scene.texts == ["Again?"]
    assert scene.person.contact.starts == {"1:start": scene.now.isoformat()}


def test_a_trigger_that_may_not_start_again_leaves_the_message_to_the_next() -> None:
    scene = Scene(question("Once", word("hi", once=True)), question("Any", on("message")))
    scene.say("hi")
    scene.say("ok")
    scene.say("hi")
    assert scene.texts == ["Any?"]


def test_remembering_a_start_raises_the_contacts_version_but_tells_nobody() -> None:
    scene = Scene(drip("Once", on("api", once=True)))
    scene.say("hello")
    scene.start()
    assert (scene.person.contact.version, scene.last.changes, scene.last.born) == (2, (), ())


def test_a_flow_that_was_started_too_often_answers_a_problem() -> None:
    scene = Scene(drip("Once", on("api", once=True)))
    scene.start()
    scene.start()
    assert problem(scene) == "not_again"


# --- StartFlow ---------------------------------------------------------------------------------------------------------------
def test_a_start_answers_with_the_run() -> None:
    scene = Scene(question("Ask", on("api")))
    decision = scene.start(variables={"budget": 5})
    [run] = decision.runs
    assert isinstance(decision.answer, dict)
    assert decision.answer["status"] == "waiting"
    assert run.frames[0].variables["budget"] == 5


def test_variables_start_with_their_defaults() -> None:
    document = question("Ask", on("api")) | {"variables": [{"name": "budget", "type": "number", "default": 3}, {"name": "no"}]}
    scene = Scene(document)
    scene.start()
    assert scene.run.frames[0].variables == {"budget": 3}


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (StartFlow(9), "not_published"),
        (StartFlow(1, node="wait"), "not_published"),
        (StartFlow(1, channel=99), "unknown_channel"),
    ],
)
def test_what_does_not_exist_does_not_start(command: StartFlow, code: str) -> None:
    scene = Scene(question("Ask", on("api")))
    scene.give(command)
    assert problem(scene) == code
    assert (scene.last.runs, scene.last.conversations) == ((), ())


def test_a_channel_without_an_address_is_a_problem() -> None:
    scene = Scene(question("Ask", on("api")), contact=NOBODY)
    scene.start(channel=SITE)
    assert problem(scene) == "no_address"
    scene.start(channel=0)
    assert problem(scene) == "no_channel"
    assert scene.person.conversations == ()


def test_an_opted_out_contact_is_a_problem() -> None:
    scene = Scene(drip("Drip", on("api")))
    scene.say("stop")
    scene.start()
    assert problem(scene) == "opted_out"


def test_the_named_trigger_starts() -> None:
    nodes = {
        "start": word("hi"),
        "api": on("api"),
        "hook": on("webhook", identity={"phone": "phone"}),
        "a": said("A"),
        "b": said("B"),
    }
    scene = Scene(flow("Two", nodes, "start>a api>b hook>a"))
    scene.start()
    assert scene.texts == ["B"], "the API's own trigger, where none is named"
    scene.start(node="hook")
    assert scene.texts == ["A"]


# --- where it speaks ---------------------------------------------------------------------------------------------------------
def test_a_flow_that_no_message_started_speaks_where_the_contact_wrote_last() -> None:
    scene = Scene(question("Ask", on("api")))
    scene.say("hello", channel=SITE)
    scene.say("hello", channel=PHONE)
    scene.start(channel=0)
    assert scene.last.messages[0].channel == PHONE


def test_or_on_the_first_channel_where_the_contact_has_an_address() -> None:
    phone_only = Contact(CONTACT, 1, identities=(Identity("whatsapp", "49151"),))
    scene = Scene(drip("Drip", on("api")), contact=phone_only)
    scene.start(channel=0)
    assert [each.channel for each in scene.person.conversations] == [PHONE]


def test_the_trigger_s_channels_bound_where_it_speaks() -> None:
    scene = Scene(drip("Drip", on("api", channels=["2"])))
    scene.say("hello", channel=SITE)
    scene.start(channel=0)
    assert [each.channel for each in scene.last.conversations] == [PHONE]


def scheduled(rule: Document) -> Scene:
    """A flow on a schedule for those for whom a rule holds."""
    return Scene(drip("Weekly", on("schedule", cron="0 9 * * mon", rule=rule)), contact=ANNA)


def test_a_schedule_leaves_out_whom_its_rule_does_not_hold_for() -> None:
    scene = scheduled({"subject": "contact.tags", "op": "has", "value": "vip"})
    scene.start(channel=0, node="start")
    assert problem(scene) == "not_in_segment"
    assert scene.person.conversations == (), "no thread is made for those who are left out"


def test_a_schedule_starts_for_whom_its_rule_holds() -> None:
    scene = scheduled({"subject": "contact.name", "op": "is", "value": "Anna"})
    scene.start(channel=0, node="start")
    assert scene.texts == ["Weekly one"]


def test_a_run_begins_with_the_message_that_started_it() -> None:
    nodes = {"start": word("hi", match="word"), "echo": said("You said {{message.text}}"), "wait": reply()}
    scene = Scene(flow("Echo", nodes, "start>echo echo>wait"))
    scene.say("Hi there")
    assert scene.texts == ["You said Hi there"]
    assert (scene.steps[0].started, scene.steps[0].number, scene.steps[0].run.step) == (True, 1, 1)
