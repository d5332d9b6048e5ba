"""Calls are made, tried again with back-off, and given up."""

from engine.core.decision import Call
from engine.runtime.memory.state import CallRow
from engine.runtime.protocol import CallClaim
from tests.runtime.bench import CHANNEL, Bench


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
