"""Providers' statuses: late, twice, out of order, and before we know the message."""

from dataclasses import replace

import pytest

from tests.conformance.scene import Scene, reported


async def sent(scene: Scene, **facts) -> int:
    contact, conversation = await scene.meet()
    (id,) = await scene.say(contact.id, conversation.id, **facts)
    await scene.claim()
    await scene.settle(id, "accepted", provider_id="p1")
    return id


@pytest.mark.parametrize(
    ("statuses", "last"),
    [
        (["sent", "delivered", "read"], "read"),
        (["read", "delivered", "sent"], "read"),
        (["delivered", "delivered"], "delivered"),
        (["delivered", "failed"], "delivered"),
        (["sent", "failed"], "failed"),
        (["failed", "delivered"], "failed"),
    ],
)
async def test_statuses_only_go_forward(scene: Scene, statuses: list[str], last: str):
    id = await sent(scene)
    for index, status in enumerate(statuses):
        await scene.append(reported(f"s{index}", "p1", status))
    await scene.work()
    assert await scene.subject.status(id) == last


async def test_a_late_failure_is_told(scene: Scene):
    id = await sent(scene)
    await scene.append(reported("s", "p1", "failed", code="131047", detail="window closed"))
    committed = await scene.work()
    assert committed.born == 1
    (body,) = await scene.born()
    assert (body.message, body.status, body.code) == (id, "failed", "131047")


async def test_a_status_that_comes_before_the_answer_to_the_send_is_kept(scene: Scene):
    contact, conversation = await scene.meet()
    (id,) = await scene.say(contact.id, conversation.id)
    await scene.claim()
    await scene.append(reported("s", "p1", "delivered"))
    await scene.work()
    assert await scene.subject.status(id) == "claimed"
    await scene.settle(id, "accepted", provider_id="p1")
    assert await scene.subject.status(id) == "delivered"


async def test_a_status_with_our_own_id_needs_no_provider_id(scene: Scene):
    contact, conversation = await scene.meet()
    first, second = await scene.say(contact.id, conversation.id, 2)
    await scene.claim()
    await scene.append(reported("s", "p1", "sent", message=first))
    await scene.work()
    assert await scene.subject.status(first) == "sent"
    assert [claim.message.id for claim in await scene.claim()] == [second]


async def test_another_tenants_status_moves_nothing(scene: Scene):
    id = await sent(scene)
    await scene.append(replace(reported("s", "p1", "read"), tenant=2))
    await scene.work()
    assert await scene.subject.status(id) == "accepted"


async def test_the_commit_says_what_moved(scene: Scene):
    id = await sent(scene)
    await scene.append(reported("s", "p1", "read"))
    (moved,) = (await scene.work()).moved
    assert (moved.tenant, moved.message, moved.status) == (1, id, "read")
