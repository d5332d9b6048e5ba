"""No secret shows: not in the log, not in a file, not in an answer of the API; with all that holds one, well and failing."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from tests.integration.test_call_api import both, calling, ended, files, started

AI_KEY = "sk-live-4471b0c2d9"
TOKEN = "tok-91be/c0ffee+77"
MODES = ("echo", "down", "wrong", "page")
"""What the other systems answer: well, and in ways that are told to people."""


async def test_what_webhooks_ai_and_call_backs_keep_to_themselves_shows_nowhere(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    seen: list[Any] = []
    async with both(tmp_path, allow_http_webhooks=True) as (it, other, base):
        await it.call("PUT", "/v1/secrets/API", {"value": TOKEN})
        signing = []
        for mode in MODES:
            made = await it.call("POST", "/v1/webhooks", {"url": f"{base}/{mode}", "events": ["*"]}, status=201)
            signing += [made["secret"], (await it.call("POST", f"/v1/webhooks/{made['id']}/secret"))["secret"]]
            seen += [await it.call("POST", f"/v1/webhooks/{made['id']}/test")]
            ai = {"base_url": f"{base}/{mode}", "model": "tiny", "key": AI_KEY}
            seen += [await it.call("PUT", "/v1/settings/ai", ai)]
            seen += [await it.call("POST", "/v1/settings/ai/try", {"question": "Are you there?"})]
        body = '{"reply_to": "{{callback.url}}", "key": "{{secret.API}}"}'
        later = {"method": "POST", "send": "json", "json": body, "callback": True}
        run = await started(it, calling(f"{base}/later", **later))
        failing = await started(it, calling(f"{base}/down", **later))
        assert (await ended(it, failing))[0] == "failed"
        await other.was_asked(1)
        asked = {path: sent.decode() for path, _, sent in other.asked if b"reply_to" in sent}
        addresses = [text.split('"')[3].rpartition("/")[2] for text in asked.values()]
        assert len(addresses) == 2, "both were sent a one-time address"
        assert (await it.ask("POST", f"/hooks/call/{addresses[0]}x", {"paid": True}, headers={})).status == 404
        await it.call("POST", f"/hooks/call/{addresses[0]}", {"paid": True}, headers={}, status=202)
        for path in ("/v1/webhooks", "/v1/settings/ai", "/v1/secrets", "/v1/runs", "/v1/events?limit=100"):
            seen.append(await it.call("GET", path))
        for each in (await it.call("GET", "/v1/webhooks"))["data"]:
            seen.append(await it.call("GET", f"/v1/webhooks/{each['id']}/deliveries"))
        for each in (run, failing):
            seen += [await it.call("GET", f"/v1/runs/{each}"), await it.call("GET", f"/v1/runs/{each}/steps")]
        assert any(AI_KEY in headers.get("Authorization", "") for _, headers, _ in other.asked), "it was really sent"
    printed, kept, said = capfd.readouterr(), files(tmp_path), repr(seen)
    lines = [record.getMessage() + repr(record.exc_info or "") for record in caplog.records if record.name != "aiohttp.access"]
    keys = {"the AI key": AI_KEY, "a secret": TOKEN, **{f"signing key {n}": each for n, each in enumerate(signing)}}
    hooks = {f"one-time address {n}": each for n, each in enumerate(addresses)}
    for name, secret in {**keys, **hooks}.items():
        assert secret not in printed.out + printed.err, f"{name} was printed"
        assert not [line for line in lines if secret in line], f"{name} is in the log"
        assert secret.encode() not in kept, f"{name} is in a file"
        assert secret not in said, f"{name} is in an answer of the API"
