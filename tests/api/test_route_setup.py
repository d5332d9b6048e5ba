"""Keys, settings, people, channels, templates, fields and files over HTTP, in the shapes that the documents print."""

from __future__ import annotations

import itertools
from io import BytesIO

import orjson
import pytest
from aiohttp import FormData

from api.route.setup import setup_routes
from crm.media_type import OPEN_OFFICE, sniff
from crm.webhooks import MOST_WEBHOOKS
from schemas.event import PresenceChanged, TeamChanged
from storage.table import ChannelRow, ConversationRow, MediaRow, TenantRow, UserRow, WebhookRow
from tests.api.office import KEY, OTHER, OURS, START, THEIRS, greeting, live_flow, office

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
PAGER = {"number": "4711", "access_token": "s3cret"}


async def pager(it, **changes):
    body = {"kind": "pager", "name": "Pager", "config": {**PAGER, **changes}}
    return await it.call("POST", "/v1/channels", body, status=201)


# --- keys --------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("mount", ["/v1", "/api/v1"])
async def test_k1_k2_k3_both_headers_are_taken_on_both_mounts_and_nothing_else(mount):
    async with office() as it:
        for headers in ({"Authorization": f"Bearer {OURS}"}, {"X-API-Key": OURS}):
            assert (await it.call("GET", mount + "/settings", headers=headers))["name"] == "Ours"
        for headers in ({}, {"X-API-Key": "pd_live_wrong"}, {"X-API-Key": THEIRS, "Authorization": f"Bearer {OURS}"}):
            assert (await it.refused("GET", mount + "/settings", 401, headers=headers))[0] == "unauthorized"


async def test_k5_a_key_sees_its_own_workspace_and_what_its_scopes_say():
    async with office() as it:
        made = await it.call("POST", "/v1/keys", {"name": "Reader", "scopes": ["teams:read"]}, status=201)
        reader = {"Authorization": f"Bearer {made['api_key']}"}
        assert len((await it.call("GET", "/v1/teams", headers=reader))["data"]) == 1
        assert (await it.refused("POST", "/v1/teams", 403, {"name": "A"}, headers=reader))[0] == "missing_scope"
        assert (await it.call("GET", "/v1/settings", headers=OTHER))["name"] == "Theirs"


async def test_a_key_gives_no_more_than_it_may_do():
    async with office() as it:
        made = await it.call("POST", "/v1/keys", {"scopes": ["keys:write"]}, status=201)
        small = {"Authorization": f"Bearer {made['api_key']}"}
        assert await it.refused("POST", "/v1/keys", 403, {"scopes": ["*"]}, headers=small)
        await it.call("POST", "/v1/keys", {"scopes": ["keys:write"]}, headers=small, status=201)


async def test_k6_k7_a_key_is_shown_once_and_revoked_at_once():
    async with office() as it:
        made = await it.call("POST", "/v1/keys", {"name": "Shop"}, status=201)
        assert made["api_key"].startswith(made["prefix"])
        assert made["api_key"].startswith("pd_live_")
        listed = await it.call("GET", "/v1/keys")
        assert made["api_key"] not in str(listed)
        headers = {"X-API-Key": made["api_key"]}
        await it.call("GET", "/v1/teams", headers=headers)
        assert [each["last_used_at"] for each in (await it.call("GET", "/v1/keys"))["data"]] == ["2026-04-01T09:00:00Z"] * 2
        await it.call("DELETE", f"/v1/keys/{made['id']}", status=204)
        await it.refused("GET", "/v1/teams", 401, headers=headers)
        assert len((await it.call("GET", "/v1/keys"))["data"]) == 1


@pytest.mark.parametrize("mount", ["/v1", "/api/v1"])
async def test_k8_k9_rotating_gives_a_new_key_and_stops_the_old_one_at_once(mount):
    async with office() as it:
        told = await it.call("POST", mount + "/keys/rotate", headers={"X-API-Key": OURS}, status=200)
        assert list(told) == ["api_key"]
        await it.refused("GET", mount + "/settings", 401)
        assert (await it.call("GET", mount + "/settings", headers={"X-API-Key": told["api_key"]}))["name"] == "Ours"


