"""What the documents print works as it stands: requests, answers, errors, headers."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio

from crm.keys import adopt_key
from schemas.base62 import decode
from tests.contract import printed
from tests.contract.furniture import asking, said
from tests.contract.house import House, Reply, house, next_id, whatsapp
from tests.contract.printed import Printed, commented, curl

KEYS = ("pd_live_...", "YOUR_API_KEY", "pd_live_YOUR_API_KEY")
E_KEY = {"X-API-Key": "YOUR_API_KEY"}


@pytest_asyncio.fixture
async def it(tmp_path: Path) -> AsyncIterator[House]:
    """The server that the documents speak of: their keys, and a channel with the printed id, labelled `primary`."""
    async with house(tmp_path / "data", rate_per_minute=100, rate_burst=150) as running:
        for key in KEYS:
            await running.write(lambda session, key=key: adopt_key(session, 1, key, running.clock.now()))
        await next_id(running, "channel", decode("123456"))
        body = {"kind": "whatsapp", "name": "Shop", "label": "primary", "config": whatsapp("4711001")}
        assert (await running.call("POST", "/v1/channels", body, status=201))["id"] == "ch_123456"
        yield running


async def play(it: House, request: Printed) -> Reply:
    """The printed request, with the headers that it prints and no others."""
    return await it.ask(request.method, request.path, request.body, headers=request.headers)


async def test_send_message(it: House) -> None:
    stranger = await play(it, curl(printed.SEND_MESSAGE))
    assert (stranger.status, stranger.body["status"]) == (201, "queued")
    await said(it, "ch_123456", 4711001, "hello", "15550109999")
    reply = await play(it, curl(printed.SEND_MESSAGE))
    assert reply.status == 201
    sent = reply.body
    assert set(sent) == {"id", "status", "event_id", "channel_id", "contact_id", "conversation_id", "to"}
    assert (sent["status"], sent["channel_id"], sent["to"]) == ("queued", "ch_123456", "+15550109999")
    assert sent["id"].startswith("msg_")
    message = await it.call("GET", f"/v1/messages/{sent['id']}")
    assert message["content"] == {"type": "text", "text": "Hello world!"}
    contact = await it.call("GET", f"/v1/contacts/{sent['contact_id']}")
    assert contact["phone"] == "+15550109999"


async def test_a_phone_number_without_plus_is_refused_in_the_printed_words(it: House) -> None:
    request = curl(printed.SEND_MESSAGE)
    for to in ("15550109999", "+1 555 010 9999", "+0155501099", "+123456", "+1234567890123456", "", "555-0109", "+१२३४५६७८९०"):
        reply = await it.ask("POST", request.path, {**request.body, "to": to}, headers=request.headers)
        assert (reply.status, reply.error) == (400, "invalid_phone"), to
        error, wanted = reply.body["error"], printed.PRINTED_ERROR["error"]
        assert {name: error[name] for name in wanted} == wanted
        assert reply.body["message"] == wanted["message"]
        assert [each["field"] for each in error["details"]] == ["to"]


async def test_list_contacts(it: House) -> None:
    reply = await play(it, curl(printed.LIST_CONTACTS))
    assert reply.status == 200
    assert reply.body == {"data": [], "page": 1, "limit": 50, "total": 0, "has_more": False}
    for number in range(3):
        body = {"name": f"Person {number}", "tags": ["leads"] if number else []}
        await it.call("POST", "/v1/contacts", body, status=201)
    found = await it.call("GET", "/v1/contacts?tag=leads")
    assert [each["name"] for each in found["data"]] == ["Person 2", "Person 1"]
    assert (await it.call("GET", "/v1/contacts"))["limit"] == 50
    assert (await it.call("GET", "/v1/contacts?limit=100"))["limit"] == 100
    assert (await it.ask("GET", "/v1/contacts?limit=101")).error == "validation_failed"


async def test_create_contact(it: House) -> None:
    request = curl(printed.CREATE_CONTACT)
    reply = await play(it, request)
    assert reply.status == 201
    made = reply.body
    assert made["id"].startswith("ct_")
    assert {name: made[name] for name in request.body} == request.body
    again = await play(it, request)
    assert (again.status, again.body["id"]) == (200, made["id"])
    assert (await it.call("GET", "/v1/contacts"))["total"] == 1
    nameless = {name: value for name, value in request.body.items() if name != "name"}
    refused = await it.ask("POST", "/v1/contacts", nameless)
    assert (refused.status, refused.body["error"]["details"]) == (400, [{"field": "name", "message": "This field is required."}])
    assert (await it.ask("POST", "/v1/contacts", {**request.body, "phone": "1234567890"})).error == "invalid_phone"


async def test_templates(it: House) -> None:
    reply = await play(it, curl(printed.CREATE_TEMPLATE))
    assert reply.status == 201
    request = curl(printed.CREATE_TEMPLATE)
    assert {name: reply.body[name] for name in request.body} == request.body
    listed = await play(it, curl(printed.LIST_TEMPLATES))
    assert listed.status == 200
    (template,) = listed.body["data"]
    assert (template["name"], template["status"]) == ("order_confirmation", reply.body["status"])


async def test_rate_limit_headers_and_the_refusal(it: House) -> None:
    now = it.clock.now().timestamp()
    first = await play(it, curl(printed.LIST_CONTACTS))
    assert first.headers["X-RateLimit-Limit"] == "100"
    assert first.headers["X-RateLimit-Remaining"] == "149"
    assert now <= int(first.headers["X-RateLimit-Reset"]) <= now + 5
    began = time.monotonic()
    statuses = [(await play(it, curl(printed.LIST_CONTACTS))).status for _ in range(149)]
    allowed_since = (time.monotonic() - began) * 100 / 60
    assert set(statuses) == {200}
    refused: list[Reply] = []
    while len(refused) < 2:
        reply = await play(it, curl(printed.LIST_CONTACTS))
        if reply.status == 429:
            refused.append(reply)
        else:
            allowed_since -= 1
            assert allowed_since > -3
    assert refused[0].error == "rate_limited"
    assert refused[0].headers["X-RateLimit-Remaining"] == "0"
    assert int(refused[0].headers["Retry-After"]) == 1
    assert (await it.ask("GET", "/api/v1/contacts", headers=E_KEY)).status == 200
    assert (await it.ask("GET", "/docs", headers={})).status == 200


async def test_send_a_text(it: House) -> None:
    await said(it, "ch_123456", 4711001, "hello", "8801712345678")
    reply = await play(it, curl(printed.SEND_TEXT))
    assert reply.status == 200
    assert set(reply.body) == {"job_id", "status"}
    assert isinstance(reply.body["job_id"], int)
    assert reply.body["status"] == "queued"
    await it.call("POST", "/api/v1/contacts", commented(printed.UPSERT_CONTACT), headers=E_KEY)
    job = (await it.call("POST", "/api/v1/send", commented(printed.SEND_TEXT_BODY), headers=E_KEY))["job_id"]
    message = await it.call("GET", f"/api/v1/messages/{job}", headers=E_KEY)
    assert message["content"]["text"] == "Hello Alice, your code is 1234"


async def test_a_missing_device_and_a_channel_that_is_off(it: House) -> None:
    body = {**curl(printed.SEND_TEXT).body, "device_label": "sales"}
    assert (await it.ask("POST", "/api/v1/send", body, headers=E_KEY)).status == 404
    await it.call("PATCH", "/v1/channels/ch_123456", {"on": False})
    off = await play(it, curl(printed.SEND_TEXT))
    assert (off.status, off.error) == (503, "channel_off")
    assert (await play(it, curl(printed.SEND_MESSAGE))).status == 503


async def test_upsert_a_contact_by_digits(it: House) -> None:
    body = commented(printed.UPSERT_CONTACT)
    made = await it.ask("POST", "/api/v1/contacts", body, headers=E_KEY)
    assert made.status == 201
    shown = made.body
    assert isinstance(shown["id"], int)
    assert (shown["phone"], shown["name"], shown["tags"], shown["custom"]) == ("8801712345678", "Alice", ["leads"], "VIP")
    again = await it.ask("POST", "/api/v1/contacts", {"phone": "+8801712345678", "tag": "vip"}, headers=E_KEY)
    assert (again.status, again.body["id"], again.body["tags"]) == (200, shown["id"], ["leads", "vip"])
    listed = await it.call("GET", "/api/v1/contacts?tag=leads", headers=E_KEY)
    assert [each["id"] for each in listed["data"]] == [shown["id"]]
    native = await it.call("GET", f"/v1/contacts/{shown['id']}")
    assert native["phone"] == "+8801712345678"
    assert (await it.call("GET", f"/api/v1/contacts/{native['id']}", headers=E_KEY))["id"] == shown["id"]


async def test_change_and_delete_a_contact(it: House) -> None:
    id = (await it.call("POST", "/api/v1/contacts", commented(printed.UPSERT_CONTACT), headers=E_KEY))["id"]
    changed = await it.call("PATCH", f"/api/v1/contacts/{id}", {"name": "Al", "custom": "x", "tag": "vip"}, headers=E_KEY)
    assert (changed["name"], changed["custom"], changed["tags"]) == ("Al", "x", ["leads", "vip"])
    fixed = await it.ask("PATCH", f"/api/v1/contacts/{id}", {"phone": "8801712345679"}, headers=E_KEY)
    assert (fixed.status, fixed.error) == (422, "phone_immutable")
    assert (await it.ask("DELETE", f"/api/v1/contacts/{id}", headers=E_KEY)).status == 204
    gone = await it.ask("GET", f"/api/v1/contacts/{id}", headers=E_KEY)
    assert (gone.status, gone.error) == (404, "not_found")


async def test_contacts_in_bulk(it: House) -> None:
    body = commented(printed.BULK_CONTACTS)
    first = await it.call("POST", "/api/v1/contacts/bulk", body, headers=E_KEY, status=200)
    assert {name: first[name] for name in ("created", "updated", "total_processed")} == {
        "created": 2, "updated": 0, "total_processed": 2,
    }  # fmt: skip
    second = await it.call("POST", "/api/v1/contacts/bulk", body, headers=E_KEY)
    assert (second["created"], second["updated"], second["total_processed"]) == (0, 2, 2)
    many = {"contacts": [{"phone": f"88017{number:08}"} for number in range(1_001)]}
    refused = await it.ask("POST", "/api/v1/contacts/bulk", many, headers=E_KEY)
    assert (refused.status, refused.error) == (422, "validation_failed")


async def test_rotate_the_key(it: House) -> None:
    request = curl(printed.ROTATE_KEY)
    reply = await play(it, request)
    assert (reply.status, set(reply.body)) == (200, {"api_key"})
    assert (await it.ask("GET", "/api/v1/contacts", headers=request.headers)).error == "unauthorized"
    assert (await it.ask("GET", "/api/v1/contacts", headers={"X-API-Key": reply.body["api_key"]})).status == 200


async def test_validation_is_422_on_the_compatible_mount_and_400_on_ours(it: House) -> None:
    for base, status in (("/v1", 400), ("/api/v1", 422)):
        reply = await it.ask("POST", f"{base}/contacts", {"name": 3})
        assert (reply.status, reply.error) == (status, "validation_failed")
        assert reply.body["error"]["details"]
        broken = await it.ask("POST", f"{base}/contacts", headers=JSON, data=b"{")
        assert (broken.status, broken.error) == (400, "malformed_json")


async def test_a_flow_is_started_by_the_api_and_by_another_systems_webhook(it: House) -> None:
    flow = await it.call("POST", "/v1/flows", {"document": asking("Order", hook=True)}, status=201)
    await it.call("POST", f"/v1/flows/{flow['id']}/publish", {})
    await said(it, "ch_123456", 4711001, "hello")
    started = await it.call("POST", f"/v1/flows/{flow['id']}/start", {"identity": {"kind": "phone", "value": "+49304711001"}})
    assert started["status"] == "started"
    run = await it.call("GET", f"/v1/runs/{started['run_id']}")
    assert run["flow_id"] == flow["id"]
    (trigger,) = (await it.call("GET", f"/v1/flows/{flow['id']}/triggers"))["data"]
    address = trigger["url"].removeprefix("https://chat.example")
    event: dict[str, Any] = {"customer": {"phone": "+49304711001", "name": "Ann"}, "sum": 20}
    taken = await it.ask("POST", address, event, headers={})
    assert taken.status == 202, taken.body
    assert (await it.ask("POST", address + "x", event, headers={})).status == 404


JSON = {"Authorization": "Bearer pd_live_ours", "Content-Type": "application/json"}
