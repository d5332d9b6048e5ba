"""What storms found, reduced to the few moves that it takes."""

from datetime import timedelta

from schemas.capability import Capabilities
from tests.runtime.bench import Bench


async def test_what_a_dead_sender_left_in_doubt_is_not_sent_again_because_the_channel_is_full():
    """Seed 1350: given back for want of room, the second of two claims in doubt came back as if it had never left."""
    bench = Bench(capabilities=Capabilities(idempotent=False, per_second=1), on_unknown="keep")
    await bench.say("a", who="ann")
    await bench.say("b", who="bob")
    await bench.runtime.worker.step()
    now = bench.clock.now()
    assert len(await bench.store.claim(10, now, now + timedelta(seconds=60))) == 2  # and that sender died
    await bench.after(600)
    assert bench.channel.said == []
    assert bench.statuses == ["unknown", "unknown"]