async def test_k10_a_suspended_account_is_refused():
    async with office() as it:
        await it.store.write(lambda session: setattr(session.get(TenantRow, 1), "status", "suspended"))
        assert await it.refused("GET", "/v1/settings", 403) == (
            "account_inactive",
            "This account is suspended. Ask the operator of this server.",
        )


# --- settings ----------------------------------------------------------------------------------------------------------------
async def test_settings_are_checked_and_reach_the_world():
    async with office() as it:
        before = await it.services.worlds.get(1)
        told = await it.call("PATCH", "/v1/settings", {"timezone": "Europe/Berlin", "country": "DE", "name": "Tea shop"})
        assert (told["name"], told["timezone"], told["opt_out_words"]) == ("Tea shop", "Europe/Berlin", None)
        world = await it.services.worlds.get(1)
        assert (world.timezone, world.country, world.number > before.number) == ("Europe/Berlin", "DE", True)
        assert (await it.call("PATCH", "/v1/settings", {"country": None}))["country"] is None
        message = (await it.refused("PATCH", "/v1/settings", 400, {"timezone": "Middle/Earth"}))[1]
        assert "Europe/Berlin" in message
        assert await it.refused("PATCH", "/v1/settings", 400, {"plan": "free"})


# --- people ------------------------------------------------------------------------------------------------------------------
async def test_presence_tells_every_team_of_the_user():
    async with office() as it:
        user = await it.call("POST", "/v1/users", {"email": "Ada@Example.com", "name": "Ada"}, status=201)
        assert user["email"] == "ada@example.com"
        team = await it.call("POST", "/v1/teams", {"name": "Sales", "members": [user["id"]]}, status=201)
        await it.call("PUT", f"/v1/users/{user['id']}/presence", {"presence": "online"})
        told = {event.team: event.body for event in it.engine.events}
        assert told == {1: PresenceChanged(1, "online"), 3: PresenceChanged(1, "online")}
        assert team["id"] == "team_3"
        await it.call("PUT", f"/v1/users/{user['id']}/presence", {"presence": "online"})
        assert len(it.engine.events) == 4


async def test_the_last_owner_stays_and_a_removed_user_may_come_back():
    async with office() as it:
        owner = await it.call("POST", "/v1/users", {"email": "a@b.example", "name": "A", "role": "owner"}, status=201)
        path = f"/v1/users/{owner['id']}"
        assert "last owner" in (await it.refused("DELETE", path, 409))[1]
        assert "last owner" in (await it.refused("PATCH", path, 409, {"role": "agent"}))[1]
        other = await it.call("POST", "/v1/users", {"email": "c@d.example", "name": "C", "role": "owner"}, status=201)
        assert "already" in (await it.refused("POST", "/v1/users", 409, {"email": "C@d.example", "name": "D"}))[1]
        await it.call("DELETE", path, status=204)
        await it.refused("GET", path, 404)
        assert {event.body.presence for event in it.engine.events if isinstance(event.body, PresenceChanged)} == {"offline"}
        back = await it.call("POST", "/v1/users", {"email": "a@b.example", "name": "A2"}, status=201)
        assert (back["id"], back["role"]) == (owner["id"], "agent")
        assert other["id"] != back["id"]
        assert (await it.refused("POST", "/v1/users", 400, {"email": "nobody", "name": "N"}))[0] == "invalid_email"


async def test_a_user_with_open_conversations_is_not_removed():
    async with office() as it:
        user = await it.call("POST", "/v1/users", {"email": "a@b.example", "name": "A"}, status=201)
        row = ConversationRow(id=1, tenant=1, contact=1, channel=1, owner="AGENT", agent=1, created_at=START)
        await it.store.write(lambda session: session.add(row))
        assert "1 open conversations" in (await it.refused("DELETE", f"/v1/users/{user['id']}", 409))[1]


