"""People in a conversation: assigned by a flow, speaking for themselves, and giving back; the bot keeps silent meanwhile."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import pytest

from tests.integration.flow import Document, assign, document, on_word, say, wait_reply
from tests.integration.server import Server, until
from tests.integration.visitor import Tab, visiting

pytestmark = pytest.mark.asyncio(loop_scope="module")


def helpdesk(word: str, team: str) -> Document:
    """Brings in the team; says how it ended, and asks what it can do where the bot has it again."""
    return document(
        f"Helpdesk {word}",
        {
            "start": on_word(word),
            "hold": say("I am connecting you."),
            "agent": assign(team=team, timeout="PT1H"),
            "bye": say("Thanks for talking to us."),
            "back": say("It is the bot again. What else?"),
            "reply": wait_reply(save_as="wish"),
            "noted": say("Noted: {{wish}}"),
        },
        [
            "start -> hold",
            "hold -> agent",
            "agent.resolved -> bye",
            "agent.returned -> back",
            "back -> reply",
            "reply -> noted",
        ],
        variables=[{"name": "wish"}],
    )


class Desk:
    """A team with its people, a flow that hands over to it, and a visitor who asked for somebody."""

    def __init__(self, server: Server, team: dict[str, Any], users: list[dict[str, Any]], tab: Tab) -> None:
        self.server = server
        self.team = team
        self.users = users
        self.tab = tab

    async def presence(self, user: int, presence: str = "online") -> None:
        await self.server.ask("PUT", f"/v1/users/{self.users[user]['id']}/presence", {"presence": presence})

    async def conversation(self) -> dict[str, Any]:
        threads = await self.server.everything(f"/v1/conversations?team_id={self.team['id']}")
        return dict(threads[0]) if threads else {}

    async def owned(self, owner: str) -> dict[str, Any]:
        """The conversation, once it is so owned."""

        async def look() -> dict[str, Any]:
            found = await self.conversation()
            return found if found.get("owner") == owner else {}

        found: dict[str, Any] = await until(look)
        return found

    async def act(self, word: str, user: int, status: int = 200, **body: Any) -> Any:
        thread = (await self.conversation())["id"]
        path = f"/v1/conversations/{thread}/{word}"
        return await self.server.ask("POST", path, {"user_id": self.users[user]["id"], **body}, status=status)


async def open_desk(stack: AsyncExitStack, server: Server, word: str) -> Desk:
    users = [
        await server.ask("POST", "/v1/users", {"email": f"{name}.{word}@example.com", "name": name.title()})
        for name in ("ada", "bob")
    ]
    team = await server.ask("POST", "/v1/teams", {"name": word, "members": [each["id"] for each in users]})
    await server.publish(helpdesk(word, team["id"]))
    visitor = await stack.enter_async_context(visiting(server))
    tab = await stack.enter_async_context(visitor.connect())
    await tab.say(word)
    await tab.until("I am connecting you.")
    return Desk(server, team, users, tab)


async def test_who_comes_online_is_assigned_speaks_and_resolves_and_the_flow_goes_on(server: Server) -> None:
    async with AsyncExitStack() as stack:
        desk = await open_desk(stack, server, "resolving")
        assert (await desk.owned("QUEUE"))["agent_id"] is None
        await desk.presence(0)
        assert (await desk.owned("AGENT"))["agent_id"] == desk.users[0]["id"]
        await desk.act("messages", 0, 201, content={"type": "text", "text": "Ada here. How can I help?"})
        message = await desk.tab.until("Ada here. How can I help?")
        assert (message["from"], message["name"]) == ("agent", "Ada")
        # The bot keeps silent, even where its own trigger's word comes in.
        await desk.tab.say("resolving")
        resolved = await desk.act("resolve", 0, note="done")
        assert (resolved["status"], resolved["owner"]) == ("resolved", "NONE")
        await desk.tab.until("Thanks for talking to us.")
        assert [line for line in desk.tab.visitor.texts() if line.startswith("I am")] == ["I am connecting you."]


async def test_only_one_of_two_claims_wins(server: Server) -> None:
    async with AsyncExitStack() as stack:
        desk = await open_desk(stack, server, "claiming")
        thread = (await desk.owned("QUEUE"))["id"]
        both = await asyncio.gather(
            *(server.answer("POST", f"/v1/conversations/{thread}/claim", {"user_id": each["id"]}) for each in desk.users)
        )
        assert sorted(each.status for each in both) == [200, 409]
        lost = next(each for each in both if each.status == 409)
        assert lost.error == "already_claimed"
        assert lost.body["message"] == "Another agent has this conversation. Ask them, or take it over."
        winner = next(each.body["agent_id"] for each in both if each.status == 200)
        assert (await desk.owned("AGENT"))["agent_id"] == winner
        loser = next(place for place, each in enumerate(desk.users) if each["id"] != winner)
        assert (await desk.act("claim", loser, force=True))["agent_id"] == desk.users[loser]["id"]


async def test_given_back_the_bot_goes_on_and_listens(server: Server) -> None:
    async with AsyncExitStack() as stack:
        desk = await open_desk(stack, server, "returning")
        await desk.presence(1)
        await desk.owned("AGENT")
        assert (await desk.act("return", 1))["owner"] == "BOT"
        await desk.tab.until("It is the bot again. What else?")
        await desk.tab.say("A pony")
        await desk.tab.until("Noted: A pony")


async def test_an_opt_out_word_works_while_a_person_has_the_conversation(server: Server) -> None:
    async with AsyncExitStack() as stack:
        desk = await open_desk(stack, server, "stopping")
        await desk.presence(0)
        await desk.owned("AGENT")
        await desk.tab.say("STOP")

        async def opted_out() -> bool:
            return bool((await desk.conversation())["contact"]["opted_out"])

        await until(opted_out)
        said = (await desk.tab.frame("message")) if desk.tab.shown[-1]["from"] == "visitor" else desk.tab.shown[-1]
        assert said["from"] == "bot"  # the confirmation, in the system's voice
        assert (await desk.owned("AGENT"))["agent_id"] == desk.users[0]["id"]


async def test_a_question_that_a_person_takes_over_is_no_longer_the_bots(server: Server) -> None:
    async with AsyncExitStack() as stack:
        visitor = await stack.enter_async_context(visiting(server))
        flow = document(
            "Take over",
            {"start": on_word("takeover"), "ask": say("Your name?"), "name": wait_reply(save_as="n"), "hi": say("Hi {{n}}")},
            ["start -> ask", "ask -> name", "name -> hi"],
            variables=[{"name": "n"}],
        )
        flow_id = await server.publish(flow)
        user = await server.ask("POST", "/v1/users", {"email": "eve@example.com", "name": "Eve"})
        async with visitor.connect() as tab:
            await tab.say("takeover")
            await tab.until("Your name?")
            (run,) = await server.everything(f"/v1/runs?flow_id={flow_id}")
            path = f"/v1/conversations/{run['conversation_id']}"
            words = {"content": {"type": "text", "text": "Eve here."}, "user_id": user["id"]}
            await server.ask("POST", f"{path}/messages", words)
            await tab.until("Eve here.")
            await tab.say("My name is Ann")
            assert (await server.ask("GET", f"/v1/runs/{run['id']}"))["status"] == "suspended"
            await server.ask("POST", f"{path}/return", {"user_id": user["id"]})
            await tab.say("Ann")
            await tab.until("Hi Ann")
