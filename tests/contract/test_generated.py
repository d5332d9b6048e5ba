"""Requests made up from the OpenAPI documents: the whole server keeps to what it says, whatever is sent."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.contract.furniture import furnish
from tests.contract.house import KEY, House, house_in_a_thread

EXAMPLES = 2
"""For each of some 90 operations, mount and mode."""
UNTRIED = {
    "rotate_key": "it ends the key that the test signs in with",
    "revoke_key": "the same",
    "upload_media": "schemathesis writes no multipart bodies that aren't described",
    "stream": "it has no end",
    "follow_simulation": "it is a WebSocket",
    "explore_flow": "it answers line by line",
    "receive": "providers sign what they send",
    "handshake": "it answers a provider's words",
}
WHOLE = settings(
    max_examples=EXAMPLES, deadline=None, database=None, phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


@pytest.fixture
def furnished(tmp_path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The address of a server with one of everything, and the ids of it."""
    with house_in_a_thread(tmp_path / "data", rate_per_minute=1_000_000, rate_burst=1_000_000) as (it, loop):
        ids = asyncio.run_coroutine_threadsafe(fill(it), loop).result(30)
        yield it.url, ids


async def fill(it: House) -> dict[str, Any]:
    return await furnish(it, KEY, "ours", 4711001)


@pytest.mark.slow
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("path", ["/openapi.json", "/api/v1/openapi.json"])
def test_the_server_keeps_to_its_document(furnished: tuple[str, dict[str, Any]], path: str, mode: GenerationMode) -> None:
    address, ids = furnished
    schema = schemathesis.openapi.from_url(address + path)
    schema.config.generation.update(allow_x00=False)  # no JSON Schema can say that NUL is refused
    count = itertools.count()
    statuses: dict[str, set[int]] = {}
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    assert len(operations) == sum(1 for _ in schema.get_all_operations())
    for operation in sorted(operations, key=lambda each: each.method.upper() == "DELETE"):  # what is deleted can't be tried
        name = operation.definition.raw["operationId"]
        if name in UNTRIED:
            continue
        try:
            strategy = operation.as_strategy(generation_mode=mode)
        except Unsatisfiable:
            continue  # nothing about this operation can be sent wrongly

        @WHOLE
        @given(strategy)
        def hold(case: Any) -> None:
            number = next(count)
            case.headers = {**(case.headers or {}), "Idempotency-Key": f"{mode.value}-{path}-{number}"}
            if mode is GenerationMode.POSITIVE:
                case.headers["If-Match"] = "*"
                if number % 2:  # made-up ids find nothing; every other request names what is there
                    case.path_parameters = {each: str(ids.get(each, value)) for each, value in case.path_parameters.items()}
            response = case.call(headers=KEY)
            statuses.setdefault(case.operation.definition.raw["operationId"], set()).add(response.status_code)
            assert response.status_code < 500, (case.as_curl_command(), response.text)
            if response.status_code == 413:  # made up too large for the body limit, which no schema can say
                return
            # A name may be taken, a template's numbers may have a gap: no schema says so.
            case.validate_response(response, excluded_checks=[positive_data_acceptance])

        with contextlib.suppress(Unsatisfiable):
            hold()
    assert len(statuses) > 50
    if mode is GenerationMode.POSITIVE:
        well = {name for name, seen in statuses.items() if any(status < 300 for status in seen)}
        assert len(well) > 35, sorted(set(statuses) - well)
