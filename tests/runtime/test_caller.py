"""Calls are made, tried again with back-off, and given up."""

from datetime import timedelta
from typing import Any

import pytest

from engine.core.decision import Call
from engine.runtime.caller import LEASE, MAX_AFTER, TRIES, Handle
from engine.runtime.memory.state import CallRow
from engine.runtime.protocol import CallAnswer, CallClaim, CallFailed
from engine.runtime.room import SHARES, Room
from schemas.event import CallAnswered
from tests.runtime.bench import CHANNEL, NOW, Bench


def calling(bench: Bench, kind: str) -> None:
    bench.store.state.calls[501] = CallRow(1, Call(501, kind, CHANNEL, {"id": "w1"}))
    bench.store.state.waiting_calls[501] = None


def state(bench: Bench) -> str:
    return bench.store.state.calls[501].state


async def test_a_call_goes_to_its_channel():
    bench = Bench()
    calling(bench, "mark_read")
    await bench.stepped.drain()
    assert bench.channel.called == [("mark_read", {"id": "w1"})]
    assert state(bench) == "done"


async def test_a_call_is_tried_again_until_it_succeeds():
    bench = Bench()
    bench.channel.broken_calls = 3
    calling(bench, "fetch")
    await bench.after(60)
    assert (len(bench.channel.called), state(bench)) == (4, "done")


async def test_a_call_is_given_up_after_its_tries():
    bench = Bench()
    bench.channel.broken_calls = 100
    calling(bench, "fetch")
    await bench.after(3_600)
    assert (len(bench.channel.called), state(bench)) == (8, "dead")
    assert "no line" in bench.store.state.calls[501].error


async def test_a_read_mark_is_tried_once():
    bench = Bench()
    bench.channel.broken_calls = 100
    calling(bench, "mark_read")
    await bench.after(600)
    assert (len(bench.channel.called), state(bench)) == (1, "dead")


async def test_a_handler_goes_before_the_channel():
    bench = Bench()
    handled = []

    async def fetch(claim: CallClaim) -> None:
        handled.append((claim.tenant, claim.call.id))

    bench.runtime.caller._handlers = {"fetch": fetch}
    calling(bench, "fetch")
    await bench.stepped.drain()
    assert (handled, bench.channel.called) == ([(1, 501)], [])


# --- shares --------------------------------------------------------------------------------------------------------------------
class Outside:
    """Handlers that hang at the places that are named, and answer at once elsewhere."""

    def __init__(self, bench: Bench, *hangs: str) -> None:
        self.bench = bench
        self.hangs = hangs
        self.done: list[tuple[str, float]] = []
        """What was made, and when, in seconds."""
        bench.runtime.caller._handlers = dict.fromkeys(("http", "webhook", "fetch"), self)

    async def __call__(self, claim: CallClaim) -> None:
        if claim.call.place in self.hangs:
            await self.bench.clock.sleep(45)
            raise CallFailed("timeout")
        self.done.append((claim.call.kind, (self.bench.clock.now() - NOW).total_seconds()))

    def ask(self, kind: str, place: str, times: int = 1) -> None:
        """So many calls of a kind to a place."""
        state = self.bench.store.state
        for _ in range(times):
            id = 501 + len(state.calls)
            run = 9 if kind == "http" else 0
            state.calls[id] = CallRow(1, Call(id, kind, CHANNEL, {}, run=run, contact=7, place=place))
            state.waiting_calls[id] = None


async def test_webhooks_that_hang_hold_up_neither_files_nor_the_calls_of_runs():
    bench = Bench()
    outside = Outside(bench, *map(str, range(50)))
    for webhook in range(50):
        outside.ask("webhook", str(webhook), 10)
    outside.ask("http", "api.example.com")
    outside.ask("fetch", "")
    await bench.after(1)
    assert sorted(outside.done) == [("fetch", 0.0), ("http", 0.0)]
    assert bench.runtime.caller.flying == SHARES["webhook"].most


async def test_one_address_that_hangs_leaves_the_others_their_places():
    bench = Bench()
    outside = Outside(bench, "slow.example.com", "1")
    outside.ask("http", "slow.example.com", 500)
    outside.ask("webhook", "1", 500)
    outside.ask("http", "api.example.com", 100)
    outside.ask("webhook", "2", 100)
    await bench.after(1)
    assert len(outside.done) == 200
    assert bench.runtime.caller.flying == SHARES["run"].place + SHARES["webhook"].place


