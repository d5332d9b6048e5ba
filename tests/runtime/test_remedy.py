"""What the sender makes of each answer of a provider."""

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest

from engine.runtime.protocol import Accepted, Claim, Lost, Refused, Remedy, Settlement
from engine.runtime.remedy import before_send
from schemas.capability import Capabilities
from schemas.contact import Identity
from schemas.content import TemplateMessage, Text
from schemas.effect import Message
from schemas.event import ChangeContact, EventNamed, NewEvent, StatusReported
from tests.runtime.bench import CHANNEL, NOW, Bench

NO_KEY = Capabilities(idempotent=False)
WINDOW = Capabilities(window=timedelta(hours=24))
TEMPLATE = TemplateMessage("hello", "en", text="Hello again")


def refused(remedy: Remedy, after: float | None = None) -> Refused:
    return Refused("131", "no", remedy, after)


async def test_an_accepted_message_is_settled_with_the_providers_id():
    bench = Bench(Accepted("wamid.1"))
    await bench.say("a")
    await bench.stepped.drain()
    (row,) = bench.store.state.messages.values()
    assert (row.status, row.provider_id) == ("accepted", "wamid.1")


async def test_the_channel_gets_the_key_and_the_contacts_addresses():
    bench = Bench()
    await bench.say("a")
    await bench.stepped.drain()
    ((_, outgoing),) = bench.channel.sent
    assert (outgoing.key, outgoing.to) == ("1:0", (Identity("webchat", "ann"),))


async def test_a_learned_address_reaches_the_contacts_lane():
    bench = Bench(Accepted("p", (Identity("whatsapp", "49"),)))
    await bench.say("a")
    await bench.stepped.drain()
    bodies = [row.event.body for row in bench.store.state.events.values()]
    assert any(isinstance(body, ChangeContact) for body in bodies)


async def test_retries_back_off_and_end_in_success():
    bench = Bench(refused("retry"), refused("retry"), refused("retry"))
    await bench.say("a")
    await bench.after(60)
    gaps = [later - earlier for earlier, later in zip(bench.channel.times, bench.channel.times[1:], strict=False)]
    assert len(gaps) == 3
    assert all(low <= gap <= high for gap, (low, high) in zip(gaps, [(0.5, 1), (1, 2), (2, 4)], strict=True))
    assert bench.statuses == ["accepted"]


async def test_the_same_message_waits_as_long_in_every_run():
    times = []
    for _ in range(2):
        bench = Bench(*[refused("retry")] * 4)
        await bench.say("a")
        await bench.after(60)
        times.append(bench.channel.times)
    assert times[0] == times[1]


async def test_a_provider_that_names_its_time_is_heard():
    bench = Bench(refused("retry", after=42))
    await bench.say("a")
    await bench.after(60)
    assert bench.channel.times == [0, 42]


async def test_retries_give_up_after_ten_minutes():
    bench = Bench(*[refused("retry")] * 100)
    await bench.say("a", "b")
    await bench.after(599)
    assert bench.statuses == ["queued", "queued"]
    await bench.after(700)
    assert bench.statuses[0] == "failed"
    assert max(time for time, words in zip(bench.channel.times, bench.channel.said, strict=True) if words == "a") <= 600


async def test_ten_minutes_count_from_the_first_attempt():
    bench = Bench(refused("throttle_channel", after=900), Accepted("p"), refused("retry"))
    await bench.say("a")
    await bench.stepped.drain()
    await bench.say("b", who="bob")
    await bench.after(910)
    assert bench.channel.said == ["a", "a", "b", "b"]
    assert bench.statuses == ["accepted", "accepted"]


async def test_never_fails_at_once():
    bench = Bench(refused("never"))
    await bench.say("a", "b")
    await bench.stepped.drain()
    assert (bench.statuses, bench.codes) == (["failed", "accepted"], ["131", ""])


async def test_a_throttled_channel_holds_all_conversations_in_their_order():
    bench = Bench(refused("throttle_channel", after=30))
    await bench.say("a1", "a2")
    await bench.stepped.drain()
    await bench.say("b1", who="bob")
    await bench.after(29)
    assert bench.channel.said == ["a1"]
    await bench.after(31)
    assert bench.channel.said == ["a1", "a1", "a2", "b1"]
    assert set(bench.channel.times[1:]) == {30}


