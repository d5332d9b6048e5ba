"""The routes of flows and set-up keep to their own OpenAPI document, whatever is sent."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import threading
from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis import GenerationMode
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.api.office import KEY, greeting, live_flow, office

EXAMPLES = 4
"""Per operation: some 60 operations, each also tried by hand elsewhere."""
UNTRIED = {"rotate_key", "revoke_key", "upload_media"}
"""They end the key that the test signs in with; schemathesis can't write multipart bodies that we don't describe."""


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> Iterator[str]:
    """The office on a loopback port, in a thread of its own, since schemathesis calls it synchronously."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    stack = contextlib.AsyncExitStack()

    async def start() -> str:
        it = await stack.enter_async_context(office(tmp_path_factory.mktemp("data")))
        it.engine.answer = {"run": "run_9"}
        await live_flow(it, greeting())
        return str(it.client.make_url("/")).rstrip("/")

    try:
        yield asyncio.run_coroutine_threadsafe(start(), loop).result(20)
    finally:
        asyncio.run_coroutine_threadsafe(stack.aclose(), loop).result(20)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


bounded = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.slow
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
        if operation.definition.raw["operationId"] in UNTRIED:
            continue
        try:
            strategy = operation.as_strategy(generation_mode=mode)
        except Unsatisfiable:
            continue  # nothing about this operation can be sent wrongly

        @bounded
        @given(strategy)
        def hold(case):
            tried.add(case.operation.label)
            case.headers = {**(case.headers or {}), "Idempotency-Key": f"{mode.value}-{path}-{next(count)}"}
            if mode is GenerationMode.POSITIVE:
                case.headers["If-Match"] = "*"
            response = case.call(headers=KEY)
            assert response.status_code < 500, response.text
            # A name may be taken, a template's numbers may have a gap: no schema says so.
            case.validate_response(response, excluded_checks=[positive_data_acceptance])

        with contextlib.suppress(Unsatisfiable):
            hold()
    assert len(tried) > 25


@pytest.mark.parametrize("path", ["/openapi.json", "/api/v1/openapi.json"])
async def test_the_document_is_valid(path):
    async with office() as it:
        OpenAPIV31SpecValidator(await it.call("GET", path)).validate()
