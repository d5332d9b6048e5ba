"""The manners of HTTP: entity tags, retries, limits, pages, and bodies that can't be read."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from tests.contract.furniture import asking
from tests.contract.house import KEY, OTHER, Clock, House, house

ANN = {"name": "Ann", "phone": "+4915112345678"}
JSON = {**KEY, "Content-Type": "application/json"}


def keyed(key: str, **more: str) -> dict[str, str]:
    return {**KEY, "Idempotency-Key": key, **more}


async def test_a_draft_is_saved_only_over_the_state_that_was_loaded(it: House) -> None:
    made = await it.ask("POST", "/v1/flows", {"document": asking("One")})
    assert made.status == 201
    address = f"/v1/flows/{made.body['id']}"
    loaded = await it.ask("GET", address)
    etag = loaded.headers["ETag"]
    assert re.fullmatch(r'(W/)?"[^"]+"', etag)
    assert made.headers["ETag"] == etag
    same = await it.ask("GET", address, headers={**KEY, "If-None-Match": etag})
    assert (same.status, same.body) == (304, b"")
    two = {"document": asking("Two")}
    without = await it.ask("PUT", address, two)
    assert (without.status, without.error) == (428, "precondition_required")
    saved = await it.ask("PUT", address, two, headers={**KEY, "If-Match": etag})
    assert (saved.status, saved.body["name"]) == (200, "Two")
    assert saved.headers["ETag"] != etag
    late = await it.ask("PUT", address, {"document": asking("Three")}, headers={**KEY, "If-Match": etag})
    assert (late.status, late.error) == (412, "precondition_failed")
    for wrong in ('"x"', "x", "", '"a", "b"'):
        reply = await it.ask("PUT", address, two, headers={**KEY, "If-Match": wrong})
        assert reply.status in (400, 412), wrong
        assert reply.error
    assert (await it.ask("PUT", address, two, headers={**KEY, "If-Match": "*"})).status == 200
    latest = (await it.ask("GET", address)).headers["ETag"]
    both = (it.ask("PUT", address, {"document": asking(name)}, headers={**KEY, "If-Match": latest}) for name in ("A", "B"))
    assert sorted([reply.status for reply in await asyncio.gather(*both)]) == [200, 412]


async def test_a_repeated_request_is_answered_once_more_and_done_once(it: House) -> None:
    first = await it.ask("POST", "/v1/contacts", ANN, headers=keyed("one"))
    again = await it.ask("POST", "/v1/contacts", ANN, headers=keyed("one"))
    assert (first.status, again.status, again.body) == (201, 201, first.body)
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["X-Request-Id"] != first.headers["X-Request-Id"]
    other = await it.ask("POST", "/v1/contacts", {**ANN, "name": "Bob"}, headers=keyed("one"))
    assert (other.status, other.error) == (422, "idempotency_mismatch")
    # Another workspace, path or key is another request.
    assert (await it.ask("POST", "/v1/contacts", ANN, headers={**OTHER, "Idempotency-Key": "one"})).status == 201
    assert (await it.ask("POST", "/v1/flows", {"name": "x"}, headers=keyed("one"))).status == 201
    assert (await it.ask("POST", "/v1/contacts", ANN, headers=keyed("two"))).status == 200


async def test_a_refusal_is_repeated_too_and_a_get_never(it: House) -> None:
    wrong = await it.ask("POST", "/v1/contacts", {"name": 3}, headers=keyed("wrong"))
    again = await it.ask("POST", "/v1/contacts", {"name": 3}, headers=keyed("wrong"))
    assert (wrong.status, again.status) == (400, 400)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in (await it.ask("GET", "/v1/contacts", headers=keyed("wrong"))).headers
    for key in ("", "x" * 256, "é", '"'):
        reply = await it.ask("POST", "/v1/contacts", ANN, headers=keyed(key))
        assert reply.status == 400, repr(key)


async def test_two_at_once_under_one_key_make_one(it: House) -> None:
    both = await asyncio.gather(*(it.ask("POST", "/v1/flows", {"name": "Twin"}, headers=keyed("twin")) for _ in range(5)))
    assert {reply.status for reply in both} <= {201, 409}
    assert [reply.status for reply in both].count(201) >= 1
    assert (await it.call("GET", "/v1/flows"))["total"] == 1


async def test_what_was_answered_survives_a_restart_and_is_forgotten_after_a_day(tmp_path: Path) -> None:
    clock = Clock()
    async with house(tmp_path, clock) as it:
        first = await it.ask("POST", "/v1/flows", {"name": "Kept"}, headers=keyed("kept"))
    async with house(tmp_path, clock) as it:
        again = await it.ask("POST", "/v1/flows", {"name": "Kept"}, headers=keyed("kept"))
        assert (again.status, again.body, again.headers["Idempotent-Replayed"]) == (201, first.body, "true")
        assert again.headers["ETag"] == first.headers["ETag"]
        clock.ahead += timedelta(hours=25)
        anew = await it.ask("POST", "/v1/flows", {"name": "Kept"}, headers=keyed("kept"))
        assert (anew.status, "Idempotent-Replayed" in anew.headers) == (201, False)


async def test_limits_are_told_and_count_for_each_key(tmp_path: Path) -> None:
    async with house(tmp_path, rate_per_minute=1, rate_burst=3) as it:
        left = [(await it.ask("GET", "/v1/contacts")).headers["X-RateLimit-Remaining"] for _ in range(3)]
        assert left == ["2", "1", "0"]
        refused = await it.ask("POST", "/v1/contacts", ANN, headers=keyed("late"))
        assert (refused.status, refused.error) == (429, "rate_limited")
        wait = int(refused.headers["Retry-After"])
        assert 50 <= wait <= 60
        assert f"{wait} seconds" in refused.body["message"]
        assert abs(int(refused.headers["X-RateLimit-Reset"]) - it.clock.now().timestamp() - wait) <= 2
        assert refused.headers["X-RateLimit-Limit"] == "1"
        assert (await it.ask("GET", "/v1/contacts", headers=OTHER)).status == 200
        it.clock.ahead += timedelta(seconds=wait)
        taken = await it.ask("POST", "/v1/contacts", ANN, headers=keyed("late"))
        assert (taken.status, "Idempotent-Replayed" in taken.headers) == (201, False)


async def test_pages_are_linked(it: House) -> None:
    contacts = [{"name": f"Person {number}", "phone": f"+4930{number:07}"} for number in range(1, 6)]
    await it.call("POST", "/v1/contacts/bulk", {"contacts": contacts})
    address: str | None = "/v1/contacts?limit=2"
    seen: list[str] = []
    while address is not None:
        reply = await it.ask("GET", address)
        assert reply.body["total"] == 5
        seen += [each["id"] for each in reply.body["data"]]
        named = {name: link for link, name in re.findall(r'<([^>]+)>; rel="(\w+)"', reply.headers["Link"])}
        assert set(named) >= {"first", "last"}
        address = named.get("next")
        assert (address is not None) == reply.body["has_more"]
    assert len(seen) == len(set(seen)) == 5
    beyond = await it.call("GET", "/v1/contacts?limit=2&page=9")
    assert (beyond["data"], beyond["has_more"]) == ([], False)
    for query in ("page=0", "limit=0", "limit=101", "page=x", "page=1&page=2", "page=99999999999999999999", "colour=blue"):
        assert (await it.ask("GET", f"/v1/contacts?{query}")).status == 400, query
    filtered = await it.ask("GET", "/v1/contacts?limit=2&search=Person")
    assert "search=Person" in filtered.headers["Link"]


@pytest.mark.parametrize(
    ("headers", "data", "status", "kind"),
    [
        (JSON, b"{", 400, "malformed_json"),
        (JSON, b"", 400, "body_required"),
        (JSON, b"[]", 400, "validation_failed"),
        (JSON, b"null", 400, "validation_failed"),
        (JSON, b'{"name": "a\\u0000b"}', 400, "nul_character"),
        (JSON, b'{"name": "a\x00b"}', 400, "malformed_json"),
        (JSON, b'{"name": "\xff"}', 400, "malformed_json"),
        (JSON, b'{"name": "\\ud800"}', 400, None),
        (JSON, b'{"name": NaN}', 400, "malformed_json"),
        (JSON, b'{"name": "a", "name": 3}', 400, None),
        (JSON, b"[" * 100_000, 400, "malformed_json"),
        (JSON, b'{"name": ' + b"9" * 5_000 + b"}", 400, None),
        ({**KEY, "Content-Type": "text/plain"}, b'{"name": "a"}', 415, "unsupported_media_type"),
        ({**KEY, "Content-Type": "application/x-www-form-urlencoded"}, b"name=a", 415, "unsupported_media_type"),
        ({**KEY, "Content-Type": "application/json; charset=latin-1"}, b'{"name": "a"}', 415, "unsupported_media_type"),
        (JSON, b'{"name": "' + b"x" * (1 << 20) + b'"}', 413, "body_too_large"),
        ({**JSON, "Content-Encoding": "gzip"}, b"not gzip", 400, None),
    ],
)
async def test_bodies_that_cannot_be_read(it: House, headers: Any, data: bytes, status: int, kind: str | None) -> None:
    for base in ("/v1", "/api/v1"):
        reply = await it.ask("POST", f"{base}/contacts", headers=headers, data=BytesIO(data))
        wanted = {status, 422} if status == 400 and base == "/api/v1" else {status}
        assert reply.status in wanted, reply.body
        assert reply.error == (kind or reply.error)
    assert (await it.call("GET", "/v1/contacts"))["total"] == 0


async def test_odd_addresses_are_not_found_in_the_same_words(it: House) -> None:
    for path in ("/v1/contacts/ct_", "/v1/contacts/0", "/v1/contacts/-1", "/v1/contacts/ct_0", "/v1/contacts/" + "9" * 40,
                 "/v1/contacts/flow_1", "/v1/contacts/%F0%9F%90%95", "/v1/nothing", "/nothing", "/v1/contacts/", "/v2/contacts",
                 "/v1/contacts/..%2f..%2fetc"):  # fmt: skip
        reply = await it.ask("GET", path)
        assert (reply.status, reply.error) == (404, "not_found"), path
    assert (await it.ask("GET", "/v1/contacts/%00")).status in (400, 404)
    wrong = await it.ask("DELETE", "/v1/contacts")
    assert (wrong.status, wrong.error) == (405, "method_not_allowed")
    assert set(wrong.headers["Allow"].split(", ")) == {"GET", "HEAD", "POST"}


async def test_every_answer_carries_the_safe_headers(it: House) -> None:
    for path in ("/v1/contacts", "/v1/nothing", "/docs", "/openapi.json"):
        headers = (await it.ask("GET", path)).headers
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert "Python" not in headers.get("Server", ""), path
        assert headers["X-Request-Id"].startswith("req_")


async def test_a_flow_that_is_too_large_is_refused_and_nothing_is_lost(it: House) -> None:
    flow = await it.call("POST", "/v1/flows", {"document": asking("Kept")}, status=201)
    huge = {"document": {**asking("Kept"), "layout": {"ask": {"x": 1, "y": 1}}, "name": "x" * 5_000_000}}
    address = f"/v1/flows/{flow['id']}"
    reply = await it.ask("PUT", address, huge, headers={**KEY, "If-Match": "*"})
    assert (reply.status, reply.error) == (413, "body_too_large")
    many = [{"id": f"n{number}", "type": "send_message", "config": {"text": "Hi"}} for number in range(2_000)]
    reply = await it.ask("PUT", address, {"document": {**asking("Kept"), "nodes": many}}, headers={**KEY, "If-Match": "*"})
    assert reply.status in (200, 400), reply.body
    if reply.status == 200:
        found = await it.call("POST", f"{address}/validate")
        assert not found["valid"]
        assert "too_many_nodes" in {problem["code"] for problem in found["problems"]}
