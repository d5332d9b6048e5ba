"""Who gets in, how often, and that a repeated request has one effect."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from api.http.idempotency import First, MemoryIdempotency, Mismatch, Running, Scope, Ticket, read_key, worth_keeping
from api.http.rate import RateLimiter, RatePolicy
from tests.api.test_http_error import refused
from tests.api.test_http_toy import KEY, START, toy

NOTE = {"text": "hi"}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"X-API-Key": "wrong"},
        {"Authorization": "Basic abc"},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer pd_live_owner", "X-API-Key": "pd_live_other"},
        {"X-API-Key": "x" * 1000},
    ],
)
async def test_without_a_valid_key_nobody_gets_in(headers):
    async with toy() as it:
        for mount in ("/v1", "/api/v1"):
            answer = await it.client.get(f"{mount}/notes", headers=headers)
            await refused(answer, 401, "unauthorized")
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")


async def test_both_headers_are_taken_on_both_mounts():
    async with toy() as it:
        for headers in (KEY, {"X-API-Key": "pd_live_owner"}, {**KEY, "X-API-Key": "pd_live_owner"}):
            for mount in ("/v1", "/api/v1"):
                assert (await it.client.get(f"{mount}/notes", headers=headers)).status == 200


async def test_scopes_roles_and_suspended_accounts():
    async with toy() as it:
        reader = {"X-API-Key": "pd_live_reader"}
        assert (await it.client.get("/v1/notes", headers=reader)).status == 200
        await refused(await it.client.post("/v1/notes", json=NOTE, headers=reader), 403, "missing_scope")
        await refused(await it.client.delete("/v1/notes/ct_1", headers=reader), 403, "missing_role")
        suspended = await it.client.get("/v1/notes", headers={"X-API-Key": "pd_live_suspended"})
        await refused(suspended, 403, "forbidden")


async def test_the_headers_tell_the_limit_and_429_tells_when_to_come_back():
    async with toy() as it:
        slow = {"X-API-Key": "pd_live_slow"}
        first = await it.client.get("/v1/notes", headers=slow)
        assert first.headers["X-RateLimit-Limit"] == "60"
        assert first.headers["X-RateLimit-Remaining"] == "1"
        assert int(first.headers["X-RateLimit-Reset"]) == START.timestamp() + 1
        assert first.headers["RateLimit-Policy"] == '"default";q=60;w=60'
        assert first.headers["RateLimit"] == '"default";r=1;t=1'
        await it.client.get("/v1/notes", headers=slow)
        over = await it.client.get("/api/v1/notes", headers=slow)
        await refused(over, 429, "rate_limited")
        assert over.headers["Retry-After"] == "1"
        assert (await it.client.get("/v1/notes", headers=KEY)).status == 200
        it.pass_time(seconds=1)
        assert (await it.client.get("/v1/notes", headers=slow)).status == 200


def test_all_policies_count_and_a_refusal_takes_nothing():
    limiter = RateLimiter()
    policies = [RatePolicy("minute", 60, 60, burst=10), RatePolicy("hour", 2, 3600)]
    assert [limiter.take("k", policies, 0.0).allowed for _ in range(3)] == [True, True, False]
    refusal = limiter.take("k", policies, 0.0)
    assert refusal.tightest.policy.name == "hour"
    assert refusal.headers(0.0)["Retry-After"] == "1800"
    assert refusal.states[0].remaining == 8
    assert limiter.take("k", policies, -100.0).allowed is False
    assert limiter.take("k", policies, 1800.0).allowed is True


def test_the_limiter_forgets_the_idlest():
    limiter = RateLimiter(most_buckets=2)
    policy = [RatePolicy("p", 1, 60)]
    for key in "abac":
        limiter.take(key, policy, 0.0)
    assert len(limiter) == 2
    assert limiter.take("a", policy, 0.0).allowed is False
    assert limiter.take("b", policy, 0.0).allowed is True


async def test_a_repeated_request_has_one_effect_and_one_answer():
    async with toy() as it:
        headers = {**KEY, "Idempotency-Key": '"abc-1"'}
        first = await it.client.post("/v1/notes", json=NOTE, headers=headers)
        again = await it.client.post("/v1/notes", json=NOTE, headers={**KEY, "Idempotency-Key": "abc-1"})
        assert (first.status, again.status) == (201, 201)
        assert await first.read() == await again.read()
        assert again.headers["Idempotent-Replayed"] == "true"
        assert "Idempotent-Replayed" not in first.headers
        assert it.notes.created == 1
        for path in ("/v1/notes",):
            other = await it.client.post(path, json={"text": "other"}, headers=headers)
            await refused(other, 422, "idempotency_mismatch")
        elsewhere = await it.client.post(
            "/v1/notes", json=NOTE, headers={**headers, "Authorization": "Bearer pd_live_other"}
        )
        assert "Idempotent-Replayed" not in elsewhere.headers
        assert it.notes.created == 2
        it.pass_time(hours=24)
        await it.client.post("/v1/notes", json=NOTE, headers=headers)
        assert it.notes.created == 3


async def test_refusals_are_replayed_but_failures_run_again():
    async with toy() as it:
        headers = {**KEY, "Idempotency-Key": "k"}
        await refused(await it.client.post("/v1/notes", json={}, headers=headers), 400, "validation_failed")
        again = await it.client.post("/v1/notes", json={}, headers=headers)
        assert (again.status, again.headers["Idempotent-Replayed"]) == (400, "true")
        for count in (1, 2):
            await refused(await it.client.post("/v1/fail", headers=headers), 500, "internal_error")
            assert it.notes.created == count
        await refused(await it.client.post("/v1/hang", headers=headers), 504, "timeout")
        await refused(await it.client.post("/v1/hang", headers=headers), 504, "timeout")


async def test_of_two_at_once_one_waits():
    async with toy() as it:
        headers = {**KEY, "Idempotency-Key": "k"}
        answers = await asyncio.gather(*(it.client.post("/v1/hang", headers=headers) for _ in range(2)))
        assert sorted(answer.status for answer in answers) == [409, 504]


async def test_the_key_may_be_required_and_must_be_sane():
    async with toy() as it:
        await refused(await it.client.post("/v1/required", json=NOTE, headers=KEY), 400, "idempotency_key_required")
        for odd in ('""', "a" * 256, '"a b"', "ä"):
            sent = {**KEY, "Idempotency-Key": odd}
            await refused(await it.client.post("/v1/notes", json=NOTE, headers=sent), 400, "invalid_idempotency_key")
        assert read_key(r'"a\"b"') == 'a"b'


async def test_the_memory_store():
    store = MemoryIdempotency()
    scope = Scope(1, "k", "POST", "/v1/notes", "a")
    ticket = Ticket(scope, "f", START)
    assert await store.begin(ticket) == First()
    assert await store.begin(ticket) == Running()
    assert await store.begin(Ticket(scope, "g", START)) == Mismatch()
    await store.finish(ticket, None)
    assert await store.begin(ticket) == First()
    assert await store.begin(Ticket(scope, "g", START + timedelta(minutes=5))) == First()


def test_only_answers_that_would_come_again_are_kept():
    assert [status for status in (200, 201, 400, 401, 403, 404, 422, 429, 500, 503) if worth_keeping(status)] == [
        200,
        201,
        400,
        404,
        422,
    ]
