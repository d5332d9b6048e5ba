"""What becomes of claims: outcomes, second tries, and who is told."""

from datetime import timedelta

from schemas.contact import ContactChange, Identity
from schemas.content import Text
from schemas.event import ChangeContact, MessageSettled
from tests.conformance.scene import NOW, Scene, reported


async def claimed(scene: Scene, count: int = 1, **facts):
    contact, conversation = await scene.meet()
    ids = await scene.say(contact.id, conversation.id, count, **facts)
    await scene.claim()
    return contact, ids


async def test_a_retry_is_ready_at_its_time_and_holds_what_is_behind_it(scene: Scene):
    _, (first, _) = await claimed(scene, 2)
    at = NOW + timedelta(seconds=5)
    await scene.settle(first, "retry", code="131016", retry_at=at)
    assert await scene.claim() == []
    assert await scene.store.next_ready(scene.now) == at
    scene.later(5)
    (claim,) = await scene.claim()
    assert (claim.message.id, claim.attempt, claim.ambiguous) == (first, 2, False)


async def test_a_failure_makes_room_and_is_told(scene: Scene):
    _contact, (first, second) = await claimed(scene, 2)
    assert await scene.settle(first, "failed", code="131026", detail="undeliverable") == 1
    (body,) = await scene.born()
    assert isinstance(body, MessageSettled)
    assert (body.message, body.status, body.code) == (first, "failed", "131026")
    assert [claim.message.id for claim in await scene.claim()] == [second]


async def test_success_is_told_only_where_somebody_waits_for_it(scene: Scene):
    _, (quiet,) = await claimed(scene)
    assert await scene.settle(quiet, "accepted", provider_id="p") == 0
    assert await scene.born() == []


async def test_success_is_told_once_where_somebody_waits_for_it(scene: Scene):
    _, (id,) = await claimed(scene, reports=True)
    assert await scene.settle(id, "accepted", provider_id="p") == 1
    assert await scene.settle(id, "accepted", provider_id="p") == 0
    (body,) = await scene.born()
    assert (body.message, body.status) == (id, "accepted")


async def test_an_unknown_one_holds_what_is_behind_it_until_its_second_try(scene: Scene):
    _, (first, second) = await claimed(scene, 2, reports=True)
    assert await scene.settle(first, "unknown", retry_at=NOW + timedelta(seconds=60)) == 0
    assert await scene.store.next_ready(scene.now) == NOW + timedelta(seconds=60)
    scene.later(59)
    assert await scene.claim() == []
    scene.later(1)
    (claim,) = await scene.claim()
    assert (claim.message.id, claim.unknown, claim.ambiguous) == (first, True, False)
    assert await scene.settle(first, "unknown") == 1
    assert [claim.message.id for claim in await scene.claim()] == [second]


async def test_a_human_waits_for_an_unknown_one_too(scene: Scene):
    contact, conversation = await scene.meet()
    (bot,) = await scene.say(contact.id, conversation.id)
    await scene.claim()
    await scene.settle(bot, "unknown", retry_at=NOW + timedelta(seconds=60))
    await scene.say(contact.id, conversation.id, voice="human", user=5)
    assert await scene.claim() == []


async def test_a_second_try_that_was_cut_off_says_that_it_was_the_second(scene: Scene):
    _, (id,) = await claimed(scene)
    await scene.settle(id, "unknown", retry_at=NOW + timedelta(seconds=60))
    scene.later(60)
    await scene.claim()
    scene.later(60)
    (claim,) = await scene.claim()
    assert (claim.unknown, claim.ambiguous, claim.attempt) == (True, True, 3)


async def test_an_unknown_one_that_may_not_be_said_any_more_stays_unknown(scene: Scene):
    contact, (id,) = await claimed(scene)
    await scene.settle(id, "unknown", retry_at=NOW + timedelta(seconds=60))
    await scene.update(contact.id, owner="AGENT", epoch=1)
    scene.later(60)
    assert await scene.claim() == []
    assert await scene.subject.status(id) == "unknown"


async def test_an_unknown_one_that_a_status_names_is_not_sent_again(scene: Scene):
    _, (id,) = await claimed(scene)
    await scene.settle(id, "unknown", retry_at=NOW + timedelta(seconds=60))
    await scene.append(reported("s1", "p1", "delivered", message=id))
    await scene.work()
    scene.later(120)
    assert await scene.claim() == []
    assert await scene.subject.status(id) == "delivered"


async def test_an_unknown_one_without_a_second_try_is_settled(scene: Scene):
    _, (first, second) = await claimed(scene, 2, on_unknown="keep")
    await scene.settle(first, "unknown")
    assert [claim.message.id for claim in await scene.claim()] == [second]
    await scene.settle(second, "accepted", provider_id="p")
    scene.later(600)
    assert await scene.claim() == []


async def test_a_learned_address_goes_to_the_contacts_lane(scene: Scene):
    contact, (id,) = await claimed(scene)
    await scene.settle(id, "accepted", provider_id="p", identities=(Identity("whatsapp", "49151"),))
    (lane,) = (await scene.take()).contacts
    (event,) = lane.events
    assert (lane.person.contact.id, event.source, event.external_id) == (contact.id, "outbox", f"{id}:identity")
    assert isinstance(event.body, ChangeContact)
    assert event.body.changes == (ContactChange("add_identity", "whatsapp", "49151"),)


async def test_an_address_that_is_known_is_not_learned_again(scene: Scene):
    contact, (id,) = await claimed(scene)
    assert await scene.settle(id, "accepted", provider_id="p", identities=contact.identities) == 0


async def test_a_retry_after_a_status_changes_nothing(scene: Scene):
    _, (id,) = await claimed(scene)
    await scene.append(reported("s1", "p1", "sent", message=id))
    await scene.work()
    await scene.settle(id, "retry", retry_at=NOW + timedelta(seconds=1))
    scene.later(100)
    assert await scene.claim() == []
    assert await scene.subject.status(id) == "sent"


async def test_what_was_really_said_may_differ(scene: Scene):
    _, (id,) = await claimed(scene)
    await scene.settle(id, "accepted", provider_id="p", content=Text("instead"))
    assert await scene.subject.status(id) == "accepted"


async def test_a_settlement_of_nothing_is_left_alone(scene: Scene):
    assert await scene.settle(123_456, "accepted", provider_id="p") == 0
