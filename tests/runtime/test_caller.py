"""Calls are made, tried again with back-off, and given up."""

from datetime import timedelta
from typing import Any

import pytest

from engine.core.decision import Call
from engine.runtime.caller import MAX_AFTER, TRIES, Handle
from engine.runtime.memory.state import CallRow
from engine.runtime.protocol import CallAnswer, CallClaim, CallFailed
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
