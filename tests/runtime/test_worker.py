"""The worker: folds lanes, persists its own trouble, tells who waits and who looks on."""

import asyncio

import pytest

from engine.runtime.protocol import Batch, Committed, StoreUnavailable
from engine.runtime.worker import DEAD, NOBODY
from schemas.event import EventNamed, NewEvent
from tests.runtime.bench import NOW, Bench


async def test_events_of_one_person_meet_what_the_earlier_ones_made():
    bench = Bench()
    await bench.say("a")
    await bench.say("b")
    await bench.runtime.worker.step()
    assert len(bench.store.state.conversations) == 1
    assert len(bench.store.state.contacts) == 1


async def test_an_event_that_can_not_be_decided_is_tried_three_times_and_the_lane_goes_on():
    bench = Bench()
    await bench.say("a")
    broken = await bench.event("break")
    await bench.say("b")
    await bench.stepped.drain()
    (row,) = await bench.store.dead()
    assert (row.event.id, row.attempts) == (broken, 3)
    assert "broken on purpose" in row.error
    assert bench.channel.said == ["a", "b"]


async def test_a_dead_event_can_be_replayed():
    bench = Bench()
    broken = await bench.event("break")
    await bench.stepped.drain()
    assert await bench.store.replay(broken)
    assert not await bench.store.replay(broken)
    await bench.stepped.drain()
    assert [row.attempts for row in await bench.store.dead()] == [3]


async def test_who_waits_for_a_dead_event_is_told():
    bench = Bench()
    broken = await bench.event("break")
    await bench.stepped.drain()
    assert await bench.runtime.answers.wait(broken, 0) == DEAD


async def test_an_event_for_nobody_makes_nobody_and_says_so():
    bench = Bench()
    (appended,) = await bench.runtime.append([NewEvent(1, "api", "x", NOW, EventNamed("ask"), contact=99_999)])
    await bench.stepped.drain()
    assert bench.store.state.contacts == {}
    assert await bench.store.answer(appended.id) == NOBODY


async def test_a_commit_that_breaks_makes_each_event_be_tried_alone(monkeypatch: pytest.MonkeyPatch):
    bench = Bench()
    await bench.say("poison")
    await bench.say("good", who="bob")
    commit, sizes = bench.store.commit, []

    async def fragile(batch: Batch, decided, *given) -> Committed:
        made = [message for each in decided for message in getattr(each.decision, "messages", ())]
        sizes.append(len(decided))
        if any(message.content.text == "poison" for message in made):
            raise RuntimeError("this row can't be written")
        return await commit(batch, decided, *given)

    monkeypatch.setattr(bench.store, "commit", fragile)
    await bench.stepped.drain()
    assert bench.channel.said == ["good"]
    assert ["can't be written" in row.error for row in await bench.store.dead()] == [True]
    assert sizes[:2] == [2, 2]
    assert set(sizes[2:]) == {1}


async def test_a_store_that_is_not_available_changes_nothing(monkeypatch: pytest.MonkeyPatch):
    bench = Bench()
    await bench.say("a")

    async def full(*_: object) -> Committed:
        raise StoreUnavailable

    with monkeypatch.context() as patch:
        patch.setattr(bench.store, "commit", full)
        with pytest.raises(StoreUnavailable):
            await bench.runtime.worker.step()
    await bench.stepped.drain()
    assert bench.channel.said == ["a"]


async def test_a_batch_without_worlds_is_given_back(monkeypatch: pytest.MonkeyPatch):
    bench = Bench()
    await bench.say("a")
    bench.worlds.error = RuntimeError("no worlds")
    committed = []
    commit = bench.store.commit

    async def watched(batch: Batch, decided, now) -> Committed:
        committed.append(list(decided))
        return await commit(batch, decided, now)

    monkeypatch.setattr(bench.store, "commit", watched)
    with pytest.raises(RuntimeError, match="no worlds"):
        await bench.runtime.worker.step()
    assert committed == [[]]


async def test_what_was_committed_is_published():
    bench = Bench()
    hub = bench.runtime.feed
    seen = hub.subscribe(lambda notice: True)  # type: ignore[attr-defined]
    await bench.event("ask", who="ann")
    await bench.say("a")
    await bench.stepped.drain()
    notices = seen.take()
    told = [(notice.topic, notice.data.get("status", "")) for notice in notices]
    assert [notice.data["to"] for notice in notices if notice.data.get("status") == "accepted"] == [("ann",)]
    assert ("answer", "") in told
    assert [status for topic, status in told if topic == "message"] == ["queued", "accepted"]


async def test_only_topics_that_somebody_listens_to_are_made(monkeypatch: pytest.MonkeyPatch):
    bench = Bench()
    made = []
    publish = bench.runtime.feed.publish
    monkeypatch.setattr(bench.runtime.feed, "publish", lambda notices: publish(made.append(each) or each for each in notices))
    await bench.say("a")
    await bench.stepped.drain()
    assert made == []
    bench.runtime.feed.subscribe(lambda notice: True, topics=frozenset({"run"}))  # type: ignore[attr-defined]
    await bench.say("b")
    await bench.stepped.drain()
    assert {notice.topic for notice in made} <= {"run"}
    bench.runtime.feed.subscribe(lambda notice: True, topics=frozenset({"message"}))  # type: ignore[attr-defined]
    await bench.say("c")
    await bench.stepped.drain()
    assert "message" in {notice.topic for notice in made}


async def test_work_is_counted():
    bench = Bench()
    await bench.say("a")
    await bench.event("break")
    await bench.stepped.drain()
    counts = bench.runtime.metrics.counts  # type: ignore[attr-defined]
    assert (counts["events_decided"], counts["events_failed"], counts["events_dead"]) == (1, 3, 1)
    assert counts["sends_accepted"] == 1


async def test_steps_at_the_same_time_share_no_lane(monkeypatch: pytest.MonkeyPatch):
    bench = Bench()
    bench.runtime.worker._limit = 1
    commit = bench.store.commit

    async def slow(*arguments):
        await asyncio.sleep(0)
        return await commit(*arguments)

    monkeypatch.setattr(bench.store, "commit", slow)
    for words in "abcdef":
        await bench.say(words)
    moved = await asyncio.gather(*(bench.runtime.worker.step() for _ in range(3)))
    assert sorted(moved) == [0, 0, 1]
    await bench.stepped.drain()
    assert bench.channel.said == list("abcdef")


async def test_a_full_batch_calls_for_help():
    bench = Bench()
    bench.runtime.worker._limit = 2
    called = []
    bench.runtime.worker._full = lambda: called.append(True)
    await bench.say("a")
    await bench.runtime.worker.step()
    assert not called
    for words in "bcd":
        await bench.say(words)
    await bench.runtime.worker.step()
    assert called
