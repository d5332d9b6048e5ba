"""A commit writes everything that was decided of unchanged persons, and nothing of changed ones."""

from dataclasses import replace

from engine.core.decision import Call, TeamDecision
from engine.core.desk import Desk, Seat
from engine.core.value import Person
from engine.runtime.protocol import Decided, Failed
from engine.runtime.room import Room
from schemas.contact import ContactChange, Identity
from schemas.event import ChangeContact, ContactChanged, NewEvent, PresenceChanged
from tests.conformance.scene import ANN, BOB, NOW, Scene, message, named, noted, renamed, waiting, written


async def test_a_decided_event_is_done(scene: Scene):
    await scene.append(written("a", ANN))
    await scene.work()
    assert await scene.nothing_left()


async def test_a_new_contact_is_found_by_its_identity_afterwards(scene: Scene):
    contact, _ = await scene.meet()
    await scene.append(written("b", ANN))
    (lane,) = (await scene.take()).contacts
    assert (lane.person.contact.id, lane.person.contact.version) == (contact.id, 1)


async def test_the_last_person_of_a_lane_is_stored(scene: Scene):
    contact, _ = await scene.meet()
    await scene.append(named("a", contact.id), named("b", contact.id))
    await scene.work(lambda event, person: renamed(event, person, f"{person.contact.name}{event.external_id}"))
    await scene.append(named("c", contact.id))
    stored = (await scene.take()).contacts[0].person.contact
    assert (stored.name, stored.version) == ("Noneab", 3)


async def test_a_contact_that_another_writer_changed_is_decided_again(scene: Scene):
    contact, _ = await scene.meet()
    (id,) = await scene.append(named("a", contact.id))
    batch = await scene.take()
    await scene.subject.touch(contact.id)
    committed = await scene.commit(batch, lambda event, person: renamed(event, person, "Ours"))
    assert committed.again == (id,)
    (lane,) = (await scene.take()).contacts
    assert (lane.person.contact.name, lane.events[0].id) == ("Changed", id)


async def test_nothing_of_a_changed_lane_is_written(scene: Scene):
    contact, conversation = await scene.meet()
    await scene.append(named("a", contact.id))
    batch = await scene.take()
    await scene.subject.touch(contact.id)
    extra = NewEvent(1, "engine", "born", NOW, ChangeContact(()), contact=contact.id)
    committed = await scene.commit(
        batch,
        lambda event, person: noted(
            event, person, messages=(message(event, 2, conversation.id),), runs=(waiting(event, conversation.id),), born=(extra,)
        ),
    )
    assert (committed.messages, committed.born) == (0, 0)
    assert await scene.claim() == []
    assert (await scene.take()).contacts[0].person.runs == ()


async def test_other_lanes_of_the_batch_are_committed(scene: Scene):
    ann, _ = await scene.meet(ANN)
    bob, _ = await scene.meet(BOB)
    first, _second = await scene.append(named("a", ann.id), named("b", bob.id))
    batch = await scene.take()
    await scene.subject.touch(ann.id)
    assert (await scene.commit(batch)).again == (first,)
    (lane,) = (await scene.take()).contacts
    assert [event.id for event in lane.events] == [first]


async def test_a_batch_committed_twice_counts_once(scene: Scene):
    contact, conversation = await scene.meet()
    await scene.append(named("a", contact.id))
    batch = await scene.take()
    for _ in range(2):
        await scene.commit(batch, lambda event, person: noted(event, person, messages=(message(event, 2, conversation.id),)))
    assert len(await scene.claim()) == 1
    assert await scene.nothing_left()


async def test_born_events_are_appended_once(scene: Scene):
    contact, _ = await scene.meet()
    born = NewEvent(1, "engine", "born", NOW, ContactChanged(()), contact=contact.id, depth=1, cause=1)
    committed = await scene.happen(contact.id, lambda event, person: noted(event, person, born=(born, born)))
    assert committed.born == 1
    (event,) = (await scene.take()).contacts[0].events
    assert (event.body, event.depth, event.cause) == (ContactChanged(()), 1, 1)


