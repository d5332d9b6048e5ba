"""Every refusal comes in the envelope, with its status, in plain words, and without our insides."""

from __future__ import annotations

import gzip
import io

import pytest
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from tests.api.test_http_toy import KEY, toy

JSON = {**KEY, "Content-Type": "application/json"}


async def refused(answer, status: int, kind: str):
    body = await answer.json()
    assert (answer.status, body["error"]["type"]) == (status, kind), body
    assert body["error"]["code"] == status
    assert body["message"] == body["error"]["message"]
    assert body["error"]["request_id"] == answer.headers["X-Request-Id"]
    return body["error"]


async def test_a_validation_error_is_400_natively_and_422_in_compat():
    async with toy() as it:
        for path, status in (("/v1/notes", 400), ("/api/v1/notes", 422)):
            error = await refused(await it.client.post(path, json={}, headers=KEY), status, "validation_failed")
            assert error["details"] == [{"field": "text", "message": "This field is required."}]
            assert error["message"] == "text: This field is required."


async def test_a_plan_limit_is_403_natively_and_422_in_compat():
    async with toy() as it:
        for path, status in (("/v1/notes", 403), ("/api/v1/notes", 422)):
            await refused(await it.client.post(path, json={"text": "limit"}, headers=KEY), status, "plan_limit")


@pytest.mark.parametrize("phone", ["1234567890", "+0123456789", "abc", 5])
async def test_a_bad_phone_has_the_documented_message(phone):
    async with toy() as it:
        answer = await it.client.post("/v1/notes", json={"text": "a", "to": phone}, headers=KEY)
        error = await refused(answer, 400, "invalid_phone")
        assert error["message"] == "Invalid phone number format. Use E.164 format: +1234567890"
        assert error["details"][0]["field"] == "to"


async def test_several_findings_come_at_once_with_their_paths():
    async with toy() as it:
        sent = {"text": 5, "stars": "3", "lines": [{"kind": "a"}, {"kind": "z", "more": 1}]}
        error = await refused(await it.client.post("/v1/notes", json=sent, headers=KEY), 400, "validation_failed")
        assert {each["field"]: each["message"] for each in error["details"]} == {
            "text": "Must be text.",
            "stars": "Must be a whole number.",
            "lines[1].kind": "Must be 'a' or 'b'.",
            "lines[1].more": "There is no field with this name.",
        }


async def test_query_parameters_are_checked():
    async with toy() as it:
        odd = {"page=0": "page", "limit=101": "limit", "limit=x": "limit", "since=12": "since", "nope=1": "nope"}
        for query, field in odd.items():
            kind = "invalid_time" if field == "since" else "validation_failed"
            error = await refused(await it.client.get(f"/v1/notes?{query}", headers=KEY), 400, kind)
            assert error["details"][0]["field"] == field
        await refused(await it.client.get("/v1/notes?page=1&page=2", headers=KEY), 400, "validation_failed")
        assert (await it.client.get("/v1/notes?tag=a&tag=b", headers=KEY)).status == 200


@pytest.mark.parametrize("path", ["/v1/notes", "/api/v1/notes"])
@pytest.mark.parametrize("data", [b'{"text": \n  nope}', b"\xff\xfe", b'{"text": NaN}', b"[" * 5000])
async def test_malformed_json_is_400_on_both_and_says_where(path, data):
    async with toy() as it:
        error = await refused(await it.client.post(path, data=data, headers=JSON), 400, "malformed_json")
        assert "line" in error["message"]
        if b"nope" in data:
            assert "line 2" in error["message"]


async def test_a_body_of_another_kind():
    async with toy() as it:
        await refused(await it.client.post("/v1/notes", headers=KEY), 400, "body_required")
        await refused(await it.client.post("/v1/notes", data={"text": "a"}, headers=KEY), 415, "unsupported_media_type")
        latin = {**KEY, "Content-Type": "application/json; charset=latin-1"}
        await refused(await it.client.post("/v1/notes", data=b"{}", headers=latin), 415, "unsupported_media_type")
        await refused(await it.client.post("/v1/notes", json=[1], headers=KEY), 400, "validation_failed")
        assert (await it.client.post("/v1/poke", headers=KEY)).status == 200


