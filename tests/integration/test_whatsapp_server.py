"""A conversation over WhatsApp's wire format against the real server: signed webhooks in, the fake Graph server out."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from tests.fakes.graph.client import FakeGraph
from tests.fakes.graph.settings import Settings
from tests.integration.server import running_server
from tests.integration.whatsapp import connect, said

ANN = "4915112345678"
FLOW: dict[str, Any] = {
    "schema": 1,
    "name": "Qualify",
    "nodes": [
        {"id": "start", "type": "trigger", "config": {"on": {"kind": "keyword", "words": ["quote"]}}},
        {"id": "ask", "type": "send_message", "config": {"text": "Hi {{contact.name|there}}! What is your budget?"}},
        {
            "id": "budget",
            "type": "wait",
            "config": {"for": {"kind": "reply", "expect": {"kind": "number"}, "save_as": "budget", "timeout": "PT2S"}},
        },
        {"id": "nudge", "type": "send_message", "config": {"text": "Are you still there?"}},
        {
            "id": "choose",
            "type": "send_message",
            "config": {
                "text": "{{budget}} it is. Shall we call you?",
                "buttons": [{"id": "yes", "title": "Yes"}, {"id": "no", "title": "No"}],
            },
        },
        {"id": "call", "type": "send_message", "config": {"text": "We call you."}},
    ],
    "edges": [
        {"from": "start", "to": "ask"},
        {"from": "ask", "to": "budget"},
        {"from": "budget", "to": "choose"},
        {"from": "budget", "port": "timeout", "to": "nudge"},
        {"from": "nudge", "to": "choose"},
        {"from": "choose", "port": "yes", "to": "call"},
    ],
    "variables": [{"name": "budget", "type": "number"}],
}


async def test_a_flow_runs_over_signed_webhooks_and_goes_on_after_a_kill(tmp_path: Path) -> None:
    async with FakeGraph.in_process(Settings()) as graph, running_server(tmp_path) as server:
        await connect(server, graph)
        await server.publish(FLOW)
        await graph.inbound(ANN, "quote", name="Ann")
        assert said(await graph.sent(ANN, count=1)) == ["Hi Ann! What is your budget?"]

        await server.kill()
        await asyncio.sleep(2.5)  # the reply timeout of 2 s comes due while nobody runs
        await server.start()
        sent = await graph.sent(ANN, count=3)
        assert said(sent)[1:] == ["Are you still there?", " it is. Shall we call you?"]

        await graph.press(ANN, "Yes")
        sent = await graph.sent(ANN, count=4)
        assert said(sent)[3:] == ["We call you."]
        stats = await graph.stats()
        assert stats["duplicates"] == 0
        assert await server.stop() == 0