async def test_a_change_of_a_team_wakes_its_lane():
    async with office() as it:
        user = await it.call("POST", "/v1/users", {"email": "a@b.example", "name": "A"}, status=201)
        team = await it.call("POST", "/v1/teams", {"name": "Sales", "key": "sales", "capacity": 3}, status=201)
        path = f"/v1/teams/{team['id']}"
        hours = {"weekly": [{"days": ["mon"], "from": "09:00", "to": "17:00"}], "timezone": "Europe/Berlin"}
        told = await it.call("PATCH", path, {"members": [user["id"]], "hours": hours})
        assert (told["members"], told["hours"]["weekly"][0]["from"], told["capacity"]) == ([user["id"]], "09:00", 3)
        assert [(event.team, event.body) for event in it.engine.events] == [(3, TeamChanged())]
        assert (await it.services.worlds.get(1)).teams["sales"].members == (1,)
        assert (await it.call("PATCH", path, {"hours": None}))["hours"] is None
        assert (await it.refused("PATCH", path, 400, {"members": [77]}))[0] == "unknown_member"
        assert await it.refused("PATCH", "/v1/teams/1", 403, {"members": []})
        assert await it.refused("DELETE", "/v1/teams/1", 403)
        assert await it.refused("POST", "/v1/teams", 409, {"name": "S", "key": "sales"})


# --- what a published flow uses ----------------------------------------------------------------------------------------------
async def test_what_a_published_flow_uses_is_not_deleted_and_the_flow_is_named():
    async with office() as it:
        team = await it.call("POST", "/v1/teams", {"name": "Sales", "key": "sales"}, status=201)
        field = await it.call("POST", "/v1/fields", {"key": "budget", "type": "number"}, status=201)
        channel = await pager(it)
        document = greeting("Sales talk", text="You have {{contact.fields.budget}}")
        document["nodes"][0]["config"]["channels"] = [channel["id"]]
        document["nodes"].append({"id": "ask", "type": "assign_agent", "config": {"team": "sales"}})
        document["edges"].append({"from": "hello", "port": "next", "to": "ask"})
        flow = await live_flow(it, document)
        paths = (f"/v1/teams/{team['id']}", f"/v1/fields/{field['id']}", f"/v1/channels/{channel['id']}")
        for path in paths:
            kind, message = await it.refused("DELETE", path, 409)
            assert (kind, "“Sales talk”" in message) == ("in_use", True)
        await it.call("POST", f"/v1/flows/{flow['id']}/deactivate")
        for path in paths:
            await it.call("DELETE", path, status=204)


# --- channels ----------------------------------------------------------------------------------------------------------------
async def test_a_channel_keeps_its_secrets_to_itself():
    async with office() as it:
        channel = await pager(it)
        assert channel["config"] == {"number": "4711", "colour": "blue", "access_token": {"set": True}}
        assert channel["webhook_url"] == f"https://chat.example/hooks/pager/{channel['id']}"
        row = await it.store.read(lambda session: session.get(ChannelRow, 3))
        assert b"s3cret" not in row.secrets + orjson.dumps(row.config)
        path = f"/v1/channels/{channel['id']}"
        shown = (await it.call("GET", path))["config"]
        changed = await it.call("PATCH", path, {"config": {**shown, "colour": "red"}})
        assert changed["config"]["colour"] == "red"
        told = await it.call("POST", path + "/test")
        assert (told["ok"], told["problem"]) == (True, "")
        assert it.connected == [3, 3, 3]
        assert "s3cret" not in str(await it.call("GET", "/v1/channels"))