async def test_after_a_hold_one_message_goes_first():
    bench = Bench(refused("throttle_channel", after=30), refused("throttle_channel", after=30))
    for who in ("ann", "bob", "cleo"):
        await bench.say(who, who=who)
        await bench.stepped.drain()
    await bench.after(59)
    assert len(bench.channel.sent) == 2
    await bench.after(61)
    assert bench.statuses == ["accepted"] * 3


async def test_answers_that_come_together_hold_the_channel_once():
    bench = Bench(refused("throttle_channel", after=30), refused("throttle_channel", after=900))
    bench.channel.gate.clear()
    await bench.say("a")
    await bench.say("b", who="bob")
    await bench.stepped.drain()
    bench.channel.gate.set()
    await bench.after(31)
    assert bench.statuses == ["accepted", "accepted"]


async def test_a_throttled_channel_is_held_longer_each_time():
    bench = Bench(*[refused("throttle_channel")] * 4)
    await bench.say("a")
    await bench.after(60)
    times = bench.channel.times
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert gaps == sorted(gaps)
    assert bench.statuses == ["accepted"]


async def test_a_throttled_contact_waits_alone():
    bench = Bench(refused("throttle_contact"), Accepted("p"), refused("throttle_contact"))
    await bench.say("a")
    await bench.say("b", who="bob")
    await bench.after(100)
    times = dict.fromkeys(bench.channel.said)
    assert list(times) == ["a", "b"]
    assert [time for time, words in zip(bench.channel.times, bench.channel.said, strict=True) if words == "a"] == [0, 4, 20]


async def test_a_broken_channel_is_held_and_raises_attention():
    bench = Bench(refused("channel_broken"))
    await bench.say("a", "b")
    await bench.say("c", who="bob")
    await bench.stepped.drain()
    assert bench.attention == [(CHANNEL, "131", "no")]
    bench.channel.answers = [refused("channel_broken")] * 100
    await bench.after(20)
    held = len(bench.channel.sent)
    bench.channel.answers = []
    bench.runtime.sender.mended(CHANNEL)
    await bench.after(130)
    assert held <= 2
    assert bench.statuses == ["accepted"] * 3


async def test_a_removed_channel_fails_its_messages():
    bench = Bench()
    bench.channels.channel = None
    await bench.say("a")
    await bench.stepped.drain()
    assert (bench.statuses, bench.codes) == (["failed"], ["channel_gone"])


# --- the window --------------------------------------------------------------------------------------------------------------
async def test_free_text_fails_when_the_window_closed_in_the_queue():
    bench = Bench(capabilities=WINDOW)
    await bench.write()
    await bench.stepped.drain()
    bench.clock.move(NOW + timedelta(hours=24))
    await bench.say("a")
    await bench.stepped.drain()
    assert (bench.channel.said, bench.codes) == ([], ["window_closed"])


async def test_the_template_goes_instead_and_the_thread_shows_it():
    bench = Bench(capabilities=WINDOW, fallback=TEMPLATE)
    await bench.write()
    await bench.stepped.drain()
    bench.clock.move(NOW + timedelta(hours=24))
    await bench.say("a")
    await bench.stepped.drain()
    assert bench.channel.said == ["Hello again"]
    assert [row.content for row in bench.store.state.messages.values()] == [TEMPLATE]


async def test_the_template_goes_when_the_provider_says_that_the_window_is_closed():
    bench = Bench(refused("window_closed"), capabilities=WINDOW, fallback=TEMPLATE)
    await bench.say("a")
    await bench.stepped.drain()
    assert bench.channel.said == ["a", "Hello again"]
    assert bench.statuses == ["accepted"]


async def test_without_a_template_a_closed_window_is_a_failure():
    bench = Bench(refused("window_closed"), capabilities=WINDOW)
    await bench.say("a")
    await bench.stepped.drain()
    assert bench.codes == ["window_closed"]


def test_a_template_needs_no_window():
    said = Message(1, "1:0", 2, CHANNEL, TEMPLATE, "bot", 0, NOW)
    assert before_send(Claim(said, 1, 1, (), window_until=None), WINDOW, NOW) == TEMPLATE
    free = before_send(Claim(replace(said, content=Text("a")), 1, 1, (), window_until=None), WINDOW, NOW)
    assert isinstance(free, Settlement)


async def test_a_template_that_the_provider_refuses_for_the_window_is_a_failure():
    bench = Bench(*[refused("window_closed")] * 3, capabilities=WINDOW, fallback=TEMPLATE)
    await bench.say("a")
    await bench.stepped.drain()
    assert (len(bench.channel.sent), bench.codes) == (2, ["window_closed"])


