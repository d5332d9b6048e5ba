"""Notices on a real server: a flow tells a team, its members see it once, and it is forgotten with its contact."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.flow import document, on_word, say
from tests.integration.server import Server, until
from tests.integration.visitor import visiting


@pytest.mark.asyncio(loop_scope="module")
async def test_a_flow_tells_a_team_and_each_member_sees_it_once(server: Server) -> None:
    flow = await server.publish(
        document(
            "Callback",
            {"start": on_word("callmeback"), "tell": ("notify", {"text": "Call somebody back"}), "yes": say("We call you.")},
            ["start -> tell", "tell -> yes"],
        )
    )
    user = await server.ask("POST", "/v1/users", {"email": "nora@example.com", "name": "Nora"}, 201)
    async with visiting(server) as visitor, visitor.connect() as tab:
        await tab.say("callmeback")
        await tab.until("We call you.")

    async def told() -> Any:
        return await server.everything("/v1/notices")

    (notice,) = await until(told)
    assert (notice["text"], notice["flow_id"]) == ("Call somebody back", flow)
    assert notice["conversation_id"]
    await server.ask("POST", "/v1/notices/seen", {"up_to": notice["id"], "user_id": user["id"]})
    assert server.row("SELECT notices_seen FROM user WHERE email = 'nora@example.com'") == (1,)
    await server.ask("DELETE", f"/v1/contacts/{notice['contact_id']}")
    assert await server.everything("/v1/notices") == []
