"""The OpenAPI documents: valid, and complete enough to work from."""

from __future__ import annotations

import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.contract.house import House

DOCUMENTS = ("/openapi.json", "/api/v1/openapi.json")
NO_JSON = {
    "explore_flow", "export_translations", "follow_simulation", "handshake", "stream", "read_media_content", "read_linked_media",
    "receive",
}
"""They answer bytes or text."""
ANY_BODY = {"answer_call", "call_flow", "import_translations", "receive"}
"""They take what is no JSON, whatever its type says."""


@pytest.fixture(params=DOCUMENTS)
async def document(it: House, request: pytest.FixtureRequest) -> dict[str, Any]:
    found: dict[str, Any] = await it.call("GET", request.param, headers={})
    return found


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(method, path, each) for path, found in document["paths"].items() for method, each in found.items()]


async def test_the_document_is_valid(document: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(document).validate()
    for name, schema in document["components"]["schemas"].items():
        Draft202012Validator.check_schema(schema)
        assert not {"x-id", "x-phone", "x-mode"} & set(schema.get("properties", {})), name
    assert not re.search(r"'x-(id|phone|mode)'", str(document))


async def test_every_operation_says_what_it_is_for_and_how_it_refuses(document: dict[str, Any]) -> None:
    ids = [each["operationId"] for _, _, each in operations(document)]
    assert len(ids) == len(set(ids)) > 70
    tags = {tag["name"] for tag in document["tags"]}
    for method, path, each in operations(document):
        where = (method, path)
        assert 8 <= len(each["summary"]) <= 110, where
        assert not each["summary"].endswith("."), where
        assert each["tags"], where
        assert set(each["tags"]) <= tags, where
        answers = each["responses"]
        assert any(status.startswith("2") for status in answers), where
        assert {"400", "500"} <= set(answers), where
        if each.get("security") != []:
            assert {"401", "403", "429"} <= set(answers), where
        if re.search(r"\{(?!tag|secret|node|number|kind|token|signature|label)", path):
            assert "404" in answers, where
        if "requestBody" in each:
            assert {"413", "415"} <= set(answers) or each["operationId"] in ANY_BODY, where
        for status, answer in answers.items():
            assert answer["description"], (*where, status)
            content = answer.get("content", {})
            if status >= "4":
                assert content["application/json"]["examples"], (*where, status)
            elif status not in ("204", "304") and each["operationId"] not in NO_JSON:
                assert "$ref" in content["application/json"]["schema"], (*where, status)
        for parameter in each["parameters"]:
            assert parameter.get("schema"), (*where, parameter)


async def test_every_example_fits_its_schema(document: dict[str, Any]) -> None:
    tried = 0
    for name, schema in document["components"]["schemas"].items():
        for field, described in schema.get("properties", {}).items():
            for example in described.get("examples", ()):
                whole = {**described, "components": document["components"]}
                errors = list(Draft202012Validator(whole).iter_errors(example))
                assert not errors, (name, field, example, errors)
                tried += 1
    for _, path, each in operations(document):
        for status, answer in each["responses"].items():
            for example in answer.get("content", {}).get("application/json", {}).get("examples", {}).values():
                assert example["value"]["error"]["code"] == int(status), path
                tried += 1
    assert tried > 300


async def test_every_local_link_leads_somewhere(document: dict[str, Any]) -> None:
    for name in set(re.findall(r"#/components/schemas/([\w.-]+)", str(document))):
        assert name in document["components"]["schemas"], name
