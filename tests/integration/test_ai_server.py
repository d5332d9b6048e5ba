"""AI nodes on the real server with a fake provider: answers, trouble and budgets, kill -9 in the midst, and no key anywhere."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.fakes.ai.client import FakeAi, running_ai
from tests.integration.flow import assign, document, on_word, say, wait_reply
from tests.integration.server import Server, running_server, until
from tests.integration.visitor import visiting

KEY = "sk-integration-very-secret"
LOOPBACK = {"POSTDOG_CALL_ALLOW": "127.0.0.1/32"}
DELIVERY = "We deliver abroad within a week."
CHOICES = [
    {"id": "question", "title": "A question", "examples": ["Do you deliver abroad?", "What about candles?"]},
    {"id": "bye", "title": "Goodbye", "examples": ["Thanks, goodbye"]},
]
FAQ = document(
    "FAQ",
    {
        "start": on_word("faq"),
        "hello": say("What would you like to know?"),
        "listen": wait_reply(),
        "intent": ("ai_choose", {"choices": CHOICES}),
        "answer": ("ai_reply", {"texts": [{"title": "Delivery", "text": DELIVERY}], "save_as": "answer"}),
        "bye": say("Goodbye!"),
        "unknown": say("I don't know. A colleague does."),
        "trouble": say("I can't look that up. A colleague can."),
        "agent": assign(),
    },
    [
        "start -> hello",
        "hello -> listen",
        "listen -> intent",
        "intent.question -> answer",
        "intent.bye -> bye",
        "intent.unsure -> unknown",
        "intent.failed -> trouble",
        "answer -> listen",
        "answer.unsure -> unknown",
        "answer.failed -> trouble",
        "unknown -> agent",
        "trouble -> agent",
    ],
    variables=[{"name": "answer"}],
)


@asynccontextmanager
async def shop(folder: Path) -> AsyncIterator[tuple[Server, FakeAi]]:
    """A server with the flow live, and a provider; AI is off."""
    async with running_ai(KEY) as ai, running_server(folder, **LOOPBACK) as server:
        await server.publish(FAQ)
        yield server, ai


async def use(server: Server, ai: FakeAi, **more: Any) -> Any:
    """Set the provider."""
    return await server.ask("PUT", "/v1/settings/ai", {"base_url": ai.base_url, "model": "tiny", "key": KEY, **more})


async def last_run(server: Server) -> dict[str, Any]:
    return (await server.everything("/v1/runs"))[0]


async def test_a_question_in_the_web_chat_is_answered_until_the_budget_is_used_up(tmp_path: Path) -> None:
    async with shop(tmp_path) as (server, ai):
        await use(server, ai)
        tried = await server.ask("POST", "/v1/settings/ai/try", {"question": "Is this a test?"})
        assert (tried["ok"], tried["problem"]) == (True, "")
        assert len(await ai.asked()) == 1
        async with visiting(server) as visitor, visitor.connect() as tab:
            await tab.say("faq")
            await tab.until("What would you like to know?")
            await tab.say("Do you deliver abroad?")
            await tab.until(DELIVERY)
            assert (await last_run(server))["variables"] == {"answer": DELIVERY}
            asked = await ai.asked()
            assert [("choice" in str(each["messages"][0])) for each in asked] == [False, True, False]
            assert KEY not in str(asked)
            assert (await use(server, ai, contact_tokens=500))["tokens_today"] > 500
            await tab.say("Do you deliver abroad?")
            await tab.until("I can't look that up. A colleague can.")
        run = await last_run(server)
        steps = await server.everything(f"/v1/runs/{run['id']}/steps")
        assert "this contact has used" in str(steps)
        (conversation,) = await server.everything("/v1/conversations")
        assert conversation["owner"] in ("QUEUE", "AGENT")
        settings = await server.ask("GET", "/v1/settings/ai")
        assert settings["calls_today"] == len(await ai.asked())
        replayed = await server.ask("GET", f"/v1/runs/{run['id']}/replay")
        assert replayed["equal"], replayed
        assert KEY not in str(steps) + server.log() + str(settings)
        with sqlite3.connect(server.database) as connection:
            dumped = "\n".join(connection.iterdump())
        connection.close()
        assert KEY not in dumped


async def test_who_has_no_provider_or_one_in_trouble_is_handed_to_a_person(tmp_path: Path) -> None:
    async with shop(tmp_path) as (server, ai):
        for code, mode, times in (("ai_not_configured", "ok", 0), ("ai_bad_answer", "strange", 2), ("ai_quota", "broke", 1)):
            await ai.goes(mode, times)
            async with visiting(server) as visitor, visitor.connect() as tab:
                await tab.say("faq")
                await tab.until("What would you like to know?")
                await tab.say("Do you deliver abroad?")
                await tab.until("I can't look that up. A colleague can.")
            answered = "SELECT json_extract(body, '$.code') FROM event WHERE kind = 'call_answered' ORDER BY id DESC"
            assert server.row(answered) == (code,)
            await use(server, ai)


async def test_what_a_busy_provider_refuses_is_asked_again(tmp_path: Path) -> None:
    async with shop(tmp_path) as (server, ai):
        await use(server, ai)
        await ai.goes("busy", 1)
        async with visiting(server) as visitor, visitor.connect() as tab:
            await tab.say("faq")
            await tab.until("What would you like to know?")
            await tab.say("What about candles?")
            await tab.until("I don't know. A colleague does.")
        assert len(await ai.asked()) == 3


async def test_a_server_that_dies_while_the_model_thinks_asks_again_and_answers_once(tmp_path: Path) -> None:
    async with shop(tmp_path) as (server, ai):
        await use(server, ai)
        await ai.goes("hang", 1)
        async with visiting(server) as visitor:
            async with visitor.connect() as tab:
                await tab.say("faq")
                await tab.until("What would you like to know?")
                await tab.say("Do you deliver abroad?")
                await until(ai.asked)
            await server.kill()
            with sqlite3.connect(server.database) as connection:  # the lease of two minutes is over
                connection.execute("UPDATE call SET next_at = 1 WHERE state = 0")
            connection.close()
            await server.start()
            async with visitor.connect(after=0) as tab:
                await tab.until(DELIVERY)
            assert visitor.texts().count(DELIVERY) == 1