async def test_what_is_wrong_with_a_channels_settings_is_named():
    async with office() as it:
        assert await it.refused("POST", "/v1/channels", 400, {"kind": "fax", "name": "Fax"}) == (
            "unknown_channel_kind",
            "There is no channel kind “fax”. There are: pager, webchat.",
        )
        told = await it.call("POST", "/v1/channels", {"kind": "pager", "name": "P", "config": {"number": "x"}}, status=400)
        assert {each["field"] for each in told["error"]["details"]} == {"config.number", "config.access_token"}
        await pager(it)
        body = {"kind": "pager", "name": "Twice", "config": PAGER}
        assert "4711 already" in (await it.refused("POST", "/v1/channels", 409, body))[1]


async def test_a_channel_that_is_off_is_not_in_the_world():
    async with office() as it:
        await it.call("PATCH", "/v1/channels/ch_1", {"on": False})
        assert (await it.services.worlds.get(1)).channels == {}
        assert (await it.call("GET", "/v1/channels/ch_1/status"))["status"] == "off"
        await it.call("PATCH", "/v1/channels/ch_1", {"on": True})
        assert list((await it.services.worlds.get(1)).channels) == [1]


# --- templates ---------------------------------------------------------------------------------------------------------------
SEED = {
    "name": "order_confirmation",
    "category": "UTILITY",
    "language": "en",
    "body": "Hi {{1}}, your order #{{2}} has been confirmed!",
}


async def test_t1_t2_a_template_is_submitted_and_listed_with_its_status():
    async with office() as it:
        made = await it.call("POST", "/v1/templates", SEED, status=201)
        assert (made["status"], made["parameters"]) == ("draft", ["1", "2"])
        assert "Connect a WhatsApp channel" in made["reason"]
        row = ChannelRow(tenant=1, kind="whatsapp", name="WhatsApp", created_at=START)
        await it.store.write(lambda session: session.add(row))
        again = await it.call("POST", "/v1/templates", {**SEED, "language": "de"}, status=201)
        assert again["status"] == "pending"
        await it.call("PATCH", f"/v1/templates/{again['id']}", {"status": "approved"})
        listed = (await it.call("GET", "/v1/templates"))["data"]
        assert [(each["language"], each["status"]) for each in listed] == [("de", "approved"), ("en", "draft")]
        assert (await it.services.worlds.get(1)).templates[("order_confirmation", "de")].status == "approved"
        assert len((await it.call("GET", "/v1/templates?status=approved"))["data"]) == 1
        assert "already" in (await it.refused("POST", "/v1/templates", 409, SEED))[1]
        assert "can't be changed" in (await it.refused("PATCH", f"/v1/templates/{again['id']}", 409, {"body": "Hi"}))[1]


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ("Hi {{1}} and {{3}}.", "without a gap"),
        ("Hi {{1}} {{name}}.", "mixes"),
        ("Hi {{1.", "closed"),
        ("{{A b}} x", "parameter"),
    ],
)
async def test_a_body_that_no_provider_takes_is_refused(body, word):
    async with office() as it:
        assert word in (await it.refused("POST", "/v1/templates", 400, {**SEED, "body": body}))[1]


async def test_common_reasons_for_rejection_are_warned_of():
    async with office() as it:
        body = {**SEED, "body": "{{1}} {{2}} get 20% off at bit.ly/x"}
        warnings = " ".join((await it.call("POST", "/v1/templates", body, status=201))["warnings"])
        for word in ("begins or ends", "side by side", "shortened", "MARKETING"):
            assert word in warnings
        fine = await it.call("POST", "/v1/templates", {**SEED, "name": "fine"}, status=201)
        assert fine["warnings"] == []


# --- files -------------------------------------------------------------------------------------------------------------------
def form(data: bytes, name: str = "cat.png") -> FormData:
    made = FormData(quote_fields=False)
    made.add_field("file", BytesIO(data), filename=name, content_type="text/html")
    return made


