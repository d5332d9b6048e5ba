"""`postdog serve` with less patience: what is in doubt is in doubt for seconds, so that a test sees how it ends.

The three waits are those of `engine/runtime/sender.py` and `remedy.py`; nothing else is another than in a real server.
"""

from __future__ import annotations

from datetime import timedelta

from app.main import main
from engine.runtime import remedy, sender

REQUEST_S, LEASE_S, UNKNOWN_S = 6.0, 8.0, 5.0
"""Instead of 30, 60 and 60 seconds."""

if __name__ == "__main__":
    sender.TIMEOUT = REQUEST_S
    sender.LEASE = timedelta(seconds=LEASE_S)
    remedy.UNKNOWN_WAIT = timedelta(seconds=UNKNOWN_S)
    main()
