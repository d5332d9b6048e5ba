"""A token bucket: so much at once, then so much a second."""

from dataclasses import dataclass


@dataclass(slots=True)
class Bucket:
    """Holds at most `burst` tokens, refilled at `rate` a second; time only comes in as a parameter."""

    burst: float
    rate: float
    tokens: float
    at: float

    def take(self, now: float) -> bool:
        """Whether there was a token to take."""
        self.tokens = min(self.burst, self.tokens + max(0.0, now - self.at) * self.rate)
        self.at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True