async def test_a_file_is_told_by_its_bytes_and_served_by_key_and_by_link(tmp_path):
    async with office(tmp_path) as it:
        told = await it.client.post("/v1/media", data=form(PNG), headers=KEY)
        media = await told.json()
        assert (told.status, media["mime"], media["kind"], media["size"]) == (201, "image/png", "image", len(PNG))
        again = await (await it.client.post("/v1/media", data=form(PNG), headers=KEY)).json()
        assert again["id"] == media["id"]
        assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1
        read = await it.client.get(f"/v1/media/{media['id']}/content", headers=KEY)
        assert await read.read() == PNG
        link = media["url"].removeprefix("https://chat.example")
        public = await it.client.get(link)
        assert await public.read() == PNG
        assert public.headers["X-Content-Type-Options"] == "nosniff"
        assert public.headers["Content-Disposition"].startswith("inline")
        assert (await it.client.get(link[:-1] + ("0" if link[-1] != "0" else "1"))).status == 404
        await it.call("DELETE", f"/v1/media/{media['id']}", status=204)
        assert (await it.client.get(link)).status == 404
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


async def test_a_page_is_a_download_and_runs_nothing(tmp_path):
    async with office(tmp_path) as it:
        page = b"<html><script>alert(1)</script>"
        media = await (await it.client.post("/v1/media", data=form(page, "a/..\\x.png"), headers=KEY)).json()
        assert (media["mime"], media["filename"]) == ("application/octet-stream", "x.png")
        read = await it.client.get(f"/v1/media/{media['id']}/content", headers=KEY)
        assert read.headers["Content-Disposition"].startswith("attachment")
        assert "sandbox" in read.headers["Content-Security-Policy"]


async def test_uploads_that_can_not_be_used_leave_nothing_behind(tmp_path):
    async with office(tmp_path) as it:
        large = PNG + b"\0" * 5 * 1024 * 1024
        for data, word in ((form(large), "at most 5 MB"), (form(b""), "empty"), (FormData({"a": "b"}), "multipart")):
            told = await it.client.post("/v1/media", data=data, headers=KEY)
            assert told.status in (400, 415)
            assert word in (await told.json())["message"]
        broken = await it.client.post("/v1/media", data=b"x", headers={**KEY, "Content-Type": "multipart/form-data"})
        assert broken.status == 400
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("head", "mime"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"), (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"), (b"\0\0\0\x18ftypmp42", "video/mp4"),
        (b"\0\0\0\x18ftyp3gp4", "video/3gpp"), (b"OggS\0", "audio/ogg"), (b"%PDF-1.7", "application/pdf"),
        (b"PK\x03\x04" + b"\0" * 26 + b"word/document.xml", OPEN_OFFICE[b"word/"]),
        (b"Hello", "text/plain"), (b" <svg onload=x>", "application/octet-stream"), (b"", "application/octet-stream"),
        (b"a" * 4095 + b"\xc3", "text/plain"), (b"\xff\xfe\0\0", "application/octet-stream"),
    ],
)  # fmt: skip
def test_files_are_known_by_their_first_bytes(head, mime):
    assert sniff(head) == mime


