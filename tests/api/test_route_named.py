"""Hours by name and global variables over HTTP: flows see them at once, and what is used stays."""

from __future__ import annotations

import pytest

from schemas.event import TeamChanged
from tests.api.office import greeting, live_flow, office

MONDAY = {"weekly": [{"days": ["mon"], "from": "09:00", "to": "17:00"}], "holidays": ["2026-12-25"], "timezone": "Europe/Berlin"}


async def test_a_global_variable_is_made_changed_and_deleted():
    async with office() as it:
        made = await it.call("POST", "/v1/globals", {"key": "shop_name", "value": "Anna's"}, status=201)
        assert (made["label"], made["type"], made["value"]) == ("shop_name", "text", "Anna's")
        assert (await it.services.worlds.get(1)).globals == {"shop_name": "Anna's"}
        path = f"/v1/globals/{made['id']}"
        assert (await it.call("PATCH", path, {"label": "Shop"}))["value"] == "Anna's"
        assert (await it.call("PATCH", path, {"value": None}))["label"] == "Shop"
        assert (await it.services.worlds.get(1)).globals == {"shop_name": None}
        assert (await it.refused("PATCH", path, 400, {"value": 5}))[0] == "wrong_global_type"
        assert (await it.refused("PATCH", path, 400, {"value": "x" * 10_000}))[0] == "wrong_global_type"
        assert await it.refused("POST", "/v1/globals", 409, {"key": "shop_name"})
        assert await it.refused("POST", "/v1/globals", 400, {"key": "Shop Name"})
        assert [each["key"] for each in (await it.call("GET", "/v1/globals"))["data"]] == ["shop_name"]
        await it.call("DELETE", path, status=204)
        assert (await it.services.worlds.get(1)).globals == {}


async def test_each_type_of_a_global_takes_its_own_values():
    async with office() as it:
        values = {"number": 12.5, "boolean": True, "date": "2026-04-01", "list": ["a", "b"], "text": "x"}
        for kind, value in values.items():
            made = await it.call("POST", "/v1/globals", {"key": f"a_{kind}", "type": kind, "value": value}, status=201)
            assert made["value"] == value
            other = {"key": f"b_{kind}", "type": kind, "value": {"text": 5, "number": "5"}.get(kind, "never")}
            assert (await it.refused("POST", "/v1/globals", 400, other))[0] == "wrong_global_type"


@pytest.mark.parametrize("where", ["a step", "the settings"])
async def test_what_a_published_flow_reads_is_not_deleted(where):
    async with office() as it:
        value = await it.call("POST", "/v1/globals", {"key": "shop_name"}, status=201)
        shop = await it.call("POST", "/v1/hours", {"key": "shop", "label": "Shop"}, status=201)
        document = greeting()
        hello = next(each for each in document["nodes"] if each["type"] == "send_message")
        text = "{{global.shop_name}} {{hours.shop}}"
        if where == "a step":
            hello["config"] = {"text": text}
        else:
            document["settings"] = {"handoff_text": text}
        await live_flow(it, document)
        for path in (f"/v1/globals/{value['id']}", f"/v1/hours/{shop['id']}"):
            code, message = await it.refused("DELETE", path, 409)
            assert code == "in_use"
            assert document["name"] in message


async def test_hours_by_name_and_the_teams_that_keep_them():
    async with office() as it:
        made = await it.call("POST", "/v1/hours", {"key": "shop", "label": "Shop", "hours": MONDAY}, status=201)
        path = f"/v1/hours/{made['id']}"
        assert made["hours"]["holidays"] == ["2026-12-25"]
        assert (await it.services.worlds.get(1)).hours["shop"].timezone == "Europe/Berlin"
        team = await it.call("POST", "/v1/teams", {"name": "Sales", "key": "sales", "hours": "shop"}, status=201)
        assert team["hours"] == "shop"
        assert (await it.services.worlds.get(1)).teams["sales"].hours == (await it.services.worlds.get(1)).hours["shop"]
        assert "Sales" in (await it.refused("DELETE", path, 409))[1]
        assert (await it.refused("PATCH", f"/v1/teams/{team['id']}", 400, {"hours": "nowhere"}))[0] == "unknown_hours"
        await it.call("PATCH", path, {"hours": None})
        assert [event.body for event in it.engine.events] == [TeamChanged()]
        assert (await it.services.worlds.get(1)).teams["sales"].hours is None
        await it.call("PATCH", f"/v1/teams/{team['id']}", {"hours": None})
        await it.call("DELETE", path, status=204)
        assert await it.refused("POST", "/v1/hours", 400, {"key": "x", "hours": {"weekly": [{"days": []}]}})


async def test_the_business_has_hours_from_the_start_and_keeps_them():
    async with office() as it:
        known = (await it.call("GET", "/v1/hours"))["data"]
        business = known[0] if known else await it.call("POST", "/v1/hours", {"key": "business"}, status=201)
        assert (business["key"], business["hours"]) == ("business", None)
        await it.call("PATCH", f"/v1/hours/{business['id']}", {"hours": MONDAY})
        assert (await it.services.worlds.get(1)).hours["business"].weekly[0].from_ == "09:00"
        assert "business hours" in (await it.refused("DELETE", f"/v1/hours/{business['id']}", 409))[1]
