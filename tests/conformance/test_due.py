"""Waits that come due become events, once; reply timeouts start when their message settles."""

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.core.value import Frame
from engine.runtime.protocol import FEW
from schemas.contact import Identity
from schemas.event import WaitDue
from tests.conformance.scene import NOW, Scene, message, noted, reported, waiting, written


async def parked(scene: Scene, **wait):
    contact, conversation = await scene.meet()
    made = []

    def park(event, person):
        run = waiting(event, conversation.id, **wait)
        ask = message(event, 2, conversation.id, run=run.id, step=1, arms=wait.get("timeout"))
        if run.wait is not None:
            run = replace(run, wait=replace(run.wait, messages=(ask.id,)))
        made.append(run)
        return noted(event, replace(person, runs=(run,)), runs=(run,), messages=(ask,))

    await scene.happen(contact.id, park)
    return contact, made[0]


async def ring(scene: Scene) -> int:
    return (await scene.store.due(scene.now, 100))[0]


async def rings_after(scene: Scene, seconds: float) -> bool:
    """Whether the next wait rings so long after NOW, and not a second before, however often the timer looks."""
    scene.now = NOW + timedelta(seconds=seconds - 1)
    if await ring(scene):
        return False
    scene.later(1)
    return await ring(scene) == 1


async def next_due(scene: Scene):
    return (await scene.store.due(scene.now, 100))[1]


async def test_a_wait_rings_once_when_its_time_comes(scene: Scene):
    _, run = await parked(scene, due=NOW + timedelta(hours=1))
    assert await ring(scene) == 0
    assert await next_due(scene) == NOW + timedelta(hours=1)
    scene.later(3600)
    assert await ring(scene) == 1
    assert await scene.born() == [WaitDue(run.id, 1)]
    assert await ring(scene) == 0


async def test_a_wait_that_rang_stays_silent_when_its_event_changes_nothing(scene: Scene):
    _contact, _run = await parked(scene, due=NOW + timedelta(hours=1))
    scene.later(3600)
    await ring(scene)
    await scene.work(lambda event, person: noted(event, person, runs=person.runs))
    assert await ring(scene) == 0
    assert await scene.nothing_left()


async def test_the_expiry_rings_where_the_wait_has_no_time(scene: Scene):
    _, run = await parked(scene)
    assert await next_due(scene) == run.expires_at


async def test_another_wait_rings_at_its_own_time(scene: Scene):
    contact, run = await parked(scene, due=NOW + timedelta(hours=1))

    def go_on(event, person):
        assert run.wait is not None
        moved = replace(run, wait=replace(run.wait, id=2, due=NOW + timedelta(hours=5)), step=2)
        return noted(event, replace(person, runs=(moved,)), runs=(moved,))

    await scene.happen(contact.id, go_on)
    scene.later(3600)
    assert await ring(scene) == 0
    scene.later(4 * 3600)
    assert await ring(scene) == 1
    assert await scene.born() == [WaitDue(run.id, 2)]


async def test_an_ended_run_never_rings(scene: Scene):
    contact, run = await parked(scene, due=NOW + timedelta(hours=1))
    ended = replace(run, status="completed", wait=None, ended_at=NOW)
    await scene.happen(contact.id, lambda event, person: noted(event, replace(person, runs=()), runs=(ended,)))
    scene.later(7200)
    assert await ring(scene) == 0


async def test_a_suspended_run_does_not_ring(scene: Scene):
    contact, run = await parked(scene, due=NOW + timedelta(hours=1))
    suspended = replace(run, status="suspended")
    await scene.happen(contact.id, lambda event, person: noted(event, person, runs=(suspended,)))
    scene.later(7200)
    assert await ring(scene) == 0


async def test_a_reply_timeout_starts_when_its_message_settles(scene: Scene):
    await parked(scene, timeout=600)
    (claim,) = await scene.claim()
    scene.later(100)
    await scene.settle(claim.message.id, "accepted", provider_id="p1")
    assert await rings_after(scene, 700)
    assert await ring(scene) == 0


async def test_a_reply_timeout_does_not_end_before_its_message_settled(scene: Scene):
    await parked(scene, timeout=600)
    (claim,) = await scene.claim()
    for _ in range(5):
        scene.later(400)
        assert await ring(scene) == 0
    await scene.settle(claim.message.id, "accepted", provider_id="p1")
    assert await rings_after(scene, 2_600)


async def test_a_run_expires_while_its_message_is_still_on_its_way(scene: Scene):
    await parked(scene, timeout=600)
    assert await rings_after(scene, 30 * 86_400)


@pytest.mark.parametrize("timeout", [600, 5_000])
@pytest.mark.parametrize("settled", [True, False])
async def test_a_reply_timeout_ends_with_the_time_of_a_subflow(scene: Scene, settled: bool, timeout: int):
    contact, conversation = await scene.meet()
    ends = NOW + timedelta(seconds=1_000)

    def park(event, person):
        run = waiting(event, conversation.id, timeout=timeout)
        ask = message(event, 2, conversation.id, run=run.id, step=1, arms=timeout)
        assert run.wait is not None
        frames = (*run.frames, Frame(12, "inner", expires_at=ends), Frame(13, "inmost", expires_at=ends + timedelta(hours=9)))
        run = replace(run, frames=frames, wait=replace(run.wait, messages=(ask.id,)))
        return noted(event, replace(person, runs=(run,)), runs=(run,), messages=(ask,))

    await scene.happen(contact.id, park)
    (claim,) = await scene.claim()
    scene.later(700)
    if settled:
        await scene.settle(claim.message.id, "accepted", provider_id="p1")
    assert await ring(scene) == 0
    assert await rings_after(scene, 1_000)


