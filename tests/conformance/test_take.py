"""Which events are taken, in which lanes, with whom loaded."""

from engine.core.value import derived_id
from engine.runtime.protocol import Decided, Failed
from schemas.contact import Identity
from schemas.event import NewEvent, PresenceChanged
from tests.conformance.scene import ANN, BOB, NOW, Scene, named, noted, reported, waiting, written


async def test_nothing_to_do(scene: Scene):
    assert await scene.nothing_left()


async def test_events_of_one_contact_are_one_lane_in_their_order(scene: Scene):
    contact, _ = await scene.meet()
    ids = await scene.append(written("a", ANN), named("b", contact.id), written("c", ANN))
    (lane,) = (await scene.take()).contacts
    assert [event.id for event in lane.events] == ids
    assert lane.person.contact.id == contact.id


async def test_an_unknown_person_becomes_a_new_contact_with_a_derived_id(scene: Scene):
    (id,) = await scene.append(written("a", ANN))
    (lane,) = (await scene.take()).contacts
    assert lane.person.contact.id == derived_id(id, 0)
    assert lane.person.contact.version == 0
    assert lane.person.contact.identities == (ANN,)


async def test_two_events_of_one_unknown_person_share_a_lane(scene: Scene):
    phone = Identity("phone", "+4915112345678")
    await scene.append(written("a", ANN, phone), written("b", phone))
    (lane,) = (await scene.take()).contacts
    assert len(lane.events) == 2


async def test_the_first_known_identity_decides(scene: Scene):
    ann, _ = await scene.meet(ANN)
    await scene.meet(BOB)
    await scene.append(written("a", Identity("phone", "+4915100000000"), ANN, BOB))
    (lane,) = (await scene.take()).contacts
    assert lane.person.contact.id == ann.id


async def test_the_same_identity_in_another_tenant_is_another_person(scene: Scene):
    ann, _ = await scene.meet(ANN)
    await scene.append(written("a", ANN, tenant=2))
    (lane,) = (await scene.take()).contacts
    assert lane.person.contact.id != ann.id


async def test_a_person_comes_with_its_conversations_and_live_runs(scene: Scene):
    contact, conversation = await scene.meet()
    await scene.happen(contact.id, lambda event, person: noted(event, person, runs=(waiting(event, conversation.id),)))
    await scene.append(named("b", contact.id))
    batch = await scene.take()
    person = batch.contacts[0].person
    assert person.conversations == (conversation,)
    assert [run.frames[-1].node for run in person.runs] == ["ask"]
    assert batch.versions == {(1, 11)}


async def test_live_events_go_before_bulk_and_bulk_gets_a_tenth(scene: Scene):
    await scene.append(*[written(f"bulk{n}", Identity("webchat", f"b{n}"), bulk=True) for n in range(20)])
    await scene.append(*[written(f"live{n}", Identity("webchat", f"l{n}")) for n in range(20)])
    batch = await scene.take(limit=10)
    bulk = [event.bulk for lane in batch.contacts for event in lane.events]
    assert (len(bulk), sum(bulk)) == (10, 1)


async def test_no_more_than_the_limit(scene: Scene):
    await scene.append(*[written(str(n), Identity("webchat", str(n))) for n in range(5)])
    batch = await scene.take(limit=3)
    assert sum(len(lane.events) for lane in batch.contacts) == 3


async def test_statuses_load_nobody(scene: Scene):
    await scene.append(reported("s", "p1", "sent"), written("a", ANN))
    batch = await scene.take()
    assert [event.external_id for event in batch.statuses] == ["s"]
    assert [event.external_id for lane in batch.contacts for event in lane.events] == ["a"]


async def test_a_teams_events_are_a_lane_with_its_desk(scene: Scene):
    await scene.append(NewEvent(1, "api", "p", NOW, PresenceChanged(4, "online"), team=3))
    (lane,) = (await scene.take()).teams
    assert (lane.team, lane.desk.team, lane.desk.version) == (3, 3, 0)


async def test_an_event_that_failed_comes_alone(scene: Scene):
    first, _second = await scene.append(written("a", ANN), written("b", BOB))
    batch = await scene.take()
    decided = [
        Decided(event, Failed("broken") if event.id == first else noted(event, lane.person))
        for lane in batch.contacts
        for event in lane.events
    ]
    await scene.store.commit(batch, decided, scene.now)
    await scene.append(written("c", BOB))
    batch = await scene.take()
    assert [event.id for lane in batch.contacts for event in lane.events] == [first]


async def test_an_event_for_a_contact_that_is_not_there_makes_none(scene: Scene):
    await scene.append(named("a", 987_654))
    (lane,) = (await scene.take()).contacts
    assert lane.person.contact.version == 0
