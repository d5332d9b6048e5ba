"""Events are kept once, in their order."""

from dataclasses import replace

from schemas.problem import Problem
from tests.conformance.scene import ANN, NOW, Scene, noted, written


async def test_ids_grow_in_the_order_of_the_list(scene: Scene):
    ids = await scene.append(written("a", ANN), written("b", ANN), written("c", ANN))
    assert ids == sorted(set(ids))


async def test_the_same_key_is_a_duplicate_and_names_the_first(scene: Scene):
    first, second = await scene.store.append([written("a", ANN), written("a", ANN)])
    third = (await scene.store.append([written("a", ANN)]))[0]
    assert (first.duplicate, second.duplicate, third.duplicate) == (False, True, True)
    assert first.id == second.id == third.id


async def test_a_decided_event_keeps_its_key(scene: Scene):
    await scene.append(written("a", ANN))
    await scene.work()
    assert (await scene.store.append([written("a", ANN)]))[0].duplicate


async def test_another_tenant_or_source_is_another_key(scene: Scene):
    other = replace(written("a", ANN), source="elsewhere")
    appended = await scene.store.append([written("a", ANN), written("a", ANN, tenant=2), other])
    assert not any(each.duplicate for each in appended)


async def test_an_event_comes_back_as_it_was_appended(scene: Scene):
    new = written("a", ANN)
    (id,) = await scene.append(new)
    (lane,) = (await scene.take()).contacts
    event = lane.events[0]
    assert (event.id, event.tenant, event.source, event.external_id) == (id, 1, "webchat", "a")
    assert (event.body, event.identities, event.at) == (new.body, (ANN,), NOW)


async def test_an_answer_is_stored_with_the_event(scene: Scene):
    value, problem = await scene.append(written("a", ANN), written("b", ANN))
    refusal = Problem("already_claimed", "error", "", "Somebody else has it.")
    answers = {value: {"run": 5}, problem: refusal}
    await scene.work(lambda event, person: noted(event, person, answer=answers[event.id]))
    assert await scene.store.answer(value) == {"run": 5}
    assert await scene.store.answer(problem) == refusal


async def test_an_undecided_event_has_no_answer(scene: Scene):
    (id,) = await scene.append(written("a", ANN))
    assert await scene.store.answer(id) is None
