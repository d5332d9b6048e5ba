"""How long to wait before the next try: doubling, with a jitter that the same try always gets."""

from __future__ import annotations

from hashlib import blake2b


def backoff(key: str, attempt: int, *, first: float = 1.0, most: float = 60.0) -> float:
    """Seconds before the try after `attempt` (from 1): between half and all of `first` times 2^(attempt-1), at most `most`.

    The jitter keeps senders that failed together from trying together again; it is seeded, so a replay waits as long.

    >>> backoff("7:1:0", 1) == backoff("7:1:0", 1)
    True
    >>> 30.0 <= backoff("7:1:0", 40) <= 60.0
    True
    """
    full = min(first * 2.0 ** min(attempt - 1, 30), most)
    seed = blake2b(f"{key}:{attempt}".encode(), digest_size=4).digest()
    return full * (0.5 + 0.5 * int.from_bytes(seed, "big") / 0xFFFFFFFF)
