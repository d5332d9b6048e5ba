"""A fake provider in the test's own process, and settings that point at it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp.test_utils import TestServer

from app.ai.client import AiClient
from channels.outside import Guard
from crm.ai import AiProvider, AiSettings
from tests.fakes.ai.server import STATE, State, create_app

LOOPBACK = Guard.of("127.0.0.1/32")
SECRET = "sk-very-secret-4711"


@dataclass
class Fake:
    """The fake, a client of ours for it, and its settings."""

    client: AiClient
    state: State
    settings: AiSettings

    def provider(self, key: str = SECRET, **changes: Any) -> AiProvider:
        return AiProvider(self.settings.model_copy(update=changes), key)

    def goes(self, mode: str, times: int = -1) -> None:
        """What the next answers are like."""
        self.state.mode, self.state.times = mode, times


@asynccontextmanager
async def faked(key: str = SECRET) -> AsyncIterator[Fake]:
    """A fake that listens on loopback."""
    app = create_app(key)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        settings = AiSettings(base_url=str(server.make_url("/v1")), model="tiny")
        yield Fake(AiClient(lambda: session, LOOPBACK), app[STATE], settings)
