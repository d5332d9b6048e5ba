"""What one fake server is told at its start. Rates are probabilities between 0 and 1; times are seconds."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.fakes.graph import limits


@dataclass(frozen=True, slots=True)
class Chaos:
    """How often status callbacks misbehave; all zero means well-behaved."""

    early: float = 0.0  # `sent` reaches the hook before the send call is answered
    late: float = 0.0  # delayed by late_s
    twice: float = 0.0  # delivered again
    disorder: float = 0.0  # the statuses of one message in a shuffled order
    batch: float = 0.0  # several statuses in one body, over several entries, changes and statuses
    late_s: float = 2.0


WILD = Chaos(early=0.1, late=0.2, twice=0.3, disorder=0.4, batch=0.7)


@dataclass(frozen=True, slots=True)
class Settings:
    hook_url: str = ""
    app_secret: str = "app-secret"
    token: str = "graph-token"
    phone_number_id: str = "106540352242922"
    waba_id: str = "102290129340398"
    display_phone_number: str = "15550783881"
    verified_name: str = "Lucky Shrub"
    seed: int = 0
    callbacks: bool = True
    status_delay_s: float = 0.0  # between sent, delivered and read
    chaos: Chaos = field(default_factory=Chaos)
    retry_base_s: float = 0.2  # Meta waits longer; the shape (doubling, bounded) is what matters
    retry_max_s: float = 5.0
    retry_limit: int = 60
    hook_timeout_s: float = 10.0
    hook_connections: int = 8  # 1 keeps the first attempts in order
    number_rate: float = limits.NUMBER_RATE  # messages a second; 0 means unlimited
    pair_burst: int = limits.PAIR_BURST  # 0 means unlimited
    pair_interval_s: float = limits.PAIR_INTERVAL_S
    hang_s: float = 3600.0
    state_file: Path | None = None
    clock: Callable[[], float] = time.time
