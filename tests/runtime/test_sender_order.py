"""Order in a conversation, many conversations at once, and a channel's rate."""

from datetime import timedelta

from schemas.capability import Capabilities
from tests.runtime.bench import NOW, Bench


async def test_one_conversation_is_sent_in_order_one_at_a_time():
    bench = Bench()
    bench.channel.gate.clear()
    await bench.say("1", "2", "3")
    await bench.stepped.drain()
    assert bench.channel.said == ["1"]
    bench.channel.gate.set()
    await bench.stepped.drain()
    assert bench.channel.said == ["1", "2", "3"]


async def test_many_conversations_are_sent_at_once():
    bench = Bench()
    bench.channel.gate.clear()
    for n in range(10):
        await bench.say(str(n), who=f"c{n}")
    await bench.stepped.drain()
    assert bench.runtime.sender.flying == 10
    bench.channel.gate.set()
    await bench.stepped.drain()
    assert bench.statuses == ["accepted"] * 10


async def test_no_more_requests_of_a_channel_at_once_than_it_may_have():
    bench = Bench()
    bench.channel.gate.clear()
    for n in range(40):
        await bench.say(str(n), who=f"c{n}")
    await bench.stepped.drain()
    assert len(bench.channel.sent) == 16
    bench.channel.gate.set()
    await bench.after(1)
    assert bench.statuses == ["accepted"] * 40


async def test_a_channel_keeps_to_its_rate():
    bench = Bench(capabilities=Capabilities(per_second=2.0))
    for n in range(8):
        await bench.say(str(n), who=f"c{n}")
    await bench.after(10)
    assert sorted(bench.channel.times) == [0, 0, 0.5, 1, 1.5, 2, 2.5, 3]


async def test_what_is_said_now_stands_behind_what_waits_for_room():
    bench = Bench(capabilities=Capabilities(per_second=1.0))
    for n in range(4):
        await bench.say(str(n), who=f"c{n}")
    await bench.after(0.5)
    bench.clock.move(NOW + timedelta(seconds=1))
    await bench.say("late", who="late")
    await bench.after(10)
    assert bench.channel.said == ["0", "1", "2", "3", "late"]


async def test_what_is_said_now_leaves_with_its_commit_when_nothing_waits():
    bench = Bench()
    for n in range(3):
        await bench.say(str(n), who=f"c{n}")
        assert await bench.claimed_by_the_dead() == 1
    await bench.stepped.drain()
    assert bench.channel.said == []


async def test_words_of_later_events_follow():
    bench = Bench()
    await bench.say("1", "2")
    await bench.say("3")
    await bench.stepped.drain()
    assert bench.channel.said == ["1", "2", "3"]


async def test_a_day_passes_without_work_in_no_steps():
    bench = Bench()
    await bench.after(86_400)
    assert (bench.clock.now() - NOW).total_seconds() == 86_400
