"""Rate limits: a token bucket per key and policy, and the headers that tell where a client stands."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

MOST_BUCKETS = 20_000
"""About 4 MB. Whoever falls out has been idle longest and starts again with a full bucket."""


@dataclass(frozen=True, slots=True)
class RatePolicy:
    """`requests` per `window` seconds, refilled evenly, of which `burst` may come at once.

    >>> RatePolicy("hourly", 100, window=3600).capacity
    100
    """

    name: str = "default"
    requests: int = 2000
    window: int = 60
    burst: int | None = None

    @property
    def capacity(self) -> int:
        return self.requests if self.burst is None else self.burst

    @property
    def per_second(self) -> float:
        return self.requests / self.window


DEFAULT_POLICIES = (RatePolicy("default", 2000, 60, 3000),)
"""The largest plan of the documents: 2,000 a minute, bursts of 3,000."""


@dataclass(frozen=True, slots=True)
class RateState:
    """Where one policy stands after a request. `retry_after` is 0.0 unless this policy refuses, in seconds."""

    policy: RatePolicy
    tokens: float
    retry_after: float

    @property
    def remaining(self) -> int:
        return max(0, math.floor(self.tokens))

    @property
    def reset_after(self) -> float:
        """Seconds until the next request is allowed (when refused) or until the bucket is full again."""
        return self.retry_after or (self.policy.capacity - self.tokens) / self.policy.per_second


@dataclass(frozen=True, slots=True)
class RateAnswer:
    """All policies after a request; the tightest is the one that the headers show first."""

    allowed: bool
    states: tuple[RateState, ...]

    @property
    def tightest(self) -> RateState:
        return min(self.states, key=lambda state: (-state.retry_after, state.tokens / state.policy.capacity))

    def headers(self, now: float) -> dict[str, str]:
        """X-RateLimit-* (Reset in unix seconds), the IETF pair, and Retry-After (seconds) on a refusal."""
        state = self.tightest
        headers = {
            "X-RateLimit-Limit": str(state.policy.requests),
            "X-RateLimit-Remaining": str(state.remaining),
            "X-RateLimit-Reset": str(math.ceil(now + state.reset_after)),
            "RateLimit-Policy": ", ".join(
                f'"{each.policy.name}";q={each.policy.requests};w={each.policy.window}' for each in self.states
            ),
            "RateLimit": f'"{state.policy.name}";r={state.remaining};t={math.ceil(state.reset_after)}',
        }
        if not self.allowed:
            headers["Retry-After"] = str(max(1, math.ceil(state.retry_after)))
        return headers


class RateLimiter:
    """Token buckets in memory, the least recently used forgotten first."""

    def __init__(self, most_buckets: int = MOST_BUCKETS) -> None:
        self._most = most_buckets
        self._buckets: OrderedDict[tuple[str, RatePolicy], tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, key: str, policies: Sequence[RatePolicy], now: float) -> RateAnswer:
        """Take one request from every policy's bucket, or from none when one of them is empty.

        `now` is in unix seconds. A clock that goes back refills nothing.

        >>> limiter = RateLimiter()
        >>> [limiter.take("k", [RatePolicy("default", 60, 60, burst=1)], now=0.0).allowed for _ in range(2)]
        [True, False]
        """
        levels = [self._level(key, policy, now) for policy in policies]
        allowed = all(level >= 1.0 for level in levels)
        states = []
        for policy, level in zip(policies, levels, strict=True):
            left = level - 1.0 if allowed else level
            self._keep(key, policy, left, now)
            states.append(RateState(policy, left, max(0.0, 1.0 - level) / policy.per_second))
        return RateAnswer(allowed, tuple(states))

    def give_back(self, key: str, policies: Sequence[RatePolicy], now: float) -> None:
        """Put a request back that shall not count, such as a right password among tries.

        >>> limiter, once = RateLimiter(), [RatePolicy("tries", 60, 60, burst=1)]
        >>> limiter.take("k", once, now=0.0).allowed
        True
        >>> limiter.give_back("k", once, now=0.0)
        >>> limiter.take("k", once, now=0.0).allowed
        True
        """
        for policy in policies:
            self._keep(key, policy, min(float(policy.capacity), self._level(key, policy, now) + 1.0), now)

    def _level(self, key: str, policy: RatePolicy, now: float) -> float:
        tokens, since = self._buckets.get((key, policy), (float(policy.capacity), now))
        return min(float(policy.capacity), tokens + max(0.0, now - since) * policy.per_second)

    def _keep(self, key: str, policy: RatePolicy, tokens: float, now: float) -> None:
        self._buckets[(key, policy)] = (tokens, now)
        self._buckets.move_to_end((key, policy))
        while len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