async def test_nul_characters_are_400_wherever_they_are():
    async with toy() as it:
        error = await refused(
            await it.client.post("/api/v1/notes", json={"text": "a", "lines": [{"kind": "\0"}]}, headers=KEY),
            400,
            "nul_character",
        )
        assert error["details"][0]["field"] == "lines[0].kind"
        await refused(await it.client.get("/v1/notes?tag=%00", headers=KEY), 400, "nul_character")
        await refused(await it.client.get("/v1/labels/a%00b", headers=KEY), 400, "nul_character")


async def test_a_body_that_is_too_large():
    async def chunks():
        for _ in range(20):
            yield b" " * 100

    async with toy() as it:
        large = b'{"text": "' + b"a" * 100 + b'"}'
        await refused(await it.client.post("/api/v1/small", data=large, headers=JSON), 413, "body_too_large")
        await refused(await it.client.post("/api/v1/small", data=chunks(), headers=JSON), 413, "body_too_large")
        packed = {**JSON, "Content-Encoding": "gzip"}
        bomb = gzip.compress(b" " * 10_000_000)
        await refused(await it.client.post("/v1/notes", data=bomb, headers=packed), 413, "body_too_large")
        await refused(await it.client.post("/v1/notes", data=b"not packed", headers=packed), 400, "broken_body")
        await refused(
            await it.client.post("/v1/notes", data=io.BytesIO(b"x" * 2_000_000), headers=JSON), 413, "body_too_large"
        )
        assert (await it.client.post("/v1/upload", data=io.BytesIO(b"x" * 2_000_000), headers=KEY)).status == 200


async def test_unknown_addresses_methods_and_ids():
    async with toy() as it:
        await refused(await it.client.get("/nowhere"), 404, "not_found")
        answer = await it.client.put("/v1/notes", headers=KEY)
        await refused(answer, 405, "method_not_allowed")
        assert answer.headers["Allow"] == "GET, HEAD, POST"
        await refused(await it.client.get("/v1/notes/ct_zz", headers=KEY), 404, "note_not_found")
        for odd in ("nope", "msg_1", "0", "ct_01", "9" * 30, "-1"):
            await refused(await it.client.get(f"/v1/notes/{odd}", headers=KEY), 404, "not_found")


async def test_our_own_failure_tells_nothing_and_is_logged_once():
    async with toy() as it:
        with capture_logs() as logs:
            answer = await it.client.post("/v1/fail", headers=KEY)
        await refused(answer, 500, "internal_error")
        assert "secret cause" not in await answer.text()
        failures = [entry for entry in logs if entry["event"] == "request_failed"]
        assert len(failures) == 1
        assert failures[0]["log_level"] == "error"


async def test_a_request_that_never_ends_is_given_up():
    async with toy() as it:
        await refused(await it.client.post("/v1/hang", headers=KEY), 504, "timeout")


async def test_every_answer_has_its_id_and_its_headers():
    async with toy() as it:
        sane = await it.client.get("/healthz", headers={"X-Request-Id": "trace-12345"})
        assert sane.headers["X-Request-Id"] == "trace-12345"
        odd = await it.client.get("/healthz", headers={"X-Request-Id": "a b"})
        assert odd.headers["X-Request-Id"].startswith("req_")
        for answer in (sane, await it.client.get("/nowhere")):
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


async def test_each_log_line_of_a_request_holds_its_id():
    async with toy() as it:
        with capture_logs(processors=[merge_contextvars]) as logs:
            await it.client.post("/v1/fail", headers={**KEY, "X-Request-Id": "trace-12345"})
            await it.client.post("/v1/fail", headers={**KEY, "X-Request-Id": "trace-67890"})
        told = [(entry["event"], entry["request_id"]) for entry in logs if entry["event"].startswith("request")]
        assert told == [(line, id) for id in ("trace-12345", "trace-67890") for line in ("request_failed", "request")]


async def test_the_log_holds_no_secrets():
    async with toy() as it:
        with capture_logs() as logs:
            await it.client.get("/v1/labels/my-secret?token=my-secret", headers=KEY)
        (line,) = [entry for entry in logs if entry["event"] == "request"]
        assert line["route"] == "/v1/labels/{label}"
        assert (line["status"], line["tenant"], line["key_id"]) == (200, 1, "owner")
        assert "my-secret" not in repr(logs)
        assert "pd_live" not in repr(logs)