# --- lost answers ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("answer", [Lost("reset"), OSError("broken channel")])
async def test_a_lost_answer_is_repeated_with_the_same_key_where_the_provider_takes_it(answer: Lost | OSError):
    bench = Bench(answer)
    await bench.say("a")
    await bench.after(10)
    assert [outgoing.key for _, outgoing in bench.channel.sent] == ["1:0", "1:0"]
    assert bench.statuses == ["accepted"]


async def test_a_lost_answer_is_unknown_for_a_minute_then_sent_once_more():
    bench = Bench(Lost("reset"), capabilities=NO_KEY)
    await bench.say("a")
    await bench.after(59)
    assert (bench.statuses, len(bench.channel.sent)) == (["unknown"], 1)
    await bench.after(61)
    assert (bench.statuses, bench.channel.times) == (["accepted"], [0, 60])


async def test_a_second_lost_answer_is_the_last():
    bench = Bench(Lost("reset"), Lost("reset"), capabilities=NO_KEY)
    await bench.say("a")
    await bench.after(1_000)
    assert (bench.statuses, len(bench.channel.sent)) == (["unknown"], 2)


async def test_an_unknown_message_is_kept_where_the_node_says_so():
    bench = Bench(Lost("reset"), capabilities=NO_KEY, on_unknown="keep")
    await bench.say("a")
    await bench.after(1_000)
    assert (bench.statuses, len(bench.channel.sent)) == (["unknown"], 1)


async def test_a_status_within_the_minute_saves_the_second_send():
    bench = Bench(Lost("reset"), capabilities=NO_KEY)
    await bench.say("a")
    await bench.after(30)
    (id,) = bench.store.state.messages
    body = StatusReported(CHANNEL, "p9", "delivered", message=id)
    await bench.runtime.append([NewEvent(1, "provider", "s", bench.clock.now(), body)])
    await bench.after(300)
    assert (bench.statuses, len(bench.channel.sent)) == (["delivered"], 1)


async def test_a_request_without_an_answer_is_given_up_after_thirty_seconds():
    bench = Bench(capabilities=NO_KEY, on_unknown="keep")
    bench.channel.gate.clear()
    await bench.say("a")
    await bench.after(29)
    assert bench.statuses == ["claimed"]
    await bench.after(31)
    assert bench.statuses == ["unknown"]


# --- a sender that died ------------------------------------------------------------------------------------------------------
async def died_sending(bench: Bench) -> Bench:
    """The message was claimed by a sender that died; another one comes up on the same store."""
    await bench.say("a")
    assert await bench.claimed_by_the_dead() == 1
    return bench


async def test_an_ambiguous_claim_is_repeated_where_the_provider_takes_our_key():
    bench = await died_sending(Bench())
    await bench.after(61)
    assert (bench.channel.times, bench.statuses) == ([60], ["accepted"])


async def test_an_ambiguous_claim_waits_a_minute_for_a_status_first():
    bench = await died_sending(Bench(capabilities=NO_KEY))
    await bench.after(119)
    assert (bench.channel.times, bench.statuses) == ([], ["unknown"])
    await bench.after(121)
    assert (bench.channel.times, bench.statuses) == ([120], ["accepted"])


async def test_an_ambiguous_claim_is_never_repeated_where_the_node_says_keep():
    bench = await died_sending(Bench(capabilities=NO_KEY, on_unknown="keep"))
    await bench.after(1_000)
    assert (bench.channel.times, bench.statuses) == ([], ["unknown"])


async def test_a_second_try_whose_sender_died_is_never_repeated():
    bench = Bench(Lost("reset"), capabilities=NO_KEY)
    await bench.say("a")
    await bench.after(59)
    bench.clock.move(NOW + timedelta(seconds=60))
    await bench.store.claim(10, bench.clock.now(), bench.clock.now() + timedelta(seconds=60))
    await bench.after(1_000)
    assert (bench.channel.times, bench.statuses) == ([0], ["unknown"])


async def test_a_failure_is_told_to_the_contacts_lane():
    bench = Bench(refused("never"))
    await bench.say("a")
    await bench.stepped.drain()
    kinds = [row.event.body.kind for row in bench.store.state.events.values()]
    assert kinds == [EventNamed.kind, "message_settled"]
