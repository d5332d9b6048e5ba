"""A step's call is tried for real: what is asked for, what comes back, what is kept, and whatever others do wrong."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.contract.house import OTHER, House
from tests.integration.elsewhere import TOKEN, Other, both, files

KEEPS = {"got": "body.slots[0].id", "day_back": "body.day", "none": "body.nothing"}


class Trying:
    """A flow with one call in it, which is tried as it is given each time."""

    def __init__(self, it: House, other: Other, base: str, flow: str) -> None:
        self.it, self.other, self.base, self.flow = it, other, base, flow

    def body(self, path: str, **config: Any) -> dict[str, Any]:
        given = {"url": path if "://" in path else self.base + path, "timeout": "PT2S", **config}
        nodes = [{"id": "start", "type": "trigger", "config": {"on": {"kind": "api"}}}]
        nodes += [{"id": "api", "type": "call_api", "config": given}, {"id": "bye", "type": "end", "config": {}}]
        edges = [{"from": "start", "to": "api"}, {"from": "api", "port": "ok", "to": "bye"}]
        document = {"schema": 1, "name": "T", "nodes": nodes, "edges": edges, "variables": [{"name": "day"}]}
        return {"node": "api", "document": document}

    async def tried(self, path: str, values: Any = None, dry_run: bool = False, **config: Any) -> Any:
        body = {**self.body(path, **config), "values": values or {}, "dry_run": dry_run}
        return await self.it.call("POST", f"/v1/flows/{self.flow}/try", body)

    async def refused(self, body: dict[str, Any], headers: Any = None) -> tuple[int, str]:
        options = {"headers": headers} if headers else {}
        reply = await self.it.ask("POST", f"/v1/flows/{self.flow}/try", body, **options)
        return reply.status, reply.error


@asynccontextmanager
async def trying(folder: Path, **settings: Any) -> AsyncIterator[Trying]:
    async with both(folder, **settings) as (it, other, base):
        flow = await it.call("POST", "/v1/flows", {"name": "T"})
        yield Trying(it, other, base, flow["id"])


async def test_it_asks_for_what_differs_and_shows_what_came_back_and_what_is_kept(tmp_path: Path):
    async with trying(tmp_path) as at:
        url = "/slots?day={{day}}&who={{contact.name}}&at={{time.date}}"
        asked = await at.tried(url, dry_run=True, save=KEEPS)
        assert [(each["path"], each["type"]) for each in asked["asks"]] == [("day", "text"), ("contact.name", "text")]
        assert (asked["answer"], asked["port"], at.other.asked) == (None, None, [])
        found = await at.tried(url, {"day": "5 May", "contact.name": "Anna"}, save=KEEPS)
        assert found["sent"]["url"] == f"{at.base}/slots?day=5%20May&who=Anna&at=2026-04-01"
        assert (found["answer"]["status"], found["answer"]["json_body"], found["answer"]["cut"]) == (200, True, False)
        assert found["answer"]["headers"]["content-type"].startswith("application/json")
        assert '"id": "s1"' in found["answer"]["body"]
        kept = {each["name"]: each["value"] for each in found["keeps"]}
        assert kept == {"got": "s1", "day_back": "5 May", "none": None}
        assert (found["port"]["id"], found["port"]["label"], found["code"]) == ("ok", "Answered", "")
        again = await at.tried(url, {}, save=KEEPS)
        assert {each["name"]: each["value"] for each in again["keeps"]}["day_back"] == ""
        keys = [headers["Idempotency-Key"] for _, headers, _ in at.other.asked]
        assert len(set(keys)) == 2, "no answer of an earlier try may come back"
        assert all(key.startswith("try:") for key in keys)


async def test_what_others_do_wrong_is_said_and_tried_once(tmp_path: Path):
    async with trying(tmp_path) as at:
        expected = {
            "inside": ("private_address", "the address lies in a private network, which this server doesn't call"),
            "wrong": ("bad_json", "the answer says that it is JSON, and is none"),
            "bomb": ("too_large", "the answer is longer than 256 KB when it is unpacked"),
            "endless": ("too_large", "the answer is longer than 256 KB"),
            "hang": ("timeout", "no answer within 2 seconds"),
            "down": ("status_503", "status 503"),
            "taken": ("status_409", "status 409"),
        }
        for what, said in expected.items():
            found = await at.tried(f"/{what}")
            assert (found["code"], found["reason"]) == said
            assert found["port"]["id"] == "failed"
            assert at.other.times[what] == 1
        assert at.other.sent < 50 * 1024 * 1024, "3 GB were read"
        own = await at.tried("/taken", answers=[{"id": "taken", "status": "409", "title": "Taken"}])
        assert (own["port"]["label"], own["answer"]["status"], own["code"]) == ("Taken", 409, "")
        missed = await at.tried("/slots", save={"n": "length(body.day)"})
        assert missed["code"] == "mapping_failed"


async def test_nothing_inside_is_called(tmp_path: Path):
    async with trying(tmp_path, call_allow="") as at:
        for url in (f"{at.base}/slots", f"{at.base.replace('127.0.0.1', 'localhost')}/slots", "http://169.254.169.254/"):
            assert (await at.tried(url))["code"] == "private_address"
        assert not at.other.asked


async def test_a_secret_is_sent_and_neither_shown_nor_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
):
    caplog.set_level(logging.DEBUG)
    async with trying(tmp_path) as at:
        await at.it.call("PUT", "/v1/secrets/API", {"value": TOKEN})
        config = {"method": "POST", "headers": {"X-Key": "{{secret.API}}"}, "send": "form", "form": {"k": "{{secret.API}}"}}
        seen = [await at.tried(f"/{what}?key={{{{secret.API}}}}", save={"got": "body"}, **config) for what in ("echo", "down")]
        assert at.other.asked[0][1]["X-Key"] == TOKEN, "it was really sent"
        assert seen[0]["sent"]["headers"] == {"X-Key": "{{secret.API}}"}
        assert "•••" in seen[0]["answer"]["body"]
        missing = await at.tried("/echo", headers={"X-Key": "{{secret.GONE}}"})
        assert (missing["code"], missing["answer"]) == ("unknown_secret", None)
    printed = capfd.readouterr()
    kept = files(tmp_path)
    for form in (TOKEN, TOKEN.replace("/", "%2F").replace("+", "%2B"), "tok-3f9a"):
        assert form not in repr(seen)
        assert form.encode() not in kept
        assert not [each for each in caplog.records if form in each.getMessage() and each.name != "aiohttp.access"]
        assert form not in printed.out + printed.err


async def test_what_cannot_be_tried_is_refused(tmp_path: Path):
    async with trying(tmp_path) as at:
        good = at.body("/slots?day={{day}}")
        assert await at.refused({**good, "node": "nobody"}) == (404, "no_such_node")
        assert await at.refused({**good, "node": "bye"}) == (400, "nothing_to_try")
        assert await at.refused(at.body("/slots", send="json", json="{")) == (400, "flow_invalid")
        assert await at.refused({**good, "values": {"contact.name": "A"}}) == (400, "validation_failed")
        assert await at.refused({**good, "document": {"nodes": 3}}) == (404, "no_such_node")
        assert (await at.refused(good, OTHER))[0] == 404, "another workspace's flow"
        reader = await at.it.call("POST", "/v1/keys", {"scopes": ["flows:read"]})
        assert await at.refused(good, {"Authorization": f"Bearer {reader['api_key']}"}) == (403, "missing_scope")
        assert not at.other.asked


async def test_it_is_no_way_to_make_many_requests(tmp_path: Path):
    async with trying(tmp_path) as at:
        for _ in range(10):
            await at.tried("/slots")
        assert await at.refused(at.body("/slots")) == (429, "rate_limited")
        assert len(at.other.asked) == 10
        assert (await at.tried("/slots", dry_run=True))["sent"], "what would be sent may still be looked at"


async def test_a_step_whose_answer_comes_later_shows_the_first_answer(tmp_path: Path):
    async with trying(tmp_path) as at:
        config = {"method": "POST", "send": "json", "json": '{"to": "{{callback.url}}"}', "callback": True}
        found = await at.tried("/later", **config)
        assert found["answer"]["status"] == 202
        address = at.other.asked[0][2].decode().split('"')[3].removeprefix("https://chat.example")
        posted = await at.it.ask("POST", address, {"paid": True}, headers={})
        assert posted.status == 404, "nothing waits there"
