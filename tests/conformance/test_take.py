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


async def test_lanes_under_way_are_left_out(scene: Scene):
    ann, _ = await scene.meet(ANN)
    bob, _ = await scene.meet(BOB)
    first, *_ = await scene.append(named("a", ann.id), named("b", ann.id), written("c", BOB), written("d", ANN))
    under_way = await scene.store.take(1, NOW)
    assert [event.id for event in under_way.contacts[0].events] == [first]
    beside = await scene.store.take(10, NOW, [under_way])
    assert [lane.person.contact.id for lane in beside.contacts] == [bob.id]
    assert await scene.store.take(10, NOW, [under_way, beside]) is None


async def test_an_address_that_is_under_way_waits_also_where_it_belongs_to_nobody_yet(scene: Scene):
    phone = Identity("phone", "+4915112345678")
    ann, _ = await scene.meet(ANN)
    await scene.append(written("a", phone, ANN))
    under_way = await scene.take()
    await scene.append(written("b", phone, tenant=2), written("c", phone))
    assert under_way.contacts[0].person.contact.id == ann.id
    beside = await scene.store.take(10, NOW, [under_way])
    assert [lane.events[0].tenant for lane in beside.contacts] == [2]


async def test_a_team_and_a_status_under_way_are_left_out(scene: Scene):
    desk = NewEvent(1, "api", "on", NOW, PresenceChanged(3, "online"), team=5)
    await scene.append(desk, reported("s", "p1", "sent"))
    under_way = await scene.take()
    await scene.append(NewEvent(1, "api", "off", NOW, PresenceChanged(3, "offline"), team=5))
    assert await scene.store.take(10, NOW, [under_way]) is None


async def test_what_is_behind_a_lane_under_way_is_taken_after_its_commit_in_order(scene: Scene):
    _, second = await scene.append(written("a", ANN), written("b", ANN))
    under_way = await scene.store.take(1, NOW)
    assert await scene.store.take(10, NOW, [under_way]) is None
    (lane,) = under_way.contacts
    await scene.store.commit(under_way, [Decided(lane.events[0], noted(lane.events[0], lane.person))], NOW)
    (lane,) = (await scene.take()).contacts
    assert [event.id for event in lane.events] == [second]