async def test_a_later_status_does_not_start_it_again(scene: Scene):
    await parked(scene, timeout=600)
    (claim,) = await scene.claim()
    await scene.settle(claim.message.id, "accepted", provider_id="p1")
    scene.later(30)
    await scene.append(replace(reported("s", "p1", "delivered"), at=scene.now))
    await scene.work()
    assert await rings_after(scene, 600)


async def test_a_commit_of_the_same_wait_keeps_the_armed_timeout(scene: Scene):
    contact, run = await parked(scene, timeout=600)
    (claim,) = await scene.claim()
    await scene.settle(claim.message.id, "accepted", provider_id="p1")
    await scene.happen(contact.id, lambda event, person: noted(event, person, runs=(replace(run, invalid=1),)))
    assert await rings_after(scene, 600)


async def test_a_commit_of_the_same_wait_keeps_a_timeout_that_was_put_off(scene: Scene):
    contact, run = await parked(scene, timeout=600)
    (claim,) = await scene.claim()
    scene.later(500)
    await scene.settle(claim.message.id, "accepted", provider_id="p1")
    scene.later(500)
    assert await ring(scene) == 0
    await scene.happen(contact.id, lambda event, person: noted(event, person, runs=(replace(run, invalid=1),)))
    assert await rings_after(scene, 1_100)


async def test_a_message_of_an_old_wait_arms_nothing(scene: Scene):
    contact, run = await parked(scene, timeout=600)
    (claim,) = await scene.claim()
    assert run.wait is not None
    moved = replace(run, wait=replace(run.wait, id=2, timeout=None, messages=()), step=2)
    await scene.happen(contact.id, lambda event, person: noted(event, replace(person, runs=(moved,)), runs=(moved,)))
    await scene.settle(claim.message.id, "accepted", provider_id="p1")
    assert await next_due(scene) == run.expires_at


async def test_no_more_than_the_limit_ring_at_once(scene: Scene):
    contact, conversation = await scene.meet()

    def park(event, person):
        first = waiting(event, conversation.id, due=NOW)
        runs = tuple(replace(first, id=first.id + index) for index in range(3))
        return noted(event, replace(person, runs=runs), runs=runs)

    await scene.happen(contact.id, park)
    assert (await scene.store.due(scene.now, 2))[0] == 2
    assert (await scene.store.due(scene.now, 2))[0] == 1


async def rung(scene: Scene, runs: int, limit: int, *, interactive: bool = True) -> list[bool]:
    """Of so many runs whose time comes at once, which are bulk among those that ring, in their order."""
    contact, conversation = await scene.meet()

    def park(event, person):
        first = replace(waiting(event, conversation.id, due=NOW), interactive=interactive)
        made = tuple(replace(first, id=first.id + index) for index in range(runs))
        return noted(event, replace(person, runs=made), runs=made)

    await scene.happen(contact.id, park)
    assert (await scene.store.due(scene.now, limit))[0] == min(runs, limit)
    batch = await scene.store.take(runs, scene.now)
    assert batch is not None
    events = batch.contacts[0].events
    assert [event.body.run for event in events] == sorted({event.body.run for event in events})
    return [event.bulk for event in events]


async def test_a_few_waits_of_conversations_are_live(scene: Scene):
    assert await rung(scene, 3, 10) == [False] * 3


async def test_a_wait_of_a_run_that_waits_for_nobody_is_bulk(scene: Scene):
    assert await rung(scene, 2, 10, interactive=False) == [True] * 2


async def test_a_crowd_of_waits_is_bulk_and_rings_once_each(scene: Scene):
    assert await rung(scene, FEW + 50, 1_000) == [True] * (FEW + 50)
    assert await ring(scene) == 0


async def test_a_crowd_is_bulk_also_where_it_rings_in_parts(scene: Scene):
    assert await rung(scene, FEW + 1, 10) == [True] * 10


async def test_waits_behind_many_live_events_are_bulk(scene: Scene):
    contact, conversation = await scene.meet()

    def park(event, person):
        run = waiting(event, conversation.id, due=NOW)
        return noted(event, replace(person, runs=(run,)), runs=(run,))

    await scene.happen(contact.id, park)
    await scene.append(*(written(f"m{number}", Identity("webchat", f"visitor-{number}")) for number in range(FEW)))
    assert await ring(scene) == 1
    batch = await scene.store.take(10, scene.now)
    assert batch is not None
    timers = [event for lane in batch.contacts for event in lane.events if isinstance(event.body, WaitDue)]
    assert [event.bulk for event in timers] == [True], "a tenth of the places is theirs"
