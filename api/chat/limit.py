"""What a stranger may ask of us: how often, how much, how many at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from api.http.error import TooManyRequests
from api.http.rate import RateLimiter, RatePolicy
from engine.runtime.protocol import Clock

# Per address: an office or a school stands behind one, so these stop floods, not crowds.
PAGES = RatePolicy("chat-pages", 600, window=60)
SESSIONS = RatePolicy("chat-sessions", 120, window=60)
CONNECTIONS = RatePolicy("chat-connections", 240, window=60)
ADDRESS_MESSAGES = RatePolicy("chat-address-messages", 600, window=60)
ADDRESS_UPLOADS = RatePolicy("chat-address-uploads", 120, window=600)
# Per visitor: fast typing, and what was written while offline, pass.
MESSAGES = RatePolicy("chat-messages", 60, window=60, burst=60)
FRAMES = RatePolicy("chat-frames", 240, window=60, burst=240)
MARKS = RatePolicy("chat-marks", 30, window=60, burst=10)
TYPINGS = RatePolicy("chat-typing", 30, window=60, burst=5)
UPLOADS = RatePolicy("chat-uploads", 30, window=600, burst=10)

SOCKETS_PER_ADDRESS = 200
SOCKETS_PER_VISITOR = 10
"""Tabs of one browser."""
UPLOADS_PER_ADDRESS = 4
UPLOADS_AT_ONCE = 32
"""Files on their way in: each is in memory until it is stored."""

TOO_FAST = "You are sending very fast. Wait a few seconds, then try again."


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """What the operator decides. `trusted_proxies` are networks whose X-Forwarded-For is believed, such as 127.0.0.1/32.

    `sockets` is how many live connections this process holds: each needs a file descriptor and some 50 kB.
    """

    trusted_proxies: tuple[str, ...] = ()
    sockets: int = 10_000


class Gate:
    """The buckets of everybody, bounded: who was away longest is forgotten first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._limiter = RateLimiter()

    def may(self, policy: RatePolicy, key: str) -> bool:
        """Take one from the bucket; False if it was empty."""
        return self._limiter.take(key, (policy,), self._clock.now().timestamp()).allowed

    def take(self, policy: RatePolicy, key: str) -> None:
        """Take one from the bucket. Raises TooManyRequests with Retry-After."""
        now = self._clock.now().timestamp()
        answer = self._limiter.take(key, (policy,), now)
        if not answer.allowed:
            raise TooManyRequests(TOO_FAST, headers=answer.headers(now))


class Slots:
    """Counts what is under way, for each key and in all."""

    def __init__(self, each: int, all: int) -> None:
        self._each = each
        self._all = all
        self._taken: Counter[str] = Counter()

    @contextmanager
    def one(self, key: str, refusal: str) -> Iterator[None]:
        """Hold a slot. Raises TooManyRequests with this sentence if there is none."""
        if self._taken[key] >= self._each or self._taken.total() >= self._all:
            raise TooManyRequests(refusal, headers={"Retry-After": "10"})
        self._taken[key] += 1
        try:
            yield
        finally:
            self._taken[key] -= 1
            if not self._taken[key]:
                del self._taken[key]
