"""What may be claimed: heads of conversations, in their order, while it may still be said."""

from datetime import timedelta

from schemas.content import Text
from tests.conformance.scene import ANN, BOB, CHANNEL, NOW, Scene


async def test_messages_of_a_conversation_leave_one_by_one_in_their_order(scene: Scene):
    contact, conversation = await scene.meet()
    made = await scene.say(contact.id, conversation.id, 3)
    left = []
    for _ in range(3):
        (claim,) = await scene.claim()
        assert await scene.claim() == []
        left.append(claim.message.id)
        await scene.settle(claim.message.id, "accepted", provider_id=f"p{claim.message.id}")
    assert left == made


async def test_conversations_dont_wait_for_each_other(scene: Scene):
    for identity in (ANN, BOB):
        contact, conversation = await scene.meet(identity)
        await scene.say(contact.id, conversation.id, 2)
    assert len(await scene.claim()) == 2


async def test_a_claim_knows_what_the_sender_needs(scene: Scene):
    contact, conversation = await scene.meet()
    (id,) = await scene.say(contact.id, conversation.id, reports=True, fallback=Text("instead"), on_unknown="keep")
    (claim,) = await scene.claim()
    said = claim.message
    assert (said.id, said.channel, said.content, said.voice) == (id, CHANNEL, Text("words 2"), "bot")
    assert (said.reports, said.fallback, said.on_unknown, said.at) == (True, Text("instead"), "keep", NOW)
    assert (claim.tenant, claim.attempt, claim.identities) == (1, 1, (ANN,))
    assert (claim.window_until, claim.first_attempt_at) == (NOW + timedelta(hours=24), NOW)
    assert not claim.ambiguous
    assert not claim.unknown


async def test_a_human_goes_before_the_bots_queue(scene: Scene):
    contact, conversation = await scene.meet()
    await scene.say(contact.id, conversation.id, 2)
    (human,) = await scene.say(contact.id, conversation.id, voice="human", user=5)
    (claim,) = await scene.claim()
    assert claim.message.id == human


async def test_a_human_waits_for_the_row_in_flight(scene: Scene):
    contact, conversation = await scene.meet()
    first, _second = await scene.say(contact.id, conversation.id, 2)
    (_claim,) = await scene.claim()
    (human,) = await scene.say(contact.id, conversation.id, voice="human", user=5)
    assert await scene.claim() == []
    await scene.settle(first, "accepted", provider_id="p")
    assert [claim.message.id for claim in await scene.claim()] == [human]


async def test_the_bot_is_silent_after_a_take_over(scene: Scene):
    contact, conversation = await scene.meet()
    (id,) = await scene.say(contact.id, conversation.id)
    await scene.update(contact.id, owner="AGENT", epoch=1)
    assert await scene.claim() == []
    assert await scene.subject.status(id) == "skipped"


async def test_the_bots_last_words_leave_while_the_epoch_holds(scene: Scene):
    contact, conversation = await scene.meet()
    await scene.say(contact.id, conversation.id)
    await scene.update(contact.id, owner="QUEUE")
    assert len(await scene.claim()) == 1


async def test_a_notice_is_skipped_while_an_agent_owns_the_conversation(scene: Scene):
    contact, conversation = await scene.meet()
    (id,) = await scene.say(contact.id, conversation.id, voice="notice")
    await scene.update(contact.id, owner="QUEUE")
    assert await scene.claim() == []
    assert await scene.subject.status(id) == "skipped"


async def test_a_notice_leaves_while_nobody_owns_the_conversation(scene: Scene):
    contact, conversation = await scene.meet()
    await scene.say(contact.id, conversation.id, voice="notice")
    await scene.update(contact.id, owner="NONE", epoch=3)
    assert len(await scene.claim()) == 1


async def test_system_words_leave_whoever_owns_it(scene: Scene):
    contact, conversation = await scene.meet()
    await scene.say(contact.id, conversation.id, voice="system")
    await scene.update(contact.id, owner="AGENT", epoch=4)
    assert len(await scene.claim()) == 1


async def test_somebody_who_opted_out_gets_only_what_needs_no_consent(scene: Scene):
    contact, conversation = await scene.meet(opted_out=True)
    asked, told = [
        (await scene.say(contact.id, conversation.id, voice="system", consent=consent))[0] for consent in (True, False)
    ]
    assert [claim.message.id for claim in await scene.claim()] == [told]
    assert await scene.subject.status(asked) == "skipped"


async def test_what_is_skipped_makes_room_for_what_is_behind_it(scene: Scene):
    contact, conversation = await scene.meet()
    first, second = await scene.say(contact.id, conversation.id, 2)
    await scene.update(contact.id, epoch=1)
    (human,) = await scene.say(contact.id, conversation.id, voice="human", user=5)
    (claim,) = await scene.claim()
    await scene.settle(claim.message.id, "accepted", provider_id="p")
    assert claim.message.id == human
    assert await scene.claim() == []
    assert {await scene.subject.status(id) for id in (first, second)} == {"skipped"}


async def test_a_skipped_message_that_somebody_waits_for_is_told(scene: Scene):
    contact, conversation = await scene.meet()
    (id,) = await scene.say(contact.id, conversation.id, voice="notice", reports=True)
    await scene.update(contact.id, owner="QUEUE")
    await scene.claim()
    (body,) = await scene.born()
    assert (body.message, body.status) == (id, "skipped")


async def test_live_messages_go_before_bulk(scene: Scene):
    contact, conversation = await scene.meet(ANN)
    await scene.say(contact.id, conversation.id, bulk=True)
    contact, conversation = await scene.meet(BOB)
    (live,) = await scene.say(contact.id, conversation.id)
    assert [claim.message.id for claim in await scene.claim(limit=1)] == [live]


async def test_a_held_channel_is_not_claimed_from(scene: Scene):
    contact, conversation = await scene.meet()
    await scene.say(contact.id, conversation.id)
    assert await scene.claim(room={CHANNEL: 0}) == []
    assert len(await scene.claim(room={CHANNEL: 1, 99: 0})) == 1


async def test_no_more_is_claimed_of_a_channel_than_it_has_room_for(scene: Scene):
    for identity in (ANN, BOB):
        contact, conversation = await scene.meet(identity)
        await scene.say(contact.id, conversation.id)
    assert len(await scene.claim(room={CHANNEL: 1})) == 1
    assert len(await scene.claim(room={CHANNEL: 1})) == 1


async def test_a_claim_without_an_answer_comes_back_ambiguous(scene: Scene):
    contact, conversation = await scene.meet()
    (id,) = await scene.say(contact.id, conversation.id)
    await scene.claim()
    scene.later(59)
    assert await scene.claim() == []
    assert await scene.store.next_ready(scene.now) == NOW + timedelta(seconds=60)
    scene.later(1)
    (claim,) = await scene.claim()
    assert (claim.message.id, claim.attempt, claim.ambiguous, claim.unknown) == (id, 2, True, False)
    assert claim.first_attempt_at == NOW
