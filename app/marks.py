"""Shows people that their message was read and that an answer is coming: best effort, beside the engine."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import structlog

from engine.runtime.feed import Hub
from engine.runtime.protocol import Channels, Notice

log: structlog.stdlib.BoundLogger = structlog.get_logger("postdog.marks")


class Marks:
    """Marks inbound messages as read where a flow took them, with the typing dots. A lost mark loses nothing else."""

    def __init__(self, hub: Hub, channels: Channels) -> None:
        self._hub = hub
        self._channels = channels

    async def run(self) -> None:
        """Until cancelled."""
        subscription = self._hub.subscribe(_taken_by_a_flow, topics=frozenset({"message"}))
        try:
            while (notice := await subscription.next()) is not None:
                await self._mark(notice.data)
        finally:
            subscription.close()

    async def _mark(self, data: Mapping[str, Any]) -> None:
        channel = await self._channels.get(int(data["channel"]))
        if channel is None:
            return
        try:
            async with asyncio.timeout(5.0):
                await channel.call("mark_read", {"message_id": data["external_id"], "typing": True})
        except Exception as error:  # a mark is never worth more than a line
            log.debug("mark_failed", error=str(error))


def _taken_by_a_flow(notice: Notice) -> bool:
    return notice.topic == "message" and notice.data.get("direction") == "in" and bool(notice.data.get("run"))