async def test_a_place_is_free_again_when_a_call_ends():
    bench = Bench()
    outside = Outside(bench, "slow.example.com")
    outside.ask("http", "slow.example.com", 100)
    await bench.after(44)
    assert bench.runtime.caller.flying == SHARES["run"].place
    assert bench.runtime.caller.next_ready is None or bench.runtime.caller.next_ready > bench.clock.now(), "it doesn't spin"
    await bench.after(3_600)
    assert [row.state for row in bench.store.state.calls.values()] == ["dead"] * 100
    assert (bench.runtime.caller.flying, bench.runtime.caller._places) == (0, {})


async def test_what_a_dead_process_had_claimed_is_made_at_once():
    bench = Bench()
    outside = Outside(bench)
    outside.ask("http", "api.example.com")
    await bench.store.claim_calls(Room(), NOW, NOW + LEASE)
    await bench.stepped.drain()
    assert outside.done == [("http", 0.0)]


# --- calls of runs -----------------------------------------------------------------------------------------------------------
def asking(bench: Bench, handle: Handle | None, **data: Any) -> None:
    """A run has a call made."""
    bench.runtime.caller._handlers = {} if handle is None else {"http": handle}
    bench.store.state.calls[501] = CallRow(1, Call(501, "http", CHANNEL, data, "9:1:0", 7, 9, 1, "api"))
    bench.store.state.waiting_calls[501] = None


def answers(bench: Bench) -> list[CallAnswered]:
    bodies = [row.event.body for row in bench.store.state.events.values()]
    return [body for body in bodies if isinstance(body, CallAnswered)]


def failing(*failures: CallFailed) -> tuple[list[float], Handle]:
    """A handler that fails so, and then answers; with the instants of its calls, once they are made."""
    left, at = list(failures), []

    async def handle(claim: CallClaim) -> CallAnswer:
        at.append(claim.attempt)
        if left:
            raise left.pop(0)
        return CallAnswer({"status": 200})

    return at, handle


async def test_what_a_handler_brings_goes_to_the_run():
    bench = Bench()
    asking(bench, failing()[1])
    await bench.stepped.drain()
    assert answers(bench) == [CallAnswered(9, 1, 501, True, data={"status": 200})]
    assert not bench.store.state.pending, "the worker was woken for it"


async def test_retries_are_bounded_by_the_calls_data():
    bench = Bench()
    made, handle = failing(*[CallFailed("status_503", reason="try later", data={"status": 503})] * 9)
    asking(bench, handle, tries=3)
    await bench.after(600)
    assert made == [1, 2, 3]
    assert answers(bench) == [CallAnswered(9, 1, 501, False, "status_503", "try later", {"status": 503})]


async def test_nobody_asks_for_more_tries_than_there_are():
    bench = Bench()
    made, handle = failing(*[CallFailed("busy")] * 99)
    asking(bench, handle, tries=1_000_000)
    await bench.after(3_600)
    assert len(made) == TRIES


@pytest.mark.parametrize(("after", "ready"), [(30.0, 30.0), (1e9, MAX_AFTER)])
async def test_the_other_side_says_when_to_come_again_within_bounds(after: float, ready: float):
    bench = Bench()
    asking(bench, failing(CallFailed("status_429", after=after))[1])
    await bench.stepped.drain()
    assert bench.store.state.calls[501].next_at == NOW + timedelta(seconds=ready)


async def test_a_call_whose_answer_is_of_no_use_any_more_is_given_up():
    bench = Bench()
    made, handle = failing(*[CallFailed("busy", after=10.0)] * 9)
    asking(bench, handle, until=(NOW + timedelta(seconds=25)).isoformat())
    await bench.after(600)
    assert (made, [answer.code for answer in answers(bench)]) == ([1, 2, 3], ["busy"])


async def test_a_call_of_a_kind_that_nobody_makes_is_answered_so():
    bench = Bench()
    asking(bench, None)
    await bench.stepped.drain()
    assert [(answer.ok, answer.code) for answer in answers(bench)] == [(False, "unknown_call")]
    assert bench.channel.called == []


async def test_our_own_trouble_is_told_without_its_words():
    bench = Bench()

    async def broken(claim: CallClaim) -> CallAnswer:
        raise ValueError("the innards")

    asking(bench, broken, tries=1)
    await bench.stepped.drain()
    assert answers(bench) == [CallAnswered(9, 1, 501, False, "internal")]
    assert "the innards" in bench.store.state.calls[501].error
