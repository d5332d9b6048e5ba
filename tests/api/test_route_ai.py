"""The AI provider over HTTP: set, read without its key, tried, switched off; another workspace has its own."""

from __future__ import annotations

import pytest

from tests.api.office import OTHER, office

SETTINGS = {"base_url": "http://127.0.0.1:11434/v1", "model": "tiny"}


async def test_ai_is_off_set_read_and_off_again():
    async with office() as it:
        off = {"settings": None, "has_key": False, "calls_today": 0, "tokens_today": 0, "cost_today": 0.0}
        assert await it.call("GET", "/v1/settings/ai") == off
        saved = await it.call("PUT", "/v1/settings/ai", {**SETTINGS, "key": "sk-secret", "price_in": 1, "day_tokens": None})
        assert saved["settings"] == {
            **SETTINGS,
            "timeout": 30,
            "contact_tokens": 100_000,
            "day_tokens": None,
            "contact_cost": None,
            "day_cost": None,
            "price_in": 1.0,
            "price_out": None,
        }
        assert saved["has_key"] is True
        assert "sk-secret" not in str(saved) + str(await it.call("GET", "/v1/settings/ai"))
        assert await it.call("GET", "/v1/settings/ai", headers=OTHER) == off
        assert (await it.call("PUT", "/v1/settings/ai", SETTINGS))["has_key"] is True
        assert (await it.call("PUT", "/v1/settings/ai", {**SETTINGS, "key": ""}))["has_key"] is False
        await it.call("DELETE", "/v1/settings/ai", status=204)
        assert await it.call("GET", "/v1/settings/ai") == off
        assert (await it.refused("DELETE", "/v1/settings/ai", 404))[0] == "not_found"


@pytest.mark.parametrize(
    "wrong",
    [
        {"base_url": "example.com"},
        {"base_url": "https://user:password@example.com/v1"},
        {"model": ""},
        {"timeout": 61},
        {"timeout": "30"},
        {"contact_tokens": 0},
        {"day_cost": -1},
        {"key": "two words"},
        {"unknown": 1},
    ],
)
async def test_what_cannot_be_is_refused_without_repeating_a_key(wrong):
    async with office() as it:
        told = await it.refused("PUT", "/v1/settings/ai", 400, {**SETTINGS, **wrong})
        assert "two words" not in str(told)
        assert (await it.call("GET", "/v1/settings/ai"))["settings"] is None


async def test_whoever_may_not_write_settings_may_not_set_or_try_ai():
    async with office() as it:
        made = await it.call("POST", "/v1/keys", {"scopes": ["settings:read"]}, status=201)
        reader = {"Authorization": f"Bearer {made['api_key']}"}
        await it.call("GET", "/v1/settings/ai", headers=reader)
        for method, path, body in (("PUT", "", SETTINGS), ("DELETE", "", None), ("POST", "/try", {})):
            assert (await it.refused(method, f"/v1/settings/ai{path}", 403, body, headers=reader))[0] == "missing_scope"


async def test_a_try_says_what_is_wrong_and_is_no_error():
    async with office() as it:
        tried = await it.call("POST", "/v1/settings/ai/try", {})
        assert (tried["ok"], tried["problem"]) == (False, "This server asks no AI provider.")
