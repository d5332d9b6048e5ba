"""The provider of a simulation: takes every message at once, unless it was told to refuse the next one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.runtime.protocol import Accepted, Channel, Lost, Outgoing, Refused, Remedy
from schemas.capability import Capabilities


class SimulatedChannel:
    """A channel without a provider."""

    def __init__(self, capabilities: Capabilities) -> None:
        self._capabilities = capabilities
        self.refusals: list[str] = []
        """Codes with which the next messages are refused, in order; an empty one lets its message pass."""

    @property
    def capabilities(self) -> Capabilities:
        """What it can show."""
        return self._capabilities

    async def send(self, outgoing: Outgoing) -> Accepted | Refused | Lost:
        """Accept, or refuse as told."""
        code = self.refusals.pop(0) if self.refusals else ""
        if code:
            remedy: Remedy = "window_closed" if code == "window_closed" else "never"
            return Refused(code, f"simulated: {code}", remedy)
        return Accepted(f"sim-{outgoing.message}")

    async def call(self, kind: str, data: Mapping[str, Any]) -> None:
        """Nothing to do."""


class OneChannel:
    """Channels with a single one in it."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    async def get(self, channel: int) -> Channel | None:
        """The channel."""
        return self._channel
