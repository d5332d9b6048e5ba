"""Claims in the commit that makes the message: what `claim` would give right after it, and nothing else."""

from datetime import timedelta

from engine.core.decision import Decision
from engine.core.value import Person
from engine.runtime.protocol import Offer
from schemas.content import Text
from schemas.event import Event
from tests.conformance.scene import ANN, CHANNEL, LEASE, NOW, Scene, message, named, noted


async def test_a_message_with_nothing_before_it_is_claimed_as_it_is_made(scene: Scene):
    contact, conversation = await scene.meet()
    (claim,) = await scene.launch(contact.id, conversation.id, fallback=Text("instead"), on_unknown="keep")
    assert (claim.message.content, claim.message.fallback, claim.message.on_unknown) == (Text("words 2"), Text("instead"), "keep")
    assert (claim.tenant, claim.attempt, claim.identities, claim.first_attempt_at) == (1, 1, (ANN,), NOW)
    assert claim.window_until == NOW + timedelta(hours=24)
    assert not claim.ambiguous
    assert await scene.claim() == []


async def test_whose_sender_died_is_ambiguous_when_its_lease_ends(scene: Scene):
    contact, conversation = await scene.meet()
    (claim,) = await scene.launch(contact.id, conversation.id)
    scene.later(LEASE.total_seconds())
    (again,) = await scene.claim()
    assert (again.message.id, again.attempt, again.ambiguous, again.first_attempt_at) == (claim.message.id, 2, True, NOW)


async def test_it_settles_as_any_other(scene: Scene):
    contact, conversation = await scene.meet()
    claims = await scene.launch(contact.id, conversation.id, 2)
    assert [claim.message.content for claim in claims] == [Text("words 2")]
    await scene.settle(claims[0].message.id, "accepted", provider_id="p")
    assert [claim.message.content for claim in await scene.claim()] == [Text("words 3")]


async def test_what_is_on_its_way_stands_before_it(scene: Scene):
    contact, conversation = await scene.meet()
    (first,) = await scene.say(contact.id, conversation.id)
    assert await scene.launch(contact.id, conversation.id) == []
    assert [claim.message.id for claim in await scene.claim()] == [first]


async def test_what_is_in_flight_stands_before_it(scene: Scene):
    contact, conversation = await scene.meet()
    assert len(await scene.launch(contact.id, conversation.id)) == 1
    assert await scene.launch(contact.id, conversation.id, voice="human", user=5) == []


async def test_a_human_goes_first(scene: Scene):
    contact, conversation = await scene.meet()

    def both(event: Event, person: Person) -> Decision:
        said = message(event, 2, conversation.id), message(event, 3, conversation.id, voice="human", user=5)
        return noted(event, person, messages=said)

    await scene.append(named("both", contact.id))
    committed = await scene.commit(await scene.take(), both, Offer(10, scene.now + LEASE, {}))
    assert [claim.message.voice for claim in committed.claims] == ["human"]


async def test_what_may_not_be_said_is_left_to_be_skipped(scene: Scene):
    contact, conversation = await scene.meet()
    assert await scene.launch(contact.id, conversation.id, epoch=conversation.epoch - 1) == []
    assert await scene.claim() == []


async def test_one_that_opted_out_gets_no_more_words(scene: Scene):
    contact, conversation = await scene.meet(opted_out=True)
    assert await scene.launch(contact.id, conversation.id) == []
    assert len(await scene.launch(contact.id, conversation.id, consent=False)) == 0  # the first stands before it
    assert [claim.message.consent for claim in await scene.claim()] == [False]


async def test_bulk_waits_for_its_share_of_the_places(scene: Scene):
    contact, conversation = await scene.meet()
    assert await scene.launch(contact.id, conversation.id, bulk=True) == []
    assert len(await scene.claim()) == 1


async def test_no_more_than_the_channel_has_room_for(scene: Scene):
    contact, conversation = await scene.meet()
    assert await scene.launch(contact.id, conversation.id, room={CHANNEL: 0}) == []
    assert len(await scene.claim()) == 1
