"""`postdog users` and the printed welcome: somebody gets into a real server, and gets in again after forgetting a password."""

from __future__ import annotations

import re
from pathlib import Path

import aiohttp
import pytest

from tests.integration.server import running_server

pytestmark = pytest.mark.slow
PASSWORD = "four walls and a roof"


async def test_the_printed_link_makes_the_owner_and_the_command_line_helps_out(tmp_path: Path) -> None:
    async with running_server(tmp_path, quiet=False) as server, aiohttp.ClientSession() as browser:
        printed = next(re.search(r"(\S+)/welcome#(\S+)", line) for line in server.greeting if "/welcome#" in line)
        assert printed is not None
        assert printed[1] == server.url
        page = await browser.get(server.url + "/welcome", headers={"Accept": "text/html"})
        assert (page.status, page.content_type) == (200, "text/html")

        async def use(token: str, **more: str) -> int:
            body = {"token": token, "password": PASSWORD, **more}
            async with browser.post(server.url + "/v1/session/link/use", json=body) as answer:
                return answer.status

        assert await use(printed[2], email="ada@shop.example", name="Ada") == 200
        assert await use(printed[2], email="eve@evil.example", name="Eve") == 404
        assert "ada@shop.example" in (await server.command("users", "list")).out
        assert "already" in (await server.command("users", "link")).err

        link = (await server.command("users", "link", "ADA@shop.example")).out.strip()
        assert await use(link.partition("#")[2]) == 200
        added = (await server.command("users", "add", "bo@shop.example", "--role", "editor", "--name", "Bo")).out.strip()
        assert await use(added.partition("#")[2]) == 200
        assert (await server.command("users", "link", "nobody@shop.example")).code == 2
        assert (await server.command("users", "add", "cy@shop.example", "--role", "king")).code == 2

        assert await server.stop() == 0
        await server.start()
        assert not any("/welcome#" in line for line in server.greeting)