async def test_an_event_fails_three_times_and_is_dead(scene: Scene):
    (id,) = await scene.append(written("a", ANN))
    dead = []
    for _ in range(3):
        batch = await scene.take()
        event = batch.contacts[0].events[0]
        dead.append((await scene.store.commit(batch, [Decided(event, Failed("broken"))], scene.now)).dead)
    assert dead == [(), (), (id,)]
    assert await scene.nothing_left()


async def test_what_is_not_decided_is_taken_again(scene: Scene):
    contact, _ = await scene.meet()
    ids = await scene.append(named("a", contact.id), named("b", contact.id))
    batch = await scene.take()
    lane = batch.contacts[0]
    decided = [Decided(lane.events[0], noted(lane.events[0], lane.person))]
    await scene.store.commit(batch, decided, scene.now)
    (lane,) = (await scene.take()).contacts
    assert [event.id for event in lane.events] == ids[1:]


async def test_a_failure_lets_other_lanes_go_on(scene: Scene):
    first, _second = await scene.append(written("a", ANN), written("b", BOB))
    batch = await scene.take()
    decided = [
        Decided(event, Failed("broken") if event.id == first else noted(event, lane.person))
        for lane in batch.contacts
        for event in lane.events
    ]
    await scene.store.commit(batch, decided, scene.now)
    await scene.work()
    assert await scene.nothing_left()


async def test_a_taken_address_stays_with_its_owner(scene: Scene):
    ann, _ = await scene.meet(ANN)
    bob, _ = await scene.meet(BOB)

    def steal(event, person: Person):
        contact = replace(person.contact, identities=(*person.contact.identities, ANN), version=person.contact.version + 1)
        return noted(event, replace(person, contact=contact), changes=(ContactChange("add_identity", ANN.kind, ANN.value),))

    assert (await scene.happen(bob.id, steal)).again == ()
    await scene.append(written("x", ANN), named("y", bob.id))
    identities = {lane.person.contact.id: lane.person.contact.identities for lane in (await scene.take()).contacts}
    assert identities == {ann.id: (ANN,), bob.id: (BOB,)}


async def test_a_new_contact_that_loses_the_race_for_its_address_is_decided_again(scene: Scene):
    await scene.append(written("a", ANN), written("b", BOB))
    batch = await scene.take()
    shared = Identity("phone", "+4915112345678")

    def same_phone(event, person: Person):
        contact = replace(person.contact, identities=(*person.contact.identities, shared))
        return noted(event, replace(person, contact=contact))

    committed = await scene.commit(batch, same_phone)
    assert len(committed.again) == 1


async def test_a_desk_is_kept(scene: Scene):
    await scene.append(NewEvent(1, "api", "p", NOW, PresenceChanged(4, "online"), team=3))
    batch = await scene.take()
    event = batch.teams[0].events[0]
    desk = Desk(3, seats={4: Seat("online")})
    await scene.store.commit(batch, [Decided(event, TeamDecision(desk))], scene.now)
    await scene.append(NewEvent(1, "api", "q", NOW, PresenceChanged(4, "busy"), team=3))
    lane = (await scene.take()).teams[0]
    assert (lane.desk.seats, lane.desk.version) == ({4: Seat("online")}, 1)


async def test_an_ended_run_is_not_loaded_any_more(scene: Scene):
    contact, conversation = await scene.meet()
    await scene.happen(contact.id, lambda event, person: noted(event, person, runs=(waiting(event, conversation.id),)))

    def end(event, person: Person):
        run = replace(person.runs[0], status="completed", wait=None, frames=(), ended_at=NOW)
        return noted(event, replace(person, runs=()), runs=(run,))

    await scene.happen(contact.id, end)
    await scene.append(named("z", contact.id))
    assert (await scene.take()).contacts[0].person.runs == ()


async def test_calls_are_committed_with_their_decision(scene: Scene):
    contact, _ = await scene.meet()
    call = Call(77_000, "mark_read", 7, {"id": "w1"})
    await scene.happen(contact.id, lambda event, person: noted(event, person, calls=(call,)))
    (claim,) = await scene.store.claim_calls(Room(), scene.now, scene.now)
    assert (claim.call, claim.tenant, claim.attempt) == (call, 1, 1)
