"""`postdog serve` with a clock that a test may set ahead, and that leaves sends in doubt until then.

In a real server a send in doubt waits for its lease (60 s) and for a status (60 s). Here both are longer than all kills
together, so that none meets a second kill; then the test starts the server with its clock ahead, once for each wait. And 64
requests of a number are in flight instead of 16.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from functools import partial

from app.main import main
from channels.whatsapp import kind
from engine.runtime import remedy, sender
from engine.runtime.clock import SystemClock
from engine.runtime.pace import Pace

REQUEST_S, DOUBT_S = 280.0, 300.0
"""Instead of 30 s for a request, and of 60 s for its lease and for a status."""
AT_ONCE = 64
AHEAD = "KILLS_AHEAD_S"


class Wide(Pace):
    """A pace with room for more requests at once."""

    def __init__(self, channel: int, per_second: float | None, concurrency: int) -> None:
        super().__init__(channel, per_second, AT_ONCE)


def ahead(clock: SystemClock) -> datetime:
    """Now, as of a machine whose clock was set ahead."""
    return datetime.now(UTC) + timedelta(seconds=float(os.environ.get(AHEAD, "0")))


if __name__ == "__main__":
    SystemClock.now = ahead  # type: ignore[method-assign]
    vars(sender)["Pace"] = Wide
    vars(kind)["GraphClient"] = partial(kind.GraphClient, answer_s=REQUEST_S)
    sender.TIMEOUT = REQUEST_S
    sender.LEASE = remedy.UNKNOWN_WAIT = timedelta(seconds=DOUBT_S)
    main()
