"""A decision gathers: later parts see earlier ones, ids derive from the event, and a contact's change is told once."""

from __future__ import annotations

from engine.core.turn import Turn
from engine.core.value import Contact, Conversation, Person, derived_id
from schemas.contact import ContactChange
from schemas.event import ChangeContact, ContactChanged, Event, StopRun
from tests.core.scene import ANNA, CONTACT, START, Scene, question, word

EVENT = Event(5, 1, "test", "5", START, StopRun(0), contact=CONTACT)


def turn(person: Person | None = None) -> Turn:
    """An empty turn."""
    return Turn(Scene().world, person or Person(ANNA), EVENT, START)


def test_ids_derive_from_the_event_and_leave_the_first_to_the_contact() -> None:
    made = turn()
    assert [made.new_id(), made.new_id()] == [derived_id(5, 1), derived_id(5, 2)]


def test_what_was_put_is_seen_and_counts_once() -> None:
    made = turn(Person(ANNA, (Conversation(1, 1),)))
    made.put(Conversation(1, 1, owner="BOT"))
    made.put(Conversation(1, 1, owner="NONE"))
    made.put(Conversation(2, 2))
    decision = made.decision()
    assert decision.conversations == (Conversation(1, 1), Conversation(2, 2))
    assert decision.person.conversations == decision.conversations


def test_a_conversation_of_which_nothing_came_is_taken_back() -> None:
    made = turn(Person(ANNA, (Conversation(1, 1),)))
    made.take_back(made.put(Conversation(2, 2)))
    made.take_back(Conversation(1, 1))
    made.take_back(made.put(Conversation(3, 2, owner="BOT")))
    assert [each.id for each in made.decision().person.conversations] == [1, 3]


def test_a_change_that_changes_nothing_raises_no_event() -> None:
    scene = Scene()
    decision = scene.give(ChangeContact((ContactChange("set_name", value="Anna"),)))
    assert (decision.changes, decision.born, decision.person.contact.version) == ((), (), 1)


def test_changes_are_told_together_and_raise_the_version_once() -> None:
    changes = (ContactChange("add_tag", "a"), ContactChange("add_tag", "b"), ContactChange("add_tag", "a"))
    decision = Scene().give(ChangeContact(changes))
    assert decision.changes == changes[:2]
    assert [each.body for each in decision.born] == [ContactChanged(changes[:2])]
    assert (decision.person.contact.version, decision.born[0].depth, decision.born[0].contact) == (2, 1, CONTACT)


def test_a_new_contact_is_told_even_where_nothing_else_changed() -> None:
    scene = Scene(contact=Contact(CONTACT))
    decision = scene.say("hello")
    assert decision.person.contact.version == 1
    assert decision.person.contact.created_at == scene.now
    assert [each.body for each in decision.born] == [ContactChanged((), created=True)]


def test_ended_runs_leave_the_person_but_not_the_decision() -> None:
    scene = Scene(question("Ask", word("ask")))
    scene.say("ask")
    decision = scene.say("yes")
    assert [run.status for run in decision.runs] == ["completed"]
    assert decision.person.runs == ()


def test_born_events_carry_their_cause_and_an_id_of_their_own() -> None:
    made = turn()
    made.emit(StopRun(1), contact=CONTACT)
    made.emit(StopRun(2), contact=CONTACT)
    assert [(each.source, each.external_id, each.cause, each.depth) for each in made.born] == [
        ("engine", "5:0", 5, 1),
        ("engine", "5:1", 5, 1),
    ]
