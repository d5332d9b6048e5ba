"""The routes of people and talk keep to their OpenAPI document, whatever is sent."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import re
import threading
from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import positive_data_acceptance

from api.http.idempotency import FORM
from api.http.json_body import whole
from tests.api.town import KEY, town

EXAMPLES = 6
ENDLESS = ("/live",)
BEYOND_SCHEMAS = frozenset(
    {
        "unknown_field", "wrong_field_type", "unknown_timezone", "phone_immutable", "text_too_long", "template_parameters",
        "no_address", "one_recipient", "one_place", "too_many_rows", "past_time", "user_required", "nobody_named", "nothing_left",
    }
)  # fmt: skip
"""What depends on the tables, on the time or on two fields at once: no JSON Schema can say it."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The town on a loopback port, in a thread of its own, since schemathesis calls it synchronously."""
    folder = tmp_path_factory.mktemp("town")
    loop = asyncio.new_event_loop()
    ready, stop = threading.Event(), asyncio.Event()
    found: list[str] = []

    async def serve() -> None:
        async with town(folder) as it:
            found.append(str(it.client.make_url("")))
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    try:
        assert ready.wait(20)
        yield found[0].rstrip("/")
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(20)
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
        if operation.path.endswith(ENDLESS) or "/hooks/" in operation.path:
            continue
        try:
            strategy = operation.as_strategy(generation_mode=mode)
        except Unsatisfiable:
            continue

        @bounded
        @given(strategy)
        def hold(case):
            tried.add(case.operation.label)
            sent = dict(case.headers or {})
            if mode is GenerationMode.POSITIVE or re.fullmatch(FORM, sent.get("Idempotency-Key", "")):
                case.headers = {**sent, "Idempotency-Key": f"{mode.value}-{path.count('/')}-{next(count)}"}
            if isinstance(case.body, dict | list):
                case.body = whole(case.body)  # to JSON Schema 5.0 is an id, to us it is not
            response = case.call(headers=KEY)
            beyond = response.status_code in (400, 422) and response.json()["error"]["type"] in BEYOND_SCHEMAS
            case.validate_response(response, excluded_checks=[positive_data_acceptance] if beyond else [])

        with contextlib.suppress(Unsatisfiable):
            hold()
    assert len(tried) >= 20
