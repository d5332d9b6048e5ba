"""Who may ask: every route, with every wrong key; keys that are revoked, rotated or of a suspended account."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.house import KEY, OTHER, OURS, THEIRS, House, suspend

DOCUMENTS = ("/openapi.json", "/api/v1/openapi.json")
PUBLIC = {"answer_call", "call_flow", "handshake", "receive", "read_linked_media", "sign_in", "show_link", "use_link"}
REFUSED = [
    {},
    {"Authorization": "Bearer pd_live_nobody"},
    {"X-API-Key": "pd_live_nobody"},
    {"Authorization": f"Basic {OURS}"},
    {"Authorization": "Bearer"},
    {"Authorization": OURS},
    {"Authorization": f"Bearer {OURS}", "X-API-Key": THEIRS},
    {"X-API-Key": "k" * 5_000},
    {"X-API-Key": OURS.upper()},
]


def closed(document: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Method, address and name of every operation that needs a key."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if operation.get("security") != []:
                yield method.upper(), re.sub(r"\{\w+\}", "1", path), operation["operationId"]


@pytest.mark.parametrize("document", DOCUMENTS)
async def test_every_route_but_the_public_ones_needs_a_key(it: House, document: str) -> None:
    described = await it.call("GET", document, headers={})
    names = {each["operationId"] for operations in described["paths"].values() for each in operations.values()}
    operations = list(closed(described))
    assert {name for _, _, name in operations} == names - PUBLIC
    for method, address, name in operations:
        for headers in REFUSED[:3]:
            reply = await it.ask(method, address, headers=headers)
            assert (reply.status, reply.error) == (401, "unauthorized"), (name, headers)
            assert reply.headers["WWW-Authenticate"] == 'Bearer realm="PostDog"'
            assert "X-RateLimit-Limit" not in reply.headers


@pytest.mark.parametrize("base", ["/v1", "/api/v1"])
async def test_both_headers_are_taken_and_every_wrong_key_is_refused(it: House, base: str) -> None:
    for headers in ({"Authorization": f"Bearer {OURS}"}, {"X-API-Key": OURS}, {"Authorization": f"bearer {OURS}"},
                    {"Authorization": f"Bearer {OURS}", "X-API-Key": OURS}):  # fmt: skip
        assert (await it.ask("GET", f"{base}/contacts", headers=headers)).status == 200, headers
    for headers in REFUSED:
        assert (await it.ask("GET", f"{base}/contacts", headers=headers)).error == "unauthorized", headers


async def test_what_needs_no_key(it: House) -> None:
    for path in (*DOCUMENTS, "/docs", "/healthz", "/readyz", "/metrics", "/chat/ch_1"):
        assert (await it.ask("GET", path, headers={})).status == 200, path


async def test_a_key_is_shown_once_and_stops_at_once_when_it_is_revoked(it: House) -> None:
    made = await it.call("POST", "/v1/keys", {"name": "Shop"}, status=201)
    new = {"X-API-Key": made["api_key"]}
    assert re.fullmatch(r"pd_live_[0-9A-Za-z]{57}", made["api_key"])
    assert (await it.ask("GET", "/v1/contacts", headers=new)).status == 200
    assert made["api_key"] not in str(await it.call("GET", "/v1/keys"))
    await it.call("DELETE", f"/v1/keys/{made['id']}", status=204)
    assert (await it.ask("GET", "/v1/contacts", headers=new)).error == "unauthorized"
    await it.call("DELETE", f"/v1/keys/{made['id']}", status=204)
    assert [key["name"] for key in (await it.call("GET", "/v1/keys"))["data"]] == ["Ours key"]


async def test_a_rotated_key_stops_at_once_and_keeps_what_it_may_do(it: House) -> None:
    made = await it.call("POST", "/v1/keys", {"name": "Reader", "scopes": ["contacts:read"]}, status=201)
    old = {"X-API-Key": made["api_key"]}
    told = await it.call("POST", "/api/v1/keys/rotate", headers=old)
    assert set(told) == {"api_key"}
    assert (await it.ask("GET", "/v1/contacts", headers=old)).error == "unauthorized"
    new = {"X-API-Key": told["api_key"]}
    assert (await it.ask("GET", "/v1/contacts", headers=new)).status == 200
    assert (await it.ask("POST", "/v1/contacts", {"name": "Ann"}, headers=new)).error == "missing_scope"
    refused = await it.ask("POST", "/v1/keys", {"name": "More"}, headers=new)
    assert (refused.status, refused.error) == (403, "missing_scope")


async def test_a_key_gives_no_more_than_it_has(it: House) -> None:
    made = await it.call("POST", "/v1/keys", {"scopes": ["keys:*", "contacts:read"]}, status=201)
    maker = {"X-API-Key": made["api_key"]}
    for scopes in (["*"], ["contacts:write"], ["contacts:*"]):
        assert (await it.ask("POST", "/v1/keys", {"scopes": scopes}, headers=maker)).status == 403, scopes
    assert (await it.ask("POST", "/v1/keys", {"scopes": ["contacts:read"]}, headers=maker)).status == 201


@pytest.mark.parametrize("status", ["suspended", "pending", "expired"])
async def test_an_account_that_is_not_active_is_refused_everywhere(it: House, status: str) -> None:
    await suspend(it, 1, status)
    for document in DOCUMENTS:
        for method, address, name in closed(await it.call("GET", document, headers={})):
            reply = await it.ask(method, address)
            assert (reply.status, reply.error) == (403, "account_inactive"), name
    assert (await it.ask("GET", "/v1/contacts", headers=OTHER)).status == 200
    await suspend(it, 1, "active")
    assert (await it.ask("GET", "/v1/contacts", headers=KEY)).status == 200
