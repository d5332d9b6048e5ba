"""Call API against another server on loopback: what it answers, what it does wrong, and that no secret stays behind."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest

from tests.contract.house import House
from tests.integration.elsewhere import TOKEN, both, files


def calling(url: str, **config: Any) -> dict[str, Any]:
    """A flow that calls, and ends as it went."""
    given = {"url": url, "timeout": "PT2S", "tries": 1, **config}
    answers = [each["id"] for each in given.get("answers", ())]
    ends = [{"id": port, "type": "end", "config": {}} for port in ("ok", "failed", *answers)]
    return {
        "schema": 1,
        "name": f"Calls {url[-20:]} {len(str(config))}",
        "nodes": [
            {"id": "start", "type": "trigger", "config": {"on": {"kind": "api"}}},
            {"id": "api", "type": "call_api", "config": given},
            *ends,
        ],
        "edges": [{"from": "start", "to": "api"}, *({"from": "api", "port": each["id"], "to": each["id"]} for each in ends)],
        "variables": [{"name": "day"}],
    }


async def started(it: House, document: dict[str, Any], **variables: Any) -> str:
    contact = await it.call("POST", "/v1/contacts", {"name": "Anna", "phone": "+4930123456"})
    flow = await it.call("POST", "/v1/flows", {"document": document})
    published = await it.ask("POST", f"/v1/flows/{flow['id']}/publish", {})
    assert published.status == 200, published.body
    run = await it.call("POST", f"/v1/flows/{flow['id']}/start", {"contact_id": contact["id"], "variables": variables})
    return str(run["run_id"])


async def ended(it: House, run: str, seconds: float = 12.0) -> tuple[str, str, dict[str, Any]]:
    """The port by which the run left its call, why, and its variables."""
    for _ in range(int(seconds * 20)):
        found = await it.call("GET", f"/v1/runs/{run}")
        if found["status"] != "waiting":
            steps = (await it.call("GET", f"/v1/runs/{run}/steps"))["data"]
            path = [(each["node"], each["port"], each["reason"]) for step in steps for each in step["path"]]
            port, reason = next((port, reason) for node, port, reason in path if node == "api" and port)
            return port, reason, found["variables"]
        await asyncio.sleep(0.05)
    raise AssertionError(f"the run still waits: {await it.call('GET', f'/v1/runs/{run}')}")


async def outcome(it: House, url: str, **config: Any) -> tuple[str, str, dict[str, Any]]:
    return await ended(it, await started(it, calling(url, **config), day="5 May/6"))


async def test_an_answer_is_kept_and_the_request_is_what_the_author_wrote(tmp_path: Path):
    async with both(tmp_path) as (it, other, base):
        body = '{"day": "{{day}}"}'
        config = {"method": "POST", "send": "json", "json": body, "save": {"got": "body.slots[0].id", "sent": "body.day"}}
        port, reason, variables = await outcome(it, f"{base}/slots?day={{{{day}}}}", **config)
        assert (port, reason, variables["got"], variables["sent"]) == ("ok", "status 200", "s1", "5 May/6")
        [(path, headers, sent)] = other.asked
        assert (path, sent, headers["Content-Type"]) == ("/slots?day=5%20May/6", b'{"day":"5 May/6"}', "application/json")
        assert headers["Idempotency-Key"].count(":") == 2


async def test_what_others_do_wrong_has_a_code_and_a_way_out(tmp_path: Path):
    async with both(tmp_path) as (it, other, base):
        expected = {
            "loop": ("failed", "it leads on more than 5 times"),
            "inside": ("failed", "the address lies in a private network, which this server doesn't call"),
            "wrong": ("failed", "the answer says that it is JSON, and is none"),
            "bomb": ("failed", "the answer is longer than 256 KB when it is unpacked"),
            "endless": ("failed", "the answer is longer than 256 KB"),
            "hang": ("failed", "no answer within 2 seconds"),
            "page": ("ok", "status 200"),
            "packed": ("ok", "status 200"),
            "taken": ("taken", "status 409"),
            "down": ("down", "status 503"),
        }
        answers = [{"id": "taken", "status": "409"}, {"id": "down", "status": "5xx"}]
        runs = {what: await started(it, calling(f"{base}/{what}", answers=answers, save={"got": "body"})) for what in expected}
        found = {what: await ended(it, run) for what, run in runs.items()}
        assert {what: each[:2] for what, each in found.items()} == expected
        assert found["taken"][2]["got"] == {"error": "taken"}
        assert found["page"][2]["got"] == "<h1>Hello</h1>"
        assert found["packed"][2]["got"] == {"packed": True}
        assert other.sent < 50 * 1024 * 1024, "3 GB were read"


async def test_a_busy_server_is_asked_again_when_it_says(tmp_path: Path):
    async with both(tmp_path) as (it, other, base):
        port, _, _ = await outcome(it, f"{base}/busy", tries=3)
        assert (port, other.times["busy"]) == ("ok", 3)
        keys = {headers["Idempotency-Key"] for _, headers, _ in other.asked}
        assert len(keys) == 1, "each try has the same key"


async def test_without_the_operators_leave_nothing_inside_is_called(tmp_path: Path):
    async with both(tmp_path, call_allow="") as (it, other, base):
        for url in (f"{base}/slots", base.replace("127.0.0.1", "localhost") + "/slots", "http://[::ffff:127.0.0.1]:1/"):
            port, reason, _ = await outcome(it, url)
            assert (port, reason) == ("failed", "the address lies in a private network, which this server doesn't call")
        assert not other.asked


async def test_no_secret_stays_behind(tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture):
    caplog.set_level(logging.DEBUG)
    async with both(tmp_path) as (it, other, base):
        made = await it.call("PUT", "/v1/secrets/API", {"value": TOKEN})
        assert set(made) == {"name", "created_at", "changed_at", "used_at"}
        auth = {"Authorization": "Bearer {{secret.API}}", "X-Key": "{{secret.API}}"}
        config = {"method": "POST", "headers": auth, "send": "form", "form": {"k": "{{secret.API}}"}, "save": {"got": "body"}}
        seen: list[Any] = []
        for what in ("echo", "down", "wrong", "hang"):
            seen.append(await outcome(it, f"{base}/{what}?key={{{{secret.API}}}}", **config))
        away = {**config, "send": "nothing", "form": {}}
        port, _, variables = await outcome(it, f"{base}/away", **away)
        assert port == "ok"
        assert not {"Authorization", "X-Key"} & set(variables["got"]["headers"]), "they went to another origin"
        seen.append(await outcome(it, f"{base}/away", **config))
        assert seen[-1][:2] == ("failed", "it leads to another host, which may not get the secret")
        assert other.asked[0][1]["Authorization"] == f"Bearer {TOKEN}", "it was really sent"
        assert other.asked[0][0].endswith("key=tok-3f9a/77b1%2Bc0de")
        assert seen[0][2]["got"]["headers"]["X-Key"] == "•••"
        listed = (await it.call("GET", "/v1/secrets"))["data"]
        assert [each["name"] for each in listed] == ["API"]
        assert listed[0]["used_at"] is not None
        for run in (await it.call("GET", "/v1/runs"))["data"]:
            seen += [run, await it.call("GET", f"/v1/runs/{run['id']}"), await it.call("GET", f"/v1/runs/{run['id']}/steps")]
            seen.append(await it.call("GET", f"/v1/runs/{run['id']}/replay"))
        seen += [await it.call("GET", "/v1/events?limit=100"), listed, made]
        refused = await it.ask("DELETE", "/v1/secrets/API")
        assert refused.error == "in_use"
    printed = capfd.readouterr()
    kept = files(tmp_path)
    for form in (TOKEN, TOKEN.replace("/", "%2F").replace("+", "%2B"), "tok-3f9a"):
        assert form.encode() not in kept, "in a file"
        assert form not in repr(seen), "in an answer of the API"
        assert not [each for each in caplog.records if form in each.getMessage() and each.name != "aiohttp.access"], "in the log"
        assert form not in printed.out + printed.err, "in the log"


async def test_what_is_posted_to_the_one_time_address_is_the_answer(tmp_path: Path):
    async with both(tmp_path) as (it, other, base):
        later = {"method": "POST", "send": "json", "json": '{"reply_to": "{{callback.url}}"}', "callback": True}
        document = calling(f"{base}/later", save={"got": "body.paid"}, **later)
        run = await started(it, document)
        await other.was_asked()
        address = other.asked[0][2].decode().split('"')[3]
        assert address.startswith("https://chat.example/hooks/call/")
        hook = address.removeprefix("https://chat.example")
        guessed = hook[:-1] + ("0" if hook[-1] != "0" else "1")
        assert (await it.ask("POST", guessed, {"paid": True}, headers={})).status == 404
        too_long = await it.ask("POST", hook, {"paid": "x" * 300_000}, headers={})
        assert too_long.status == 413
        assert (await it.call("GET", f"/v1/runs/{run}"))["status"] == "waiting"
        first = await it.call("POST", hook, {"paid": 12}, headers={}, status=202)
        again = await it.call("POST", hook, {"paid": 99}, headers={}, status=202)
        assert (first["duplicate"], again["duplicate"]) == (False, True)
        assert (await ended(it, run))[2]["got"] == 12


async def test_a_call_whose_answer_was_lost_with_the_server_is_made_again_with_the_same_key(tmp_path: Path):
    async with both(tmp_path) as (it, other, base):
        run = await started(it, calling(f"{base}/hang", timeout="PT45S", patience="PT1H"))
        await other.was_asked()
        # As after kill -9: what was claimed is never finished, and comes back when its lease ends.
        await it.graph.tables.write(lambda session: session.connection().exec_driver_sql("UPDATE call SET next_at = 1"))
        it.graph.runtime.wake()
        await other.was_asked(2)
        assert len({headers["Idempotency-Key"] for _, headers, _ in other.asked}) == 1
        assert (await it.call("GET", f"/v1/runs/{run}"))["status"] == "waiting"
