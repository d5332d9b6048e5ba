"""How far a channel's connection has come, what the provider says of it, and the line that puts a web chat on a site."""

from __future__ import annotations

from pathlib import Path

from tests.contract.house import house, whatsapp


async def test_a_whatsapp_channel_goes_through_its_steps(tmp_path: Path) -> None:
    async with house(tmp_path / "data") as it:
        body = {"kind": "whatsapp", "name": "Shop", "config": whatsapp("4711")}
        channel = await it.call("POST", "/v1/channels", body)
        assert channel["webhook_url"] == f"https://chat.example/hooks/whatsapp/{channel['id']}"
        assert (channel["embed"], channel["page_url"]) == (None, None)
        status = await it.call("GET", f"/v1/channels/{channel['id']}/status")
        assert [(step["key"], step["done"]) for step in status["steps"]] == [
            ("phone_number_id", True), ("access_token", True), ("app_secret", True), ("verify_token", True), ("arrived", False)
        ]  # fmt: skip
        assert all(step["hint"] and step["label"] for step in status["steps"])

        hook = f"/hooks/whatsapp/{channel['id']}?hub.mode=subscribe&hub.challenge=1158&hub.verify_token="
        assert (await it.ask("GET", hook + "wrong", headers={})).status == 403
        status = await it.call("GET", f"/v1/channels/{channel['id']}/status")
        assert (status["last_inbound_at"], status["steps"][-1]["done"]) == (None, False)
        assert (await it.ask("GET", hook + "v", headers={})).body == b"1158"
        status = await it.call("GET", f"/v1/channels/{channel['id']}/status")
        assert (status["steps"][-1]["done"], status["last_inbound_summary"]) == (True, "the webhook address was confirmed")
        assert status["last_inbound_at"] == status["steps"][-1]["at"]


async def test_a_test_asks_the_provider_and_says_what_is_wrong(tmp_path: Path) -> None:
    async with house(tmp_path / "data") as it:
        channel = await it.call("POST", "/v1/channels", {"kind": "whatsapp", "name": "Shop", "config": whatsapp("4711")})
        told = await it.call("POST", f"/v1/channels/{channel['id']}/test")
        assert told["ok"] is False
        assert "Check the connection" in told["problem"]


async def test_a_web_chat_says_how_to_put_it_on_a_site(tmp_path: Path) -> None:
    async with house(tmp_path / "data") as it:
        (chat,) = (await it.call("GET", "/v1/channels"))["data"]
        page = f"https://chat.example/chat/{chat['id']}"
        assert (chat["page_url"], chat["embed"]) == (page, f'<script src="{page}/widget.js" async></script>')
        assert (await it.ask("GET", page.removeprefix("https://chat.example") + "/widget.js", headers={})).status == 200
        assert (await it.call("GET", f"/v1/channels/{chat['id']}/status"))["steps"] == []
        assert (await it.call("POST", f"/v1/channels/{chat['id']}/test"))["ok"] is True