# --- others' things ----------------------------------------------------------------------------------------------------------
async def test_nothing_of_another_workspace_is_found_on_any_route(tmp_path):
    """Ids 1, 3, … are made for the first workspace; the second asks for them on every route with an id."""
    async with office(tmp_path) as it:
        await it.call("POST", "/v1/users", {"email": "a@b.example", "name": "A"}, status=201)
        await it.call("POST", "/v1/fields", {"key": "budget"}, status=201)
        await it.call("POST", "/v1/globals", {"key": "shop"}, status=201)
        await it.call("POST", "/v1/templates", SEED, status=201)
        await live_flow(it, greeting())
        await it.client.post("/v1/media", data=form(PNG), headers=KEY)
        await it.call("POST", "/v1/webhooks", {"url": "https://a.example/", "events": ["*"]}, status=201)
        bodies = {
            "change_user": {"name": "X"}, "change_presence": {"presence": "busy"}, "change_team": {"name": "X"},
            "change_field": {"label": "X"}, "change_hours": {"label": "X"}, "change_global": {"label": "X"},
            "change_channel": {"name": "X"}, "change_template": {"category": "UTILITY"},
            "save_flow": {"document": greeting("X")}, "change_flow": {"name": "X"}, "list_paths": {"node": "hello"},
            "change_webhook": {"label": "X"}, "try_node": {"node": "hello"},
            "start_flow": {"identity": {"kind": "email", "value": "a@b.example"}},
        }  # fmt: skip
        asked = 0
        for route in setup_routes(it.services):
            prefixes = [prefix for prefix in route.placeholders.values() if prefix]
            if not prefixes or route.public:
                continue
            path = route.mounted(None)
            for name, prefix in route.placeholders.items():
                path = path.replace(f"{{{name}}}", "1" if prefix or name == "number" else "start")
            body = bodies.get(route.handler.__name__)
            query = "?language=de" if path.endswith("/translations") else ""
            headers = {**OTHER, "If-Match": "*"}
            for mount in ("/v1", "/api/v1"):
                told = await it.client.request(route.method, mount + path + query, json=body, headers=headers)
                assert told.status == 404, (route.method, path, await told.text())
                asked += 1
        assert asked > 60
        assert it.engine.events == []
        assert (await it.store.read(lambda session: session.get(UserRow, 1))).name == "A"
        assert await it.store.read(lambda session: session.get(MediaRow, 1))


async def test_a_template_or_start_can_not_name_another_workspaces_channel():
    async with office() as it:
        assert await it.refused("POST", "/v1/templates", 404, {**SEED, "channel_id": "ch_2"})
        await it.call("POST", "/v1/users", {"email": "a@b.example", "name": "A"}, headers=OTHER, status=201)
        assert (await it.refused("POST", "/v1/teams", 400, {"name": "S", "members": ["usr_1"]}))[0] == "unknown_member"


async def test_every_route_has_its_own_name_and_a_scope():
    async with office() as it:
        routes = setup_routes(it.services)
        names = [route.handler.__name__ for route in routes]
        assert [name for name, group in itertools.groupby(sorted(names)) if len(list(group)) > 1] == []
        free = {route.handler.__name__ for route in routes if route.scope is None}
        assert free == {"rotate_key", "read_linked_media", "call_flow", "answer_call"}


# --- webhooks ----------------------------------------------------------------------------------------------------------------
HOOK = {"url": "https://shop.example/postdog", "events": ["message.*", "lead.qualified"], "label": "Shop"}


async def test_a_webhooks_secret_is_shown_once_and_kept_sealed():
    async with office() as it:
        made = await it.call("POST", "/v1/webhooks", HOOK, status=201)
        assert made["secret"].startswith("whsec_")
        assert made["secret"] not in str(await it.call("GET", "/v1/webhooks"))
        row = await it.store.read(lambda session: session.get(WebhookRow, 1))
        assert made["secret"].encode() not in row.secret
        again = await it.call("POST", f"/v1/webhooks/{made['id']}/secret")
        assert again["secret"] != made["secret"]
        world = await it.services.worlds.get(1)
        assert [(each.id, each.events) for each in world.webhooks] == [(1, {"message.*", "lead.qualified"})]
        await it.call("PATCH", f"/v1/webhooks/{made['id']}", {"status": "off"})
        assert (await it.services.worlds.get(1)).webhooks == ()
        await it.call("DELETE", f"/v1/webhooks/{made['id']}", status=204)
        assert (await it.call("GET", "/v1/webhooks"))["data"] == []


@pytest.mark.parametrize(
    "url", ["http://a.example/", "ftp://a.example/", "https://", "https://me:pw@a.example/", "a.example", "https://a.example:x/"]
)
async def test_a_webhook_needs_an_address_that_begins_with_https(url):
    async with office() as it:
        assert (await it.refused("POST", "/v1/webhooks", 400, {**HOOK, "url": url}))[0] == "bad_address"


