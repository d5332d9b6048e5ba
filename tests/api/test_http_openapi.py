"""The OpenAPI document is valid, and the server keeps to it whatever is sent."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import re
import threading
from collections.abc import Iterator

import pytest
import schemathesis
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis import GenerationMode
from schemathesis.core.result import Ok

from api.http.app import create_http_app
from api.http.auth import Principal
from api.http.endpoint import HttpServices
from api.http.idempotency import FORM
from api.http.openapi import document
from api.http.profile import COMPAT
from api.http.route import Route
from tests.api.test_http_toy import KEY, START, Notes, toy

EXAMPLES = 25


async def anybody(key: str) -> Principal | None:
    return Principal(1, key) if key == "pd_live_owner" else None


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The toy on a loopback port, in a thread of its own, since schemathesis calls it synchronously."""
    loop = asyncio.new_event_loop()
    notes = Notes()
    app = create_http_app(notes.routes(), HttpServices(anybody, now=lambda: START))
    runner = web.AppRunner(app)

    async def start():
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        return runner.addresses[0][1]

    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        port = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
        yield f"http://127.0.0.1:{port}"
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


bounded = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("path", ["/openapi.json", "/api/v1/openapi.json"])
def test_the_server_keeps_to_its_document(address, path, mode):
    schema = schemathesis.openapi.from_url(address + path)
    schema.config.generation.update(allow_x00=False)  # no JSON Schema can say that NUL is refused
    tried = set()
    count = itertools.count()
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        try:
            strategy = operation.as_strategy(generation_mode=mode)
        except Unsatisfiable:
            continue  # nothing about this operation can be sent wrongly

        @bounded
        @given(strategy)
        def hold(case):
            tried.add(case.operation.label)
            sent = dict(case.headers or {})
            if mode is GenerationMode.POSITIVE or re.fullmatch(FORM, sent.get("Idempotency-Key", "")):
                # Two examples under one key would rightly meet 422, a made-up tag rightly 412.
                case.headers = {**sent, "Idempotency-Key": f"{mode.value}-{next(count)}"}
            if mode is GenerationMode.POSITIVE:
                case.headers["If-Match"] = "*"
            case.call_and_validate(headers=KEY)

        with contextlib.suppress(Unsatisfiable):
            hold()
    assert len(tried) >= 5


@pytest.mark.parametrize("path", ["/openapi.json", "/v1/openapi.json", "/api/v1/openapi.json"])
async def test_the_document_is_valid(path):
    async with toy() as it:
        answer = await it.client.get(path)
        OpenAPIV31SpecValidator(await answer.json()).validate()


def test_the_profiles_show_their_ids_phones_and_statuses():
    native = document(Notes().routes(), None, title="t", version="1")
    compat = document(Notes().routes(), COMPAT, title="t", version="1")
    shown = [each["components"]["schemas"]["Note"]["properties"] for each in (native, compat)]
    assert shown[0]["id"]["type"] == "string"
    assert shown[1]["id"]["type"] == "integer"
    assert shown[0]["to"]["anyOf"][0]["pattern"].startswith(r"^\+[1-9]")
    assert shown[1]["to"]["anyOf"][0]["pattern"].startswith("^[1-9]")
    created = [native["paths"]["/v1/notes"]["post"], compat["paths"]["/api/v1/notes"]["post"]]
    assert "422" in created[1]["responses"]
    assert "validation_failed" in created[0]["responses"]["400"]["description"]
    assert "plan_limit" in created[1]["responses"]["422"]["description"]
    assert "/healthz" in native["paths"]
    assert "/healthz" not in compat["paths"]
    assert native["paths"]["/healthz"]["get"]["security"] == []


def test_two_handlers_of_one_name_and_two_routes_at_one_place_are_refused():
    notes = Notes()
    route = Route("GET", "/x", notes.get_note)
    with pytest.raises(ValueError, match="Two handlers are named get_note"):
        document([route, Route("GET", "/y", notes.get_note)], None, title="t", version="1")
    with pytest.raises(ValueError, match="Two routes answer GET /v1/x"):
        create_http_app([route, route], HttpServices(anybody, now=lambda: START))


async def test_the_page_needs_nothing_from_elsewhere_under_a_strict_policy():
    async with toy() as it:
        page = await it.client.get("/docs")
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        text = await page.text()
        assert "http" not in text
        assert "style=" not in text
        for path, kind in (("/docs/docs.js", "text/javascript"), ("/docs/docs.css", "text/css")):
            answer = await it.client.get(path)
            assert path in text
            assert (answer.status, answer.content_type) == (200, kind)
            assert "innerHTML" not in await answer.text()
