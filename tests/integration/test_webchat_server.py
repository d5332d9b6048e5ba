"""The web chat against the real server: live connection, resume, kill -9, waits that came due meanwhile, two tabs."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
import pytest

from tests.integration.flow import document, on_word, say, wait_reply, wait_time
from tests.integration.server import running_server, until
from tests.integration.visitor import visiting

PIZZA = document(
    "Pizza",
    {
        "start": on_word("pizza"),
        "which": say("Which one?", "Margherita", "Funghi", save_as="pizza"),
        "name": say("{{pizza}}, very well. What is your name?"),
        "reply": wait_reply(save_as="name"),
        "oven": say("Thanks, {{name}}! Into the oven."),
        "bake": wait_time("PT2S"),
        "done": say("{{name}}, your {{pizza}} is ready."),
    },
    [
        "start -> which",
        "which.margherita -> name",
        "which.funghi -> name",
        "name -> reply",
        "reply -> oven",
        "oven -> bake",
        "bake -> done",
    ],
    variables=[{"name": "pizza"}, {"name": "name"}],
)


async def test_the_greeting_names_a_chat_that_answers_with_a_demo_flow(tmp_path: Path) -> None:
    async with running_server(tmp_path, quiet=False) as server:
        address = next(line.split()[-1] for line in server.greeting if "chat with a demo flow" in line)
        async with aiohttp.ClientSession() as session, session.get(address) as page:
            assert page.status == 200
            assert "<script" in await page.text()
        async with visiting(server, address.rsplit("/", 1)[1]) as visitor, visitor.connect() as tab:
            await tab.say("menu")
            while "list" not in (each["content"]["kind"] for each in tab.shown):
                await tab.frame("message")


async def test_a_conversation_survives_a_dropped_connection_and_kill_9_and_a_wait_fires_once(tmp_path: Path) -> None:
    async with running_server(tmp_path) as server, visiting(server) as visitor:
        await server.publish(PIZZA)
        async with visitor.connect() as tab:
            await tab.say("I want pizza")
            question = await tab.until("Which one?")
            assert [each["title"] for each in question["content"]["buttons"]] == ["Margherita", "Funghi"]
            await tab.tap("Funghi")
        # The connection is gone; the bot's answer comes with the next one, and nothing that was shown comes again.
        async with visitor.connect() as tab:
            await tab.until("Funghi, very well. What is your name?")
            assert [each["seq"] for each in tab.shown if each["seq"] <= question["seq"]] == []
        await server.kill()
        await server.start()
        async with visitor.connect(after=0) as tab:
            await tab.until("Funghi, very well. What is your name?")
            assert visitor.texts() == ["> I want pizza", "Which one?", "> Funghi", "Funghi, very well. What is your name?"]
            await tab.say("Ann")
            await tab.until("Thanks, Ann! Into the oven.")
        await server.kill()
        await asyncio.sleep(2.2)  # the wait of 2 s comes due while nobody runs
        await server.start()
        async with visitor.connect() as tab:
            await tab.until("Ann, your Funghi is ready.")
        await server.kill()
        await server.start()
        async with visitor.connect(after=0) as tab:
            await tab.until("Ann, your Funghi is ready.")
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(1.2):  # longer than an idle loop sleeps: a second firing would be seen
                    await tab.frame("message")
        assert visitor.texts()[-4:] == [
            "Funghi, very well. What is your name?",
            "> Ann",
            "Thanks, Ann! Into the oven.",
            "Ann, your Funghi is ready.",
        ]
        (run,) = await server.everything("/v1/runs")
        assert run["status"] == "completed"
        assert run["variables"] == {"pizza": "Funghi", "name": "Ann"}
        assert await server.stop() == 0


async def test_two_tabs_show_the_same_thread_and_a_repeated_frame_counts_once(tmp_path: Path) -> None:
    async with running_server(tmp_path) as server, visiting(server) as visitor:
        await server.publish(PIZZA)
        async with visitor.connect() as left, visitor.connect() as right:
            await left.say("pizza")
            await asyncio.gather(left.until("Which one?"), right.until("Which one?"))
            # The right tab lost the answer to its frame and sends it again, as the page does.
            button = {"kind": "choice", "button": "margherita", "title": "Margherita", "message": right.shown[-1]["id"]}
            for _ in range(3):
                assert (await right.send(button, "same-client-id"))["status"] == "received"
            asked = "Margherita, very well. What is your name?"
            await asyncio.gather(left.until(asked), right.until(asked))
            assert [each["id"] for each in left.shown] == [each["id"] for each in right.shown]
            assert len(left.shown) == 4
            # What a person writes through the API reaches both.
            (conversation,) = await server.everything("/v1/conversations")
            user = await server.ask("POST", "/v1/users", {"email": "ada@example.com", "name": "Ada"})
            words = {"content": {"type": "text", "text": "It is Ada."}, "user_id": user["id"]}
            await server.ask("POST", f"/v1/conversations/{conversation['id']}/messages", words)
            for seen in await asyncio.gather(left.until("It is Ada."), right.until("It is Ada.")):
                assert (seen["from"], seen["name"]) == ("agent", "Ada")


async def test_what_strangers_send_is_refused_in_words_and_breaks_nothing(tmp_path: Path) -> None:
    async with running_server(tmp_path) as server, visiting(server) as visitor:
        await server.publish(PIZZA)
        async with visitor.connect() as tab:
            long = await tab.send({"kind": "text", "text": "x" * 100_000})
            assert (long["status"], long["error"]["code"]) == ("refused", "bad_frame")
            assert long["error"]["message"] == "This message is too long. Send at most 4,096 characters."
            for rubbish in ("{", "[]", "\x00", '{"type": "nonsense"}', '{"type": "send"}'):
                await tab.socket.send_str(rubbish)
                assert (await tab.frame("error"))["error"]["code"] == "bad_frame"
            await tab.say("piz\x00za")  # a NUL is dropped, the rest is a text
            await tab.until("Which one?")
            assert visitor.texts()[0] == "> pizza"
        for token in ("", "wct_" + "0" * 64, "\x00"):
            async with visitor.session.ws_connect(f"{server.url}/chat/{visitor.chat}/ws") as socket:
                await socket.send_json({"type": "hello", "token": token})
                assert (await socket.receive_json())["error"]["code"] == "invalid_token"
        async with visitor.session.post(f"{server.url}/chat/ch_zzzzz/session", json={}) as answer:
            assert (answer.status, (await answer.json())["error"]["type"]) == (404, "no_such_chat")
        assert "Traceback" not in server.log()
        await until(lambda: server.everything("/v1/runs"))