@pytest.mark.parametrize("event", ["", "Message.Sent", "message.", "*.sent", "message.*.sent", "a b"])
async def test_a_webhook_asks_for_names(event):
    async with office() as it:
        assert await it.refused("POST", "/v1/webhooks", 400, {**HOOK, "events": [event]})


async def test_a_test_that_reaches_nobody_says_so_and_can_not_be_sent_again():
    async with office() as it:
        await it.call("POST", "/v1/webhooks", HOOK, status=201)
        told = await it.call("POST", "/v1/webhooks/whk_1/test")
        assert (told["status"], told["event"], told["attempts"]) == ("failed", "webhook.test", 1)
        listed = await it.call("GET", "/v1/webhooks/whk_1/deliveries")
        assert (listed["total"], listed["data"][0]["payload"]["id"]) == (1, told["key"])
        assert (await it.call("GET", "/v1/webhooks/whk_1/deliveries?status=waiting"))["data"] == []
        assert (await it.refused("POST", f"/v1/webhooks/whk_1/deliveries/{told['id']}/redeliver", 409))[0] == "conflict"


@pytest.mark.parametrize("timeout", [0, 31, "5", None, 2.5])
async def test_an_address_answers_within_1_to_30_seconds(timeout):
    async with office() as it:
        assert (await it.call("POST", "/v1/webhooks", HOOK, status=201))["timeout"] == 5
        assert (await it.call("PATCH", "/v1/webhooks/whk_1", {"timeout": 30}))["timeout"] == 30
        assert (await it.call("POST", "/v1/webhooks", {**HOOK, "timeout": 12}, status=201))["timeout"] == 12
        assert await it.refused("POST", "/v1/webhooks", 400, {**HOOK, "timeout": timeout})


async def test_one_address_for_all_deliveries_is_put_and_switched_off():
    async with office() as it:
        assert (await it.call("PUT", "/v1/webhooks", {"webhook_url": None}))["webhook_url"] is None
        assert (await it.call("GET", "/v1/webhooks"))["data"] == [], "nothing is made to be switched off"
        made = await it.call("PUT", "/v1/webhooks", {"webhook_url": "https://your.app/events"})
        assert made["webhook_secret"].startswith("whsec_")
        listed = await it.call("GET", "/v1/webhooks")
        assert listed["webhook_url"] == "https://your.app/events"
        assert [(each["id"], each["label"], each["events"]) for each in listed["data"]] == [
            (made["id"], "default", ["delivery.*"])
        ]
        moved = await it.call("PUT", "/v1/webhooks", {"webhook_url": "https://your.app/new", "rotate_secret": False})
        assert moved == {"webhook_url": "https://your.app/new", "webhook_secret": None, "id": made["id"]}
        turned = await it.call("PUT", "/v1/webhooks", {"webhook_url": "https://your.app/new", "rotate_secret": True})
        assert turned["webhook_secret"] not in (None, made["webhook_secret"])
        off = await it.call("PUT", "/v1/webhooks", {"webhook_url": None})
        assert (off["webhook_url"], off["id"]) == (None, made["id"])
        listed = await it.call("GET", "/v1/webhooks")
        assert (listed["webhook_url"], listed["data"][0]["status"]) == (None, "off")
        assert (await it.services.worlds.get(1)).webhooks == ()
        await it.call("PUT", "/v1/webhooks", {"webhook_url": "https://your.app/again"})
        assert [each.id for each in (await it.services.worlds.get(1)).webhooks] == [1]
        assert (await it.refused("PUT", "/v1/webhooks", 400, {"webhook_url": "http://your.app/"}))[0] == "bad_address"
        assert (await it.call("GET", "/v1/webhooks", headers=OTHER))["data"] == []


async def test_a_workspace_has_only_so_many_webhooks():
    async with office() as it:
        for _ in range(MOST_WEBHOOKS):
            await it.call("POST", "/v1/webhooks", HOOK, status=201)
        assert await it.refused("POST", "/v1/webhooks", 409, HOOK)
