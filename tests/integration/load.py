"""Many people who write over signed webhooks at once, and the books of what was acknowledged."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

import aiohttp

from tests.fakes.graph import hooks
from tests.fakes.graph.client import FakeGraph
from tests.fakes.graph.errors import JsonObject
from tests.fakes.graph.settings import Settings


@dataclass
class Load:
    """Webhooks of one number. `taken` are the ids of messages that were answered with 200."""

    url: str
    settings: Settings
    taken: list[str] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)

    async def write(self, session: aiohttp.ClientSession, person: str, text: str, id: str) -> int:
        """One message in one webhook; the status, 0 where nobody answered."""
        raw = hooks.encode(hooks.envelope(self.settings, [[("messages", self._value(person, text, id))]]))
        headers = {
            "Content-Type": "application/json",
            "X-Hub-Signature-256": hooks.signature(self.settings.app_secret, raw),
        }
        try:
            async with session.post(self.url, data=raw, headers=headers, timeout=aiohttp.ClientTimeout(total=15)) as answer:
                status = answer.status
        except (aiohttp.ClientError, OSError, TimeoutError):
            status = 0
        if status == 200:
            self.taken.append(id)
        else:
            self.refused.append(status)
        return status

    async def crowd(self, word: str, people: range, each: int, at_once: int = 16) -> None:
        """So many people write `each` messages in their order, some at once, until all were told or nobody answers."""
        gate = asyncio.Semaphore(at_once)

        async def one(session: aiohttp.ClientSession, number: int) -> None:
            for place in range(each):
                async with gate:
                    if not await self.write(session, f"49160{number:08}", word, f"wamid.{word}.{number}.{place}"):
                        return

        async with aiohttp.ClientSession() as session:
            await asyncio.gather(*(one(session, number) for number in people))

    def _value(self, person: str, text: str, id: str) -> JsonObject:
        message = {"from": person, "id": id, "timestamp": str(int(time.time())), "type": "text", "text": {"body": text}}
        return {
            **hooks.value(self.settings),
            "contacts": [{"wa_id": person, "profile": {"name": "Somebody"}}],
            "messages": [message],
        }


def load_on(graph: FakeGraph, server_url: str, channel: str) -> Load:
    """A load on the webhook of a channel."""
    return Load(f"{server_url}/hooks/whatsapp/{channel}", graph.settings)
