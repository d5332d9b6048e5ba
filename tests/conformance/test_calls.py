"""Calls: durable, leased, tried again, in no queue."""

from datetime import timedelta

from engine.core.decision import Call
from engine.runtime.protocol import CallResult
from engine.runtime.room import Room
from schemas.event import CallAnswered, NewEvent
from tests.conformance.scene import LEASE, NOW, TENANT, Scene, noted


async def called(scene: Scene, *ids: int) -> None:
    contact, _ = await scene.meet()
    calls = tuple(Call(id, "fetch", 7, {"media": str(id)}) for id in ids)
    await scene.happen(contact.id, lambda event, person: noted(event, person, calls=calls))


async def claims(scene: Scene) -> list[tuple[int, int]]:
    found = await scene.store.claim_calls(Room(), scene.now, scene.now + LEASE)
    return [(claim.call.id, claim.attempt) for claim in found]


async def test_calls_stand_in_no_queue(scene: Scene):
    await called(scene, 501, 502)
    assert await claims(scene) == [(501, 1), (502, 1)]
    assert await claims(scene) == []


async def test_a_finished_call_never_comes_back(scene: Scene):
    await called(scene, 501)
    await claims(scene)
    await scene.store.finish_calls([CallResult(501)], scene.now)
    scene.later(600)
    assert await claims(scene) == []


async def test_a_call_that_failed_comes_back_at_its_time(scene: Scene):
    await called(scene, 501)
    await claims(scene)
    at = NOW + timedelta(seconds=5)
    await scene.store.finish_calls([CallResult(501, "timeout", at)], scene.now)
    assert await claims(scene) == []
    assert await scene.store.next_call(scene.now) == at
    scene.later(5)
    assert await claims(scene) == [(501, 2)]


async def test_a_call_that_is_given_up_never_comes_back(scene: Scene):
    await called(scene, 501)
    await claims(scene)
    await scene.store.finish_calls([CallResult(501, "gone")], scene.now)
    scene.later(600)
    assert await claims(scene) == []


async def test_a_call_without_a_result_comes_back_when_its_lease_ends(scene: Scene):
    await called(scene, 501)
    await claims(scene)
    scene.later(60)
    assert await claims(scene) == [(501, 2)]


async def test_only_those_that_find_room_are_claimed(scene: Scene):
    contact, _ = await scene.meet()
    hanging = tuple(Call(id, "webhook", 0, {"webhook": 5}, place="5") for id in range(501, 521))
    other = (Call(601, "webhook", 0, {"webhook": 6}, place="6"), Call(602, "fetch", 7, {}))
    await scene.happen(contact.id, lambda event, person: noted(event, person, calls=(*hanging, *other)))
    found = await scene.store.claim_calls(Room(), scene.now, scene.now + LEASE)
    assert [claim.call.id for claim in found] == [501, 502, 503, 504, 601, 602]
    assert found[0].call == hanging[0], "its place is kept"
    busy = Room({"webhook": 5}, {("webhook", "5"): 4, ("webhook", "6"): 1})
    assert await scene.store.claim_calls(busy, scene.now, scene.now + LEASE) == []
    freed = Room({"webhook": 3}, {("webhook", "5"): 3})
    assert [claim.call.id for claim in await scene.store.claim_calls(freed, scene.now, scene.now + LEASE)] == [505]


async def test_what_the_dead_had_claimed_is_taken_back_and_what_waits_for_its_time_is_not(scene: Scene):
    await called(scene, 501, 502, 503)
    await claims(scene)
    await scene.store.finish_calls([CallResult(502, "busy", NOW + LEASE), CallResult(503)], scene.now)
    await scene.store.take_back_calls()
    assert await claims(scene) == [(501, 2)]
    scene.later(60)
    assert await claims(scene) == [(501, 3), (502, 2)]
    await scene.store.take_back_calls()
    assert await claims(scene) == [(501, 4), (502, 3)], "one that is claimed again has no error any more"


# --- calls of runs -----------------------------------------------------------------------------------------------------------
async def asked(scene: Scene) -> Call:
    """A call that a run made."""
    contact, _ = await scene.meet()
    call = Call(501, "http", 7, {"url": "https://example.com"}, "9:1:0", contact.id, 9, 1, "api")
    await scene.happen(contact.id, lambda event, person: noted(event, person, calls=(call,)))
    return call


def answer_of(call: Call) -> NewEvent:
    body = CallAnswered(call.run, call.wait, call.id, True, data={"status": 200})
    return NewEvent(TENANT, "call", str(call.id), NOW, body, contact=call.contact)


async def test_a_claim_knows_who_asked_and_by_which_key(scene: Scene):
    call = await asked(scene)
    (claim,) = await scene.store.claim_calls(Room(), scene.now, scene.now + LEASE)
    assert claim.call == call


async def test_the_answer_is_an_event_of_the_same_commit(scene: Scene):
    call = await asked(scene)
    await claims(scene)
    await scene.store.finish_calls([CallResult(501, answer=answer_of(call))], scene.now)
    assert await scene.born() == [answer_of(call).body]


async def test_a_call_is_answered_once_however_often_it_was_made(scene: Scene):
    call = await asked(scene)
    await claims(scene)
    scene.later(60)
    await claims(scene)
    done = CallResult(501, answer=answer_of(call))
    await scene.store.finish_calls([done, done], scene.now)
    await scene.store.finish_calls([done], scene.now)
    assert await scene.born() == [answer_of(call).body]


async def test_a_call_that_is_tried_again_is_not_answered_yet(scene: Scene):
    call = await asked(scene)
    await claims(scene)
    await scene.store.finish_calls([CallResult(501, "busy", NOW + LEASE)], scene.now)
    assert await scene.nothing_left()
    await scene.store.finish_calls([CallResult(501, "gone", answer=answer_of(call))], scene.now)
    assert len(await scene.born()) == 1
