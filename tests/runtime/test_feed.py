"""Listeners get what they want, in order, and a slow one loses the oldest and knows it."""

import asyncio

from engine.runtime.feed import Hub
from engine.runtime.protocol import Notice


def notice(id: int, conversation: int = 1) -> Notice:
    return Notice(1, "message", conversation, id)


async def test_only_what_is_wanted_comes():
    hub = Hub()
    subscription = hub.subscribe(lambda each: each.conversation == 2)
    hub.publish([notice(1), notice(2, 2), notice(3, 2)])
    assert [each.id for each in subscription.take()] == [2, 3]


async def test_a_listener_waits_for_the_next():
    hub = Hub()
    subscription = hub.subscribe(lambda each: True)
    waiting = asyncio.ensure_future(subscription.next())
    await asyncio.sleep(0)
    hub.publish([notice(1)])
    assert await waiting == notice(1)


async def test_a_slow_listener_loses_the_oldest_and_knows_it():
    hub = Hub()
    subscription = hub.subscribe(lambda each: True, size=2)
    hub.publish([notice(1), notice(2)])
    assert not subscription.lagged
    hub.publish([notice(3)])
    assert subscription.lagged
    assert [each.id for each in subscription.take()] == [2, 3]
    subscription.caught_up()
    assert not subscription.lagged


async def test_a_closed_subscription_ends_and_gets_nothing_more():
    hub = Hub()
    subscription = hub.subscribe(lambda each: True)
    waiting = asyncio.ensure_future(subscription.next())
    await asyncio.sleep(0)
    subscription.close()
    hub.publish([notice(1)])
    assert await waiting is None


async def test_nobody_is_offered_a_topic_that_he_did_not_ask_for():
    hub = Hub()
    runs = hub.subscribe(lambda each: True, topics=frozenset({"run"}))
    hub.publish([notice(1), Notice(1, "run", id=2)])
    assert [each.id for each in runs.take()] == [2]


async def test_the_topics_are_those_of_who_listens_now():
    hub = Hub()
    assert hub.topics == frozenset()
    runs = hub.subscribe(lambda each: True, topics=frozenset({"run"}))
    messages = hub.subscribe(lambda each: True, topics=frozenset({"message"}))
    assert hub.topics == {"run", "message"}
    runs.close()
    assert hub.topics == {"message"}
    messages.close()
    assert hub.topics == frozenset()
